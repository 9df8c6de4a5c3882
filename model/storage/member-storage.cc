#include "model/storage/member-storage.h"

namespace etcdlab
{

Duration
MemberStorage::SaveSnapshot(Duration now, const raft::SnapshotPtr& snapshot, bool fromLeader)
{
    disk.Write(now, SNAP_FILE_BYTES, true);
    wal.AppendSnapshot(snapshot->term, snapshot->index);
    if (fromLeader)
    {
        log.WriteLeadersSnapshot(snapshot);
    }
    else
    {
        log.WriteSnapshot(snapshot);
    }
    return disk.Write(now, wal.Flush(true), true);
}

} // namespace etcdlab
