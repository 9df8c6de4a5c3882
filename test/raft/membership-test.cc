// Learners and changes of members: Raft paper, section 6; dissertation, chapter 4, one at a time;
// etcd 3.4.23 raft/raft.go (applyConfChange, switchToConfig) and raft/confchange.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

using enum ConfChangeType;

/// Member 1 of voters 1..voters and learners after them, of which it is the leader of term 1.
struct Led
{
    explicit Led(std::size_t voters, std::vector<NodeId> learners = {})
        : raft(Configure(voters, std::move(learners)))
    {
        raft.Campaign();
        for (NodeId id = 2; id <= voters; ++id)
        {
            raft.Step(MakeMessage(MessageType::VOTE_RESP, id, 1, 1));
        }
        Drain(raft);
    }

    static Config Configure(std::size_t voters, std::vector<NodeId> learners)
    {
        Config config = MakeConfig(voters);
        config.learners = std::move(learners);
        return config;
    }

    void Accept(NodeId from, Index index)
    {
        Message message = MakeMessage(MessageType::APP_RESP, from, 1, 1);
        message.index = index;
        raft.Step(message);
    }

    Raft raft;
};

Entry
MakeChangeEntry(Term term, Index index, ConfChangeType type, NodeId node)
{
    return {term, index, 6, MakeChange(type, node), EntryType::CONF_CHANGE};
}

// --- Learners: "it is not yet counted towards majorities for voting or commitment purposes" (4.2.1) ---

TEST(Learner, DoesNotCountForCommitment)
{
    Led leader(3, {4, 5});
    ASSERT_TRUE(leader.raft.IsLeader());
    leader.Accept(4, 1);
    leader.Accept(5, 1);
    EXPECT_EQ(leader.raft.GetCommitIndex(), 0u);
    leader.Accept(3, 1);
    EXPECT_EQ(leader.raft.GetCommitIndex(), 1u);
}

TEST(Learner, DoesNotCountForElection)
{
    Raft raft(Led::Configure(3, {4}));
    raft.Campaign();
    const auto requests = Drain(raft);
    ASSERT_EQ(requests.size(), 2u) << "only voters are asked";
    raft.Step(MakeMessage(MessageType::VOTE_RESP, 4, 1, 1));
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
    Message refusal = MakeMessage(MessageType::VOTE_RESP, 4, 1, 1);
    refusal.reject = true;
    raft.Step(refusal);
    raft.Step(MakeMessage(MessageType::VOTE_RESP, 2, 1, 1));
    EXPECT_EQ(raft.GetRole(), Role::LEADER);
}

TEST(Learner, DoesNotCountForTheLeadersSelfCheck)
{
    Led leader(3, {4});
    leader.raft.AdvanceTicks(10);
    leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 4, 1, 1));
    leader.raft.AdvanceTicks(10);
    EXPECT_FALSE(leader.raft.IsLeader());
}

TEST(Learner, DoesNotCountForReads)
{
    Led leader(3, {4});
    leader.Accept(2, 1);
    Drain(leader.raft);
    leader.raft.ReadIndex(7);
    Message confirmation = MakeMessage(MessageType::HEARTBEAT_RESP, 4, 1, 1);
    confirmation.context = 7;
    leader.raft.Step(confirmation);
    EXPECT_TRUE(leader.raft.TakeReady().readStates.empty());
    leader.raft.Advance();
    confirmation.from = 3;
    leader.raft.Step(confirmation);
    EXPECT_EQ(leader.raft.TakeReady().readStates.size(), 1u);
}

TEST(Learner, DoesNotCampaign)
{
    Config config = MakeConfig(2);
    config.id = 3;
    config.learners = {3};
    Raft raft(config);
    raft.AdvanceTicks(50);
    raft.Campaign();
    raft.Step(MakeMessage(MessageType::TIMEOUT_NOW, 1, 3, 1));
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    // Made a voter, it does.
    raft.ApplyConfChange({ADD_NODE, 3});
    raft.Campaign();
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
}

// raft.go:Step: it may have been promoted and not know it.
TEST(Learner, VotesWhenAsked)
{
    Config config = MakeConfig(2);
    config.id = 3;
    config.learners = {3};
    Raft raft(config);
    const Message answer = Answer(raft, MakeMessage(MessageType::VOTE, 1, 3, 1));
    EXPECT_EQ(answer.type, MessageType::VOTE_RESP);
    EXPECT_FALSE(answer.reject);
}

TEST(Learner, IsHandedNoLeadership)
{
    Led leader(2, {3});
    leader.Accept(3, 1);
    Drain(leader.raft);
    leader.raft.TransferLeadership(3);
    EXPECT_EQ(leader.raft.GetTransferee(), NO_NODE);
    EXPECT_TRUE(Drain(leader.raft).empty());
}

TEST(Learner, ReceivesTheLogAndServesReads)
{
    Cluster cluster(1);
    cluster.Join(2);
    cluster[1].Campaign();
    cluster[1].ProposeConfChange(6, MakeChange(ADD_LEARNER_NODE, 2));
    cluster.Stabilize();
    cluster[2].Propose(1, MakeText("a")); // and forwards proposals
    cluster.Stabilize();
    EXPECT_EQ(cluster.At(2).state, (std::vector<std::string>{"a"}));
    cluster[2].ReadIndex(5);
    cluster.Stabilize();
    EXPECT_EQ(cluster.At(2).reads, (std::vector<ReadState>{{5, 3}}));
}

// --- Changes ---

TEST(ConfChange, TakesEffectWhenTheOwnerAppliesIt)
{
    Led leader(3);
    leader.Accept(2, 1);
    Drain(leader.raft);
    leader.raft.ProposeConfChange(6, MakeChange(ADD_NODE, 4));
    leader.Accept(2, 2);
    const Ready ready = leader.raft.TakeReady();
    ASSERT_EQ(ready.committedEntries.size(), 1u);
    EXPECT_EQ(Describe(ready.committedEntries[0]), "1/2 add 4");
    EXPECT_EQ(leader.raft.GetConfState().voters.size(), 3u);
    EXPECT_EQ(leader.raft.ApplyConfChange(ConfChangeOf(ready.committedEntries[0])),
              (ConfState{{1, 2, 3, 4}, {}}));
    leader.raft.Advance();
    // Three of four from now on.
    leader.raft.Propose(1, MakeText("a"));
    leader.Accept(2, 3);
    EXPECT_EQ(leader.raft.GetCommitIndex(), 2u);
    leader.Accept(4, 3);
    EXPECT_EQ(leader.raft.GetCommitIndex(), 3u);
}

TEST(ConfChange, OneAtATime)
{
    Led leader(3);
    const auto last = [&] { return leader.raft.GetLog().At(leader.raft.GetLastIndex()); };
    // The leader's first entry is in its log and not applied; that it is no change, it does not look.
    // (It had nothing when it was elected, so this one may pass.)
    EXPECT_EQ(leader.raft.ProposeConfChange(6, MakeChange(ADD_NODE, 4)), ProposeResult::ACCEPTED);
    EXPECT_EQ(Describe(last()), "1/2 add 4");
    EXPECT_EQ(leader.raft.ProposeConfChange(6, MakeChange(ADD_NODE, 5)), ProposeResult::ACCEPTED);
    EXPECT_EQ(Describe(last()), "1/3 empty");
    EXPECT_EQ(last().type, EntryType::NORMAL);
    EXPECT_EQ(last().bytes, 0u);
    leader.Accept(2, 3); // committed is not enough
    leader.raft.ProposeConfChange(6, MakeChange(ADD_NODE, 5));
    EXPECT_EQ(Describe(last()), "1/4 empty");
    Drain(leader.raft);
    leader.raft.ProposeConfChange(6, MakeChange(ADD_NODE, 5));
    EXPECT_EQ(Describe(last()), "1/5 add 5");
}

TEST(ConfChange, IsForwardedLikeAnyProposal)
{
    Raft raft(MakeConfig());
    EXPECT_EQ(raft.ProposeConfChange(6, MakeChange(REMOVE_NODE, 3)), ProposeResult::NO_LEADER);
    raft.Step(MakeMessage(MessageType::HEARTBEAT, 2, 1, 1));
    Drain(raft);
    EXPECT_EQ(raft.ProposeConfChange(6, MakeChange(REMOVE_NODE, 3)), ProposeResult::FORWARDED);
    const auto sent = Drain(raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].entries.at(0).type, EntryType::CONF_CHANGE);
}

TEST(ConfChange, ARemovalMayCommitWhatASmallerQuorumHas)
{
    Led leader(4); // three of four
    leader.Accept(2, 1);
    EXPECT_EQ(leader.raft.GetCommitIndex(), 0u);
    leader.raft.ApplyConfChange({REMOVE_NODE, 4}); // two of three
    EXPECT_EQ(leader.raft.GetCommitIndex(), 1u);
    const auto sent = Of(MessageType::APP, Drain(leader.raft));
    ASSERT_FALSE(sent.empty());
    EXPECT_EQ(sent.back().commit, 1u) << "and says so at once";
}

// "a majority" of the new cluster may include the new member, that the leader has not heard of yet.
TEST(ConfChange, ANewMemberIsTakenForActive)
{
    Led leader(1);
    leader.raft.ApplyConfChange({ADD_NODE, 2});
    EXPECT_TRUE(leader.raft.GetProgress(2).recentActive);
    leader.raft.AdvanceTicks(10);
    EXPECT_TRUE(leader.raft.IsLeader());
    leader.raft.AdvanceTicks(10);
    EXPECT_FALSE(leader.raft.IsLeader());
}

TEST(ConfChange, PromotionKeepsWhatIsKnown)
{
    Led leader(1, {2});
    leader.Accept(2, 1);
    leader.raft.ApplyConfChange({ADD_NODE, 2});
    EXPECT_FALSE(leader.raft.GetProgress(2).learner);
    EXPECT_EQ(leader.raft.GetProgress(2).match, 1u);
    EXPECT_EQ(leader.raft.GetProgress(2).state, ProgressState::REPLICATE);
    leader.raft.ApplyConfChange({ADD_LEARNER_NODE, 2});
    EXPECT_TRUE(leader.raft.GetProgress(2).learner);
    EXPECT_EQ(leader.raft.GetProgress(2).match, 1u);
}

TEST(ConfChange, NobodyAndNothingNew)
{
    Led leader(2, {3});
    const ConfState before = leader.raft.GetConfState();
    EXPECT_EQ(leader.raft.ApplyConfChange({REMOVE_NODE, NO_NODE}), before);
    EXPECT_EQ(leader.raft.ApplyConfChange({REMOVE_NODE, 9}), before);
    EXPECT_EQ(leader.raft.ApplyConfChange({ADD_NODE, 2}), before);
    EXPECT_EQ(leader.raft.ApplyConfChange({ADD_LEARNER_NODE, 3}), before);
}

TEST(ConfChange, TheLastVoterStays)
{
    Led leader(1, {2});
    for (const ConfChangeType type : {REMOVE_NODE, ADD_LEARNER_NODE})
    {
        EXPECT_THROW(leader.raft.ApplyConfChange({type, 1}), std::invalid_argument);
        EXPECT_EQ(leader.raft.GetConfState(), (ConfState{{1}, {2}}));
    }
    for (NodeId id = 3; id <= 64; ++id)
    {
        leader.raft.ApplyConfChange({ADD_LEARNER_NODE, id});
    }
    EXPECT_THROW(leader.raft.ApplyConfChange({ADD_NODE, 65}), std::invalid_argument);
    EXPECT_THROW(ConfChangeOf(Entry{1, 1, 1, MakeText("a")}), std::logic_error);
}

TEST(ConfChange, ATransferToWhoLeavesIsGivenUp)
{
    for (const ConfChangeType type : {REMOVE_NODE, ADD_LEARNER_NODE})
    {
        Led leader(3);
        leader.raft.TransferLeadership(3);
        EXPECT_EQ(leader.raft.GetTransferee(), 3u);
        leader.raft.ApplyConfChange({type, 3});
        EXPECT_EQ(leader.raft.GetTransferee(), NO_NODE);
    }
}

// A confirmation is remembered by who gave it, though places shift when a member with a smaller id goes.
TEST(ConfChange, ReadsThatWaitKeepTheirConfirmations)
{
    Led leader(5); // three of five
    leader.Accept(2, 1);
    leader.Accept(3, 1);
    Drain(leader.raft);
    leader.raft.ReadIndex(7);
    Message confirmation = MakeMessage(MessageType::HEARTBEAT_RESP, 3, 1, 1);
    confirmation.context = 7;
    leader.raft.Step(confirmation);                // 1 and 3
    leader.raft.ApplyConfChange({REMOVE_NODE, 2}); // three of 1, 3, 4, 5
    leader.raft.Step(confirmation);
    EXPECT_TRUE(leader.raft.TakeReady().readStates.empty());
    leader.raft.Advance();
    confirmation.from = 4;
    leader.raft.Step(confirmation);
    EXPECT_EQ(leader.raft.TakeReady().readStates, (std::vector<ReadState>{{7, 1}}));
}

// Whoever has committed a change and goes by the members before it must not stand for election: its
// majority need not overlap with one two changes later (raft.go:hup).
TEST(ConfChange, WhoHasOneToApplyDoesNotCampaign)
{
    Raft raft(MakeConfig());
    raft.Step(MakeAppend(2, 1, 1, 0, 0, 1, {MakeChangeEntry(1, 1, ADD_NODE, 4)}));
    ASSERT_EQ(raft.GetCommitIndex(), 1u);
    raft.Campaign();
    raft.AdvanceTicks(30);
    raft.Step(MakeMessage(MessageType::TIMEOUT_NOW, 2, 1, 1));
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    const Ready ready = raft.TakeReady();
    raft.ApplyConfChange(ConfChangeOf(ready.committedEntries.at(0)));
    raft.Campaign();
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    raft.Advance();
    raft.Campaign();
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
    EXPECT_EQ(Drain(raft).size(), 3u) << "four voters";
}

// A change is handed out; before the owner comes to apply it, a snapshot arrives that tells of it and of
// a later one. Applied now, it would bring back who has left.
TEST(ConfChange, OvertakenByASnapshotIsNothing)
{
    Raft raft(MakeConfig());
    raft.Step(MakeAppend(2, 1, 1, 0, 0, 1, {MakeChangeEntry(1, 1, ADD_NODE, 4)}));
    const Ready ready = raft.TakeReady();
    Message message = MakeMessage(MessageType::SNAP, 2, 1, 1);
    message.snapshot = MakeSnapshot(3, 1, {1, 2, 3});
    raft.Step(message);
    EXPECT_EQ(raft.ApplyConfChange(ConfChangeOf(ready.committedEntries.at(0))),
              (ConfState{{1, 2, 3}, {}}));
    raft.Advance();
    EXPECT_EQ(raft.TakeReady().snapshot->index, 3u);
}

// --- Who does not know yet (paper, section 6: "a server accepts log entries from a leader that is not
// part of the server's latest configuration", and votes for a candidate that is not) ---

TEST(Strangers, RequestsAreHeard)
{
    Raft raft(MakeConfig());
    EXPECT_FALSE(Answer(raft, MakeMessage(MessageType::VOTE, 9, 1, 5)).reject);
    EXPECT_EQ(raft.GetVote(), 9u);
    EXPECT_FALSE(Answer(raft, MakeAppend(9, 1, 5, 0, 0, 0, MakeLog({5}))).reject);
    EXPECT_EQ(raft.GetLeader(), 9u);
}

TEST(Strangers, AJoiningNodeWaitsUntilItIsAMember)
{
    Config config = MakeConfig();
    config.id = 4;
    config.joining = true;
    Raft raft(config);
    raft.AdvanceTicks(50);
    raft.Campaign();
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    EXPECT_FALSE(raft.HasReady());
    raft.ApplyConfChange({ADD_NODE, 4});
    raft.Campaign();
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
}

// --- A leader that removes itself (dissertation, 4.2.2, manages the cluster while it is not a member) ---

TEST(RemovedLeader, DoesNotCountItself)
{
    Led leader(3);
    leader.Accept(2, 1);
    Drain(leader.raft);
    leader.raft.ProposeConfChange(6, MakeChange(REMOVE_NODE, 1));
    leader.raft.Propose(1, MakeText("a"));
    leader.Accept(2, 2);
    const Ready ready = leader.raft.TakeReady();
    leader.raft.ApplyConfChange(ConfChangeOf(ready.committedEntries.at(0)));
    leader.raft.Advance();
    EXPECT_TRUE(leader.raft.IsLeader());
    EXPECT_EQ(leader.raft.Propose(1, MakeText("b")), ProposeResult::DROPPED);
    leader.Accept(2, 3);
    EXPECT_EQ(leader.raft.GetCommitIndex(), 2u) << "one of the two that are left";
    leader.Accept(3, 3);
    EXPECT_EQ(leader.raft.GetCommitIndex(), 3u);
    // It leads as long as those two answer.
    leader.raft.AdvanceTicks(10);
    leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 2, 1, 1));
    leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 3, 1, 1));
    leader.raft.AdvanceTicks(10);
    EXPECT_TRUE(leader.raft.IsLeader());
    leader.raft.Step(MakeMessage(MessageType::HEARTBEAT_RESP, 2, 1, 1));
    leader.raft.AdvanceTicks(10);
    EXPECT_FALSE(leader.raft.IsLeader());
    leader.raft.AdvanceTicks(50);
    EXPECT_EQ(leader.raft.GetRole(), Role::FOLLOWER) << "and does not stand again";
}

} // namespace

} // namespace etcdlab::raft::test
