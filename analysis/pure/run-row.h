// What a sweep keeps of a run.
#pragma once

#include "analysis/pure/sweep-schedule.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace etcdlab
{

/// How a run ended. "ok" alone counts as done.
///
///     ok        it has results
///     failed    it could not be brought to its end, or has no such metric
///     violated  it broke a promise of Raft's, or of etcd's to its clients
///     crashed   its process did not survive it
///     timeout   it took longer than the plan allows
///     memory    it needed more memory than the plan allows
struct RunRow
{
    RunKey key;
    std::uint64_t seed = 0;
    std::vector<nlohmann::json> metrics; //!< by metric of the plan; null if it has none
    std::string status;
    std::string message;  //!< empty if it is ok
    std::string command;  //!< for a shell, that repeats the run
    double wall = 0;      //!< on the clock, s
    std::string scenario; //!< hash of its effective scenario
};

/// The metric of a stopping rule, of a run that is ok.
std::optional<double> RuleMetric(const SweepPlan& plan, const RunRow& row);

/**
 * The metrics of a run.
 *
 * @param summary as summary.json
 * @return by metric: numbers, texts, truths
 * @throws std::runtime_error if it has one not, with the nearest key that there is
 */
std::vector<nlohmann::json> TakeMetrics(const std::vector<SweepMetric>& metrics,
                                        const nlohmann::json& summary);

/// A text as a POSIX shell takes it as one word.
std::string ShellWord(const std::string& text);

/// A version 5 UUID: the same for the same text, another for any other.
std::string HashOf(const std::string& text);

} // namespace etcdlab
