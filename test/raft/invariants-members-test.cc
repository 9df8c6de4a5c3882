// The invariants of snapshots and of changing members: each catches a violation made up for it, and the
// same story without the violation passes.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

/// What the checker says to `story` after member 1 has applied entries 1 to 3 of term 1; "" if nothing.
template <class Story>
std::string
VerdictOnMembers(Story story)
{
    InvariantChecker checker;
    try
    {
        checker.OnCommit(1, 3, 1);
        Term previous = 0;
        for (const Entry& entry : MakeLog({1, 1, 1}))
        {
            checker.OnAppend(1, entry, previous);
            checker.OnApply(1, entry);
            previous = entry.term;
        }
        story(checker);
    }
    catch (const InvariantViolation& violation)
    {
        return violation.what();
    }
    return "";
}

Entry
MakeChangeEntry(Index index, NodeId node)
{
    static std::map<NodeId, ConfChangePtr> changes;
    ConfChangePtr& change = changes[node];
    change = change ? change : MakeChange(ConfChangeType::ADD_NODE, node);
    return {1, index, 6, change, EntryType::CONF_CHANGE};
}

TEST(Invariants, OnlyWhatIsAppliedIsCompacted)
{
    EXPECT_EQ(VerdictOnMembers([](InvariantChecker& c) { c.OnCompact(1, 3); }), "");
    EXPECT_EQ(
        VerdictOnMembers([](InvariantChecker& c) { c.OnCompact(1, 4); }),
        "Compaction violated (Raft paper, section 7): node 1 forgets its entries up to 4, but "
        "has applied up to 3 only");
}

TEST(Invariants, ASnapshotStandsForWhatWasApplied)
{
    const auto story = [](Index index, Term term, Index committed) {
        return [=](InvariantChecker& c) {
            c.OnCommit(2, committed, 1);
            c.OnRestore(2, *MakeSnapshot(index, term));
            c.OnApplySnapshot(2, *MakeSnapshot(index, term));
        };
    };
    EXPECT_EQ(VerdictOnMembers(story(2, 1, 1)), "");
    EXPECT_EQ(VerdictOnMembers(story(3, 1, 1)), "");
    EXPECT_EQ(
        VerdictOnMembers(story(2, 2, 1)),
        "State machine safety violated (Raft paper, section 5.4.3): node 2 restores a snapshot "
        "at entry 2 of term 2, node 1 applied one of term 1");
    EXPECT_EQ(
        VerdictOnMembers(story(4, 1, 1)),
        "State machine safety violated (Raft paper, section 7): node 2 restores a snapshot at "
        "entry 4 of term 1, which nobody has applied");
    EXPECT_EQ(VerdictOnMembers(story(2, 1, 2)),
              "State machine safety violated (Raft paper, section 7): node 2 replaces its log by "
              "snapshot 1/2 of 1 2 3, but has committed up to 2");
}

TEST(Invariants, ApplicationGoesOnBehindASnapshot)
{
    const auto story = [](Index next) {
        return [next](InvariantChecker& c) {
            c.OnRestore(2, *MakeSnapshot(2, 1));
            c.OnApplySnapshot(2, *MakeSnapshot(2, 1));
            c.OnCommit(2, 3, 1);
            c.OnApply(2, MakeLog({1, 1, 1})[next - 1]);
        };
    };
    EXPECT_EQ(VerdictOnMembers(story(3)), "");
    EXPECT_NE(VerdictOnMembers(story(2)), "");
    // Not twice, and not what is behind the state machine.
    EXPECT_NE(
        VerdictOnMembers([](InvariantChecker& c) { c.OnApplySnapshot(1, *MakeSnapshot(2, 1)); }),
        "");
}

TEST(Invariants, ALeaderKeepsItsLog)
{
    EXPECT_NE(VerdictOnMembers([](InvariantChecker& c) {
                  c.OnTermOrVote(2, 2, 2);
                  c.OnBecomeLeader(2, 2, Log(2, nullptr, MakeLog({1, 1, 1}), 0, 0));
                  c.OnRestore(2, *MakeSnapshot(2, 1));
              }),
              "");
}

// Its log begins behind a snapshot; what lies before counts as there.
TEST(Invariants, LeaderCompletenessWithASnapshot)
{
    const auto story = [](Index before, Term beforeTerm) {
        return [=](InvariantChecker& c) {
            c.OnTermOrVote(1, 1, 1);
            c.OnBecomeLeader(1, 1, Log(1, nullptr, MakeLog({1, 1, 1}), 3, 3));
            c.OnCommit(1, 3, 1);
            c.OnBecomeLeader(2, 2, Log(2, nullptr, {}, before, before, before, beforeTerm));
        };
    };
    EXPECT_EQ(VerdictOnMembers(story(3, 1)), "");
    EXPECT_NE(VerdictOnMembers(story(2, 1)), "");
    EXPECT_NE(VerdictOnMembers(story(3, 2)), "");
}

TEST(Invariants, ARestartFromASnapshotIsChecked)
{
    const auto story = [](Term term) {
        return [term](InvariantChecker& c) {
            c.OnStart(2, {3, NO_NODE, 2}, Log(2, nullptr, {}, 2, 2, 2, term));
            c.OnCommit(2, 3, 1);
            c.OnApply(2, MakeLog({1, 1, 1})[2]);
        };
    };
    EXPECT_EQ(VerdictOnMembers(story(1)), "");
    EXPECT_NE(VerdictOnMembers(story(2)), "");
}

TEST(Invariants, OneChangeOfMembersAtATime)
{
    const auto story = [](bool applied) {
        return [applied](InvariantChecker& c) {
            c.OnTermOrVote(1, 1, 1);
            c.OnBecomeLeader(1, 1, Log(1, nullptr, MakeLog({1, 1, 1}), 3, 3));
            c.OnAppend(1, MakeChangeEntry(4, 4), 1);
            c.OnCommit(1, 4, 1);
            if (applied)
            {
                c.OnApply(1, MakeChangeEntry(4, 4));
            }
            c.OnAppend(1, MakeChangeEntry(5, 5), 1);
        };
    };
    EXPECT_EQ(VerdictOnMembers(story(true)), "");
    EXPECT_EQ(
        VerdictOnMembers(story(false)),
        "One change of members at a time violated (Raft paper, section 6): node 1 appends entry "
        "5 of term 1, but has applied up to 3 only, and there may be another change at 4");
    EXPECT_NE(VerdictOnMembers([](InvariantChecker& c) { c.OnConfChange(1, {{1, 2}, {}}); }), "");
}

TEST(Invariants, AllAgreeOnTheMembers)
{
    const auto story = [](const ConfState& second, const ConfState& third) {
        return [=](InvariantChecker& c) {
            c.OnAppend(1, MakeChangeEntry(4, 4), 1);
            for (const NodeId node : {1, 2})
            {
                if (node == 2)
                {
                    c.OnRestore(2, *MakeSnapshot(3, 1));
                    c.OnApplySnapshot(2, *MakeSnapshot(3, 1));
                }
                c.OnCommit(node, 4, 1);
                c.OnApply(node, MakeChangeEntry(4, 4));
            }
            c.OnConfChange(1, {{1, 2, 3, 4}, {}});
            c.OnConfChange(2, second);
            c.OnRestore(3, *MakeSnapshot(4, 1, third.voters, third.learners));
        };
    };
    const ConfState right{{1, 2, 3, 4}, {}};
    const ConfState wrong{{1, 2, 3}, {4}};
    EXPECT_EQ(VerdictOnMembers(story(right, right)), "");
    EXPECT_EQ(
        VerdictOnMembers(story(wrong, right)),
        "Agreement on members violated (Raft paper, section 6): after entry 4 the members are "
        "1 2 3 learners 4 at node 2, but 1 2 3 4 elsewhere");
    EXPECT_EQ(
        VerdictOnMembers(story(right, wrong)),
        "Agreement on members violated (Raft paper, section 7): node 3 restores snapshot 1/4 of "
        "1 2 3 learners 4, but entry 4 has made the members 1 2 3 4");
}

TEST(Invariants, OnlyVotersLead)
{
    const auto story = [](const ConfState& conf) {
        return [conf](InvariantChecker& c) {
            c.OnRestore(4, *MakeSnapshot(3, 1, conf.voters, conf.learners));
            c.OnBecomeLeader(4, 2, Log(4, nullptr, {}, 3, 3, 3, 1));
        };
    };
    EXPECT_EQ(VerdictOnMembers(story({{1, 2, 4}, {}})), "");
    EXPECT_EQ(
        VerdictOnMembers(story({{1, 2}, {4}})),
        "Voters lead violated (Raft paper, section 6): node 4 becomes leader of term 2, but the "
        "voters it knows are 1 2 learners 4");
}

} // namespace

} // namespace etcdlab::raft::test
