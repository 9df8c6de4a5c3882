// Keeps leases alive and lets them expire (etcd 3.4.23 etcdserver/v3_server.go: LeaseRenew;
// etcdserver/api/v3rpc/lease.go; etcdserver/server.go: run).
#pragma once

#include "model/base/units.h"
#include "model/etcd/etcd-server.h"
#include "model/etcd/kv-messages.h"
#include "model/etcd/lease-forwarder.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/raft-node.h"
#include "model/transport/grpc-stream.h"

#include <ns3/event-id.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * The leader answers a keep-alive from memory, once it has applied what is committed; another member asks the
 * leader. The leader looks every half second for leases that are over, and has them revoked through Raft.
 */
class LeaseService
{
  public:
    struct Context
    {
        std::string member;
        std::function<ResponseHeader()> header;
        /// Runs something when a processor has had time for a request.
        std::function<void(std::function<void()>)> work;
        /// Asks another member (LeaseForwarder::Renew).
        std::function<void(raft::NodeId, LeaseId, LeaseForwarder::Done)> forward;
    };

    /// What is referred to must outlive the service, or Stop be called before.
    LeaseService(const MemberConfig& config,
                 EtcdServer& server,
                 const RaftNode& raft,
                 Context context);
    ~LeaseService();
    LeaseService(const LeaseService&) = delete;
    LeaseService& operator=(const LeaseService&) = delete;

    /// A client has opened a LeaseKeepAlive stream.
    void Open(const GrpcServerStreamPtr& stream);

    /// Another member has asked this one, taken for the leader, to keep a lease alive.
    void RenewHere(LeaseId lease, LeaseForwarder::Done done);

    /// The store or the leader has changed.
    void OnStateChanged();

    /// Connections have been closed at this side: forget their streams.
    void Close();

    /// The process ends: nothing is answered any more.
    void Stop();

  private:
    struct Session;
    using SessionPtr = std::shared_ptr<Session>;

    /// How a keep-alive ended: the time to live, 0 if there is no such lease, or an error.
    struct Renewed
    {
        std::int64_t ttl = 0;
        const char* error = nullptr;
    };

    using RenewDone = std::function<void(const Renewed&)>;

    void Serve(const SessionPtr& session);
    void Renew(LeaseId lease, Duration deadline, RenewDone done);
    void Renewal(LeaseId lease,
                 Duration deadline,
                 const RenewDone& done,
                 const LeaseRenewResult& result);
    void RenewLater(LeaseId lease, Duration deadline, Duration delay, RenewDone done);
    void AwaitApplied(std::function<void(bool)> done);
    void RenewApplied(LeaseId lease, const LeaseForwarder::Done& done);
    void ReleaseWaiters();
    void ExpireLeases();
    void Revoke();

    struct ApplyWaiter
    {
        raft::Index index;
        std::function<void(bool)> done;
        ns3::EventId timeout;
    };

    struct RevokeWaiter
    {
        LeaseId lease;
        LeaseForwarder::Done done;
    };

    const MemberConfig& m_config;
    EtcdServer& m_server;
    const RaftNode& m_raft;
    Context m_context;
    Duration m_start; //!< the expiry loop counts from here
    std::vector<SessionPtr> m_sessions;
    std::map<std::uint64_t, ApplyWaiter> m_applyWaiters; //!< by order of arrival
    std::uint64_t m_nextWaiter = 0;
    std::vector<RevokeWaiter> m_revokeWaiters; //!< keep-alives that came too late
    std::deque<LeaseId> m_toRevoke;
    std::size_t m_revoking = 0;
    ns3::EventId m_expire;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
