// Schedules of faults drawn at random.
#pragma once

#include "model/fault/fault-type.h"

namespace etcdlab
{

/// Whether a type ever draws something in this scope.
bool CanDraw(const std::string& type, const FaultScope& scope);

/**
 * Draw a schedule: the times are a Poisson process, the types and settings uniform.
 *
 * All of it is known beforehand; only whom "leader" means turns out when a fault strikes, and whether a change of
 * members is refused. Members are added, promoted and removed in an order that makes sense, and removed only when
 * others have taken their place; none of it with keepQuorum.
 *
 * @param config checked already
 * @return by ascending time
 */
std::vector<FaultConfig> DrawFaults(const RandomFaultsConfig& config,
                                    FaultScope scope,
                                    const UniformSource& random);

} // namespace etcdlab
