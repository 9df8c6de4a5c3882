#include "analysis/run-scenario.h"

#include "analysis/progress-line.h"
#include "analysis/pure/random-world.h"
#include "analysis/pure/summary.h"
#include "analysis/run-judge.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

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
    result.walFsyncs = member.GetWalSyncs();
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

std::vector<LinkTraffic>
CollectLinks(const Wan& wan)
{
    std::vector<LinkTraffic> all;
    for (const auto& [ends, link] : wan.Links())
    {
        const auto& there = link->GetCount(0);
        const auto& back = link->GetCount(1);
        all.push_back({ends.first, ends.second, there.packets, there.bytes});
        all.push_back({ends.second, ends.first, back.packets, back.bytes});
    }
    std::sort(all.begin(), all.end(), [](const LinkTraffic& a, const LinkTraffic& b) {
        return std::tie(a.from, a.to) < std::tie(b.from, b.to);
    });
    return all;
}

/// What the API servers recorded; their requests to etcd are the run's requests, too.
void
CollectKubernetes(const World& world, RunResult& result)
{
    const auto* kubernetes = world.GetKubernetes();
    if (kubernetes == nullptr)
    {
        return;
    }
    auto& all = result.kubernetes.emplace();
    all.begin = kubernetes->GetBegin();
    for (const auto& server : kubernetes->ApiServers())
    {
        const auto& log = server->Log();
        const auto node = world.GetScenario().ClientNodes()[server->Setup().number];
        for (const auto& each : log.EtcdRequests())
        {
            RequestRecord record;
            record.start = each.start;
            record.end = each.end;
            record.operation = each.kind;
            record.client = node;
            record.member = each.member;
            record.requestBytes = each.requestBytes;
            record.responseBytes = each.responseBytes;
            record.outcome = each.outcome;
            result.requests.push_back(std::move(record));
        }
        all.etcd.insert(all.etcd.end(), log.EtcdRequests().begin(), log.EtcdRequests().end());
        all.api.insert(all.api.end(), log.ApiRequests().begin(), log.ApiRequests().end());
        all.watches += server->EtcdWatches();
    }
    all.releases = kubernetes->Releases();
    all.pods = kubernetes->GetCluster()->Phases().Rows();
    for (const auto& member : world.GetMembers())
    {
        all.connections.emplace_back(member->GetName(), member->GetClientServer().Connections());
    }
    std::stable_sort(result.requests.begin(),
                     result.requests.end(),
                     [](const auto& a, const auto& b) { return a.start < b.start; });
    std::uint64_t number = 0;
    for (auto& record : result.requests)
    {
        record.number = ++number;
    }
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

namespace
{

RunFacts
CollectFacts(const Scenario& scenario, World& world)
{
    RunFacts facts;
    facts.scenario = scenario.name;
    facts.version = ETCDLAB_VERSION;
    facts.seed = scenario.seed;
    facts.accounting = scenario.accounting;
    facts.transport = scenario.transport;
    facts.simulatedTime = world.GetEnd();
    for (const auto& member : world.GetMembers())
    {
        if (!member->HasStarted())
        {
            continue; // it joins at this very moment
        }
        facts.members.push_back(Collect(*member));
        if (member->GetLeader() == member->GetName())
        {
            facts.leader = member->GetName();
        }
    }
    facts.peers = CollectPeers(world.GetMembers());
    facts.links = CollectLinks(world.GetWan());
    return facts;
}

/// @throws Violation
[[noreturn]] void
Accuse(const World& world, const std::vector<check::Finding>& findings)
{
    const auto& scenario = world.GetScenario();
    auto evidence = "scenario " + scenario.name + ", seed " + std::to_string(scenario.seed) +
                    ", etcdlab " + ETCDLAB_VERSION + "\n";
    for (const auto& finding : findings)
    {
        evidence += "\nViolation of " + finding.rule + ":\n" + finding.what + "\n";
    }
    if (!world.GetFaultLog().empty())
    {
        evidence += "\nFaults:\n" + FaultTable(world.GetFaultLog());
    }
    const auto& first = findings.front();
    throw Violation(scenario.name + " (seed " + std::to_string(scenario.seed) + "): violation of " +
                        first.rule + ": " + first.what.substr(0, first.what.find('\n')),
                    evidence);
}

void
NoteSync(std::pair<RunLog*, std::string> place, std::uint64_t, ns3::Time took)
{
    const Duration now(ns3::Simulator::Now().GetNanoSeconds());
    place.first->syncs.push_back({place.second, now - Duration(took.GetNanoSeconds()), now});
}

void
KeepLog(World& world, RunLog& log)
{
    for (const auto& name : world.GetScenario().Nodes())
    {
        const auto number = world.GetWan().GetNode(name)->GetId();
        log.nodes.resize(std::max<std::size_t>(log.nodes.size(), number + 1));
        log.nodes[number] = name;
    }
    for (const auto& member : world.GetMembers())
    {
        member->TraceConnectWithoutContext(
            "Synced", ns3::MakeBoundCallback(&NoteSync, std::pair(&log, member->GetName())));
    }
    world.OnCpuWork([&log](const auto& node, const CpuWork& work) {
        log.work.push_back({node, work});
    });
}

} // namespace

RunResult
RunScenario(const Scenario& scenario, const RunWatch& watch)
{
    World world(scenario, watch.log ? &watch.log->messages : nullptr);
    if (watch.log)
    {
        KeepLog(world, *watch.log);
    }
    if (!watch.capture.empty())
    {
        world.GetWan().Capture(watch.capture);
    }
    std::optional<RunJudge> judge;
    if (!scenario.faults.empty() || scenario.randomFaults)
    {
        judge.emplace(world);
    }
    RunResult result;
    try
    {
        ProgressLine line(scenario.name);
        world.Run(line.Wanted() ? [&line](auto ended, auto total) { line.Show(ended, total); }
                                : World::Progress{});
        result.facts = CollectFacts(scenario, world);
        result.requests = CollectRequests(world.GetClients());
        CollectKubernetes(world, result);
        for (std::size_t i = 0; i < world.GetWatchDelays().size(); ++i)
        {
            if (!world.GetWatchDelays()[i].empty())
            {
                result.watchDelays.push_back(
                    {scenario.ClientNodes()[i], world.GetWatchDelays()[i]});
            }
        }
        if (const auto* prometheus = world.GetPrometheus())
        {
            result.monitoring = {prometheus->GetTargets(), prometheus->GetSeries().OpenMetrics()};
        }
        if (judge)
        {
            judge->Settle();
        }
    }
    catch (const raft::InvariantViolation& violation)
    {
        Accuse(world, {{"raft", violation.what()}});
    }
    if (judge)
    {
        const auto judgement = judge->Judge();
        if (!judgement.violations.empty())
        {
            Accuse(world, judgement.violations);
        }
        result.facts.outcomes = judge->MakeOutcomes(judgement, result.requests);
    }
    return result;
}

void
SaveRun(const std::filesystem::path& directory, const Scenario& scenario, const RunResult& result)
{
    WriteResults(directory, result);
    WriteFileAtomically(directory / "scenario.json", EffectiveScenario(scenario));
    if (result.kubernetes)
    {
        const auto& all = *result.kubernetes;
        WriteFileAtomically(directory / "etcd-requests.csv",
                            kube::EtcdRequestsText(all.etcd, all.begin));
        WriteFileAtomically(directory / "api-requests.csv",
                            kube::ApiRequestsText(all.api, all.begin));
        WriteFileAtomically(directory / "pods.csv", kube::PodsCsv(all.pods, all.begin));
    }
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
