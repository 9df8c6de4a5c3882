#include "model/etcd/client-service.h"

#include "model/base/clock.h"
#include "model/etcd/kv-messages.h"

#include <utility>

namespace etcdlab
{

template <class Function>
void
ClientService::Work(Function&& what)
{
    const auto start =
        m_cpu.Run(Now(), m_config.cpu.request, "request") + m_config.cpu.requestWakeup;
    RunAt(start, [alive = m_alive, what = std::forward<Function>(what)] {
        if (*alive)
        {
            what();
        }
    });
}

ClientService::ClientService(const MemberConfig& config,
                             ServingMember self,
                             ProcessCpu& cpu,
                             const RaftNode& raft,
                             EtcdServer& server)
    : m_config(config),
      m_self(std::move(self)),
      m_cpu(cpu),
      m_raft(raft),
      m_server(server),
      m_forwarder(*m_self.network, m_self.node, config.PeerDialTimeout()),
      m_watches(config,
                server,
                {m_self.name,
                 [this] { return Header(); },
                 [this](auto what) { Work(std::move(what)); },
                 m_self.random}),
      m_leases(config,
               server,
               raft,
               {m_self.name,
                [this] { return Header(); },
                [this](auto what) { Work(std::move(what)); },
                [this](auto leader, auto lease, auto done) {
                    Forward(leader, lease, std::move(done));
                }}),
      m_revision(server.Store().CurrentRevision())
{
    m_server.OnStateChanged([this] { OnStateChanged(); });
}

void
ClientService::OnStateChanged()
{
    const auto revision = m_server.Store().CurrentRevision();
    if (revision != std::exchange(m_revision, revision))
    {
        m_self.changed(revision);
    }
    m_watches.OnStateChanged();
    m_leases.OnStateChanged();
}

void
ClientService::CloseStreams()
{
    m_watches.Close();
    m_leases.Close();
}

void
ClientService::Stop()
{
    *m_alive = false;
    m_server.OnStateChanged(nullptr);
    m_watches.Stop();
    m_leases.Stop();
    m_forwarder.Stop();
}

void
ClientService::Serve(const RpcRequest& call, const GrpcServer::Responder& respond)
{
    if (call.bytes > MAX_GRPC_MESSAGE_BYTES)
    {
        respond({GrpcCode::RESOURCE_EXHAUSTED,
                 "grpc: received message larger than max (" + std::to_string(call.bytes) + " vs. " +
                     std::to_string(MAX_GRPC_MESSAGE_BYTES) + ")",
                 0,
                 nullptr});
        return;
    }
    Work([this, body = call.body, respond] {
        const auto* kv = dynamic_cast<const KvCall*>(body.get());
        if (kv == nullptr)
        {
            ServeStatus(respond);
            return;
        }
        m_server.Handle(kv->request,
                        [this, respond](const ServerResult& result) { Answer(result, respond); });
    });
}

void
ClientService::Open(const GrpcServerStreamPtr& stream)
{
    if (stream->Method() == WATCH_METHOD)
    {
        m_watches.Open(stream);
    }
    else if (stream->Method() == KEEP_ALIVE_METHOD)
    {
        m_leases.Open(stream);
    }
    else
    {
        stream->End(GrpcCode::UNIMPLEMENTED, "unknown method " + std::string(stream->Method()));
    }
}

void
ClientService::ServePeer(const MessagePtr& request, const PeerHttpResponder& respond)
{
    const auto* renew = dynamic_cast<const LeaseRenewRequest*>(request.get());
    if (renew == nullptr)
    {
        return;
    }
    Work([this, lease = renew->lease, respond] {
        m_leases.RenewHere(lease, [lease, respond](const LeaseRenewResult& result) {
            AnswerLeaseRenew(respond, lease, result);
        });
    });
}

void
ClientService::Forward(raft::NodeId leader, LeaseId lease, LeaseForwarder::Done done)
{
    m_forwarder.Renew(m_self.nodeOf(leader), lease, std::move(done));
}

void
ClientService::Answer(const ServerResult& result, const GrpcServer::Responder& respond) const
{
    if (result.code != GrpcCode::OK)
    {
        respond({result.code, result.error, 0, nullptr});
        return;
    }
    const auto bytes = static_cast<std::uint32_t>(ResponseBytes(result.response, Header()));
    respond({GrpcCode::OK,
             "",
             bytes,
             std::make_shared<KvReply>(result.response, m_self.name, m_self.incarnation)});
}

void
ClientService::ServeStatus(const GrpcServer::Responder& respond) const
{
    const auto& raft = m_raft.Raft();
    const auto bytes = StatusResponseBytes(
        Header(), raft.GetLeader(), raft.GetLastIndex(), m_server.Store().CurrentRevision());
    respond({GrpcCode::OK,
             "",
             static_cast<std::uint32_t>(bytes),
             std::make_shared<StatusReply>(
                 m_self.name, m_self.nameOf(m_server.Leader()), raft.GetTerm())});
}

ResponseHeader
ClientService::Header() const
{
    return {m_self.clusterId, m_self.id, m_raft.Raft().GetTerm()};
}

} // namespace etcdlab
