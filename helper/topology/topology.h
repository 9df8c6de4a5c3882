// Which nodes a scenario has, and who stands where.
//
// To add a topology: one file with a class and its registration, as external.cc. No ns-3.
#pragma once

#include "model/base/registry.h"

#include <string>
#include <vector>

namespace etcdlab
{

struct TopologyConfig;

class Topology
{
  public:
    virtual ~Topology() = default;

    /// The nodes that API servers, and with them etcd's clients, stand on.
    virtual std::vector<std::string> ClientNodes(const TopologyConfig& config) const = 0;

    /// Whether every API server has a member on its own node.
    virtual bool MembersAreLocal() const = 0;
};

using TopologyRegistry = Registry<Topology>;

} // namespace etcdlab
