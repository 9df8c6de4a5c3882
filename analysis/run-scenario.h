// From a scenario to results.
#pragma once

#include "analysis/pure/request-record.h"
#include "helper/scenario/scenario.h"

#include <filesystem>
#include <vector>

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

/// Where the results of a scenario go unless told otherwise: a directory of its name.
std::filesystem::path ResultDirectory(const Scenario& scenario,
                                      const std::filesystem::path& parent = "results");

/// Say on standard error what scenarios probably do not mean, each thing once.
/// @param ofTimeouts as ScenarioWarnings
void PrintWarnings(const std::vector<Scenario>& scenarios, bool ofTimeouts = true);

} // namespace etcdlab
