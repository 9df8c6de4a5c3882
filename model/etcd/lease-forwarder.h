// How a follower has the leader keep a lease alive: an HTTP exchange between members (etcd 3.4.23
// lease/leasehttp/http.go).
#pragma once

#include "model/base/units.h"
#include "model/etcd/peer-http.h"
#include "model/etcd/pure/lessor.h"

#include <ns3/node.h>

#include <cstdint>
#include <functional>

namespace etcdlab
{

/// POST /leases, as it arrives at a member's peer port.
struct LeaseRenewRequest : Message
{
    explicit LeaseRenewRequest(LeaseId leaseId)
        : lease(leaseId)
    {
    }

    LeaseId lease;
};

/// How it ended.
struct LeaseRenewResult
{
    enum class Status
    {
        OK,
        NOT_FOUND,   //!< 404
        NOT_PRIMARY, //!< 400: the member asked does not lead, or has only begun to
        TIMED_OUT,   //!< 408: it did not get to apply what is committed within a second
        UNREACHABLE  //!< the connection failed
    };

    Status status = Status::OK;
    std::int64_t ttl = 0; //!< seconds, if OK
};

/// The leader's side: send an answer.
void AnswerLeaseRenew(const PeerHttpResponder& respond,
                      LeaseId lease,
                      const LeaseRenewResult& result);

/// A follower's side. It keeps connections to its peers open.
class LeaseForwarder
{
  public:
    using Done = std::function<void(const LeaseRenewResult&)>;

    /// @param dialTimeout for a new connection (etcd config.go: peerDialTimeout)
    LeaseForwarder(Network& network, ns3::Ptr<ns3::Node> self, Duration dialTimeout);

    /// Ask a member. `done` is called once, later, unless Stop comes before.
    void Renew(ns3::Ptr<ns3::Node> member, LeaseId lease, Done done);

    /// Reset all connections; no handler is called any more.
    void Stop();

  private:
    PeerHttpClient m_http;
};

} // namespace etcdlab
