// What a leader knows about one member's log.
#pragma once

#include "model/raft/types.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace etcdlab::raft
{

/**
 * A sliding window of APPs on their way (etcd raft/tracker/inflights.go): each is named by the
 * index of its last entry. A ring that grows up to its capacity.
 */
class Inflights
{
  public:
    explicit Inflights(std::size_t capacity)
        : m_capacity(capacity)
    {
    }

    /// Note an APP whose last entry has `index`. Not to be called when full.
    void Add(Index index);

    /// Everything up to `index` has arrived.
    void FreeUpTo(Index index);

    /// The oldest is given up, to let one more leave.
    void FreeOldest();

    void Clear();

    bool Full() const
    {
        return m_count >= m_capacity;
    }

    std::size_t Count() const
    {
        return m_count;
    }

  private:
    std::size_t m_capacity;
    std::vector<Index> m_ring;
    std::size_t m_start = 0;
    std::size_t m_count = 0;
};

/// tracker/state.go
enum class ProgressState : std::uint8_t
{
    PROBE,     //!< the follower's log is unknown: one APP with entries at a time
    REPLICATE, //!< the logs match: APPs stream, `next` runs ahead optimistically
    SNAPSHOT   //!< it lacks what is no longer there; a snapshot is on its way and nothing else
};

const char* Name(ProgressState state);

/**
 * A leader's view of one member (etcd raft/tracker/progress.go). The leader keeps one of itself,
 * whose match is its own last index: it counts itself at once, before its own disk has the entry.
 */
class Progress
{
  public:
    Progress(Index next, std::size_t maxInflight)
        : m_next(next),
          m_inflights(maxInflight)
    {
    }

    /// Everything up to here is known to be the same in both logs.
    Index GetMatch() const
    {
        return m_match;
    }

    /// The next entry to send.
    Index GetNext() const
    {
        return m_next;
    }

    ProgressState GetState() const
    {
        return m_state;
    }

    /// The index of the snapshot that is on its way, 0 if none is.
    Index GetPendingSnapshot() const
    {
        return m_pendingSnapshot;
    }

    const Inflights& GetInflights() const
    {
        return m_inflights;
    }

    /// True if the follower has said anything since the leader's last self-check (CheckQuorum).
    bool recentActive = false;

    void BecomeProbe();
    void BecomeReplicate();

    /// A snapshot at `index` has been sent: nothing more leaves until it has arrived or failed.
    void BecomeSnapshot(Index index);

    /// The transport tells how the sending of the snapshot ended (MsgSnapStatus). Either way the
    /// next APP waits: for the follower's answer, or for a heartbeat's if it failed.
    void SnapshotReported(bool ok);

    /// The follower holds everything up to `index`. @return true if that is news.
    bool MaybeUpdate(Index index);

    /// The follower refused the entries after `rejected`; look next at `hint`.
    /// @return false if the refusal is out of date.
    bool MaybeDecrease(Index rejected, Index hint);

    /// An APP has been sent whose last entry has `last`.
    void Sent(Index last);

    /// No APP with entries may be sent at present.
    bool IsPaused() const
    {
        return m_state == ProgressState::SNAPSHOT ||
               (m_state == ProgressState::PROBE ? m_probeSent : m_inflights.Full());
    }

    /// The follower answered a heartbeat: a lost probe may be repeated, a full window moves by one.
    void HeartbeatAnswered();

    /// Accounting::THESIS: the follower forwarded the proposal that became entry `index`. An
    /// APP_RESP that accepts `index` speaks for all entries up to it, and so does this.
    void Credit(Index index)
    {
        m_credit = std::max(m_credit, index);
    }

    /// What counts towards a commit: match, or more by Credit. Never used for replication.
    Index Acknowledged() const
    {
        return std::max(m_match, m_credit);
    }

  private:
    void ResetState(ProgressState state);

    Index m_match = 0;
    Index m_next;
    Index m_credit = 0;
    ProgressState m_state = ProgressState::PROBE;
    Index m_pendingSnapshot = 0; //!< SNAPSHOT: the index of the one that is on its way
    bool m_probeSent =
        false; //!< PROBE: an APP with entries is out, and neither answered nor given up
    Inflights m_inflights;
};

} // namespace etcdlab::raft
