// What a crash leaves of a log.
#include "model/storage/durable-log.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

raft::Entry
At(raft::Term term, raft::Index index)
{
    return {term, index, 0, nullptr};
}

TEST(DurableLog, HoldsWhatWasSynced)
{
    DurableLog log;
    log.Write({At(1, 1), At(1, 2)}, raft::HardState{1, 7, 1});
    log.Sync();
    EXPECT_EQ(log.Entries(), (std::vector{At(1, 1), At(1, 2)}));
    EXPECT_EQ(log.HardState(), (raft::HardState{1, 7, 1}));
}

TEST(DurableLog, LosesWhatWasOnlyWritten)
{
    DurableLog log;
    log.Write({At(1, 1)}, raft::HardState{1, 7, 0});
    log.Sync();
    log.Write({At(1, 2)}, raft::HardState{1, 7, 1});
    log.Lose();
    log.Sync(); // nothing is left to sync
    EXPECT_EQ(log.Entries(), std::vector{At(1, 1)});
    EXPECT_EQ(log.HardState(), (raft::HardState{1, 7, 0}));
}

TEST(DurableLog, ACommitIndexAloneReachesTheMediumWithTheNextSync)
{
    DurableLog log;
    log.Write({At(1, 1)}, raft::HardState{1, 7, 0});
    log.Sync();
    log.Write({}, raft::HardState{1, 7, 1}); // buffered: nothing has to be synced
    EXPECT_EQ(log.HardState().commit, 0U);
    log.Write({At(1, 2)}, std::nullopt);
    log.Sync();
    EXPECT_EQ(log.HardState().commit, 1U);
}

TEST(DurableLog, ALaterRecordOfAnIndexReplacesItAndAllAfterIt)
{
    DurableLog log;
    log.Write({At(1, 1), At(1, 2), At(1, 3)}, std::nullopt);
    log.Write({At(2, 2)}, std::nullopt);
    log.Sync();
    EXPECT_EQ(log.Entries(), (std::vector{At(1, 1), At(2, 2)}));
}

} // namespace

} // namespace etcdlab
