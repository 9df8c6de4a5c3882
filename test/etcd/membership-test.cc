// One-at-a-time changes of members in whole clusters: joining, learning, promotion, removal.
#include "model/etcd/pure/member-id.h"
#include "test/etcd/cluster-fixture.h"

namespace etcdlab
{

namespace
{

class MembershipChange : public ClusterTest
{
  protected:
    static MemberConfig Config(std::uint64_t count = 100'000, std::uint64_t keep = 5'000)
    {
        MemberConfig config;
        config.snapshotCount = count;
        config.snapshotCatchUpEntries = keep;
        return config;
    }

    /// Members are connected for more than the 5 s that strict checks ask for.
    void Start(std::size_t members, std::size_t nodes, const MemberConfig& config = Config())
    {
        Build(members, nodes, config);
        RunUntil(Ms(10'000));
        PutMany(1, 20, 100);
    }

    void ExpectSame(std::size_t members)
    {
        RunUntil(Now() + Ms(1000));
        for (std::size_t i = 2; i <= members; ++i)
        {
            EXPECT_EQ(Content(Member(i)), Content(Member(1))) << Name(i);
            EXPECT_EQ(Member(i).GetMembers(), Member(1).GetMembers()) << Name(i);
            EXPECT_EQ(Member(i).GetRaft().GetConfState(), Member(1).GetMembers().Conf()) << Name(i);
        }
    }

    static std::string Error(const ServerResult& result)
    {
        return result.code == GrpcCode::OK ? "OK" : result.error;
    }
};

TEST_F(MembershipChange, AVoterJoinsAndCatchesUpFromTheLog)
{
    Start(3, 4);
    EXPECT_EQ(Error(Change(2, MemberOperation::ADD, 4)), "OK");
    Join(4);
    ExpectSame(4);
    EXPECT_TRUE(Member(4).IsReady());
    EXPECT_EQ(Member(4).GetSnapshotCounters().received, 0U);
    EXPECT_EQ(Member(1).GetRaft().GetConfState().voters.size(), 4U);
    // It takes writes, and counts: of four, three have to agree.
    PutMany(4, 5);
    Member(2).Crash();
    PutMany(4, 5);
    Member(3).Crash();
    const auto put = Put(4, "lost", 10);
    RunUntil(Now() + Ms(1000));
    EXPECT_FALSE(put->Ok());
    Member(3).Restart();
    RunUntil(Now() + Ms(5000));
}

TEST_F(MembershipChange, AVoterJoinsAndCatchesUpFromASnapshot)
{
    Start(3, 4, Config(50, 10));
    PutMany(1, 150, 100);
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 4)), "OK");
    Join(4);
    PutMany(1, 5, 100);
    ExpectSame(4);
    EXPECT_EQ(Member(4).GetSnapshotCounters().received, 1U);
    EXPECT_TRUE(Member(4).IsReady());
    Member(4).Crash();
    PutMany(1, 5, 100);
    Member(4).Restart();
    PutMany(1, 1, 100);
    ExpectSame(4);
}

TEST_F(MembershipChange, ALearnerDoesNotCountAndServesOnlySerializableReads)
{
    Start(3, 4);
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD_LEARNER, 4)), "OK");
    Join(4);
    PutMany(1, 5, 100);
    ExpectSame(4);
    EXPECT_TRUE(Member(4).IsLearner());
    EXPECT_EQ(Member(1).GetRaft().GetConfState().voters.size(), 3U);

    const auto put = Put(4, "key", 10);
    RangeRequest range;
    range.key = "key1";
    const auto read = Call(4, MakeCall(range));
    range.serializable = true;
    const auto local = Call(4, MakeCall(range));
    RunUntil(Now() + Ms(500));
    EXPECT_EQ(put->response.error, "etcdserver: rpc not supported for learner");
    EXPECT_EQ(put->response.code, GrpcCode::UNAVAILABLE);
    EXPECT_EQ(read->response.error, "etcdserver: rpc not supported for learner");
    EXPECT_TRUE(local->Ok());

    // Two of three voters do; the learner and one voter do not.
    Member(2).Crash();
    PutMany(1, 3, 100);
    Member(3).Crash();
    const auto lost = Put(1, "lost", 10);
    RunUntil(Now() + Ms(500));
    EXPECT_FALSE(lost->Ok());
}

TEST_F(MembershipChange, ALearnerThatHasCaughtUpIsPromoted)
{
    Start(3, 4);
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD_LEARNER, 4)), "OK");
    EXPECT_EQ(Error(Change(1, MemberOperation::PROMOTE, 4)),
              "etcdserver: can only promote a learner member which is in sync with leader")
        << "it has not even started";
    Join(4);
    PutMany(1, 5, 100);
    ExpectSame(4);
    EXPECT_EQ(Error(Change(2, MemberOperation::PROMOTE, 4)), "OK") << "e2 asks the leader";
    ExpectSame(4);
    EXPECT_FALSE(Member(4).IsLearner());
    EXPECT_EQ(Member(1).GetRaft().GetConfState().voters.size(), 4U);
    PutMany(4, 3, 100);
    EXPECT_EQ(Error(Change(1, MemberOperation::PROMOTE, 4)),
              "etcdserver: can only promote a learner member");
}

TEST_F(MembershipChange, WhatMakesNoSenseIsRefused)
{
    Start(3, 5);
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 2)), "etcdserver: member ID already exist");
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 5)), "etcdserver: member not found");
    EXPECT_EQ(Error(Change(1, MemberOperation::PROMOTE, 5)), "etcdserver: member not found");
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD_LEARNER, 4)), "OK");
    EXPECT_EQ(Error(Change(2, MemberOperation::ADD_LEARNER, 5)),
              "etcdserver: too many learner members in cluster");
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 4)), "OK") << "learners need no quorum";
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 4)), "etcdserver: member not found")
        << "it has left for ever";
    PutMany(1, 3, 100);
    ExpectSame(3);
}

TEST_F(MembershipChange, ACallOverTheNetworkAnswersWithTheMembers)
{
    Start(3, 4);
    const auto added = Call(3, MakeMemberCall({MemberOperation::ADD_LEARNER, "e4"}));
    RunUntil(Now() +
             Ms(500)); // of two at a time, one would be lost: Raft makes one change after the other
    const auto again = Call(2, MakeMemberCall({MemberOperation::ADD, "e1"}));
    RunUntil(Now() + Ms(500));
    EXPECT_TRUE(added->Ok()) << added->response.error;
    // Header: 2 + cluster, member (11 each at most) and term (2); each member: id 11, name 4, two addresses of 16,
    // 2 around it; a learner's flag 2.
    EXPECT_NEAR(added->response.bytes, 2 + 11 + 11 + 2 + 4 * (11 + 4 + 32 + 2) + 2, 6);
    EXPECT_EQ(again->response.code, GrpcCode::FAILED_PRECONDITION);
    EXPECT_EQ(again->response.error, "etcdserver: member ID already exist");
}

TEST_F(MembershipChange, ThatCouldCostTheQuorumIsRefused)
{
    Start(3, 4);
    Member(3).Crash();
    RunUntil(Now() + Ms(500));
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 4)), "etcdserver: unhealthy cluster");
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 2)), "etcdserver: unhealthy cluster");
    // The dead one may go; the two that are left are all needed then.
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 3)), "OK");
    PutMany(1, 3, 100);
    EXPECT_EQ(Member(1).GetRaft().GetConfState().voters.size(), 2U);
}

TEST_F(MembershipChange, HealthTakesFiveSecondsToProve)
{
    Start(3, 4);
    Member(3).Crash();
    Member(3).Restart();
    RunUntil(Now() + Ms(4000));
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 4)), "etcdserver: unhealthy cluster");
    RunUntil(Now() + Ms(1500));
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 4)), "OK");
}

TEST_F(MembershipChange, WithoutTheStrictCheckItIsNot)
{
    auto config = Config();
    config.strictReconfigCheck = false;
    Start(3, 4, config);
    Member(3).Crash();
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 4)), "OK");
}

TEST_F(MembershipChange, TheLastVoterCannotLeave)
{
    auto config = Config();
    config.strictReconfigCheck = false;
    Start(1, 1, config);
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 1)),
              "etcdserver: re-configuration failed due to not enough started members");
    PutMany(1, 1);
}

TEST_F(MembershipChange, ARemovedMemberStopsAndDoesNotDisturb)
{
    Start(3, 3);
    const auto term = Member(1).GetRaft().GetTerm();
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 3)), "OK");
    RunUntil(Now() + Ms(1500));
    EXPECT_TRUE(Member(3).IsRemoved());
    EXPECT_FALSE(Member(3).IsRunning());
    Member(3).Restart();
    EXPECT_FALSE(Member(3).IsRunning()) << "for good";
    PutMany(1, 5, 100);
    RunUntil(Now() + Ms(10'000));
    EXPECT_EQ(Member(1).GetRaft().GetTerm(), term);
    EXPECT_EQ(Member(1).GetLeader(), "e1");
    ExpectSame(2);
}

TEST_F(MembershipChange, WhoWasAwayWhenRemovedIsToldByThePeers)
{
    // It knows nothing of its removal, so it dials its peers: 410. Neither its votes nor its term reach them.
    Start(3, 3);
    Member(3).Crash();
    RunUntil(Now() + Ms(500));
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 3)), "OK");
    const auto term = Member(1).GetRaft().GetTerm();
    Member(3).Restart();
    RunUntil(Now() + Ms(500));
    EXPECT_TRUE(Member(3).IsRemoved());
    EXPECT_FALSE(Member(3).IsRunning());
    RunUntil(Now() + Ms(5000));
    EXPECT_EQ(Member(1).GetRaft().GetTerm(), term);
}

TEST_F(MembershipChange, ALeaderThatRemovesItselfIsReplaced)
{
    Start(3, 3);
    const auto removed = Now();
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 1)), "OK");
    // The others hang up on it as soon as they know, and have missed it one to two election timeouts later, or more
    // with a split vote.
    while (Now() < removed + Ms(10'000) &&
           (Member(2).GetLeader().empty() || Member(2).GetLeader() == "e1"))
    {
        RunUntil(Now() + Ms(10));
    }
    EXPECT_GE(Now() - removed, Ms(1000));
    EXPECT_LE(Now() - removed, Ms(6000));
    EXPECT_TRUE(Member(1).IsRemoved());
    EXPECT_FALSE(Member(1).IsRunning());
    RunUntil(Now() + Ms(500));
    PutMany(2, 5, 100);
    EXPECT_EQ(Member(2).GetRaft().GetConfState().voters.size(), 2U);
    EXPECT_EQ(Content(Member(2)).size(), 25U);
}

TEST_F(MembershipChange, ChangesAreKeptAcrossRestarts)
{
    Start(3, 4, Config(30, 10));
    EXPECT_EQ(Error(Change(1, MemberOperation::ADD, 4)), "OK");
    Join(4);
    PutMany(1, 5, 100);
    RunUntil(Now() + Ms(6000));
    EXPECT_EQ(Error(Change(1, MemberOperation::REMOVE, 2)), "OK");
    for (const bool afterASnapshot : {false, true})
    {
        for (const std::size_t i : {1, 3, 4})
        {
            Member(i).Crash();
        }
        for (const std::size_t i : {1, 3, 4})
        {
            Member(i).Restart();
        }
        RunUntil(Now() + Ms(6000));
        PutMany(4, afterASnapshot ? 1 : 40, 100);
        for (const std::size_t i : {1, 3, 4})
        {
            EXPECT_EQ(Member(i).GetRaft().GetConfState().voters.size(), 3U);
            EXPECT_TRUE(Member(i).GetMembers().IsRemoved(MemberId("e2")));
            EXPECT_EQ(Member(i).GetRaft().GetLog().FirstIndex() > 1, true);
        }
    }
}

TEST_F(MembershipChange, ThreeMembersAreReplacedOneByOne)
{
    Start(3, 6);
    for (std::size_t i = 1; i <= 3; ++i)
    {
        const auto asked = i == 3 ? std::size_t{4} : std::size_t{3};
        EXPECT_EQ(Error(Change(asked, MemberOperation::ADD_LEARNER, 3 + i)), "OK");
        Join(3 + i);
        PutMany(asked, 5, 100);
        RunUntil(Now() + Ms(6000));
        EXPECT_EQ(Error(Change(asked, MemberOperation::PROMOTE, 3 + i)), "OK");
        RunUntil(Now() + Ms(1000));
        EXPECT_EQ(Error(Change(asked, MemberOperation::REMOVE, i)), "OK");
        RunUntil(Now() + Ms(8000));
    }
    PutMany(5, 5, 100);
    RunUntil(Now() + Ms(1000));
    for (std::size_t i = 4; i <= 6; ++i)
    {
        EXPECT_EQ(Content(Member(i)).size(), 20U + 3 * 5 + 5);
        EXPECT_EQ(Member(i).GetRaft().GetConfState().voters.size(), 3U);
        EXPECT_FALSE(Member(i - 3).IsRunning());
    }
}

} // namespace

} // namespace etcdlab
