#include "analysis/run-scenario.h"

#include "analysis/progress-line.h"
#include "analysis/pure/summary.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <set>

namespace etcdlab
{

namespace
{

MemberResult
Collect(const EtcdMember& member)
{
    MemberResult result;
    result.name = member.GetName();
    result.walBytes = member.GetWal().Bytes();
    result.walFsyncs = member.GetDisk().Syncs();
    result.appliedIndex = member.GetAppliedIndex();
    result.revision = static_cast<std::uint64_t>(member.GetRevision());
    const auto traffic = member.GetClientServer().Traffic();
    result.clientReceivedBytes = traffic.received;
    result.clientSentBytes = traffic.sent;
    result.clientReceivedWireBytes = traffic.receivedWire;
    result.clientSentWireBytes = traffic.sentWire;
    return result;
}

std::vector<PeerTraffic>
CollectPeers(const std::vector<ns3::Ptr<EtcdMember>>& members)
{
    std::vector<PeerTraffic> all;
    for (const auto& from : members)
    {
        for (const auto& to : members)
        {
            if (from != to)
            {
                const auto& sent = from->GetSentTo(to->GetName());
                all.push_back({from->GetName(),
                               to->GetName(),
                               sent.messages,
                               sent.protobufBytes,
                               sent.streamBytes});
            }
        }
    }
    return all;
}

/// All clients' requests in the order of their starts; those of one instant in the order of the clients.
std::vector<RequestRecord>
CollectRequests(const std::vector<ns3::Ptr<KvClient>>& clients)
{
    std::vector<RequestRecord> all;
    for (const auto& client : clients)
    {
        auto records = client->TakeRecords();
        if (all.empty())
        {
            all = std::move(records);
        }
        else
        {
            all.insert(all.end(),
                       std::make_move_iterator(records.begin()),
                       std::make_move_iterator(records.end()));
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const RequestRecord& a, const RequestRecord& b) {
        return a.start < b.start;
    });
    std::uint64_t number = 0;
    for (auto& record : all)
    {
        record.number = ++number;
    }
    return all;
}

} // namespace

RunResult
RunScenario(const Scenario& scenario)
{
    World world(scenario);
    ProgressLine line(scenario.name);
    world.Run(line.Wanted() ? [&line](auto ended, auto total) { line.Show(ended, total); }
                            : World::Progress{});
    RunResult result;
    result.facts.scenario = scenario.name;
    result.facts.version = ETCDLAB_VERSION;
    result.facts.seed = scenario.seed;
    result.facts.accounting = scenario.accounting;
    result.facts.simulatedTime = world.GetEnd();
    for (const auto& member : world.GetMembers())
    {
        result.facts.members.push_back(Collect(*member));
        if (member->GetLeader() == member->GetName())
        {
            result.facts.leader = member->GetName();
        }
    }
    result.facts.peers = CollectPeers(world.GetMembers());
    result.requests = CollectRequests(world.GetClients());
    return result;
}

void
SaveRun(const std::filesystem::path& directory, const Scenario& scenario, const RunResult& result)
{
    WriteResults(directory, result);
    WriteFileAtomically(directory / "scenario.json", EffectiveScenario(scenario));
}

std::filesystem::path
ResultDirectory(const Scenario& scenario, const std::filesystem::path& parent)
{
    return parent / scenario.name;
}

void
PrintWarnings(const std::vector<Scenario>& scenarios, bool ofTimeouts)
{
    std::set<std::string> said;
    for (const auto& scenario : scenarios)
    {
        for (const auto& warning : ScenarioWarnings(scenario, ofTimeouts))
        {
            if (said.insert(warning).second)
            {
                std::cerr << "etcdlab: warning: " << warning << "\n";
            }
        }
    }
}

} // namespace etcdlab
