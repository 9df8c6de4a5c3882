// What carries bytes between nodes. Scenarios choose it by name.
//
// A new one is a Wan, a Network, and a TransportRegistry::Add.
#pragma once

#include "model/base/registry.h"
#include "model/transport/byte-stream.h"
#include "model/transport/wan.h"

#include <memory>

namespace etcdlab
{

/// Nodes and links, still to be added, and the streams that run on them.
struct Transport
{
    std::unique_ptr<Wan> wan;
    std::unique_ptr<Network> network; //!< goes first
};

using TransportRegistry = Registry<Transport>;

} // namespace etcdlab
