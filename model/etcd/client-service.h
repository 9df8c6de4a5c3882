// What a member's client port offers: calls come in, wait for a processor, and are answered (etcd 3.4.23
// etcdserver/api/v3rpc).
#pragma once

#include "model/base/cpu.h"
#include "model/etcd/etcd-server.h"
#include "model/etcd/lease-forwarder.h"
#include "model/etcd/lease-service.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/pure/wire-size.h"
#include "model/etcd/raft-node.h"
#include "model/etcd/watch-service.h"
#include "model/transport/grpc-server.h"

#include <functional>
#include <memory>
#include <string>

namespace etcdlab
{

/// Who answers.
struct ServingMember
{
    std::string name;
    raft::NodeId id = raft::NO_NODE;
    std::uint64_t clusterId = 0;
    std::uint32_t incarnation = 0; //!< restarts so far
    Network* network = nullptr;
    ns3::Ptr<ns3::Node> node;
    std::function<std::string(raft::NodeId)> nameOf; //!< of a member; empty if there is none
    std::function<ns3::Ptr<ns3::Node>(raft::NodeId)> nodeOf; //!< likewise
    std::function<double()> random;                          //!< uniform in [0, 1)
    std::function<void(Revision)> changed; //!< told when the store comes to a revision
};

/// Serves the KV, Maintenance, Watch and Lease calls of one life of a member's process.
class ClientService
{
  public:
    /// What is referred to must outlive the service, or Stop be called before.
    ClientService(const MemberConfig& config,
                  ServingMember self,
                  ProcessCpu& cpu,
                  const RaftNode& raft,
                  EtcdServer& server);

    /// A call has arrived.
    void Serve(const RpcRequest& call, const GrpcServer::Responder& respond);

    /// A client has opened a streaming call.
    void Open(const GrpcServerStreamPtr& stream);

    /// Another member has sent a request that is none of Raft's; what is not known is ignored.
    void ServePeer(const MessagePtr& request, const PeerHttpResponder& respond);

    /// The client port is closed in order: streams have ended, while the process goes on.
    void CloseStreams();

    /// The process ends: nothing is answered any more.
    void Stop();

    const WatchService& Watches() const
    {
        return m_watches;
    }

    /// Of an answer given now.
    ResponseHeader Header() const;

  private:
    void Answer(const ServerResult& result, const GrpcServer::Responder& respond) const;
    void ServeStatus(const GrpcServer::Responder& respond) const;
    void OnStateChanged();
    /// Run something when a processor has had time for a request, unless the process has ended.
    template <class Function>
    void Work(Function&& what);
    void Forward(raft::NodeId leader, LeaseId lease, LeaseForwarder::Done done);

    const MemberConfig& m_config;
    ServingMember m_self;
    ProcessCpu& m_cpu;
    const RaftNode& m_raft;
    EtcdServer& m_server;
    LeaseForwarder m_forwarder;
    WatchService m_watches;
    LeaseService m_leases;
    Revision m_revision; //!< as last told
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
