// What a member does with requests: propose, read, apply, answer (etcd 3.4.23 etcdserver/v3_server.go,
// apply.go, server.go).
#pragma once

#include "model/base/cpu.h"
#include "model/etcd/pure/kv-store.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/pure/wire-size.h"
#include "model/etcd/raft-node.h"
#include "model/transport/grpc-connection.h"

#include <ns3/event-id.h>

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace etcdlab
{

/// A proposal as it stands in the log: etcdserverpb.InternalRaftRequest.
struct Proposal : raft::Payload
{
    Proposal(std::uint64_t proposalId, Request proposedRequest)
        : id(proposalId),
          request(std::move(proposedRequest))
    {
    }

    std::uint64_t id;
    Request request;
};

/// An answer, or why there is none.
struct ServerResult
{
    GrpcCode code = GrpcCode::OK;
    std::string error; //!< etcd's own wording; empty if OK
    Response response;
};

/**
 * The server between gRPC and Raft. A write is answered by the member that took it, when that member
 * itself applies it; a linearizable read after one read-index round, of which a member has one in flight.
 */
class EtcdServer
{
  public:
    using Done = std::function<void(const ServerResult&)>;

    EtcdServer(const MemberConfig& config, raft::NodeId id, Cpu& cpu, RaftNode& raft);
    ~EtcdServer();

    EtcdServer(const EtcdServer&) = delete;
    EtcdServer& operator=(const EtcdServer&) = delete;

    /// Rebuild the store from the log's entries up to an index, as a member does when it starts: they were applied
    /// before it went down.
    void Restore(const std::vector<raft::Entry>& log, raft::Index applied);

    /// Carry out a request; `done` is called once, possibly before this returns.
    void Handle(const Request& request, Done done);

    /// Committed entries, in log order: RaftNode's handler.
    void Apply(std::vector<raft::Entry> entries);
    void OnReadState(const raft::ReadState& state);
    void OnSoftState(const raft::SoftState& state);

    /// The member is going down: nothing is answered any more.
    void Stop();

    /// Called with each entry as it is applied.
    void OnApplied(std::function<void(const raft::Entry&)> handler);

    raft::Index AppliedIndex() const
    {
        return m_appliedIndex;
    }

    const KvStore& Store() const
    {
        return m_store;
    }

  private:
    struct Deadline
    {
        Duration when;
        std::uint64_t id;
    };

    struct Blocked
    {
        std::uint64_t id;
        std::uint32_t bytes;
        raft::PayloadPtr payload;
    };

    void Propose(const Request& request, Done done);
    void Offer(Blocked proposal);
    void Finish(std::uint64_t id, const ServerResult& result);
    void Fail(std::uint64_t id, GrpcCode code, const char* error);

    void LinearizableRead(const Request& request, Done done);
    void StartReadRound();
    void RetryReadRound(raft::Context round);
    void ReleaseReads();
    void FailReads(GrpcCode code, const char* error);

    void ApplyNext();
    void ApplyEntry(const raft::Entry& entry);
    void AwaitTimeout(std::uint64_t id);
    void CheckTimeouts();

    /// A read that waits, by the id under which it can time out.
    struct PendingRead
    {
        std::uint64_t id;
        Request request;
    };

    const MemberConfig& m_config;
    Cpu& m_cpu;
    RaftNode& m_raft;
    KvStore m_store;
    RequestIds m_ids;
    raft::NodeId m_leader = raft::NO_NODE;
    raft::Index m_appliedIndex = 0;
    std::function<void(const raft::Entry&)> m_onApplied;

    std::unordered_map<std::uint64_t, Done> m_waiters; //!< looked up, never iterated
    std::deque<Deadline> m_deadlines;                  //!< ascending: all timeouts are equal
    ns3::EventId m_timeout;
    std::deque<Blocked> m_blocked; //!< proposals made while no leader was known; ids ascend

    std::deque<raft::Entry> m_toApply;
    bool m_applying = false;

    std::vector<PendingRead> m_nextReads;  //!< arrived since the present round began
    std::vector<PendingRead> m_roundReads; //!< served by the present round
    raft::Context m_round = 0;             //!< 0: none
    raft::Index m_roundIndex = 0; //!< of the confirmed round, to be applied first; 0: not confirmed
    Duration m_roundDeadline{0};
    ns3::EventId m_readRetry;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
