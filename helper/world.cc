#include "helper/world.h"

#include "helper/kv-client-helper.h"
#include "helper/random-streams.h"
#include "helper/tcp-proxy-helper.h"
#include "model/base/clock.h"
#include "model/etcd/pure/member-id.h"

#include <ns3/object-factory.h>
#include <ns3/priority-queue-scheduler.h>
#include <ns3/rng-seed-manager.h>
#include <ns3/simulator.h>

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration READY_POLL = 10ms;
/// Elections over links slower than the election timeout may never end.
constexpr Duration READY_LIMIT = 600s;
constexpr Duration PROGRESS_INTERVAL = 1s;
/// Without a request that ends for this long, none will. A megabyte takes a quarter of it at 10 kbit/s.
constexpr Duration STALL_LIMIT = 3600s;

/// A violation's message with members' names in place of their ids.
std::string
WithNames(std::string message, const std::vector<std::string>& members)
{
    for (const auto& name : members)
    {
        const auto id = std::to_string(MemberId(name));
        for (auto at = message.find(id); at != std::string::npos; at = message.find(id))
        {
            message.replace(at, id.size(), name);
        }
    }
    return message;
}

} // namespace

World::World(const Scenario& scenario, MessageLog* log)
    : m_scenario(scenario),
      m_transport(TransportRegistry::Make(scenario.transport)),
      m_wan(*m_transport->wan),
      m_logging(log ? std::make_unique<LoggingNetwork>(*m_transport->network, *log) : nullptr),
      m_network(m_logging ? *m_logging : *m_transport->network),
      m_cluster(m_network, scenario.accounting)
{
    // A binary heap: the events of the default, a red-black tree, in the same order for a tenth less of a run's time.
    ns3::ObjectFactory scheduler;
    scheduler.SetTypeId(ns3::PriorityQueueScheduler::GetTypeId());
    ns3::Simulator::SetScheduler(scheduler);
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(scenario.seed);
    BuildNetwork();
    for (const auto& name : scenario.topology.members)
    {
        m_cluster.SetConfig(name, scenario.Member(name));
    }
    for (const auto& name : scenario.topology.joining)
    {
        m_cluster.SetConfig(name, scenario.Member(name));
    }
    m_cluster.SetLeader(scenario.leader);
    m_members = m_cluster.Install(m_wan, scenario.topology.members);
    if (scenario.prometheus)
    {
        BuildPrometheus();
    }
}

World::~World()
{
    m_prometheus.reset();
    m_kubernetes.reset();
    ns3::Simulator::Destroy();
}

void
World::BuildNetwork()
{
    for (const auto& name : m_scenario.Nodes())
    {
        m_wan.AddNode(name);
    }
    for (const auto& [ends, link] : m_scenario.AllLinks())
    {
        m_wan.AddLink(ends.first, ends.second, link);
    }
    m_wan.Install();
    m_wan.AssignStreams(LINK_STREAMS);
}

void
World::BuildPrometheus()
{
    const auto& config = *m_scenario.prometheus;
    m_prometheus = std::make_unique<Prometheus>(config, m_network, m_wan.GetNode(config.node));
    for (const auto& name : m_scenario.topology.members)
    {
        const auto port = m_scenario.Member(name).metricsPort;
        m_prometheus->AddTarget(
            "etcd", name, m_wan.GetNode(name), static_cast<std::uint16_t>(port));
    }
    m_prometheus->Start();
}

void
World::BuildProxies()
{
    const auto& config = *m_scenario.proxy;
    TcpProxyHelper helper(m_network, config, m_cluster.GetEndpoints());
    const auto nodes = config.listenAddress == "localhost"
                           ? m_scenario.ClientNodes()
                           : std::vector<std::string>{config.listenAddress};
    for (const auto& node : nodes)
    {
        m_proxies.push_back(helper.Install(m_wan, node));
        FollowCpu(*m_proxies.back(), node);
        m_proxyEndpoints.push_back(helper.GetEndpoint(m_wan, node));
    }
}

void
World::BuildClients()
{
    KvClientHelper helper(m_network, m_scenario.client, m_scenario.workload);
    for (const auto& member : m_members)
    {
        FollowRevisions(member);
    }
    for (const auto& node : m_scenario.ClientNodes())
    {
        const auto number = m_clients.size();
        m_clients.push_back(helper.Install(m_wan, node, EndpointsOf(node)));
        RecordWatches(*m_clients.back(), number);
        if (m_requestEnded)
        {
            m_clients.back()->OnEnded(
                [this, number](const auto& record, const auto& request, const auto* answer) {
                    m_requestEnded(number, record, request, answer);
                });
        }
    }
}

void
World::BuildKubernetes()
{
    m_kubernetes = std::make_unique<KubernetesHelper>(m_network, m_scenario);
    for (const auto& node : m_scenario.ClientNodes())
    {
        m_kubernetes->Install(m_wan, node, EndpointsOf(node));
        if (m_cpuWorked)
        {
            m_kubernetes->ApiServers().back()->OnCpuWork(
                [this, node](const CpuWork& work) { m_cpuWorked(node, work); });
        }
    }
}

bool
World::ClientsAreReady() const
{
    return m_kubernetes ? m_kubernetes->IsReady()
                        : std::all_of(m_clients.begin(), m_clients.end(), [](const auto& client) {
                              return client->IsConnected();
                          });
}

void
World::RecordWatches(KvClient& client, std::uint64_t number)
{
    client.OnWatch([this, number](const WatchNews& news) {
        m_watchRecorder.OnNews(number, news);
        if (m_watchNews)
        {
            m_watchNews(number, news);
        }
    });
}

void
World::OnWatch(WatchHandler handler)
{
    m_watchNews = std::move(handler);
}

std::vector<Endpoint>
World::EndpointsOf(const std::string& client) const
{
    const auto node = m_wan.GetNode(client);
    const auto onNode = [&](const std::vector<Endpoint>& endpoints) {
        return std::find_if(endpoints.begin(), endpoints.end(), [&](const Endpoint& endpoint) {
            return endpoint.node == node;
        });
    };
    const auto& members = m_cluster.GetEndpoints();
    const auto choice = m_scenario.Endpoints();
    if (choice == "proxy")
    {
        const auto own = onNode(m_proxyEndpoints);
        return {own == m_proxyEndpoints.end() ? m_proxyEndpoints.front() : *own};
    }
    if (choice == "local")
    {
        return {*onNode(members)};
    }
    return members;
}

void
World::Advance()
{
    const auto all = [](const auto& things, auto ready) {
        return std::all_of(things.begin(), things.end(), ready);
    };
    if (m_phase == Phase::MEMBERS && all(m_members, [](const auto& m) { return m->IsReady(); }))
    {
        m_phase = Phase::PROXIES;
        if (m_scenario.proxy)
        {
            BuildProxies();
        }
    }
    if (m_phase == Phase::PROXIES && all(m_proxies, [](const auto& p) { return p->IsReady(); }))
    {
        m_phase = Phase::CLIENTS;
        m_scenario.kubernetes ? BuildKubernetes() : BuildClients();
    }
    if (m_phase == Phase::CLIENTS && ClientsAreReady())
    {
        m_phase = Phase::WORKLOAD;
        Begin();
    }
    else if (Now() < READY_LIMIT)
    {
        ns3::Simulator::Schedule(ToTime(READY_POLL), &World::Advance, this);
    }
    else
    {
        ns3::Simulator::Stop();
    }
}

void
World::StartFaults()
{
    if (m_scenario.faults.empty() && !m_scenario.randomFaults)
    {
        return;
    }
    m_faults = std::make_unique<FaultInjector>(
        m_wan,
        m_members,
        m_proxies,
        Newcomers{m_scenario.topology.joining, [this](const auto& name) { return Join(name); }});
    m_faults->OnFault(m_faultHandler);
    for (const auto& fault : m_scenario.faults)
    {
        m_faults->Add(fault);
    }
    if (m_scenario.randomFaults)
    {
        m_faults->AddRandom(*m_scenario.randomFaults);
    }
    m_faults->Start();
}

ns3::Ptr<EtcdMember>
World::Join(const std::string& name)
{
    if (std::none_of(
            m_members.begin(), m_members.end(), [](const auto& m) { return m->IsRunning(); }))
    {
        return nullptr;
    }
    const auto member = m_cluster.Join(m_wan, name);
    m_members.push_back(member);
    FollowRevisions(member);
    FollowCpu(*member, name);
    if (m_memberJoined)
    {
        m_memberJoined(member);
    }
    return member;
}

void
World::OnCpuWork(CpuHandler handler)
{
    m_cpuWorked = std::move(handler);
    for (const auto& member : m_members)
    {
        FollowCpu(*member, member->GetName());
    }
}

template <class Process>
void
World::FollowCpu(Process& process, const std::string& node)
{
    if (m_cpuWorked)
    {
        process.TraceConnectWithoutContext(
            "CpuWork", ns3::Callback<void, const CpuWork&>([this, node](const CpuWork& work) {
                m_cpuWorked(node, work);
            }));
    }
}

/// For those who watch: an event is there when the first member has applied it.
void
World::FollowRevisions(const ns3::Ptr<EtcdMember>& member)
{
    if (m_scenario.workload.watchers > 0)
    {
        m_watchRecorder.OnRevision(member->GetRevision());
        member->TraceConnectWithoutContext(
            "Revision", ns3::MakeCallback(&WatchRecorder::OnRevision, &m_watchRecorder));
    }
}

void
World::OnJoined(std::function<void(const ns3::Ptr<EtcdMember>&)> handler)
{
    m_memberJoined = std::move(handler);
}

const FaultLog&
World::GetFaultLog() const
{
    static const FaultLog none;
    return m_faults ? m_faults->GetLog() : none;
}

void
World::OnFault(std::function<void(const FaultRecord&)> handler)
{
    m_faultHandler = std::move(handler);
}

void
World::Begin()
{
    StartFaults();
    if (m_kubernetes)
    {
        m_kubernetes->Begin([this] {
            m_end = Now();
            ns3::Simulator::Stop();
        });
    }
    for (const auto& client : m_clients)
    {
        client->Begin([this] {
            if (++m_clientsDone == m_clients.size())
            {
                m_end = Now();
                ns3::Simulator::Stop();
            }
        });
    }
}

std::uint64_t
World::RequestsEnded() const
{
    std::uint64_t ended = m_kubernetes ? m_kubernetes->RequestsEnded() : 0;
    for (const auto& client : m_clients)
    {
        ended += client->GetCompleted();
    }
    return ended;
}

void
World::WatchStall(std::uint64_t endedBefore)
{
    const auto ended = RequestsEnded();
    if (m_phase == Phase::WORKLOAD && ended == endedBefore)
    {
        m_stalled = true;
        ns3::Simulator::Stop();
        return;
    }
    const auto& workload = m_scenario.workload;
    const auto pause = workload.rate > 0 ? Duration(static_cast<std::int64_t>(1e9 / workload.rate))
                                         : workload.thinkTime;
    ns3::Simulator::Schedule(ToTime(STALL_LIMIT + pause), &World::WatchStall, this, ended);
}

void
World::ReportProgress(const Progress& progress)
{
    std::uint64_t total = 0;
    for (const auto& client : m_clients)
    {
        total += client->GetTotal();
    }
    progress(RequestsEnded(), total);
    ns3::Simulator::Schedule(ToTime(PROGRESS_INTERVAL), &World::ReportProgress, this, progress);
}

void
World::Run(const Progress& progress)
{
    ns3::Simulator::ScheduleNow(&World::Advance, this);
    ns3::Simulator::ScheduleNow(&World::WatchStall, this, 0);
    if (progress)
    {
        ns3::Simulator::ScheduleNow(&World::ReportProgress, this, progress);
    }
    try
    {
        ns3::Simulator::Run();
    }
    catch (const raft::InvariantViolation& violation)
    {
        const auto message = WithNames(violation.what(), m_scenario.AllMembers()) + " (seed " +
                             std::to_string(m_scenario.seed) + ")";
        if (m_scenario.accounting == Accounting::THESIS)
        {
            throw RunError(
                "the thesis' accounting counts a forward as an acknowledgement, so a change of "
                "leader "
                "can lose what was committed, as it did here; use accounting \"etcd\", or lose no "
                "messages. " +
                message);
        }
        throw raft::InvariantViolation(message);
    }
    if (m_phase != Phase::WORKLOAD)
    {
        throw RunError(WhyNotReady());
    }
    if (m_stalled)
    {
        throw RunError(std::to_string(RequestsEnded()) + " requests have ended, and in " +
                       Format(STALL_LIMIT) + " of simulated time no other one did");
    }
}

void
World::RunOn(Duration time)
{
    ns3::Simulator::Stop(ToTime(time));
    ns3::Simulator::Run();
}

void
World::OnRequestEnded(RequestHandler handler)
{
    m_requestEnded = std::move(handler);
}

std::string
World::WhyNotReady() const
{
    const auto limit = Format(READY_LIMIT);
    for (const auto& member : m_members)
    {
        if (!member->IsReady())
        {
            const auto timeout = Format(member->GetConfig().electionTimeout);
            return "after " + limit + " of simulated time member " + member->GetName() +
                   " does not serve clients yet: " +
                   (member->GetLeader().empty()
                        ? "it knows no leader; elections need election timeouts (here " + timeout +
                              ") well above the round-trip times, and links that lose little"
                        : "its leader is " + member->GetLeader() +
                              ", which has had nothing committed; a leader steps down unless a "
                              "majority "
                              "answers it within an election timeout (here " +
                              timeout + ")");
        }
    }
    for (const auto& proxy : m_proxies)
    {
        if (!proxy->IsReady())
        {
            return "after " + limit + " of simulated time a proxy has not heard who leads";
        }
    }
    if (m_kubernetes)
    {
        return "after " + limit + " of simulated time " + m_kubernetes->WhyNotReady();
    }
    return "after " + limit + " of simulated time a client is not connected to all its endpoints";
}

} // namespace etcdlab
