// Whole runs for tests.
#pragma once

#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// A run's result with its summary.
struct FinishedRun
{
    RunResult result;
    Summary summary;

    /// Mean latency in milliseconds, of a member or of all.
    double Mean(const std::string& operation, const std::string& member = ALL_MEMBERS) const
    {
        return summary.latency.at(operation).at(member).mean;
    }

    const MemberResult& Member(const std::string& name) const
    {
        for (const auto& member : result.facts.members)
        {
            if (member.name == name)
            {
                return member;
            }
        }
        throw std::out_of_range(name);
    }

    const PeerTraffic& Peer(const std::string& from, const std::string& to) const
    {
        for (const auto& peer : result.facts.peers)
        {
            if (peer.from == from && peer.to == to)
            {
                return peer;
            }
        }
        throw std::out_of_range(from + "-" + to);
    }
};

inline FinishedRun
RunChecked(const Scenario& scenario)
{
    FinishedRun run;
    run.result = RunScenario(scenario);
    run.summary = MakeSummary(run.result);
    return run;
}

/// Run scenarios/NAME.json with changes.
inline FinishedRun
RunShipped(const std::string& name, const std::vector<std::string>& settings = {})
{
    return RunChecked(ReadScenarioFile(
        ETCDLAB_SOURCE_DIR "/scenarios/" + name + ".json", settings, RegisteredNames()));
}

/// Settings that make a workload of one operation.
inline std::vector<std::string>
WorkloadOf(const std::string& operation)
{
    std::vector<std::string> settings;
    for (const char* each :
         {"put", "linearizable_range", "serializable_range", "delete_range", "txn"})
    {
        settings.push_back(std::string("workload.") + each + (operation == each ? "=1" : "=0"));
    }
    return settings;
}

} // namespace etcdlab
