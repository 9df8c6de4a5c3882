#include "model/etcd/etcd-member.h"

#include "model/base/clock.h"
#include "model/base/config-attributes.h"
#include "model/etcd/kv-messages.h"
#include "model/etcd/pure/member-id.h"

#include <ns3/simulator.h>

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/server.go: adjustTicks looks every 50 ms, for 5 s
constexpr Duration TICK_ADJUST_INTERVAL = 50ms;
constexpr int TICK_ADJUST_ATTEMPTS = 100;

} // namespace

NS_OBJECT_ENSURE_REGISTERED(EtcdMember);

ns3::TypeId
EtcdMember::GetTypeId()
{
    static ns3::TypeId tid = [] {
        auto type = ns3::TypeId("etcdlab::EtcdMember")
                        .SetParent<ns3::Application>()
                        .SetGroupName("etcdlab")
                        .AddConstructor<EtcdMember>()
                        .AddTraceSource(
                            "Leader",
                            "The leader this member knows has changed: its name, empty for none.",
                            ns3::MakeTraceSourceAccessor(&EtcdMember::m_leaderTrace),
                            "etcdlab::EtcdMember::LeaderCallback")
                        .AddTraceSource("Applied",
                                        "An entry was applied: its index.",
                                        ns3::MakeTraceSourceAccessor(&EtcdMember::m_appliedTrace),
                                        "etcdlab::EtcdMember::AppliedCallback")
                        .AddTraceSource(
                            "Synced",
                            "A write to the log and its sync began: bytes, and how long it takes.",
                            ns3::MakeTraceSourceAccessor(&EtcdMember::m_syncedTrace),
                            "etcdlab::EtcdMember::SyncedCallback")
                        .AddTraceSource("Ready",
                                        "The member has begun to serve clients.",
                                        ns3::MakeTraceSourceAccessor(&EtcdMember::m_readyTrace),
                                        "etcdlab::EtcdMember::ReadyCallback");
        AttributeDeclarer(type, &EtcdMember::m_config);
        return type;
    }();
    return tid;
}

EtcdMember::EtcdMember()
    : m_random(ns3::CreateObject<ns3::UniformRandomVariable>()),
      m_diskRandom(ns3::CreateObject<ns3::UniformRandomVariable>())
{
}

EtcdMember::~EtcdMember() = default;

void
EtcdMember::SetUp(MemberSetup setup)
{
    m_setup = std::move(setup);
    m_id = MemberId(m_setup.name);
    std::vector<std::uint64_t> ids;
    for (const auto& peer : m_setup.cluster)
    {
        ids.push_back(peer.id);
    }
    m_clusterId = ClusterId(std::move(ids));
}

void
EtcdMember::SetConfig(const MemberConfig& config)
{
    m_config = config;
}

const MemberConfig&
EtcdMember::GetConfig() const
{
    return m_config;
}

const std::string&
EtcdMember::GetName() const
{
    return m_setup.name;
}

raft::NodeId
EtcdMember::GetMemberId() const
{
    return m_id;
}

bool
EtcdMember::IsReady() const
{
    return m_ready;
}

std::string
EtcdMember::GetLeader() const
{
    return NameOf(m_leader);
}

raft::Index
EtcdMember::GetAppliedIndex() const
{
    return m_server ? m_server->AppliedIndex() : 0;
}

Revision
EtcdMember::GetRevision() const
{
    return m_server ? m_server->Store().CurrentRevision() : 0;
}

const KvStore&
EtcdMember::GetStore() const
{
    static const KvStore empty;
    return m_server ? m_server->Store() : empty;
}

const Wal&
EtcdMember::GetWal() const
{
    return m_storage->wal;
}

const Disk&
EtcdMember::GetDisk() const
{
    return m_storage->disk;
}

const GrpcServer&
EtcdMember::GetClientServer() const
{
    return m_grpc;
}

const PeerCounters&
EtcdMember::GetSentTo(const std::string& peer) const
{
    return m_peers->SentTo(MemberId(peer));
}

void
EtcdMember::RequestLeadership()
{
    m_raft->TransferLeadership(m_id);
}

void
EtcdMember::Crash()
{
    StopApplication();
}

void
EtcdMember::Restart()
{
    if (!IsRunning())
    {
        m_leader = raft::NO_NODE;
        ++m_incarnation;
        StartApplication();
    }
}

bool
EtcdMember::IsRunning() const
{
    return *m_alive;
}

std::int64_t
EtcdMember::AssignStreams(std::int64_t stream)
{
    m_random->SetStream(stream);
    m_diskRandom->SetStream(stream + 1);
    return 2;
}

void
EtcdMember::DoDispose()
{
    StopApplication();
    m_peers.reset();
    m_server.reset();
    m_raft.reset();
    ns3::Application::DoDispose();
}

void
EtcdMember::StartApplication()
{
    *m_alive = true;
    m_held = !m_setup.placedLeader.empty() && m_storage == nullptr; // not after a restart
    m_cpu = std::make_unique<Cpu>(m_config.cpu.cores);
    if (!m_storage)
    {
        m_storage = std::make_unique<MemberStorage>(
            Disk(m_config.disk, [random = m_diskRandom] { return random->GetValue(0, 1); }));
    }

    raft::Config config;
    config.id = m_id;
    std::vector<Peer> others;
    for (const auto& peer : m_setup.cluster)
    {
        config.voters.push_back(peer.id);
        if (peer.id != m_id)
        {
            others.push_back(peer);
        }
    }
    config.hardState = m_storage->log.HardState();
    config.log = m_storage->log.Entries();
    config.applied = config.hardState.commit;
    config.electionTicks = static_cast<int>(m_config.electionTimeout / m_config.heartbeatInterval);
    config.preVote = m_config.PreVote();
    config.termAwareReject = m_config.version == "3.5";
    config.accounting = m_setup.accounting;
    config.observer = m_setup.observer;
    config.random = [random = m_random](int n) {
        return static_cast<int>(random->GetInteger(0, static_cast<std::uint32_t>(n - 1)));
    };
    m_raft = std::make_unique<RaftNode>(
        std::move(config),
        *m_storage,
        RaftNode::Handlers{
            .send = [this](const auto& messages) { m_peers->Send(messages); },
            .apply = [this](auto entries) { m_server->Apply(std::move(entries)); },
            .readState = [this](const auto& state) { m_server->OnReadState(state); },
            .softState = [this](const auto& state) { OnSoftState(state); },
            .synced = [this](auto bytes, auto took) { m_syncedTrace(bytes, ToTime(took)); }});
    m_server = std::make_unique<EtcdServer>(m_config, m_id, *m_cpu, *m_raft);
    m_server->Restore(m_storage->log.Entries(), m_storage->log.HardState().commit);
    m_server->OnApplied([this](const raft::Entry& entry) { OnApplied(entry); });
    m_peers = std::make_unique<PeerStreams>(
        *m_setup.network,
        Peer{m_setup.name, m_id, GetNode()},
        std::move(others),
        PeerStreams::Handlers{.receive = [this](const auto& message) { Receive(message); },
                              .unreachable = [this](auto peer) { m_raft->ReportUnreachable(peer); },
                              .connected = [this] { OnConnected(); }});
    m_peers->Start();

    // Members were not started in step: each ticks in a phase of its own.
    const auto phase = m_random->GetValue(0, 1) * ToTime(m_config.heartbeatInterval).GetSeconds();
    m_tick = ns3::Simulator::Schedule(ns3::Seconds(phase), &EtcdMember::Tick, this);
    if (!m_held)
    {
        m_adjust = ns3::Simulator::Schedule(
            ToTime(TICK_ADJUST_INTERVAL), &EtcdMember::AdjustTicks, this, TICK_ADJUST_ATTEMPTS);
    }
    OnConnected();
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
    m_tick.Cancel();
    m_adjust.Cancel();
    m_raft->Stop();
    m_server->Stop();
    m_peers->Stop();
    m_grpc.Abort();
}

void
EtcdMember::Tick()
{
    m_tick = ns3::Simulator::Schedule(ToTime(m_config.heartbeatInterval), &EtcdMember::Tick, this);
    if (!m_held)
    {
        m_raft->Tick();
    }
}

void
EtcdMember::OnConnected()
{
    const bool chosen = m_held && m_setup.placedLeader == m_setup.name;
    if (chosen && m_peers->ConnectedPeers() == m_setup.cluster.size() - 1)
    {
        ns3::Simulator::ScheduleNow([this, alive = m_alive] {
            if (*alive && m_held)
            {
                m_raft->Campaign();
            }
        });
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

void
EtcdMember::OnSoftState(const raft::SoftState& state)
{
    if (state.leader != m_leader)
    {
        m_leader = state.leader;
        m_held = m_held && m_leader == raft::NO_NODE;
        m_leaderTrace(NameOf(m_leader));
    }
    m_server->OnSoftState(state);
}

void
EtcdMember::OnApplied(const raft::Entry& entry)
{
    m_appliedTrace(entry.index);
    if (!m_ready && entry.term == m_raft->Raft().GetTerm())
    {
        // A member serves clients once it has seen the cluster agree on something (server.go: publish).
        m_ready = true;
        m_grpc.Listen(*m_setup.network,
                      GetNode(),
                      static_cast<std::uint16_t>(m_config.clientPort),
                      [this](const RpcRequest& call, GrpcServer::Responder respond) {
                          Serve(call, respond);
                      });
        m_readyTrace();
    }
}

void
EtcdMember::Receive(const raft::Message& message)
{
    const auto start = m_cpu->Run(Now(), m_config.cpu.message) + m_config.cpu.messageWakeup;
    if (start <= Now())
    {
        m_raft->Step(message); // spares a copy
        return;
    }
    RunAt(start, [this, alive = m_alive, message] {
        if (*alive)
        {
            m_raft->Step(message);
        }
    });
}

void
EtcdMember::Serve(const RpcRequest& call, const GrpcServer::Responder& respond)
{
    const auto start = m_cpu->Run(Now(), m_config.cpu.request) + m_config.cpu.requestWakeup;
    RunAt(start, [this, alive = m_alive, body = call.body, respond] {
        if (!*alive)
        {
            return;
        }
        const auto* kv = dynamic_cast<const KvCall*>(body.get());
        if (kv == nullptr)
        {
            ServeStatus(respond);
            return;
        }
        m_server->Handle(kv->request,
                         [this, respond](const ServerResult& result) { Answer(result, respond); });
    });
}

void
EtcdMember::Answer(const ServerResult& result, const GrpcServer::Responder& respond)
{
    if (result.code != GrpcCode::OK)
    {
        respond({result.code, result.error, 0, nullptr});
        return;
    }
    const auto bytes = static_cast<std::uint32_t>(ResponseBytes(result.response, Header()));
    respond({GrpcCode::OK, "", bytes, std::make_shared<KvReply>(result.response, m_setup.name, m_incarnation)});
}

void
EtcdMember::ServeStatus(const GrpcServer::Responder& respond)
{
    const auto& raft = m_raft->Raft();
    const auto bytes =
        StatusResponseBytes(Header(), raft.GetLeader(), raft.GetLastIndex(), GetRevision());
    respond({GrpcCode::OK,
             "",
             static_cast<std::uint32_t>(bytes),
             std::make_shared<StatusReply>(m_setup.name, GetLeader(), raft.GetTerm())});
}

ResponseHeader
EtcdMember::Header() const
{
    return {m_clusterId, m_id, m_raft->Raft().GetTerm()};
}

const std::string&
EtcdMember::NameOf(raft::NodeId id) const
{
    static const std::string none;
    const auto found = std::find_if(m_setup.cluster.begin(),
                                    m_setup.cluster.end(),
                                    [&](const Peer& peer) { return peer.id == id; });
    return found == m_setup.cluster.end() ? none : found->name;
}

} // namespace etcdlab
