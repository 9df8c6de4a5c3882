// The settings of one link between two nodes.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <optional>

namespace etcdlab
{

/// A full-duplex point-to-point link; both directions have these properties, delays apart.
struct LinkConfig
{
    Duration delay{0};            //!< one way; scenarios may give `rtt`, twice this, instead
    DataRate rate{1'000'000'000}; //!< transmission rate of each direction
    std::uint64_t queue = 10240;  //!< packets a device holds before it drops
    Share loss{};                 //!< independent chance of each packet to be lost
    Duration jitter{0};           //!< extra delay, uniform in [0, jitter]; packets keep their order
    /// From the end named second to the one named first, if that is not `delay`, too. In a Scenario the ends are
    /// in the order of NodePair, whatever order its text names them in.
    std::optional<Duration> returnDelay = std::nullopt;
    auto operator<=>(const LinkConfig&) const = default;

    /// One way: from the end named first, or from the second.
    Duration DelayFrom(bool first) const
    {
        return first ? delay : returnDelay.value_or(delay);
    }

    /// Half the time there and back: what routes are chosen by.
    Duration MeanDelay() const
    {
        return (DelayFrom(true) + DelayFrom(false)) / 2;
    }
};

template <class Visitor>
void
Describe(Visitor& v, LinkConfig& c)
{
    v.Field("delay",
            c.delay,
            {.help = "one-way propagation delay (or give rtt, twice as much)", .max = 60e9});
    v.Field("return_delay",
            c.returnDelay,
            {.help = "one-way delay from the node named second to the one named first, if it is "
                     "another than delay; not in default_link",
             .max = 60e9});
    v.Field("rate",
            c.rate,
            {.help = "transmission rate of each direction",
             .source = "Gigabit Ethernet",
             .min = 1e3,
             .max = 1e13});
    v.Field("queue",
            c.queue,
            {.help = "packets each device queues before it drops",
             .source = "tc-fq_codel(8), Debian's default queueing discipline: limit 10240",
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
