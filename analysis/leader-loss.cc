#include "analysis/leader-loss.h"

#include "helper/world.h"
#include "model/base/clock.h"

#include <ns3/simulator.h>

#include <algorithm>
#include <optional>
#include <random>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration PUT_INTERVAL = 10ms;
constexpr Duration BEFORE_KILL = 200ms;
constexpr Duration GIVE_UP = 30s;

/// One client at one survivor, and nothing else.
void
PutThroughSurvivor(Scenario& scenario)
{
    const auto& members = scenario.topology.members;
    if (scenario.leader.empty() || members.size() < 3)
    {
        throw std::invalid_argument("a leader and two who survive it are needed");
    }
    scenario.proxy.reset();
    scenario.client = {};
    scenario.client.endpoints = "all";
    scenario.client.balancer = "pinned";
    scenario.client.pinnedEndpoint = members[0] == scenario.leader ? members[1] : members[0];
    scenario.workload = {};
    scenario.workload.rate = 1s / PUT_INTERVAL;
    scenario.workload.count = GIVE_UP / PUT_INTERVAL;
    scenario.workload.warmup = 0;
}

/// One trial, as it happens.
class Trial
{
  public:
    Trial(const Scenario& scenario, std::uint64_t seed)
        : m_world(scenario),
          m_random(seed)
    {
        for (const auto& member : m_world.GetMembers())
        {
            member->TraceConnectWithoutContext(
                "Leader",
                ns3::Callback<void, std::string>(
                    [this, name = member->GetName()](std::string leader) {
                        OnLeader(name, leader);
                    }));
        }
        m_world.OnRequestEnded(
            [this](auto, const auto& record, const auto&, const auto*) { OnRequest(record); });
    }

    LeaderLoss Run()
    {
        m_world.Run();
        if (!m_written)
        {
            throw RunError("no write succeeded within " + Format(GIVE_UP) +
                           " of the leader's death");
        }
        return {m_elected - *m_killed, *m_written - *m_killed, m_firstTry};
    }

  private:
    void OnRequest(const RequestRecord& record)
    {
        if (!m_armed)
        {
            m_armed = true;
            const auto interval =
                m_world.GetScenario().Member(m_world.GetScenario().leader).heartbeatInterval;
            const auto phase = static_cast<std::int64_t>(
                m_random() % static_cast<std::uint64_t>(interval.count()));
            ns3::Simulator::Schedule(ToTime(BEFORE_KILL + Duration(phase)), [this] { Kill(); });
        }
        else if (m_killed && record.start >= *m_killed && record.outcome == "ok")
        {
            m_written = Now();
            ns3::Simulator::Stop();
        }
    }

    void Kill()
    {
        m_killed = Now();
        for (const auto& member : m_world.GetMembers())
        {
            if (member->GetName() == m_world.GetScenario().leader)
            {
                member->Crash();
            }
        }
    }

    void OnLeader(const std::string& member, const std::string& leader)
    {
        if (!m_killed || m_elected > Duration{0} || member == m_world.GetScenario().leader)
        {
            return;
        }
        if (leader.empty() && m_firstMissing.empty())
        {
            m_firstMissing = member;
            m_missed = Now();
        }
        else if (leader == member)
        {
            m_elected = Now();
            // Who is not elected stands again after an election timeout at the earliest.
            const auto again = m_world.GetScenario().Member(member).electionTimeout;
            m_firstTry = member == m_firstMissing && m_elected - m_missed < again;
        }
    }

    World m_world;
    std::mt19937_64 m_random;
    bool m_armed = false;
    std::optional<Duration> m_killed;
    std::optional<Duration> m_written;
    std::string m_firstMissing; //!< the survivor that first knew no leader,
    Duration m_missed{0};       //!< since then
    Duration m_elected{0};      //!< 0: nobody yet
    bool m_firstTry = false;
};

} // namespace

LeaderLoss
RunLeaderLoss(Scenario scenario, std::uint64_t seed)
{
    PutThroughSurvivor(scenario);
    scenario.seed = seed;
    return Trial(scenario, seed).Run();
}

} // namespace etcdlab
