// Whether a fault can apply, and the settings it is given.
#pragma once

#include "model/fault/fault-type.h"

#include <utility>

namespace etcdlab
{

/// The settings that differ from a fresh FaultConfig's, by their keys; `type` and `at` aside.
std::vector<std::string> GivenKeys(const FaultConfig& config);

/// The keys a type takes, `type` and `at` included. @throws std::invalid_argument for an unknown type
std::vector<std::string> FaultKeys(const std::string& type);

/// Everything that forbids a fault, its type's being unknown included; nothing: it can apply.
std::optional<FaultProblem> CheckFault(const FaultConfig& config, const FaultScope& scope);

/// The first of several faults, each sound for itself, that cannot apply after those before it, and why: changes of
/// members build on each other. The times decide on the order, then the places in the list.
std::optional<std::pair<std::size_t, FaultProblem>> CheckOrder(
    const std::vector<FaultConfig>& faults, FaultScope scope);

/// What there is when all of these have struck, provided that no change of members is refused.
FaultScope ScopeAfter(const std::vector<FaultConfig>& faults, FaultScope scope);

/// Everything that forbids to draw these faults; keys as in RandomFaultsConfig.
std::optional<FaultProblem> CheckRandomFaults(const RandomFaultsConfig& config,
                                              const FaultScope& scope);

} // namespace etcdlab
