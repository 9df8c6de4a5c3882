// What a running member does when something happens: Raft, its peers or its clients have news.
#include "model/base/clock.h"
#include "model/etcd/etcd-member.h"
#include "model/etcd/kv-messages.h"
#include "model/monitoring/etcd-metrics.h"

#include <ns3/simulator.h>

#include <memory>
#include <utility>
#include <variant>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/api/v3rpc/rpctypes/error.go: ErrGRPCNotSupportedForLearner
constexpr const char* ERROR_LEARNER = "etcdserver: rpc not supported for learner";
// etcdserver/server.go: applyAll; who finds itself removed lets the leader send the news first
constexpr Duration REMOVED_STOP_DELAY = 1s;
// rafthttp/peer.go: recvBufSize
constexpr std::size_t RECEIVE_BUFFER_MESSAGES = 4096;

/// A member's name and client address as a request to the v2 store (etcdserver/server.go: publish), about.
constexpr std::uint32_t PUBLICATION_BYTES = 150;

} // namespace

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

void
EtcdMember::OnSoftState(const raft::SoftState& state)
{
    if (state.leader != m_leader)
    {
        m_leader = state.leader;
        m_held = m_held && m_leader == raft::NO_NODE;
        if (m_leader != raft::NO_NODE)
        {
            m_metrics->OnLeader();
        }
        m_leaderTrace(NameOf(m_leader));
    }
    m_server->OnSoftState(state);
    if (m_leader != raft::NO_NODE && m_incarnation > 0 && !m_publish.IsRunning())
    {
        m_publish =
            ns3::Simulator::ScheduleNow(&EtcdMember::Publish, this); // not from within a Ready
    }
}

void
EtcdMember::Publish()
{
    if (m_ready)
    {
        return;
    }
    m_raft->Propose(PUBLICATION_BYTES, nullptr);
    m_publish =
        ns3::Simulator::Schedule(ToTime(m_config.RequestTimeout()), &EtcdMember::Publish, this);
}

void
EtcdMember::OnApplied(const raft::Entry& entry)
{
    m_appliedTrace(entry.index);
    m_snapshots->OnApplied(entry.index);
    if (!m_ready && !m_stopping && entry.term == m_raft->Raft().GetTerm())
    {
        // A member serves clients once it has seen the cluster agree on something (server.go: publish).
        BeginToServe();
    }
}

void
EtcdMember::BeginToServe()
{
    m_ready = true;
    m_grpc.Listen(
        *m_setup.network,
        GetNode(),
        static_cast<std::uint16_t>(m_config.clientPort),
        [this](const RpcRequest& call, GrpcServer::Responder respond) {
            if (!HandleOrRefuse(call, respond))
            {
                m_service->Serve(call, respond);
            }
        },
        [this](const GrpcServerStreamPtr& stream) {
            if (IsLearner())
            {
                stream->End(GrpcCode::UNAVAILABLE, ERROR_LEARNER);
                return;
            }
            m_service->Open(stream);
        });
    m_readyTrace();
}

/// Calls about members, and those that a learner refuses (v3rpc/interceptor.go: newUnaryInterceptor).
/// @return false for all others
bool
EtcdMember::HandleOrRefuse(const RpcRequest& call, const GrpcServer::Responder& respond)
{
    if (IsLearner())
    {
        const auto* kv = dynamic_cast<const KvCall*>(call.body.get());
        const bool supported =
            call.method == STATUS_METHOD ||
            (kv != nullptr && std::holds_alternative<RangeRequest>(kv->request) &&
             IsSerializable(kv->request));
        if (!supported)
        {
            respond({GrpcCode::UNAVAILABLE, ERROR_LEARNER, 0, nullptr});
            return true;
        }
    }
    if (!call.method.starts_with(CLUSTER_SERVICE))
    {
        return false;
    }
    if (const auto* member = dynamic_cast<const MemberCall*>(call.body.get()))
    {
        ChangeMembers(member->request, [this, respond](const ServerResult& result) {
            const bool ok = result.code == GrpcCode::OK;
            const auto bytes =
                ok ? MemberResponseBytes(m_server->Members(), m_service->Header()) : 0;
            respond({result.code, result.error, static_cast<std::uint32_t>(bytes), nullptr});
        });
        return true;
    }
    return false;
}

void
EtcdMember::ChangeMembers(const MemberRequest& request, MemberAdmin::Done done)
{
    m_admin->Handle(request, std::move(done));
}

/// server.go: applyConfChange, applySnapshot. Peers that have left are dropped when what is ready to be sent to them
/// has been sent: it tells them of their removal.
void
EtcdMember::OnMembersChanged(const raft::ConfChange* change)
{
    const auto& members = m_server->Members();
    m_probers->SetPeers(Others());
    if (change == nullptr)
    {
        m_peers->SetPeers(Others());
        if (!m_ready && !m_stopping && m_snapshots->Current()->term == m_raft->Raft().GetTerm())
        {
            BeginToServe();
        }
    }
    else if (change->node != m_id && members.Find(change->node) != nullptr)
    {
        m_peers->AddPeer({members.Find(change->node)->name, change->node, NodeOf(change->node)});
    }
    else if (change->node != m_id)
    {
        ns3::Simulator::ScheduleNow([this, alive = m_alive, id = change->node] {
            if (*alive)
            {
                m_peers->RemovePeer(id);
            }
        });
    }
    if (members.IsRemoved(m_id))
    {
        ns3::Simulator::Schedule(ToTime(REMOVED_STOP_DELAY), [this, alive = m_alive] {
            if (*alive)
            {
                OnGone();
            }
        });
    }
}

void
EtcdMember::OnGone()
{
    m_removed = true;
    // Not from within the stream that told of it.
    ns3::Simulator::ScheduleNow([this, alive = m_alive] {
        if (*alive)
        {
            StopApplication();
        }
    });
}

void
EtcdMember::OnPeerRequest(const MessagePtr& request, const PeerHttpResponder& respond)
{
    const auto hasLeft = [this](raft::NodeId from) { return m_server->Members().IsRemoved(from); };
    if (auto snapshot = std::dynamic_pointer_cast<const SnapshotPost>(request))
    {
        if (!hasLeft(snapshot->message.from)) // else 403
        {
            m_snapshots->Receive(std::move(snapshot), respond);
        }
    }
    else if (const auto* promote = dynamic_cast<const PromotePost*>(request.get()))
    {
        if (!hasLeft(promote->from))
        {
            m_admin->Serve(*promote, respond);
        }
    }
    else
    {
        m_service->ServePeer(request, respond);
    }
}

void
EtcdMember::Receive(const raft::Message& message)
{
    const auto start =
        m_cpu->Run(Now(), m_config.cpu.message, "message") + m_config.cpu.messageWakeup;
    if (start <= Now())
    {
        m_raft->Step(message); // spares a copy
        return;
    }
    auto& waiting = m_received[message.from];
    if (waiting >= RECEIVE_BUFFER_MESSAGES)
    {
        ++m_receiveFailures;
        return;
    }
    ++waiting;
    RunAt(start, [this, alive = m_alive, message] {
        if (*alive)
        {
            --m_received[message.from];
            m_raft->Step(message);
        }
    });
}

} // namespace etcdlab
