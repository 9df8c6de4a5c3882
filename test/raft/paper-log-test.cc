// Section 5.3, log replication: one test per statement of the Raft paper (Ongaro and
// Ousterhout, "In Search of an Understandable Consensus Algorithm", extended version), in its order
// and in other words. What lies beyond section 5 is in beyond-paper-test.cc.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

// --- 5.3: log replication ---

// The leader appends a command as a new entry and sends it to all others in parallel.
TEST(Paper5_3, TheLeaderReplicatesToAll)
{
    Cluster cluster(3);
    cluster[1].Campaign();
    cluster.Stabilize();
    EXPECT_EQ(cluster[1].Propose(3, MakeText("cmd")), ProposeResult::ACCEPTED);
    const Ready ready = cluster[1].TakeReady();
    ASSERT_EQ(ready.entries.size(), 1u);
    EXPECT_EQ(Describe(ready.entries[0]), "1/2 cmd");
    ASSERT_EQ(ready.messages.size(), 2u);
    for (const Message& message : ready.messages)
    {
        EXPECT_EQ(message.type, MessageType::APP);
        EXPECT_EQ(message.index, 1u);
        EXPECT_EQ(message.logTerm, 1u);
        EXPECT_EQ(message.entries, ready.entries);
    }
}

// Once it is safely replicated the leader applies the entry; and followers once they learn of it.
TEST(Paper5_3, CommittedEntriesAreApplied)
{
    Cluster cluster(3);
    cluster[1].Campaign();
    cluster.Stabilize();
    cluster[1].Propose(3, MakeText("cmd"));
    cluster.Stabilize();
    for (NodeId id = 1; id <= 3; ++id)
    {
        ASSERT_EQ(cluster.At(id).applied.size(), 2u);
        EXPECT_EQ(Describe(cluster.At(id).applied[1]), "1/2 cmd");
    }
}

// If followers crash, run slowly or lose packets, the leader retries without end, even after it has
// answered its client.
TEST(Paper5_3, TheLeaderRetriesUntilAllHaveAll)
{
    Cluster cluster(3);
    cluster[1].Campaign();
    cluster.Stabilize();
    cluster.Isolate(3);
    cluster[1].Propose(1, MakeText("a"));
    cluster.Stabilize();
    EXPECT_EQ(cluster[1].GetCommitIndex(), 2u); // answered
    for (int i = 0; i < 50; ++i)
    {
        cluster.Tick(1);
        cluster.Stabilize();
        EXPECT_EQ(cluster[3].GetLastIndex(), 1u);
    }
    cluster.Heal();
    cluster.Tick(1);
    cluster.Stabilize();
    EXPECT_EQ(Terms(cluster[3].GetLog()), (TermList{1, 1}));
    EXPECT_EQ(cluster[3].GetCommitIndex(), 2u);
}

// An entry is committed once the leader that created it has it on a majority…
TEST(Paper5_3, AMajorityCommits)
{
    struct Case
    {
        std::size_t size;
        std::size_t acknowledging; //!< besides the leader
        bool committed;
    };

    for (const auto& [size, acknowledging, committed] : {Case{1, 0, true},
                                                         Case{2, 0, false},
                                                         Case{2, 1, true},
                                                         Case{3, 0, false},
                                                         Case{3, 1, true},
                                                         Case{4, 1, false},
                                                         Case{4, 2, true},
                                                         Case{5, 1, false},
                                                         Case{5, 2, true},
                                                         Case{7, 2, false},
                                                         Case{7, 3, true}})
    {
        Raft raft(MakeConfig(size));
        Elect(raft);
        for (NodeId id = 2; id < 2 + acknowledging; ++id)
        {
            Message answer = MakeMessage(MessageType::APP_RESP, id, 1, 1);
            answer.index = 1;
            raft.Step(answer);
            raft.Step(answer); // twice counts once
        }
        EXPECT_EQ(raft.GetCommitIndex(), committed ? 1u : 0u) << size << ", " << acknowledging;
    }
}

// …and this commits all entries before it, those of earlier leaders included.
TEST(Paper5_3, ACommitCoversWhatIsBefore)
{
    for (const TermList& before : {TermList{}, TermList{1}, TermList{1, 2}, TermList{1, 1, 2}})
    {
        Raft raft(WithLog(before, 2));
        Elect(raft); // term 3, an empty entry
        Message answer = MakeMessage(MessageType::APP_RESP, 2, 1, 3);
        answer.index = before.size() + 1;
        raft.Step(answer);
        const Ready ready = raft.TakeReady();
        TermList expected = before;
        expected.push_back(3);
        EXPECT_EQ(Terms(ready.committedEntries), expected);
    }
}

// The leader includes its commit index in what it sends, so that others learn of it (etcd: at
// once).
TEST(Paper5_3, FollowersLearnOfCommitsAtOnce)
{
    Raft raft(MakeConfig());
    Elect(raft);
    Message answer = MakeMessage(MessageType::APP_RESP, 2, 1, 1);
    answer.index = 1;
    raft.Step(answer);
    const auto sent = Of(MessageType::APP, Drain(raft));
    ASSERT_GE(sent.size(), 1u);
    EXPECT_EQ(sent[0].to, 2u);
    EXPECT_EQ(sent[0].commit, 1u);
    EXPECT_TRUE(sent[0].entries.empty());
}

// Once a follower learns that an entry is committed it applies it, in log order.
TEST(Paper5_3, FollowersApplyInOrder)
{
    for (const Index commit : {1, 2, 3})
    {
        Raft raft(MakeConfig());
        raft.Step(MakeAppend(2, 1, 1, 0, 0, commit, MakeLog({1, 1, 1})));
        const Ready ready = raft.TakeReady();
        EXPECT_EQ(Terms(ready.committedEntries), TermList(commit, 1));
        EXPECT_EQ(ready.committedEntries.front().index, 1u);
        EXPECT_EQ(ready.committedEntries.back().index, commit);
    }
}

// Consistency check: the message names index and term of the entry before the new ones; a follower
// without it refuses.
TEST(Paper5_3, AFollowerRefusesWhatDoesNotConnect)
{
    struct Case
    {
        Index index;
        Term term;
        bool reject;
    };

    // The log is 1, 2; nothing is committed.
    for (const auto& [index, term, reject] : {Case{0, 0, false},
                                              Case{1, 1, false},
                                              Case{2, 2, false},
                                              Case{1, 2, true},
                                              Case{2, 1, true},
                                              Case{3, 3, true}})
    {
        Raft raft(WithLog({1, 2}, 2));
        const Message answer = Answer(raft, MakeAppend(2, 1, 3, index, term, 0));
        EXPECT_EQ(answer.reject, reject) << term << "/" << index;
        EXPECT_EQ(answer.index, index);
        EXPECT_EQ(answer.rejectHint, reject ? 2u : 0u); // etcd: the end of the log
    }
}

// Whenever the message is accepted, the follower's log equals the leader's up to the new entries.
TEST(Paper5_3, AcceptedMessagesMakeLogsEqual)
{
    struct Case
    {
        Index index;
        Term term;
        TermList leader; //!< the leader's log, of which entries after index are sent
        TermList result;
        Index firstNew; //!< first entry to write, 0: none
    };

    // The follower has 1, 2.
    const Case cases[] = {
        {2, 2, {1, 2, 3}, {1, 2, 3}, 3},       // appended
        {1, 1, {1, 3, 4}, {1, 3, 4}, 2},       // conflict: replaced
        {0, 0, {1}, {1, 2}, 0},                // known already: the rest stays
        {0, 0, {3}, {3}, 1},                   // everything replaced
        {0, 0, {1, 2}, {1, 2}, 0},             // nothing new
        {0, 0, {1, 2, 3, 3}, {1, 2, 3, 3}, 3}, // known and new in one
    };
    for (const auto& [index, term, leader, result, firstNew] : cases)
    {
        Raft raft(WithLog({1, 2}, 2));
        raft.Step(MakeAppend(2, 1, 4, index, term, 0, After(index, leader)));
        EXPECT_EQ(Terms(raft.GetLog()), result);
        const Ready ready = raft.TakeReady();
        EXPECT_EQ(ready.entries.empty() ? 0 : ready.entries.front().index, firstNew);
    }
}

// Figure 7: followers may lack entries, have extra ones, or both; the leader (term 8) makes all
// logs its own. Its nextIndex begins after its last entry and goes back after each refusal until
// the logs meet.
class Figure7 : public ::testing::TestWithParam<std::tuple<int, bool>>
{
};

TEST_P(Figure7, TheLeadersLogPrevails)
{
    const TermList leader = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
    const TermList followers[] = {
        {1, 1, 1, 4, 4, 5, 5, 6, 6},          // a
        {1, 1, 1, 4},                         // b
        {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},    // c
        {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7}, // d
        {1, 1, 1, 4, 4, 4, 4},                // e
        {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},    // f
    };
    // Refusals until the logs meet, after the leader's first message (its entry 11, behind 10), by
    // hand: without terms in the hints the leader looks at min(rejected, hint+1)-1 next, so
    //   a: 10 refused, hint 9: looks behind 9, meets.                             1
    //   b: 10 refused, hint 4: behind 4, meets.                                   1
    //   c, d: behind 10 meets at once.                                            0
    //   e: 10 refused, hint 7: behind 7 (5 against 4), 6 (5, 4), 5 meets.         3
    //   f: 10, 9, 8, 7, 6, 5, 4 refused (hint 11 is no help), 3 meets.            7
    const int refusals34[] = {1, 1, 0, 0, 3, 7};
    // With them: e says 7 of term 4; the leader's last entry of term <= 4 up to 7 is 5: meets.
    //   f says 10 of term 3: the leader's last of term <= 3 is 3: meets.
    const int refusals35[] = {1, 1, 0, 0, 1, 1};
    const auto [which, hints] = GetParam();

    Config base = MakeConfig();
    base.termAwareReject = hints;
    Cluster cluster(3, base);
    for (const NodeId id : {1, 2, 3})
    {
        // Member 3 is like the leader, so that there is a majority to elect it.
        cluster.At(id).disk.log = MakeLog(id == 2 ? followers[which] : leader);
        cluster.At(id).disk.synced.term = 7;
        cluster.Restart(id);
    }
    int refusals = 0;
    cluster.lost = [&](const Message& m) {
        refusals += m.type == MessageType::APP_RESP && m.from == 2 && m.reject ? 1 : 0;
        return false;
    };
    cluster[1].Campaign();
    cluster.Stabilize();
    TermList expected = leader;
    expected.push_back(8);
    ASSERT_TRUE(cluster[1].IsLeader());
    EXPECT_EQ(cluster[1].GetTerm(), 8u);
    EXPECT_EQ(Terms(cluster[2].GetLog()), expected);
    EXPECT_EQ(cluster[2].GetCommitIndex(), 11u);
    EXPECT_EQ(refusals, hints ? refusals35[which] : refusals34[which]);
}

INSTANTIATE_TEST_SUITE_P(AToF,
                         Figure7,
                         ::testing::Combine(::testing::Range(0, 6), ::testing::Bool()));

// A leader never overwrites or deletes entries of its own log (Leader Append-Only).
TEST(Paper5_3, ALeaderOnlyAppends)
{
    Raft raft(WithLog({1, 1}, 1));
    Elect(raft); // term 2
    raft.Step(MakeAppend(2, 1, 2, 1, 1, 0, {{2, 2, 1, MakeText("impossible")}}));
    raft.Step(MakeAppend(2, 1, 1, 1, 1, 0, {{1, 2, 1, MakeText("old")}}));
    EXPECT_TRUE(raft.IsLeader());
    EXPECT_EQ(Terms(raft.GetLog()), (TermList{1, 1, 2}));
}

// One slow follower does not slow the others down.
TEST(Paper5_3, ASlowFollowerHoldsNobodyUp)
{
    Cluster cluster(5);
    cluster[1].Campaign();
    cluster.Stabilize();
    cluster.Isolate(5);
    cluster.Isolate(4);
    for (int i = 0; i < 1000; ++i)
    {
        cluster[1].Propose(1, MakeText("x"));
        cluster.Stabilize();
    }
    EXPECT_EQ(cluster[1].GetCommitIndex(), 1001u);
    EXPECT_EQ(cluster[1].GetProgress(5).inflight, 512u); // etcd's window, then nothing more is sent
    EXPECT_TRUE(cluster[1].GetProgress(5).paused);
}

} // namespace

} // namespace etcdlab::raft::test
