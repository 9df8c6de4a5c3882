// From a scenario to results.
#pragma once

#include "analysis/pure/ladder.h"
#include "analysis/pure/request-record.h"
#include "helper/scenario/scenario.h"
#include "model/transport/logging-network.h"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace etcdlab
{

/// A simulated run broke a promise of Raft's, or of etcd's to its clients.
class Violation : public std::runtime_error
{
  public:
    /// @param evidence what was found, in which faults: a text of several lines; may be empty
    explicit Violation(const std::string& what, std::string evidence = "")
        : std::runtime_error(what),
          m_evidence(std::move(evidence))
    {
    }

    const std::string& Evidence() const
    {
        return m_evidence;
    }

  private:
    std::string m_evidence;
};

/// What happened in a run, message by message.
struct RunLog
{
    std::vector<std::string> nodes; //!< names by number
    MessageLog messages;            //!< by arrival
    std::vector<LadderSync> syncs;  //!< by end; of the members of the start
    std::vector<LadderWork> work;   //!< as it came up
};

/// What else is wanted of a run. The run is the same.
struct RunWatch
{
    RunLog* log = nullptr; //!< to be filled
    std::filesystem::path
        capture; //!< directory for the packets of each link, as Wan::Capture; empty: none
};

/**
 * Simulate a scenario and collect what came of it. While it runs, a line on standard error tells how far
 * it is, if that is a terminal.
 *
 * A run with faults is judged: after the last request it goes on until all faults are over and the
 * members have caught up; then what clients saw must be linearizable, and what they were told must be
 * in the members' stores. What is collected is as of the last request's end. What the API servers of a Kubernetes cluster
 * saw is not recorded: of their runs the stores must agree.
 *
 * @throws RunError as World::Run
 * @throws Violation if a promise was broken; the evidence has the seed, the faults and the shortest
 *         history that shows it
 * @throws what Wan::Capture throws
 */
RunResult RunScenario(const Scenario& scenario, const RunWatch& watch = {});

/// Write summary.json, requests.csv and the effective scenario, scenario.json, into a directory; of a Kubernetes cluster
/// also etcd-requests.csv, api-requests.csv and pods.csv.
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
