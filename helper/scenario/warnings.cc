// What a scenario may say but probably does not mean.
#include "helper/scenario/read-scenario.h"
#include "model/base/routes.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

/// Two members and the round trip between them.
struct RoundTrip
{
    Duration rtt{0};
    std::string between;
};

/// The round trips between any two members.
class RoundTrips
{
  public:
    explicit RoundTrips(const Scenario& scenario)
        : m_members(scenario.topology.members),
          m_routes(scenario.Nodes(), Delays(scenario))
    {
    }

    Duration Between(const std::string& a, const std::string& b) const
    {
        return m_routes.Delay(a, b).value_or(Duration{0}) +
               m_routes.Delay(b, a).value_or(Duration{0});
    }

    RoundTrip Largest() const
    {
        RoundTrip largest;
        for (const auto& a : m_members)
        {
            for (const auto& b : m_members)
            {
                if (Between(a, b) > largest.rtt)
                {
                    largest = {Between(a, b), a + " and " + b};
                }
            }
        }
        return largest;
    }

    /// From a member to the one that completes its majority.
    Duration ToMajority(const std::string& leader) const
    {
        std::vector<Duration> all;
        for (const auto& other : m_members)
        {
            all.push_back(Between(leader, other)); // itself first: 0
        }
        std::sort(all.begin(), all.end());
        return all[all.size() / 2];
    }

  private:
    static std::map<NodePair, Duration> Delays(const Scenario& scenario)
    {
        std::map<NodePair, Duration> delays;
        for (const auto& [pair, link] : scenario.AllLinks())
        {
            delays[pair] = link.MeanDelay();
        }
        return delays;
    }

    const std::vector<std::string>& m_members;
    Routes m_routes;
};

/// etcd's tuning guide, "Time parameters": the election timeout should be at least 10 round trips.
void
WarnOfTimeouts(const MemberConfig& member,
               const std::string& of,
               const RoundTrip& largest,
               std::vector<std::string>& warnings)
{
    const auto timeout = "the election timeout" + of + " (" + Format(member.electionTimeout) + ")";
    if (member.electionTimeout < 10 * largest.rtt)
    {
        warnings.push_back(timeout + " is below 10 round trips between " + largest.between + " (" +
                           Format(largest.rtt) + " each): etcd's tuning guide asks for more");
    }
    if (member.electionTimeout % member.heartbeatInterval != Duration::zero())
    {
        warnings.push_back(timeout + " is no multiple of the heartbeat interval (" +
                           Format(member.heartbeatInterval) + "): etcd rounds it down to one");
    }
}

/// A new leader checks at its tenth tick, 9 to 10 ticks after its election, whether a majority has answered it, and
/// steps down if not (raft/raft.go: CheckQuorum). Members so far apart that no answer comes in time have no leader
/// that lasts: test/system/trust-test.cc, ElectionThreshold.
void
WarnOfNoLeader(const Scenario& scenario,
               const RoundTrips& trips,
               std::vector<std::string>& warnings)
{
    auto least = Duration::max();
    for (const auto& name : scenario.topology.members)
    {
        const auto& member = scenario.Member(name);
        least = std::min(least, trips.ToMajority(name));
        if (trips.ToMajority(name) < member.electionTimeout - member.heartbeatInterval)
        {
            return;
        }
    }
    warnings.push_back(
        "no leader may last: it steps down if no majority answers it within an election timeout (" +
        Format(scenario.member.electionTimeout) + "), and every member is " + Format(least) +
        " or more, there and back, from a majority");
}

void
WarnOfAllTimeouts(const Scenario& scenario, std::vector<std::string>& warnings)
{
    const RoundTrips trips(scenario);
    const auto largest = trips.Largest();
    WarnOfNoLeader(scenario, trips, warnings);
    if (scenario.memberOverrides.size() < scenario.topology.members.size())
    {
        WarnOfTimeouts(scenario.member, "", largest, warnings);
    }
    for (const auto& [name, member] : scenario.memberOverrides)
    {
        WarnOfTimeouts(member, " of " + name, largest, warnings);
    }
}

/// A forward that counts as an acknowledgement promises an entry that its sender does not have yet.
void
WarnOfAccounting(const Scenario& scenario, std::vector<std::string>& warnings)
{
    const auto links = scenario.AllLinks();
    const bool loses = std::any_of(
        links.begin(), links.end(), [](const auto& link) { return link.second.loss.value > 0; });
    if (scenario.accounting == Accounting::THESIS && loses)
    {
        warnings.push_back("the thesis' accounting gives up safety: a lost message may lose a "
                           "committed entry, and the run then stops");
    }
}

void
WarnOfProxy(const Scenario& scenario, const ProxyConfig& proxy, std::vector<std::string>& warnings)
{
    if (scenario.Endpoints() != "proxy")
    {
        warnings.push_back("no client uses the proxy: client.endpoints is \"" +
                           scenario.Endpoints() + "\"");
    }
    const auto& targets = proxy.targets;
    if (proxy.targetPolicy == "leader" && !scenario.leader.empty() && !targets.empty() &&
        std::find(targets.begin(), targets.end(), scenario.leader) == targets.end())
    {
        warnings.push_back("the leader " + scenario.leader + " is not among the proxy's targets");
    }
}

} // namespace

std::vector<std::string>
ScenarioWarnings(const Scenario& scenario, bool ofTimeouts)
{
    std::vector<std::string> warnings;
    const auto& members = scenario.topology.members;
    if (members.size() % 2 == 0)
    {
        warnings.push_back(std::to_string(members.size()) +
                           " members survive no more failures than " +
                           std::to_string(members.size() - 1) + ": etcd recommends an odd number");
    }
    if (ofTimeouts)
    {
        WarnOfAllTimeouts(scenario, warnings);
    }
    WarnOfAccounting(scenario, warnings);
    if (scenario.proxy)
    {
        WarnOfProxy(scenario, *scenario.proxy, warnings);
    }
    return warnings;
}

} // namespace etcdlab
