// A client's leases, as clientv3 keeps them alive (etcd clientv3/lease.go).
#pragma once

#include "model/etcd/kv-messages.h"
#include "model/transport/grpc-channel.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace etcdlab
{

/**
 * Grants leases, and keeps those asked for alive on one stream: every half second it sends a request for each
 * lease of which a third of the time to live has passed since the last answer; if that answer takes longer than
 * half a second, once more. A stream that is lost is opened
 * again half a second later. A lease is lost when the server knows it no more, or its time to live has
 * passed without an answer.
 */
class LeaseKeeper
{
  public:
    struct Handlers
    {
        /// An answer has come; from the request to it.
        std::function<void(Duration roundTrip, const std::string& member)> renewed;
        std::function<void()> lost;
    };

    /// The lease, or 0 and the error's text.
    using Granted = std::function<void(LeaseId, const std::string& error)>;

    /// @param channel must outlive the keeper, or Stop be called before
    explicit LeaseKeeper(GrpcChannel& channel);
    ~LeaseKeeper();
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;

    /// @param ttl seconds
    void Grant(std::int64_t ttl, Granted granted);
    void Revoke(LeaseId lease, std::function<void(const RpcResult&)> revoked);

    /// From now on. The first answer must come within 5 s.
    void KeepAlive(LeaseId lease, Handlers handlers);

    /// End everything; no handler is called any more.
    void Stop();

  private:
    struct Kept
    {
        Duration next{0};          //!< when to send
        Duration deadline{0};      //!< when to give up
        std::deque<Duration> sent; //!< requests not answered yet
        Handlers handlers;
    };

    void Open();
    void Send();
    void CheckDeadlines();
    void Receive(const KeepAliveReply& reply);
    void Lose(LeaseId lease);

    GrpcChannel& m_channel;
    std::map<LeaseId, Kept> m_kept;
    GrpcClientStreamPtr m_stream;
    bool m_queued = false; //!< requests wait for the stream to get a connection
    ns3::EventId m_reopen;
    ns3::EventId m_send;
    ns3::EventId m_check;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
