#include "analysis/observe.h"

#include "analysis/progress-line.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"

#include <stdexcept>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

constexpr std::uint64_t ELECTION_SEEDS = 3;
constexpr Duration ELECTION_TIME = 300s;

nlohmann::json
InSeconds(std::vector<Duration> samples)
{
    const auto statistics = MakeStatistics(std::move(samples));
    return {{"min", statistics.min / 1000},
            {"p50", statistics.p50 / 1000},
            {"max", statistics.max / 1000}};
}

} // namespace

Observatory::Observatory(std::filesystem::path source, std::uint64_t trials)
    : m_source(std::move(source)),
      m_trials(trials)
{
}

Scenario
Observatory::Read(const Observation& observation) const
{
    return ReadScenarioFile(m_source / "scenarios" / (observation.scenario + ".json"),
                            observation.settings,
                            RegisteredNames());
}

const nlohmann::json&
Observatory::Observe(const Observation& observation)
{
    auto found = m_seen.find(observation);
    if (found == m_seen.end())
    {
        found = m_seen.emplace(observation, Make(observation)).first;
    }
    return found->second;
}

nlohmann::json
Observatory::Make(const Observation& observation)
{
    if (observation.kind == "run")
    {
        return SummaryJson(MakeSummary(RunScenario(Read(observation))));
    }
    if (observation.kind == "leader-loss")
    {
        std::vector<Duration> leader;
        std::vector<Duration> write;
        for (const auto& loss : LeaderLosses(observation))
        {
            leader.push_back(loss.toLeader);
            write.push_back(loss.toWrite);
        }
        return {{"to_leader_s", InSeconds(std::move(leader))},
                {"to_write_s", InSeconds(std::move(write))}};
    }
    throw std::invalid_argument("nothing can be observed by the name of \"" + observation.kind +
                                "\": known are leader-loss, run");
}

const std::vector<LeaderLoss>&
Observatory::LeaderLosses(const Observation& observation)
{
    auto& losses = m_losses[observation];
    if (losses.empty())
    {
        const auto scenario = Read(observation);
        ProgressLine line("killing leaders");
        for (std::uint64_t seed = 1; seed <= m_trials; ++seed)
        {
            losses.push_back(RunLeaderLoss(scenario, seed));
            if (line.Wanted())
            {
                line.Show(seed, m_trials);
            }
        }
    }
    return losses;
}

const std::vector<LeaderLoss>&
Observatory::LeaderLosses(const std::string& version)
{
    return LeaderLosses(Observation{"leader-loss", "lan", {"member.version=" + version}});
}

std::vector<Leadership>
Observatory::Leaderships(const std::string& version, Duration rtt) const
{
    std::vector<Leadership> all;
    for (std::uint64_t seed = 1; seed <= ELECTION_SEEDS; ++seed)
    {
        all.push_back(WatchLeadership(Read({"run",
                                            "election-rtt",
                                            {"member.version=" + version,
                                             "default_link.rtt=" + Format(rtt),
                                             "seed=" + std::to_string(seed)}}),
                                      ELECTION_TIME));
    }
    return all;
}

} // namespace etcdlab
