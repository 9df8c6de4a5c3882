// What a member's log would give back after a crash.
#pragma once

#include "model/raft/types.h"

#include <vector>

namespace etcdlab
{

/**
 * The log's content as the disk holds it: a crash loses exactly what was written since the last sync.
 *
 * Write and Sync mirror Wal: records stay in the process until something has to be synced (etcd 3.4.23
 * wal/wal.go: Save), so a commit index that was only written is lost with the process.
 *
 * A snapshot stands for the entries up to its index, which are forgotten when it is safe. Its payload is the
 * state machine's content: etcd keeps that in the database, here it goes with the record.
 */
class DurableLog
{
  public:
    /// Records that were handed to the log, in order; not safe yet.
    void Write(const std::vector<raft::Entry>& entries,
               const std::optional<raft::HardState>& hardState);

    /// A snapshot of this member's own state machine: what follows it in the log stays.
    void WriteSnapshot(raft::SnapshotPtr snapshot);

    /// A snapshot from the leader: nothing of the log before this record counts any more.
    void WriteLeadersSnapshot(raft::SnapshotPtr snapshot);

    /// How many records have been written so far, for Sync.
    std::uint64_t Written() const
    {
        return m_synced + m_pending.size();
    }

    /// The records up to that one have reached the medium.
    void Sync(std::uint64_t written);

    /// Everything written so far has reached the medium.
    void Sync()
    {
        Sync(Written());
    }

    /// The process is gone, and with it what was not synced.
    void Lose();

    const raft::HardState& HardState() const
    {
        return m_hardState;
    }

    /// The newest snapshot; null if there was none.
    const raft::SnapshotPtr& Snapshot() const
    {
        return m_snapshot;
    }

    /// What follows the snapshot; from index 1 without one.
    const std::vector<raft::Entry>& Entries() const
    {
        return m_entries;
    }

  private:
    struct Record
    {
        std::vector<raft::Entry> entries;
        std::optional<raft::HardState> hardState;
        raft::SnapshotPtr snapshot;
        bool replacesLog = false;
    };

    void Settle(Record& record);
    raft::Index Before() const;

    raft::HardState m_hardState;
    raft::SnapshotPtr m_snapshot;
    std::vector<raft::Entry> m_entries;
    std::vector<Record> m_pending; //!< written, not synced
    std::uint64_t m_synced = 0;    //!< records before those
};

} // namespace etcdlab
