// Linearizable reads without writing: the leader's waiting list.
#pragma once

#include "model/raft/types.h"

#include <deque>
#include <vector>

namespace etcdlab::raft
{

/// A read that waits until a quorum has confirmed the leader.
struct PendingRead
{
    Context context = 0;
    NodeId from = NO_NODE;          //!< the member that asks
    Index index = 0;                //!< the commit index when the request reached the leader
    std::uint64_t acknowledged = 0; //!< bit p: the member at place p has confirmed
};

/**
 * Reads in the order they came (etcd raft/read_only.go). A confirmation of a later read confirms
 * all earlier ones, since it left its member later.
 *
 * etcd has one read in flight per member, so the list is short and is searched from the end.
 *
 * A read that was confirmed and is asked for again under the same context (v3_server.go: requestCurrentIndex retries
 * after 500 ms) stands behind reads that came in between, and an answer to its first broadcast, sent before those
 * came, confirms them with it; this is etcd's behaviour too (read_only.go: addRequest, recvAck, advance). The read
 * asked for twice stays correct, since its callers were waiting before the first broadcast; one in between may be
 * stale if the leader has been deposed after the answer was sent and does not know, which takes an answer that
 * travels for longer than an election timeout while quorum checks have not yet made the leader step down.
 */
class ReadIndexQueue
{
  public:
    /// Append a read; a context that is waiting already stays as it is.
    void Add(Context context, NodeId from, Index index);

    /// The member at place `position` confirms.
    /// @param voters bit p: the member at place p counts.
    /// @return how many of those have confirmed, 0 if no such read waits.
    std::size_t Acknowledge(std::size_t position, Context context, std::uint64_t voters);

    /// The members' places have changed: the p-th is now at newPlaces[p], beyond 63 if it has left.
    void Renumber(const std::vector<std::size_t>& newPlaces);

    /// Remove and return the read with this context and all before it.
    std::vector<PendingRead> ReleaseUpTo(Context context);

    /// The newest waiting read, 0 if none: what every regular heartbeat asks about.
    Context LastContext() const
    {
        return m_reads.empty() ? 0 : m_reads.back().context;
    }

    void Clear()
    {
        m_reads.clear();
    }

  private:
    std::deque<PendingRead>::iterator Find(Context context);

    std::deque<PendingRead> m_reads;
};

} // namespace etcdlab::raft
