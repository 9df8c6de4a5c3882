// Compaction and snapshots: Raft paper, section 7; dissertation, chapter 5; etcd 3.4.23 raft/log.go,
// storage.go and raft.go (maybeSendAppend, handleSnapshot, restore).
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

Message
MakeSnap(SnapshotPtr snapshot, Term term, NodeId from = 2, NodeId to = 1)
{
    Message message = MakeMessage(MessageType::SNAP, from, to, term);
    message.snapshot = std::move(snapshot);
    return message;
}

// --- The log ---

TEST(Compaction, KeepsTheTermBeforeTheFirstEntry)
{
    Log log(1, nullptr, MakeLog({1, 1, 2, 3}), 4, 3);
    log.Compact(3);
    EXPECT_EQ(log.FirstIndex(), 4u);
    EXPECT_EQ(log.LastIndex(), 4u);
    EXPECT_EQ(Terms(log), (TermList{3}));
    EXPECT_EQ(log.TermAt(3), 2u) << "AppendEntries' consistency check needs it (paper, section 7)";
    EXPECT_EQ(log.TermAt(2), 0u);
    EXPECT_TRUE(log.Matches(3, 2));
    EXPECT_FALSE(log.Matches(2, 1));
    EXPECT_FALSE(log.Matches(2, 0));
    EXPECT_FALSE(log.Matches(0, 0));
    EXPECT_EQ(log.At(4).term, 3u);
    EXPECT_EQ(log.Slice(4, 4, 1).size(), 1u);
    log.AppliedTo(4);
    log.Compact(4);
    EXPECT_EQ(log.FirstIndex(), 5u);
    EXPECT_EQ(log.LastIndex(), 4u);
    EXPECT_EQ(log.LastTerm(), 3u);
    auto more = After(4, {1, 1, 2, 3, 3});
    EXPECT_EQ(log.MaybeAppend(4, 3, 5, more), 5u);
    EXPECT_EQ(log.Unstable().size(), 1u);
}

TEST(Compaction, OfWhatIsNotAppliedIsRefused)
{
    Log log(1, nullptr, MakeLog({1, 1, 2, 3}), 4, 2);
    try
    {
        log.Compact(3);
        FAIL();
    }
    catch (const std::invalid_argument& e)
    {
        EXPECT_STREQ(e.what(),
                     "compaction: expected an index that has been applied, at most 2, found 3");
    }
    log.Compact(2);
    log.Compact(1); // gone already: nothing happens
    EXPECT_EQ(log.FirstIndex(), 3u);
}

TEST(Compaction, ConflictsAreSoughtNoFurtherThanTheLogGoes)
{
    Log log(1, nullptr, MakeLog({2, 2, 4, 4}), 2, 2);
    log.Compact(2);
    EXPECT_EQ(log.FindConflictByTerm(4, 3), 2u);
    EXPECT_EQ(log.FindConflictByTerm(4, 1), 1u) << "before what is known: a snapshot is needed";
}

TEST(Restart, GoesOnFromASnapshot)
{
    Raft raft(WithSnapshot({1, 1, 2, 3}, 3, 3));
    EXPECT_EQ(raft.GetLog().FirstIndex(), 4u);
    EXPECT_EQ(raft.GetLastIndex(), 4u);
    EXPECT_EQ(raft.GetCommitIndex(), 3u);
    EXPECT_EQ(raft.GetAppliedIndex(), 3u) << "nothing of the snapshot is handed out again";
    EXPECT_FALSE(raft.HasReady());
    // An entry right behind the snapshot is matched with the snapshot's term.
    const Message yes = Answer(raft, MakeAppend(2, 1, 3, 3, 2, 4, After(3, {1, 1, 2, 3})));
    EXPECT_FALSE(yes.reject);
    EXPECT_EQ(yes.index, 4u);
}

TEST(Restart, TheSnapshotSaysWhoTheMembersAre)
{
    Config config = WithSnapshot({1, 1}, 1, 2);
    config.snapshot = MakeSnapshot(2, 1, {1, 5, 2}, {7});
    config.voters.clear();
    EXPECT_EQ(Raft(config).GetConfState(), (ConfState{{1, 2, 5}, {7}}));
}

TEST(Restart, NonsenseIsRefusedWithAReason)
{
    const auto refused = [](auto change) {
        Config config = WithSnapshot({1, 1, 2}, 2, 2);
        change(config);
        try
        {
            Raft raft(config);
        }
        catch (const std::invalid_argument& e)
        {
            return std::string(e.what());
        }
        return std::string("accepted");
    };
    EXPECT_EQ(refused([](Config&) {}), "accepted");
    EXPECT_EQ(refused([](Config& c) { c.hardState.commit = c.applied = 1; }),
              "expected a snapshot of what is committed, found one of 2 entries, committed 1");
    EXPECT_EQ(refused([](Config& c) {
                  c.log = MakeLog({1, 1, 2});
              }),
              "the stored log has entry 1/1 c1 where index 3 of a term >= 1 is expected");
    EXPECT_EQ(refused([](Config& c) { c.snapshot = std::make_shared<Snapshot>(); }),
              "raft configuration: expected a snapshot of at least one entry, found one of none");
    EXPECT_EQ(refused([](Config& c) {
                  c.voters.clear();
                  c.snapshot = MakeSnapshot(2, 1, {});
              }),
              "raft configuration: expected at least one voter, found none");
}

// --- A follower (paper, Figure 13) ---

// "5. Save snapshot file... 7. Discard the entire log. 8. Reset state machine using snapshot contents
// (and load snapshot's cluster configuration)."
TEST(InstallSnapshot, ReplacesAConflictingLog)
{
    Raft raft(WithLog({1, 1, 2, 2, 2}, 2, 1));
    const auto snapshot = MakeSnapshot(4, 3, {1, 2, 4}, {5});
    raft.Step(MakeSnap(snapshot, 3));
    EXPECT_EQ(raft.GetLeader(), 2u);
    EXPECT_EQ(raft.GetLastIndex(), 4u);
    EXPECT_EQ(raft.GetLog().FirstIndex(), 5u);
    EXPECT_EQ(raft.GetLog().LastTerm(), 3u);
    EXPECT_EQ(raft.GetCommitIndex(), 4u);
    EXPECT_EQ(raft.GetAppliedIndex(), 1u) << "not before the owner has it";
    EXPECT_EQ(raft.GetConfState(), (ConfState{{1, 2, 4}, {5}}));

    const Ready ready = raft.TakeReady();
    EXPECT_EQ(ready.snapshot, snapshot);
    EXPECT_TRUE(ready.mustSync);
    EXPECT_EQ(ready.hardState, (HardState{3, NO_NODE, 4}));
    EXPECT_TRUE(ready.entries.empty());
    EXPECT_TRUE(ready.committedEntries.empty());
    ASSERT_EQ(ready.messagesAfterSync.size(), 1u);
    EXPECT_EQ(Describe(ready.messagesAfterSync[0]), "1->2 APP_RESP term 3 index 4");
    raft.Advance();
    EXPECT_EQ(raft.GetAppliedIndex(), 4u);
    EXPECT_FALSE(raft.HasReady());
}

// "If the follower receives a snapshot that describes a prefix of its log..., then log entries covered
// by the snapshot are deleted but entries following the snapshot are still valid and must be
// retained." etcd keeps even those covered.
TEST(InstallSnapshot, OfAPrefixKeepsWhatFollows)
{
    Raft raft(WithLog({1, 1, 2, 2, 2}, 2, 1));
    const Message answer = Answer(raft, MakeSnap(MakeSnapshot(3, 2), 2));
    EXPECT_EQ(Describe(answer), "1->2 APP_RESP term 2 index 3");
    EXPECT_EQ(raft.GetLastIndex(), 5u);
    EXPECT_EQ(raft.GetCommitIndex(), 3u);
    EXPECT_EQ(raft.GetAppliedIndex(), 3u) << "as entries";
}

TEST(InstallSnapshot, OfWhatIsCommittedAlreadyIsAnOldMessage)
{
    Raft raft(WithLog({1, 1, 2}, 2, 2));
    EXPECT_EQ(Describe(Answer(raft, MakeSnap(MakeSnapshot(2, 1), 2))),
              "1->2 APP_RESP term 2 index 2");
    EXPECT_EQ(raft.GetLastIndex(), 3u);
}

TEST(InstallSnapshot, WithoutTheReceiverIsNotForIt)
{
    Raft raft(WithLog({1}, 1, 1));
    EXPECT_EQ(Describe(Answer(raft, MakeSnap(MakeSnapshot(4, 1, {2, 3}), 1))),
              "1->2 APP_RESP term 1 index 1");
    EXPECT_EQ(raft.GetLastIndex(), 1u);
}

// "1. Reply immediately if term < currentTerm": etcd by silence, as for other requests.
TEST(InstallSnapshot, OfAnOlderTermIsIgnored)
{
    Raft raft(WithLog({1}, 5, 1));
    raft.Step(MakeSnap(MakeSnapshot(4, 2), 4));
    EXPECT_FALSE(raft.HasReady());
}

// It comes from a leader: it resets the election timer and ends candidacies, like AppendEntries.
TEST(InstallSnapshot, TellsOfALeader)
{
    Raft raft(MakeConfig());
    raft.Campaign();
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
    raft.Step(MakeSnap(MakeSnapshot(4, 1), 1));
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    EXPECT_EQ(raft.GetLeader(), 2u);
    EXPECT_EQ(raft.GetLastIndex(), 4u);
    raft.AdvanceTicks(5);
    raft.Step(MakeSnap(MakeSnapshot(4, 1), 1));
    EXPECT_EQ(raft.GetElectionElapsed(), 0);
}

// Entries that follow it in the same Ready are applied to the state that it brings.
TEST(InstallSnapshot, EntriesBehindItAreAppliedAfterIt)
{
    Raft raft(MakeConfig());
    raft.Step(MakeSnap(MakeSnapshot(2, 1), 1));
    raft.Step(MakeAppend(2, 1, 1, 2, 1, 3, After(2, {1, 1, 1, 1})));
    const Ready ready = raft.TakeReady();
    EXPECT_TRUE(ready.snapshot);
    EXPECT_EQ(ready.entries.size(), 2u);
    ASSERT_EQ(ready.committedEntries.size(), 1u);
    EXPECT_EQ(ready.committedEntries[0].index, 3u);
    EXPECT_TRUE(ready.applyAfterSync);
    raft.Advance();
    EXPECT_EQ(raft.GetAppliedIndex(), 3u);
}

TEST(InstallSnapshot, ALaterOneMeanwhileIsHandedOutNext)
{
    Raft raft(MakeConfig());
    raft.Step(MakeSnap(MakeSnapshot(2, 1), 1));
    EXPECT_EQ(raft.TakeReady().snapshot->index, 2u);
    raft.Step(MakeSnap(MakeSnapshot(5, 1), 1));
    raft.Advance();
    EXPECT_EQ(raft.GetAppliedIndex(), 2u);
    EXPECT_EQ(raft.TakeReady().snapshot->index, 5u);
    raft.Advance();
    EXPECT_FALSE(raft.HasReady());
}

// 3.5: raft.go:promotable. Its log is not the state machine's yet.
TEST(InstallSnapshot, WhoHasNotStoredItDoesNotCampaign)
{
    Raft raft(MakeConfig());
    raft.Step(MakeSnap(MakeSnapshot(2, 1), 1));
    raft.Campaign();
    raft.AdvanceTicks(30);
    raft.Step(MakeMessage(MessageType::TIMEOUT_NOW, 2, 1, 1));
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    Drain(raft);
    raft.Campaign();
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
}

// --- A leader ---

/// A leader of three whose log begins behind 4; it gives `snapshot`.
struct Compacted
{
    explicit Compacted(SnapshotPtr s = MakeSnapshot(4, 1))
        : snapshot(std::move(s)),
          raft(Configure())
    {
        Elect(raft); // appends 5
        raft.Step(Accept(2, 5));
        Drain(raft);
        raft.Compact(4);
    }

    Config Configure()
    {
        Config config = WithLog({1, 1, 1, 1}, 1, 4);
        config.currentSnapshot = [this] { return snapshot; };
        return config;
    }

    static Message Accept(NodeId from, Index index)
    {
        Message message = MakeMessage(MessageType::APP_RESP, from, 1, 2);
        message.index = index;
        return message;
    }

    /// Member 3 refuses the APP after 4: it has nothing.
    void Refuse()
    {
        Message refusal = Accept(3, 4);
        refusal.reject = true;
        raft.Step(refusal);
    }

    SnapshotPtr snapshot;
    Raft raft;
};

// "The leader must occasionally send snapshots to followers that lag behind. This happens when the
// leader has already discarded the next log entry that it needs to send to a follower."
TEST(SendSnapshot, ToWhoNeedsADiscardedEntry)
{
    Compacted leader;
    leader.Refuse();
    const auto sent = Drain(leader.raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(Describe(sent[0]), "1->3 SNAP term 2 [snapshot 1/4 of 1 2 3]");
    EXPECT_EQ(sent[0].snapshot, leader.snapshot) << "the same, not a copy";
    const ProgressView view = leader.raft.GetProgress(3);
    EXPECT_EQ(view.state, ProgressState::SNAPSHOT);
    EXPECT_EQ(view.pendingSnapshot, 4u);
    EXPECT_TRUE(view.paused);
    // Nothing else leaves: no entries, no commit index, nor another snapshot.
    leader.raft.Propose(1, MakeText("a"));
    leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 3, 1, 2));
    leader.Refuse();
    leader.raft.ReportUnreachable(3);
    for (const Message& message : Drain(leader.raft))
    {
        EXPECT_EQ(message.to, 2u);
    }
}

TEST(SendSnapshot, AnAnswerFromBehindItResumes)
{
    Compacted leader;
    leader.Refuse();
    Drain(leader.raft);
    leader.raft.Step(Compacted::Accept(3, 2)); // an old one: not there yet
    EXPECT_EQ(leader.raft.GetProgress(3).state, ProgressState::SNAPSHOT);
    EXPECT_EQ(leader.raft.GetProgress(3).match, 2u);
    leader.raft.Step(Compacted::Accept(3, 4));
    EXPECT_EQ(leader.raft.GetProgress(3).state, ProgressState::REPLICATE);
    const auto sent = Of(MessageType::APP, Drain(leader.raft));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].index, 4u);
    EXPECT_EQ(sent[0].entries.size(), 1u);
}

TEST(SendSnapshot, NotToWhoHasNotBeenHeardOf)
{
    Compacted leader;
    leader.raft.AdvanceTicks(10); // the self-check: from now on nobody has been heard of
    leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 2, 1, 2));
    leader.raft.Propose(1, MakeText("a"));
    Drain(leader.raft);
    EXPECT_FALSE(leader.raft.GetProgress(3).recentActive);
    // Whatever makes the leader want to send to member 3, it has nothing for it but a snapshot.
    leader.raft.TransferLeadership(3);
    EXPECT_TRUE(Of(MessageType::SNAP, Drain(leader.raft)).empty());
    leader.Refuse(); // now it has
    EXPECT_EQ(Of(MessageType::SNAP, Drain(leader.raft)).size(), 1u);
}

TEST(SendSnapshot, WhenThereIsNoneItIsAskedForAgain)
{
    Compacted leader(nullptr);
    leader.Refuse();
    EXPECT_TRUE(Drain(leader.raft).empty());
    EXPECT_EQ(leader.raft.GetProgress(3).state, ProgressState::PROBE);
    leader.snapshot = MakeSnapshot(5, 2);
    leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 3, 1, 2));
    EXPECT_EQ(leader.raft.GetProgress(3).pendingSnapshot, 5u);
}

TEST(SendSnapshot, OneThatLeavesAGapIsRefused)
{
    for (const auto& wrong : {MakeSnapshot(3, 1), MakeSnapshot(6, 2)})
    {
        Compacted leader(wrong);
        EXPECT_THROW(leader.Refuse(), std::logic_error);
    }
}

TEST(SendSnapshot, TheTransportReports)
{
    for (const bool ok : {true, false})
    {
        Compacted leader;
        leader.Refuse();
        Drain(leader.raft);
        leader.raft.ReportSnapshot(3, ok);
        const ProgressView view = leader.raft.GetProgress(3);
        EXPECT_EQ(view.state, ProgressState::PROBE);
        EXPECT_EQ(view.next, ok ? 5u : 1u) << "behind the snapshot, if it has arrived";
        EXPECT_TRUE(view.paused) << "until the follower, or a heartbeat's answer, says something";
        leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 3, 1, 2));
        const auto sent = Drain(leader.raft);
        ASSERT_EQ(sent.size(), 1u);
        EXPECT_EQ(sent[0].type, ok ? MessageType::APP : MessageType::SNAP);
    }
    // About a member that none has been sent to, or by one that does not lead, it says nothing.
    Compacted leader;
    leader.raft.ReportSnapshot(2, false);
    leader.raft.ReportSnapshot(9, true);
    EXPECT_EQ(leader.raft.GetProgress(2).state, ProgressState::REPLICATE);
}

} // namespace

} // namespace etcdlab::raft::test
