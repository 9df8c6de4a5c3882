// What outlives a member's process: its disk and what is on it.
#pragma once

#include "model/storage/disk.h"
#include "model/storage/durable-log.h"
#include "model/storage/wal.h"

#include <utility>

namespace etcdlab
{

struct MemberStorage
{
    explicit MemberStorage(Disk memberDisk)
        : disk(std::move(memberDisk))
    {
    }

    Disk disk;
    Wal wal;        //!< byte counts
    DurableLog log; //!< contents
};

} // namespace etcdlab
