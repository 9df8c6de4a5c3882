// Random worlds for the swarm: from a seed to a scenario in which much goes wrong.
#pragma once

#include "helper/scenario/scenario.h"
#include "model/fault/fault-record.h"

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * The world of a seed: three or five members on links between a LAN's and a continent's, some with
 * jitter and loss; versions, disks, proxies and balancers of all kinds; one to three API servers that
 * read, write, delete and compare-and-swap a handful of keys; members that crash, alone, all at
 * once or again and again, and that lose each other, both ways, one way, or two of them only; and
 * whatever else the fault injector has to offer. In every third world members join, as voters or as learners that are
 * promoted, and others leave, while all this goes on. All faults are listed in the scenario, so that it can
 * be written to a file, run again, and shortened by hand.
 *
 * The load is kept at what the search for an order can decide: a few dozen requests a second, on few
 * keys, for about half a minute.
 */
Scenario RandomScenario(std::uint64_t seed);

/// When the last fault heals, counted from the begin of the workload; those that never heal count from
/// when they strike.
Duration LastFault(const Scenario& scenario);

/// What struck whom and when, a line each. @param log of a run
std::string FaultTable(const FaultLog& log);

} // namespace etcdlab
