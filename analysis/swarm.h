// Random worlds, run and judged.
#pragma once

#include "analysis/pure/swarm-report.h"

#include <cstdint>

namespace etcdlab
{

/// Simulate the world of a seed and judge it. What goes wrong is in the result, never thrown.
SwarmResult RunRandomWorld(std::uint64_t seed);

} // namespace etcdlab
