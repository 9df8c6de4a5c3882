// Sections 5.4 and 5.5, safety: one test per statement of the Raft paper (Ongaro and
// Ousterhout, "In Search of an Understandable Consensus Algorithm", extended version), in its order
// and in other words. What lies beyond section 5 is in beyond-paper-test.cc.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

// --- 5.4.1: election restriction ---

// A voter refuses a candidate whose log is less up to date than its own: the later last term
// counts, and if equal the longer log.
TEST(Paper5_4, VotersRefuseOutdatedLogs)
{
    struct Case
    {
        TermList log;
        Term lastTerm;
        Index lastIndex;
        bool reject;
    };

    for (const auto& [log, lastTerm, lastIndex, reject] : {Case{{1}, 1, 1, false},
                                                           Case{{1}, 1, 2, false},
                                                           Case{{1, 1}, 1, 1, true},
                                                           Case{{1}, 2, 1, false},
                                                           Case{{1}, 2, 2, false},
                                                           Case{{1, 1}, 2, 1, false},
                                                           Case{{2}, 1, 1, true},
                                                           Case{{2}, 1, 2, true},
                                                           Case{{2, 1 + 1}, 1, 9, true},
                                                           Case{{}, 0, 0, false}})
    {
        Raft raft(WithLog(log, 2));
        Message request = MakeMessage(MessageType::VOTE, 2, 1, 3);
        request.index = lastIndex;
        request.logTerm = lastTerm;
        EXPECT_EQ(Answer(raft, request).reject, reject) << lastTerm << "/" << lastIndex;
        EXPECT_EQ(raft.GetTerm(), 3u); // the term is taken over either way
    }
}

// So a candidate cannot win unless its log has all committed entries.
TEST(Paper5_4, WithoutCommittedEntriesNobodyWins)
{
    Cluster cluster(3);
    cluster[1].Campaign();
    cluster.Stabilize();
    cluster.Isolate(3);
    cluster[1].Propose(1, MakeText("a"));
    cluster.Stabilize();
    cluster.Crash(1);
    cluster.Heal();
    cluster.Tick(2, 19);
    cluster.wire.clear(); // member 2's own campaign is lost; its lease is over
    cluster[3].Campaign();
    cluster.Stabilize();
    EXPECT_FALSE(cluster[3].IsLeader());
    for (int i = 0; i < 60 && !cluster[2].IsLeader(); ++i)
    {
        cluster.Tick(2);
        cluster.Tick(3);
        cluster.Stabilize();
        ASSERT_FALSE(cluster[3].IsLeader());
    }
    EXPECT_TRUE(cluster[2].IsLeader());
    EXPECT_EQ(cluster.At(3).applied.back().term, cluster[2].GetTerm());
}

// --- 5.4.2: entries of earlier terms ---

// Only entries of the leader's own term are committed by counting; earlier ones follow from them.
TEST(Paper5_4, OnlyOwnEntriesAreCounted)
{
    struct Case
    {
        Index acknowledged;
        Index committed;
    };

    // The log is 1, 2, and the leader's own entry 3 in term 3.
    for (const auto& [acknowledged, committed] : {Case{1, 0}, Case{2, 0}, Case{3, 3}})
    {
        Raft raft(WithLog({1, 2}, 2));
        Elect(raft);
        Message answer = MakeMessage(MessageType::APP_RESP, 2, 1, 3);
        answer.index = acknowledged;
        raft.Step(answer);
        EXPECT_EQ(raft.GetCommitIndex(), committed) << acknowledged;
    }
}

/// Figure 8 up to (c): five members; S1 led term 2, S5 term 3, and S1 again in term 4 has
/// replicated the entry of term 2 to S3. (Index 1 holds an entry of term 1 everywhere.)
struct Figure8 : ::testing::Test
{
    Figure8()
        : cluster(5, Base())
    {
        // (a), (b): what S1 and S5 wrote, on their disks.
        Set(1, {1, 2}, 2);
        Set(2, {1, 2}, 2);
        Set(3, {1}, 2);
        Set(4, {1}, 3);
        Set(5, {1, 3}, 3);
        // (c): S1 wins term 4 with S2 and S3; its own entry 4 reaches nobody yet.
        cluster.At(1).disk.synced.term = 3;
        cluster.Restart(1);
        cluster.Isolate(5);
        cluster.lost = [before = cluster.lost](const Message& m) {
            const bool own =
                m.type == MessageType::APP && !m.entries.empty() && m.entries.back().term == 4;
            return before(m) || m.to == 4 || own;
        };
        cluster[1].Campaign();
        cluster.Stabilize();
        EXPECT_TRUE(cluster[1].IsLeader());
        EXPECT_EQ(cluster[1].GetTerm(), 4u);
        // The old entry alone reaches S3, as S1 would send it with a message size that fits one.
        cluster.lost = nullptr;
        cluster[3].Step(MakeAppend(1, 3, 4, 1, 1, 0, After(1, {1, 2})));
        while (cluster[3].HasReady())
        {
            cluster.ProcessReady(3);
        }
        cluster.DeliverOne();
        EXPECT_TRUE(cluster.wire.empty());
    }

    static Config Base()
    {
        Config config = MakeConfig(5);
        config.maxBytesPerMessage = 1;
        return config;
    }

    void Set(NodeId id, const TermList& log, Term term)
    {
        cluster.At(id).disk.log = MakeLog(log);
        cluster.At(id).disk.synced = {term, NO_NODE, 0};
        cluster.Restart(id);
    }

    Cluster cluster;
};

// (c): the entry of term 2 is on a majority and yet not committed.
TEST_F(Figure8, AnOldEntryOnAMajorityIsNotCommitted)
{
    EXPECT_EQ(Terms(cluster[1].GetLog()), (TermList{1, 2, 4}));
    EXPECT_EQ(Terms(cluster[2].GetLog()), (TermList{1, 2}));
    EXPECT_EQ(Terms(cluster[3].GetLog()), (TermList{1, 2}));
    EXPECT_EQ(cluster[1].GetCommitIndex(), 0u);
}

// (d): for if S1 fails now, S5 may win with the votes of S2 to S4 and overwrite it.
TEST_F(Figure8, TheOldEntryCanStillBeOverwritten)
{
    cluster.Crash(1);
    for (const NodeId id : {2, 3, 4})
    {
        cluster.Crash(id); // they forget their leader: no lease
        cluster.Restart(id);
    }
    cluster[5].Campaign(); // term 4: S2 and S3 have voted for S1
    cluster.Stabilize();
    cluster.Tick(5, 30);
    cluster.Stabilize();
    ASSERT_TRUE(cluster[5].IsLeader());
    const Term term = cluster[5].GetTerm();
    for (const NodeId id : {2, 3, 4, 5})
    {
        EXPECT_EQ(Terms(cluster[id].GetLog()), (TermList{1, 3, term}));
    }
}

// (e): but once an entry of its own term is on a majority, S5 cannot win, and the old entry is
// committed.
TEST_F(Figure8, AnOwnEntryCommitsTheOldOne)
{
    cluster.Isolate(5);
    cluster.Tick(1);
    cluster.Stabilize();
    EXPECT_EQ(cluster[1].GetCommitIndex(), 3u);
    cluster.Crash(1);
    cluster.Heal();
    for (const NodeId id : {2, 3, 4})
    {
        cluster.Crash(id);
        cluster.Restart(id);
    }
    for (int i = 0; i < 5; ++i)
    {
        cluster[5].Campaign();
        cluster.Stabilize();
        EXPECT_FALSE(cluster[5].IsLeader());
    }
}

// --- 5.4.3, 5.5 ---

// State Machine Safety: all members apply the same commands in the same order (whatever came
// between).
TEST(Paper5_4, AllApplyTheSame)
{
    Cluster cluster(3);
    for (int round = 0; round < 6; ++round)
    {
        const NodeId leader = static_cast<NodeId>(round % 3 + 1);
        for (NodeId id = 1; id <= 3; ++id)
        {
            cluster.Crash(id);
            cluster.Restart(id);
        }
        cluster[leader].Campaign();
        cluster.Stabilize();
        cluster[leader].Propose(1, MakeText(std::to_string(round)));
        cluster.Stabilize();
    }
    EXPECT_EQ(cluster.At(1).applied.size(), 12u);
    EXPECT_EQ(cluster.At(1).applied, cluster.At(2).applied);
    EXPECT_EQ(cluster.At(1).applied, cluster.At(3).applied);
}

// 5.5: requests are idempotent: a repeated append does no harm.
TEST(Paper5_5, RepeatedRequestsDoNoHarm)
{
    Raft raft(MakeConfig());
    const Message append = MakeAppend(2, 1, 1, 0, 0, 1, MakeLog({1, 1}));
    const Message first = Answer(raft, append);
    const Message second = Answer(raft, append); // 0 is before the commit index 1 now
    EXPECT_EQ(first.index, 2u);
    EXPECT_EQ(second.index, 1u);
    EXPECT_FALSE(second.reject);
    EXPECT_EQ(raft.GetLastIndex(), 2u);
}

} // namespace

} // namespace etcdlab::raft::test
