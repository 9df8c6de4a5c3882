// From a scenario to results.
#pragma once

#include "analysis/pure/request-record.h"
#include "helper/scenario/scenario.h"

#include <filesystem>

namespace etcdlab
{

/**
 * Simulate a scenario and collect what came of it. While it runs, a line on standard error tells how far
 * it is, if that is a terminal.
 *
 * @throws RunError, raft::InvariantViolation as World::Run
 */
RunResult RunScenario(const Scenario& scenario);

/// Write summary.json, requests.csv and the effective scenario, scenario.json, into a directory.
/// @throws ResultError
void SaveRun(const std::filesystem::path& directory,
             const Scenario& scenario,
             const RunResult& result);

/// Where the results of a scenario go unless told otherwise: results/NAME, slashes in the name replaced.
std::filesystem::path DefaultDirectory(const Scenario& scenario);

} // namespace etcdlab
