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
 */
class DurableLog
{
  public:
    /// Records that were handed to the log, in order; not safe yet.
    void Write(const std::vector<raft::Entry>& entries, const std::optional<raft::HardState>& hardState);

    /// Everything written so far has reached the medium.
    void Sync();

    /// The process is gone, and with it what was not synced.
    void Lose();

    const raft::HardState& HardState() const
    {
        return m_hardState;
    }

    /// From index 1.
    const std::vector<raft::Entry>& Entries() const
    {
        return m_entries;
    }

  private:
    raft::HardState m_hardState;
    std::vector<raft::Entry> m_entries;
    std::optional<raft::HardState> m_writtenState;
    std::vector<raft::Entry> m_written;
};

} // namespace etcdlab
