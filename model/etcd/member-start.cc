// How a member's process comes up and goes: its parts, put together anew at each start, and its clock.
#include "model/base/clock.h"
#include "model/etcd/etcd-member.h"
#include "model/monitoring/etcd-metrics.h"

#include <ns3/simulator.h>

#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/server.go: adjustTicks looks every 50 ms, for 5 s
constexpr Duration TICK_ADJUST_INTERVAL = 50ms;
constexpr int TICK_ADJUST_ATTEMPTS = 100;

Membership
InitialMembers(const std::vector<Peer>& cluster)
{
    std::vector<MemberInfo> members;
    for (const auto& peer : cluster)
    {
        members.push_back({peer.id, peer.name, false});
    }
    return Membership(std::move(members));
}

} // namespace

void
EtcdMember::StartApplication()
{
    *m_alive = true;
    m_held = !m_setup.placedLeader.empty() && m_storage == nullptr; // not after a restart
    m_cpu = std::make_unique<ProcessCpu>(m_setup.cpu ? m_setup.cpu
                                                     : std::make_shared<Cpu>(m_config.cpu.cores));
    m_cpu->OnWork([this](const CpuWork& work) { m_cpuWorkTrace(work); });
    if (!m_storage)
    {
        m_storage = std::make_unique<MemberStorage>(Disk(
            m_config.disk,
            [random = m_diskRandom] { return random->GetValue(0, 1); },
            m_setup.disk));
    }

    m_posts = std::make_unique<PeerHttpClient>(
        *m_setup.network,
        GetNode(),
        PeerHttpClient::Options{false, m_config.PeerDialTimeout(), Duration{0}});
    m_raft = std::make_unique<RaftNode>(
        RaftConfig(),
        *m_storage,
        RaftNode::Handlers{
            .send = [this](const auto& messages) { m_peers->Send(messages); },
            .apply = [this](auto entries) { m_server->Apply(std::move(entries)); },
            .readState = [this](const auto& state) { m_server->OnReadState(state); },
            .softState = [this](const auto& state) { OnSoftState(state); },
            .sendSnapshot = [this](const auto& message) { m_snapshots->Send(message); },
            .applySnapshot = [this](const auto& snapshot) { m_snapshots->Apply(snapshot); },
            .synced =
                [this](auto bytes, auto took) {
                    m_metrics->OnSynced(took);
                    m_syncedTrace(bytes, ToTime(took));
                },
            .occupy =
                [this] {
                    const auto work = m_config.cpu.sync;
                    return work > 0ns ? m_cpu->Run(Now(), work, "sync") : Now();
                },
            .writeFailed =
                [this] {
                    ns3::Simulator::ScheduleNow([this, alive = m_alive] {
                        if (*alive)
                        {
                            Crash();
                        }
                    });
                }});
    m_server = std::make_unique<EtcdServer>(m_config, m_id, *m_cpu, m_storage->disk, *m_raft);
    m_server->Restore(InitialMembers(m_setup.cluster),
                      m_storage->log.Snapshot(),
                      m_storage->log.Entries(),
                      m_storage->log.HardState().commit);
    m_server->OnApplied([this](const raft::Entry& entry) { OnApplied(entry); });
    m_server->OnMembersChanged([this](const auto* change) { OnMembersChanged(change); });
    StartService();
    const auto findNode = [this](raft::NodeId id) { return NodeOf(id); };
    m_snapshots =
        std::make_unique<Snapshots>(m_config, *m_storage, *m_raft, *m_server, *m_posts, findNode);
    StartPeers();
    std::vector<raft::NodeId> initial;
    for (const auto& peer : m_setup.cluster)
    {
        initial.push_back(peer.id);
    }
    m_admin = std::make_unique<MemberAdmin>(
        m_config, m_id, std::move(initial), *m_server, *m_raft, *m_peers, *m_posts, findNode);

    m_metrics = std::make_unique<EtcdMetrics>(MemberParts{m_id,
                                                          m_config,
                                                          *m_storage,
                                                          *m_raft,
                                                          *m_server,
                                                          *m_service,
                                                          *m_peers,
                                                          *m_probers,
                                                          *m_snapshots,
                                                          m_grpc,
                                                          *m_cpu},
                                              *m_setup.network,
                                              GetNode());

    // Members were not started in step: each ticks in a phase of its own.
    const auto phase = m_random->GetValue(0, 1) * ToTime(m_config.heartbeatInterval).GetSeconds();
    ScheduleTick(Now() + ToDuration(ns3::Seconds(phase)));
    m_server->Start(ToDuration(ns3::Seconds(phase)));
    m_probers->Start(ToDuration(ns3::Seconds(phase)));
    if (!m_held)
    {
        m_adjust = ns3::Simulator::Schedule(
            ToTime(TICK_ADJUST_INTERVAL), &EtcdMember::AdjustTicks, this, TICK_ADJUST_ATTEMPTS);
    }
    OnConnected();
}

raft::Config
EtcdMember::RaftConfig()
{
    raft::Config config;
    config.id = m_id;
    config.hardState = m_storage->log.HardState();
    config.log = m_storage->log.Entries();
    config.snapshot = m_storage->log.Snapshot();
    config.applied = config.hardState.commit;
    const auto conf =
        EtcdServer::MembersAfter(
            InitialMembers(m_setup.cluster), config.snapshot, config.log, config.applied)
            .Conf();
    config.voters = conf.voters;
    config.learners = conf.learners;
    config.joining = m_setup.joining;
    config.currentSnapshot = [this] { return m_snapshots->Current(); };
    config.electionTicks = static_cast<int>(m_config.electionTimeout / m_config.heartbeatInterval);
    config.preVote = m_config.PreVote();
    config.termAwareReject = m_config.version == "3.5";
    config.accounting = m_setup.accounting;
    config.observer = m_setup.observer;
    config.random = [random = m_random](int n) {
        return static_cast<int>(random->GetInteger(0, static_cast<std::uint32_t>(n - 1)));
    };
    return config;
}

void
EtcdMember::StartService()
{
    ServingMember self;
    self.name = m_setup.name;
    self.id = m_id;
    self.clusterId = m_clusterId;
    self.incarnation = m_incarnation;
    self.network = m_setup.network;
    self.node = GetNode();
    self.nameOf = [this](raft::NodeId id) { return NameOf(id); };
    self.nodeOf = [this](raft::NodeId id) { return NodeOf(id); };
    self.random = [random = m_watchRandom] { return random->GetValue(0, 1); };
    self.changed = [this](Revision revision) { m_revisionTrace(revision); };
    m_service =
        std::make_unique<ClientService>(m_config, std::move(self), *m_cpu, *m_raft, *m_server);
}

void
EtcdMember::StartPeers()
{
    m_peers = std::make_unique<PeerStreams>(
        *m_setup.network,
        Peer{m_setup.name, m_id, GetNode()},
        Others(),
        m_config.PeerDialTimeout(),
        PeerStreams::Handlers{
            .receive = [this](const auto& message) { Receive(message); },
            .unreachable = [this](auto peer) { m_raft->ReportUnreachable(peer); },
            .connected = [this] { OnConnected(); },
            .isRemoved = [this](auto peer) { return m_server->Members().IsRemoved(peer); },
            .gone = [this] { OnGone(); },
            .request = [this](const auto& request,
                              const auto& respond) { OnPeerRequest(request, respond); }});
    m_probers = std::make_unique<PeerProbers>(*m_setup.network,
                                              Peer{m_setup.name, m_id, GetNode()},
                                              Others(),
                                              m_config.PeerDialTimeout(),
                                              [this] { return m_leader == m_id; });
    m_peers->Start();
}

void
EtcdMember::StopApplication()
{
    if (!*m_alive)
    {
        return;
    }
    *m_alive = false;
    m_alive = std::make_shared<bool>(false);
    m_ready = false;
    m_stopping = false;
    m_process->Kill();
    m_transfer.Cancel();
    m_tick.Cancel();
    m_adjust.Cancel();
    m_publish.Cancel();
    m_raft->Stop();
    m_service->Stop();
    m_server->Stop();
    m_peers->Stop();
    m_posts->Stop();
    m_snapshots->Stop();
    m_metrics->Stop();
    m_received.clear();
    m_probers.reset();
    m_grpc.Abort();
    if (m_leader != raft::NO_NODE)
    {
        m_leader = raft::NO_NODE; // a process that is gone knows none
        m_leaderTrace("");
    }
}

void
EtcdMember::Tick()
{
    ScheduleTick(Now() + TickInterval());
    if (!m_held)
    {
        m_raft->Tick();
    }
}

/// etcdserver/server.go: adjustTicks (initial-election-tick-advance): a member that has found its peers soon need
/// not wait for a whole election timeout before it first stands for election.
void
EtcdMember::AdjustTicks(int attemptsLeft)
{
    const auto others = m_setup.cluster.size() - 1;
    const auto ticks = static_cast<int>(m_config.electionTimeout / m_config.heartbeatInterval);
    if (others == 0)
    {
        m_raft->AdvanceTicks(ticks - 1);
    }
    else if (m_peers->ActivePeers() > 1)
    {
        m_raft->AdvanceTicks(ticks - 2);
    }
    else if (attemptsLeft > 1)
    {
        m_adjust = ns3::Simulator::Schedule(
            ToTime(TICK_ADJUST_INTERVAL), &EtcdMember::AdjustTicks, this, attemptsLeft - 1);
    }
}

} // namespace etcdlab
