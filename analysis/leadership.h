// Whether a cluster keeps a leader when it is left alone.
#pragma once

#include "helper/scenario/scenario.h"
#include "model/base/units.h"

#include <cstdint>

namespace etcdlab
{

/**
 * What became of leadership while the time passed. The cluster has a leader while a majority of its
 * members, the leader among them, know the same one.
 */
struct Leadership
{
    Duration observed{0};
    Duration led{0};     //!< how much of it the cluster had a leader
    Duration longest{0}; //!< the longest time with one and the same leader without interruption
    Duration first{0};   //!< when there was a leader for the first time; `observed` if never
    /// How often a leader was found again or replaced, after the first one.
    std::uint64_t changes = 0;
    bool ledAtEnd = false;
};

/// Start the members of a scenario, without clients and proxies, and watch them for so long.
Leadership WatchLeadership(const Scenario& scenario, Duration time);

} // namespace etcdlab
