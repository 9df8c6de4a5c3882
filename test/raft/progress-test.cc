// The log and the leader's view of followers, on their own.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

TEST(Inflights, IsAWindowOverARing)
{
    Inflights window(20);
    // Round and round, across every growth of the ring.
    Index next = 1;
    Index freed = 0;
    for (const std::size_t fill : {3, 8, 9, 17, 20, 20, 5})
    {
        while (window.Count() < fill)
        {
            window.Add(next++);
        }
        EXPECT_EQ(window.Full(), fill == 20);
        freed += fill / 2;
        window.FreeUpTo(freed);
        EXPECT_EQ(window.Count(), next - 1 - freed);
    }
    window.FreeUpTo(0);
    EXPECT_EQ(window.Count(), next - 1 - freed);
    window.FreeOldest();
    EXPECT_EQ(window.Count(), next - 2 - freed);
    window.FreeUpTo(next);
    EXPECT_EQ(window.Count(), 0u);
    window.FreeOldest();
    EXPECT_EQ(window.Count(), 0u);
}

TEST(Progress, ProbesOneAtATime)
{
    Progress progress(6, 10);
    EXPECT_FALSE(progress.IsPaused());
    progress.Sent(8);
    EXPECT_TRUE(progress.IsPaused());
    EXPECT_EQ(progress.GetNext(), 6u);
    progress.HeartbeatAnswered();
    EXPECT_FALSE(progress.IsPaused());
}

TEST(Progress, AnAnswerStartsReplication)
{
    Progress progress(6, 10);
    progress.Sent(8);
    EXPECT_TRUE(progress.MaybeUpdate(8));
    EXPECT_EQ(progress.GetState(), ProgressState::REPLICATE);
    EXPECT_EQ(progress.GetNext(), 9u);
    progress.Sent(9);
    progress.Sent(11);
    EXPECT_EQ(progress.GetNext(), 12u);
    EXPECT_EQ(progress.GetInflights().Count(), 2u);
    EXPECT_TRUE(progress.MaybeUpdate(9));
    EXPECT_EQ(progress.GetInflights().Count(), 1u);
    EXPECT_FALSE(progress.MaybeUpdate(9));
    EXPECT_EQ(progress.GetNext(), 12u);
}

TEST(Progress, ASnapshotOnItsWayPausesEverything)
{
    Progress progress(6, 10);
    progress.MaybeUpdate(2);
    progress.BecomeSnapshot(9);
    EXPECT_TRUE(progress.IsPaused());
    EXPECT_EQ(progress.GetPendingSnapshot(), 9u);
    progress.HeartbeatAnswered();
    EXPECT_TRUE(progress.IsPaused());
    EXPECT_TRUE(progress.MaybeUpdate(8));
    EXPECT_EQ(progress.GetState(), ProgressState::SNAPSHOT);
    EXPECT_TRUE(progress.MaybeUpdate(9));
    EXPECT_EQ(progress.GetState(), ProgressState::REPLICATE);
    EXPECT_EQ(progress.GetPendingSnapshot(), 0u);
    EXPECT_EQ(progress.GetNext(), 10u);
}

TEST(Progress, ASnapshotsReportLeadsToAProbe)
{
    for (const auto& [ok, next] : {std::pair<bool, Index>{true, 10}, {false, 3}})
    {
        Progress progress(6, 10);
        progress.MaybeUpdate(2);
        progress.BecomeSnapshot(9);
        progress.SnapshotReported(ok);
        EXPECT_EQ(progress.GetState(), ProgressState::PROBE);
        EXPECT_EQ(progress.GetNext(), next);
        EXPECT_TRUE(progress.IsPaused());
        progress.HeartbeatAnswered();
        EXPECT_FALSE(progress.IsPaused());
        progress.SnapshotReported(ok); // none is on its way any more
        EXPECT_FALSE(progress.IsPaused());
    }
}

TEST(Progress, RefusalsMoveBack)
{
    struct Case
    {
        Index next;
        Index rejected;
        Index hint;
        bool moved;
        Index result;
    };

    for (const auto& [next, rejected, hint, moved, result] : {Case{11, 10, 20, true, 10},
                                                              Case{11, 10, 5, true, 6},
                                                              Case{11, 10, 0, true, 1},
                                                              Case{11, 9, 5, false, 11},
                                                              Case{1, 0, 0, true, 1}})
    {
        Progress progress(next, 10);
        EXPECT_EQ(progress.MaybeDecrease(rejected, hint), moved);
        EXPECT_EQ(progress.GetNext(), result);
    }
}

TEST(Progress, ARefusalWhileReplicatingProbesBehindTheMatch)
{
    Progress progress(6, 10);
    progress.MaybeUpdate(8);
    progress.Sent(9);
    EXPECT_FALSE(progress.MaybeDecrease(8, 3)); // before it accepted 8
    EXPECT_TRUE(progress.MaybeDecrease(9, 8));
    EXPECT_EQ(progress.GetState(), ProgressState::PROBE);
    EXPECT_EQ(progress.GetNext(), 9u);
    EXPECT_EQ(progress.GetInflights().Count(), 0u);
}

TEST(Progress, AFullWindowMovesByOneWithAHeartbeat)
{
    Progress progress(1, 2);
    progress.MaybeUpdate(1);
    progress.Sent(2);
    progress.HeartbeatAnswered();
    EXPECT_EQ(progress.GetInflights().Count(), 1u); // not full: nothing to free
    progress.Sent(3);
    EXPECT_TRUE(progress.IsPaused());
    progress.HeartbeatAnswered();
    EXPECT_FALSE(progress.IsPaused());
}

TEST(Progress, CreditCountsForCommitsOnly)
{
    Progress progress(5, 2);
    progress.Credit(7);
    EXPECT_EQ(progress.Acknowledged(), 7u);
    EXPECT_EQ(progress.GetMatch(), 0u);
    EXPECT_EQ(progress.GetNext(), 5u);
    progress.Credit(6);
    EXPECT_EQ(progress.Acknowledged(), 7u);
    progress.MaybeUpdate(9);
    EXPECT_EQ(progress.Acknowledged(), 9u);
}

TEST(Log, FindsConflictsByTerm)
{
    const Log log(1, nullptr, MakeLog({1, 1, 2, 2, 5, 5}), 0, 0);
    EXPECT_EQ(log.FindConflictByTerm(6, 5), 6u);
    EXPECT_EQ(log.FindConflictByTerm(6, 4), 4u);
    EXPECT_EQ(log.FindConflictByTerm(6, 2), 4u);
    EXPECT_EQ(log.FindConflictByTerm(3, 1), 2u);
    EXPECT_EQ(log.FindConflictByTerm(3, 0), 0u);
    EXPECT_EQ(log.FindConflictByTerm(9, 1), 9u); // beyond the end
}

TEST(Log, KnowsItsBounds)
{
    Log log(7, nullptr, MakeLog({1, 2}), 1, 0);
    EXPECT_EQ(log.TermAt(0), 0u);
    EXPECT_EQ(log.TermAt(3), 0u);
    EXPECT_TRUE(log.Matches(0, 0));
    EXPECT_FALSE(log.Matches(3, 0));
    EXPECT_THROW(log.CommitTo(3), InvariantViolation);
    auto other = MakeLog({3});
    EXPECT_THROW(log.Append(other), InvariantViolation); // 1 is committed
    EXPECT_TRUE(log.Slice(3, 2, 100).empty());
    EXPECT_EQ(log.Slice(1, 2, 0).size(), 1u); // at least one
    EXPECT_EQ(log.Slice(1, 2, 1000).size(), 2u);
}

} // namespace

} // namespace etcdlab::raft::test
