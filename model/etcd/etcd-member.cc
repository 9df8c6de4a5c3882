#include "model/etcd/etcd-member.h"

#include "model/base/clock.h"
#include "model/base/config-attributes.h"
#include "model/etcd/pure/member-id.h"
#include "model/monitoring/etcd-metrics.h"

#include <ns3/simulator.h>

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{

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
                        .AddTraceSource("Revision",
                                        "The store has come to a revision.",
                                        ns3::MakeTraceSourceAccessor(&EtcdMember::m_revisionTrace),
                                        "etcdlab::EtcdMember::RevisionCallback")
                        .AddTraceSource(
                            "Synced",
                            "A write to the log and its sync began: bytes, and how long it takes.",
                            ns3::MakeTraceSourceAccessor(&EtcdMember::m_syncedTrace),
                            "etcdlab::EtcdMember::SyncedCallback")
                        .AddTraceSource("CpuWork",
                                        "Work for the processor has come up, and when it is done.",
                                        ns3::MakeTraceSourceAccessor(&EtcdMember::m_cpuWorkTrace),
                                        "etcdlab::EtcdMember::CpuWorkCallback")
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
      m_diskRandom(ns3::CreateObject<ns3::UniformRandomVariable>()),
      m_watchRandom(ns3::CreateObject<ns3::UniformRandomVariable>())
{
}

EtcdMember::~EtcdMember() = default;

void
EtcdMember::SetUp(MemberSetup setup)
{
    m_setup = std::move(setup);
    m_process = std::make_unique<ProcessNetwork>(*m_setup.network);
    m_setup.network = m_process.get();
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

raft::Term
EtcdMember::GetTerm() const
{
    return m_raft ? m_raft->Raft().GetTerm() : 0;
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

std::uint64_t
EtcdMember::GetWalSyncs() const
{
    return m_storage->walSyncs;
}

const Disk&
EtcdMember::GetDisk() const
{
    return m_storage->disk;
}

const Backend&
EtcdMember::GetBackend() const
{
    return m_server->GetBackend();
}

const std::set<raft::NodeId>&
EtcdMember::GetAlarms() const
{
    return m_server->Alarms();
}

void
EtcdMember::Defragment()
{
    m_server->Defragment();
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

std::uint64_t
EtcdMember::GetReceiveFailures() const
{
    return m_receiveFailures;
}

const SnapshotCounters&
EtcdMember::GetSnapshotCounters() const
{
    return m_snapshots->Counters();
}

const raft::Raft&
EtcdMember::GetRaft() const
{
    return m_raft->Raft();
}

const Membership&
EtcdMember::GetMembers() const
{
    return m_server->Members();
}

bool
EtcdMember::IsLearner() const
{
    const auto* self = m_server->Members().Find(m_id);
    return self != nullptr && self->learner;
}

bool
EtcdMember::IsRemoved() const
{
    return m_removed;
}

const EtcdMetrics&
EtcdMember::GetMetrics() const
{
    return *m_metrics;
}

const PeerProbers&
EtcdMember::GetProbers() const
{
    return *m_probers;
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
    if (!IsRunning() && !m_removed)
    {
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
    m_watchRandom->SetStream(stream + 2);
    return 3;
}

void
EtcdMember::DoDispose()
{
    StopApplication();
    m_metrics.reset();
    m_probers.reset();
    m_peers.reset();
    m_service.reset();
    m_server.reset();
    m_raft.reset();
    ns3::Application::DoDispose();
}

/// The members it knows, itself aside; as long as it does not belong, those it was given when it was started.
std::vector<Peer>
EtcdMember::Others() const
{
    std::vector<Peer> others;
    if (m_server->Members().Find(m_id) == nullptr)
    {
        others = m_setup.contacts;
    }
    for (const auto& member : m_server->Members().Members())
    {
        const auto known = std::any_of(
            others.begin(), others.end(), [&](const Peer& peer) { return peer.id == member.id; });
        if (member.id != m_id && !known)
        {
            others.push_back({member.name, member.id, NodeOf(member.id)});
        }
    }
    return others;
}

ns3::Ptr<ns3::Node>
EtcdMember::NodeOf(raft::NodeId id) const
{
    for (const auto* known : {&m_setup.cluster, &m_setup.contacts})
    {
        for (const auto& peer : *known)
        {
            if (peer.id == id)
            {
                return peer.node;
            }
        }
    }
    const auto* member = m_server->Members().Find(id);
    return member != nullptr && m_setup.findNode ? m_setup.findNode(member->name) : nullptr;
}

const std::string&
EtcdMember::NameOf(raft::NodeId id) const
{
    static const std::string none;
    const auto found = std::find_if(m_setup.cluster.begin(),
                                    m_setup.cluster.end(),
                                    [&](const Peer& peer) { return peer.id == id; });
    if (found != m_setup.cluster.end())
    {
        return found->name;
    }
    const auto* member = m_server ? m_server->Members().Find(id) : nullptr;
    return member == nullptr ? none : member->name;
}

} // namespace etcdlab
