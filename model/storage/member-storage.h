// What outlives a member's process: its disk and what is on it.
#pragma once

#include "model/storage/disk.h"
#include "model/storage/durable-log.h"
#include "model/storage/wal.h"

#include <utility>

namespace etcdlab
{

/// Bytes of a .snap file, which holds the members in the old v2 store's form; the same text travels in a MsgSnap.
/// Not measured: about what a cluster of three has.
inline constexpr std::uint64_t SNAP_FILE_BYTES = 8192;

struct MemberStorage
{
    explicit MemberStorage(Disk memberDisk)
        : disk(std::move(memberDisk))
    {
    }

    /**
     * Write a snapshot's file, then its record in the log, each with a sync (etcd 3.4.23 etcdserver/storage.go:
     * SaveSnap). All that was written to the log before is safe with it. The caller has to Sync the log when that
     * is done.
     *
     * @param fromLeader it replaces the log, see DurableLog
     * @return when both are on the medium
     */
    Duration SaveSnapshot(Duration now, const raft::SnapshotPtr& snapshot, bool fromLeader);

    Disk disk;
    Wal wal;                    //!< byte counts
    std::uint64_t walSyncs = 0; //!< the disk's are more: those of the backend
    DurableLog log;             //!< contents
};

} // namespace etcdlab
