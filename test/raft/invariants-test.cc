// Each invariant catches a violation made up for it, and the same story without the violation
// passes.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

/// What the checker says to `story`, "" if nothing.
template <class Story>
std::string
Verdict(Story story, Accounting accounting = Accounting::ETCD)
{
    InvariantChecker checker(accounting);
    try
    {
        story(checker);
    }
    catch (const InvariantViolation& violation)
    {
        return violation.what();
    }
    return "";
}

Log
LogOf(const std::vector<Term>& terms)
{
    return {1, nullptr, MakeLog(terms), 0, 0};
}

void
Append(InvariantChecker& checker, NodeId node, const std::vector<Term>& terms)
{
    const auto log = MakeLog(terms);
    for (const Entry& entry : log)
    {
        checker.OnAppend(node, entry, entry.index == 1 ? 0 : log[entry.index - 2].term);
    }
}

TEST(Invariants, ElectionSafety)
{
    const auto story = [](Term second) {
        return [second](InvariantChecker& c) {
            c.OnBecomeLeader(1, 5, LogOf({}));
            c.OnBecomeLeader(2, second, LogOf({}));
        };
    };
    EXPECT_EQ(Verdict(story(6)), "");
    EXPECT_EQ(
        Verdict(story(5)),
        "Election safety violated (Raft paper, section 5.2): node 2 becomes leader of term 5, "
        "which node 1 has led");
    // Not even the same node twice: it would have had to win the same election again.
    EXPECT_NE(Verdict([](InvariantChecker& c) {
                  c.OnBecomeLeader(1, 5, LogOf({}));
                  c.OnBecomeLeader(1, 5, LogOf({}));
              }),
              "");
}

TEST(Invariants, LeaderAppendOnly)
{
    const auto story = [](bool leads) {
        return [leads](InvariantChecker& c) {
            c.OnTermOrVote(1, 2, 1);
            c.OnBecomeLeader(1, 2, LogOf({1, 1}));
            if (!leads)
            {
                c.OnBecomeFollower(1, 3, 2);
            }
            c.OnTruncate(1, 2);
        };
    };
    EXPECT_EQ(Verdict(story(false)), "");
    EXPECT_EQ(Verdict(story(true)),
              "Leader append-only violated (Raft paper, section 5.3): node 1, leader of term 2, "
              "removes its entries from 2 on");
}

TEST(Invariants, LogMatchingOfWhatIsBefore)
{
    EXPECT_EQ(Verdict([](InvariantChecker& c) {
                  Append(c, 1, {1, 2, 3});
                  Append(c, 2, {1, 2, 3});
                  Append(c, 3, {1, 1, 4});
              }),
              "");
    // Entry 3 of term 3 in both, but behind different ones.
    EXPECT_EQ(
        Verdict([](InvariantChecker& c) {
            Append(c, 1, {1, 2, 3});
            Append(c, 2, {1, 1, 3});
        }),
        "Log matching violated (Raft paper, section 5.3): entry 3 of term 3 follows an entry of "
        "term 1 at node 2, but one of term 2 at node 1");
}

TEST(Invariants, LogMatchingOfCommands)
{
    const auto story = [](bool same) {
        return [same](InvariantChecker& c) {
            const auto command = MakeText("a");
            c.OnAppend(1, {1, 1, 1, command}, 0);
            c.OnAppend(2, {1, 1, 1, same ? command : MakeText("a")}, 0);
        };
    };
    EXPECT_EQ(Verdict(story(true)), "");
    EXPECT_EQ(Verdict(story(false)),
              "Log matching violated (Raft paper, section 5.3): entry 1 of term 1 of node 2 holds "
              "another command than that of node 1");
}

TEST(Invariants, CommitRule)
{
    const auto story = [](Term of) {
        return [of](InvariantChecker& c) {
            c.OnTermOrVote(1, 4, 1);
            c.OnBecomeLeader(1, 4, LogOf({1, 2}));
            c.OnCommit(1, 2, of);
        };
    };
    EXPECT_EQ(Verdict(story(4)), "");
    EXPECT_EQ(
        Verdict(story(2)), // Figure 8
        "Commit rule violated (Raft paper, section 5.4.2): node 1, leader of term 4, commits by "
        "counting entry 2 of term 2");
}

TEST(Invariants, LeaderCompleteness)
{
    const auto story = [](std::vector<Term> log, Term term) {
        return [log, term](InvariantChecker& c) {
            c.OnTermOrVote(1, 2, 1);
            c.OnBecomeLeader(1, 2, LogOf({1}));
            c.OnCommit(1, 2, 2);
            c.OnBecomeLeader(3, term, LogOf(log));
        };
    };
    EXPECT_EQ(Verdict(story({1, 2}, 3)), "");
    EXPECT_EQ(Verdict(story({1, 2, 2}, 9)), "");
    const std::string violation =
        "Leader completeness violated (Raft paper, section 5.4): node 3 becomes leader of term 3 "
        "without entry 2 of term 2, which node 1 committed as leader of term 2";
    EXPECT_EQ(Verdict(story({1}, 3)), violation);
    EXPECT_EQ(Verdict(story({1, 1}, 3)), violation);
    EXPECT_EQ(Verdict(story({1}, 3), Accounting::THESIS), ""); // given up there
    // A leader of an earlier term that learns late of its election need not have it.
    EXPECT_EQ(Verdict(story({1}, 1)), "");
}

// The leader of term 2 counts its quorum when the leader of term 3 has been elected already.
TEST(Invariants, LeaderCompletenessOfALateCommit)
{
    const auto story = [](std::vector<Term> later) {
        return [later](InvariantChecker& c) {
            Append(c, 1, {1, 2});
            Append(c, 3, later);
            c.OnTermOrVote(1, 2, 1);
            c.OnBecomeLeader(1, 2, LogOf({1}));
            c.OnBecomeLeader(3, 3, LogOf(later));
            c.OnCommit(1, 2, 2);
        };
    };
    EXPECT_EQ(Verdict(story({1, 2})), "");
    EXPECT_EQ(Verdict(story({1, 2, 2})), "");
    EXPECT_EQ(Verdict(story({1})),
              "Leader completeness violated (Raft paper, section 5.4): node 1, leader of term 2, "
              "commits entry 2 of term 2, which node 3 lacked when it became leader of term 3");
    EXPECT_NE(Verdict(story({1, 1, 1})), "");
}

TEST(Invariants, StateMachineSafetyOfCommits)
{
    const auto story = [](Term second) {
        return [second](InvariantChecker& c) {
            c.OnCommit(1, 3, 2);
            c.OnCommit(2, 3, second);
        };
    };
    EXPECT_EQ(Verdict(story(2)), "");
    EXPECT_EQ(
        Verdict(story(1)),
        "State machine safety violated (Raft paper, section 5.4.3): node 2 commits entry 3 of "
        "term 1, node 1 committed one of term 2");
}

TEST(Invariants, StateMachineSafetyOfApplication)
{
    const auto story = [](std::vector<Term> second) {
        return [second](InvariantChecker& c) {
            Append(c, 1, {1, 1});
            Append(c, 2, second);
            c.OnCommit(1, 2, 1);
            c.OnCommit(2, 3, 3); // (what lies before is not looked at until it is applied)
            for (const Entry& entry : MakeLog({1, 1}))
            {
                c.OnApply(1, entry);
            }
            for (const Entry& entry : MakeLog(second))
            {
                c.OnApply(2, entry);
            }
        };
    };
    EXPECT_EQ(Verdict(story({1, 1, 3})), "");
    EXPECT_EQ(
        Verdict(story({1, 2, 3})),
        "State machine safety violated (Raft paper, section 5.4.3): node 2 applies entry 2 of "
        "term 2, node 1 applied one of term 1");
}

TEST(Invariants, AppliedCommandsAreThoseOfTheLogs)
{
    EXPECT_EQ(
        Verdict([](InvariantChecker& c) {
            Append(c, 1, {1});
            c.OnCommit(1, 1, 1);
            c.OnApply(1, {1, 1, 2, MakeText("another")});
        }),
        "State machine safety violated (Raft paper, section 5.4.3): node 1 applies entry 1 of "
        "term 1 with another command than the logs hold");
}

TEST(Invariants, ApplicationIsInOrderAndAfterCommit)
{
    const auto story = [](Index committed, std::vector<Index> applied) {
        return [=](InvariantChecker& c) {
            Append(c, 1, {1, 1, 1});
            c.OnCommit(1, committed, 1);
            for (const Index index : applied)
            {
                c.OnApply(1, MakeLog({1, 1, 1})[index - 1]);
            }
        };
    };
    EXPECT_EQ(Verdict(story(3, {1, 2, 3})), "");
    EXPECT_NE(Verdict(story(3, {1, 3})), "");
    EXPECT_NE(Verdict(story(3, {1, 1})), "");
    EXPECT_EQ(Verdict(story(1, {1, 2})),
              "State machine safety violated (Raft paper, section 5.4.3): node 1 applies entry 2, "
              "having applied up to 1 and committed up to 1");
}

TEST(Invariants, CommittedEntriesAreNotRemoved)
{
    const auto story = [](Index first) {
        return [first](InvariantChecker& c) {
            c.OnCommit(1, 2, 1);
            c.OnTruncate(1, first);
        };
    };
    EXPECT_EQ(Verdict(story(3)), "");
    EXPECT_EQ(
        Verdict(story(2)),
        "State machine safety violated (Raft paper, section 5.4.3): node 1 removes its entries "
        "from 2 on, but has committed up to 2");
}

TEST(Invariants, MonotoneTermsVotesAndCommits)
{
    EXPECT_EQ(Verdict([](InvariantChecker& c) {
                  c.OnTermOrVote(1, 1, 2);
                  c.OnTermOrVote(1, 1, 2);
                  c.OnTermOrVote(1, 2, 3);
                  c.OnCommit(1, 1, 1);
                  c.OnCommit(1, 4, 1);
              }),
              "");
    EXPECT_EQ(
        Verdict([](InvariantChecker& c) {
            c.OnTermOrVote(1, 2, 0);
            c.OnTermOrVote(1, 1, 0);
        }),
        "Monotone terms violated (Raft paper, section 5.1): node 1 goes back from term 2 to 1");
    EXPECT_EQ(
        Verdict([](InvariantChecker& c) {
            c.OnTermOrVote(1, 2, 2);
            c.OnTermOrVote(1, 2, 3);
        }),
        "One vote per term violated (Raft paper, section 5.2): node 1 has voted for node 2 in "
        "term 2 and now votes for node 3");
    EXPECT_EQ(
        Verdict([](InvariantChecker& c) {
            c.OnCommit(1, 4, 1);
            c.OnCommit(1, 3, 1);
        }),
        "Monotone commit index violated (Raft paper, section 5.3): node 1 goes back from 4 to 3");
}

// A crash may lose what was not synced, and nothing else: the same goes backwards after OnStart.
TEST(Invariants, ARestartForgets)
{
    EXPECT_EQ(Verdict([](InvariantChecker& c) {
                  Append(c, 1, {1, 1});
                  c.OnTermOrVote(1, 3, 2);
                  c.OnCommit(1, 2, 1);
                  c.OnApply(1, MakeLog({1})[0]);
                  c.OnStart(1, {2, NO_NODE, 1}, Log(1, nullptr, MakeLog({1, 1}), 1, 0));
                  c.OnTermOrVote(1, 3, 3);
                  c.OnCommit(1, 2, 1);
                  c.OnApply(1, MakeLog({1})[0]);
              }),
              "");
    // The log read back is checked like any other.
    EXPECT_NE(Verdict([](InvariantChecker& c) {
                  Append(c, 1, {1, 2});
                  c.OnStart(2, {2, NO_NODE, 0}, Log(2, nullptr, {{1, 1, 7, MakeText("?")}}, 0, 0));
              }),
              "");
}

// The checker really is connected to the members, and a broken member is found out: one that has
// lost, behind Raft's back, what it had acknowledged.
TEST(Invariants, ADiskThatLosesDataIsFoundOut)
{
    Cluster cluster(3);
    cluster[1].Campaign();
    cluster.Stabilize();
    cluster.Isolate(3);
    cluster[1].Propose(1, MakeText("a"));
    cluster.Stabilize();
    EXPECT_GT(cluster.checker.GetEventCount(), 20u);
    cluster.Crash(1);
    cluster.Crash(2);
    cluster.At(2).disk.log.pop_back();
    cluster.At(2).disk.synced.commit = 1;
    cluster.Restart(2);
    cluster.Heal();
    cluster.Tick(3, 30);
    cluster[2].Campaign();
    EXPECT_THROW(
        {
            for (int i = 0; i < 30; ++i)
            {
                cluster.Stabilize();
                cluster.Tick(2);
            }
        },
        InvariantViolation);
}

} // namespace

} // namespace etcdlab::raft::test
