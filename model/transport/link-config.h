// The settings of one link between two nodes.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

namespace etcdlab
{

/// A full-duplex point-to-point link; both directions have these properties.
struct LinkConfig
{
    Duration delay{0};            //!< one way; scenarios may give `rtt`, twice this, instead
    DataRate rate{1'000'000'000}; //!< transmission rate of each direction
    std::uint64_t queue = 1000;   //!< packets a device holds before it drops
    Share loss{};                 //!< independent chance of each packet to be lost
    Duration jitter{0};           //!< extra delay, uniform in [0, jitter]; packets keep their order
    auto operator<=>(const LinkConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, LinkConfig& c)
{
    v.Field("delay",
            c.delay,
            {.help = "one-way propagation delay (or give rtt, twice as much)", .max = 60e9});
    v.Field("rate",
            c.rate,
            {.help = "transmission rate of each direction",
             .source = "Gigabit Ethernet",
             .min = 1e3,
             .max = 1e13});
    v.Field("queue",
            c.queue,
            {.help = "packets each device queues before it drops",
             .source = "Linux txqueuelen 1000",
             .min = 1,
             .max = 1e6,
             .unit = "p"});
    v.Field("loss", c.loss, {.help = "chance of each packet to be lost", .max = 0.5});
    v.Field("jitter",
            c.jitter,
            {.help = "extra delay of each packet, uniform from zero to this; order is kept",
             .max = 10e9});
}

} // namespace etcdlab
