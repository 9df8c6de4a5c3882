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

raft::SnapshotPtr
SnapshotAt(raft::Index index, raft::Term term = 1)
{
    return std::make_shared<raft::Snapshot>(raft::Snapshot{index, term, {{1}, {}}, 100, nullptr});
}

TEST(DurableLog, AnOwnSnapshotStandsForTheEntriesUpToIt)
{
    DurableLog log;
    log.Write({At(1, 1), At(1, 2), At(1, 3)}, raft::HardState{1, 7, 2});
    log.WriteSnapshot(SnapshotAt(2));
    EXPECT_EQ(log.Snapshot(), nullptr);
    log.Sync();
    EXPECT_EQ(log.Snapshot()->index, 2U);
    EXPECT_EQ(log.Entries(), std::vector{At(1, 3)});
    log.Write({At(2, 3), At(2, 4)}, std::nullopt);
    log.Sync();
    EXPECT_EQ(log.Entries(), (std::vector{At(2, 3), At(2, 4)}));
}

TEST(DurableLog, TheLeadersSnapshotReplacesTheLog)
{
    DurableLog log;
    log.Write({At(1, 1), At(1, 2), At(1, 3), At(1, 4)}, raft::HardState{1, 7, 1});
    log.WriteLeadersSnapshot(SnapshotAt(3, 2));
    log.Write({At(2, 4)}, raft::HardState{2, 0, 3});
    log.Sync();
    EXPECT_EQ(log.Snapshot()->index, 3U);
    EXPECT_EQ(log.Entries(), std::vector{At(2, 4)});
    EXPECT_EQ(log.HardState(), (raft::HardState{2, 0, 3}));
}

TEST(DurableLog, ASnapshotThatWasNotSyncedIsLostAndTheLogIsThere)
{
    DurableLog log;
    log.Write({At(1, 1), At(1, 2)}, raft::HardState{1, 7, 2});
    log.Sync();
    log.WriteSnapshot(SnapshotAt(2));
    log.Lose();
    log.Sync();
    EXPECT_EQ(log.Snapshot(), nullptr);
    EXPECT_EQ(log.Entries().size(), 2U);
}

TEST(DurableLog, ASyncMakesSafeWhatWasWrittenBeforeItBegan)
{
    DurableLog log;
    log.Write({At(1, 1)}, std::nullopt);
    const auto begun = log.Written();
    log.Write({At(1, 2)}, std::nullopt);
    log.Sync(begun);
    EXPECT_EQ(log.Entries(), std::vector{At(1, 1)});
    log.Lose();
    log.Sync(begun); // an old one
    EXPECT_EQ(log.Entries(), std::vector{At(1, 1)});
}

TEST(DurableLog, AnOlderSnapshotChangesNothing)
{
    DurableLog log;
    log.WriteLeadersSnapshot(SnapshotAt(5));
    log.WriteSnapshot(SnapshotAt(3));
    log.Sync();
    EXPECT_EQ(log.Snapshot()->index, 5U);
}

} // namespace

} // namespace etcdlab
