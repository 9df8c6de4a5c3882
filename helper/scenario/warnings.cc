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

RoundTrip
LargestRoundTrip(const Scenario& scenario)
{
    std::map<NodePair, Duration> delays;
    for (const auto& [pair, link] : scenario.AllLinks())
    {
        delays[pair] = link.delay;
    }
    const Routes routes(scenario.Nodes(), delays);
    RoundTrip largest;
    for (const auto& a : scenario.topology.members)
    {
        for (const auto& b : scenario.topology.members)
        {
            const auto rtt =
                routes.Delay(a, b).value_or(Duration{0}) + routes.Delay(b, a).value_or(Duration{0});
            if (rtt > largest.rtt)
            {
                largest = {rtt, a + " and " + b};
            }
        }
    }
    return largest;
}

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

void
WarnOfAllTimeouts(const Scenario& scenario, std::vector<std::string>& warnings)
{
    const auto largest = LargestRoundTrip(scenario);
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
