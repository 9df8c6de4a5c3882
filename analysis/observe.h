// Simulates what reference figures are compared with.
#pragma once

#include "analysis/leader-loss.h"
#include "analysis/leadership.h"
#include "analysis/pure/reference.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace etcdlab
{

/// Does each observation once, when it is first asked for.
class Observatory
{
  public:
    /// @param source the directory that contains scenarios/
    /// @param trials how often a leader is killed
    Observatory(std::filesystem::path source, std::uint64_t trials);

    /**
     * By kind:
     * - "run": summary.json of the scenario's run;
     * - "leader-loss": {"to_leader_s", "to_write_s"}, each with min, p50 and max over the trials.
     *
     * @throws ScenarioError, RunError, and std::invalid_argument for an unknown kind
     */
    const nlohmann::json& Observe(const Observation& observation);

    /// The trials on a LAN with one of etcd's versions ("3.4"), seeds 1, 2, ...
    const std::vector<LeaderLoss>& LeaderLosses(const std::string& version);

    /// Members at one round-trip time from each other (scenarios/election-rtt.json), for 300 s each, seeds 1, 2, ...
    std::vector<Leadership> Leaderships(const std::string& version, Duration rtt) const;

  private:
    Scenario Read(const Observation& observation) const;
    nlohmann::json Make(const Observation& observation);
    const std::vector<LeaderLoss>& LeaderLosses(const Observation& observation);

    std::filesystem::path m_source;
    std::uint64_t m_trials;
    std::map<Observation, nlohmann::json> m_seen;
    std::map<Observation, std::vector<LeaderLoss>> m_losses;
};

} // namespace etcdlab
