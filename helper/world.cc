#include "helper/world.h"

#include "helper/kv-client-helper.h"
#include "helper/random-streams.h"
#include "helper/tcp-proxy-helper.h"
#include "model/base/clock.h"
#include "model/etcd/pure/member-id.h"

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

World::World(const Scenario& scenario)
    : m_scenario(scenario),
      m_cluster(m_network, scenario.accounting)
{
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(scenario.seed);
    BuildNetwork();
    for (const auto& name : scenario.topology.members)
    {
        m_cluster.SetConfig(name, scenario.Member(name));
    }
    m_cluster.SetLeader(scenario.leader);
    m_members = m_cluster.Install(m_wan, scenario.topology.members);
}

World::~World()
{
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
        m_proxyEndpoints.push_back(helper.GetEndpoint(m_wan, node));
    }
}

void
World::BuildClients()
{
    KvClientHelper helper(m_network, m_scenario.client, m_scenario.workload);
    for (const auto& node : m_scenario.ClientNodes())
    {
        const auto number = m_clients.size();
        m_clients.push_back(helper.Install(m_wan, node, EndpointsOf(node)));
        if (m_requestEnded)
        {
            m_clients.back()->OnEnded([this, number](const auto& record, const auto& request, const auto* answer) {
                m_requestEnded(number, record, request, answer);
            });
        }
    }
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
        BuildClients();
    }
    if (m_phase == Phase::CLIENTS && all(m_clients, [](const auto& c) { return c->IsConnected(); }))
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
World::Begin()
{
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
    std::uint64_t ended = 0;
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
        const auto message = WithNames(violation.what(), m_scenario.topology.members) + " (seed " +
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
                        : "its leader is " + member->GetLeader());
        }
    }
    for (const auto& proxy : m_proxies)
    {
        if (!proxy->IsReady())
        {
            return "after " + limit + " of simulated time a proxy has not heard who leads";
        }
    }
    return "after " + limit + " of simulated time a client is not connected to all its endpoints";
}

} // namespace etcdlab
