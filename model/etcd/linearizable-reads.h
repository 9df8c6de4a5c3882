// Reads that must not be outdated (etcd 3.4.23 etcdserver/v3_server.go: linearizableReadLoop).
#pragma once

#include "model/etcd/pending-requests.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/pure/wire-size.h"
#include "model/etcd/raft-node.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace etcdlab
{

/**
 * A round asks Raft for the read index, every 500 ms again until it answers, and serves its reads once the member has
 * applied that. A member has one round in flight; what arrives meanwhile is of the next one.
 */
class LinearizableReads
{
  public:
    using Serve = std::function<void(std::uint64_t id, const Request& request)>;

    /// All must outlive this object.
    /// @param applied the index that the member has applied; it is told by OnApplied when that has changed
    /// @param serve a read may be served now
    LinearizableReads(const MemberConfig& config,
                      RaftNode& raft,
                      RequestIds& ids,
                      PendingRequests& pending,
                      const raft::Index& applied,
                      Serve serve);
    ~LinearizableReads();
    LinearizableReads(const LinearizableReads&) = delete;
    LinearizableReads& operator=(const LinearizableReads&) = delete;

    /// @param id under which it is pending
    void Add(std::uint64_t id, const Request& request);

    void OnReadState(const raft::ReadState& state);
    void OnApplied();
    /// The first entry of a term has been applied: a request for the read index may have come too early for the leader
    /// (firstCommitInTermNotify).
    void OnTermBegun();
    /// Another leader: the round fails, unless it only waits for the store.
    void OnNewLeader();

    void Stop();

    /// Whether a request is a read that waits for its round, or for the next one.
    bool Holds(std::uint64_t id) const;
    /// So many of them.
    std::size_t Waiting() const
    {
        return m_roundReads.size() + m_nextReads.size();
    }

    /// Rounds that ended because the leader changed (etcd_server_read_indexes_failed_total).
    std::uint64_t FailedRounds() const
    {
        return m_failedRounds;
    }

    /// Rounds that timed out (etcd_server_slow_read_indexes_total).
    std::uint64_t SlowRounds() const
    {
        return m_slowRounds;
    }

  private:
    void StartRound();
    void Retry(raft::Context round);
    void Release();
    void FailRound(GrpcCode code, const char* error);

    /// A read that waits, by the id under which it can time out.
    struct PendingRead
    {
        std::uint64_t id;
        Request request;
    };

    const MemberConfig& m_config;
    RaftNode& m_raft;
    RequestIds& m_ids;
    PendingRequests& m_pending;
    const raft::Index& m_applied;
    Serve m_serve;
    std::vector<PendingRead> m_nextReads;  //!< arrived since the present round began
    std::vector<PendingRead> m_roundReads; //!< served by the present round
    raft::Context m_round = 0;             //!< 0: none
    raft::Index m_roundIndex = 0; //!< of the confirmed round, to be applied first; 0: not confirmed
    Duration m_roundDeadline{0};
    std::uint64_t m_failedRounds = 0;
    std::uint64_t m_slowRounds = 0;
    ns3::EventId m_retry;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
