// The contract between a Raft and its owner (etcd raft/node.go, raft/rawnode.go,
// etcdserver/raft.go).
#include "model/raft/ready.h"
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

TEST(Ready, OneAtATime)
{
    Raft raft(MakeConfig());
    EXPECT_FALSE(raft.HasReady());
    EXPECT_THROW(raft.Advance(), std::logic_error);
    raft.Campaign();
    EXPECT_TRUE(raft.HasReady());
    raft.TakeReady();
    raft.AdvanceTicks(10);         // more to say…
    EXPECT_FALSE(raft.HasReady()); // …but not yet
    EXPECT_THROW(raft.TakeReady(), std::logic_error);
    raft.Advance();
    EXPECT_TRUE(raft.HasReady());
}

// A leader's messages may leave before its own sync (dissertation, 10.2.1).
TEST(Ready, ALeadersMessagesDoNotWait)
{
    Raft raft(MakeConfig());
    Elect(raft);
    Message answer = MakeMessage(MessageType::APP_RESP, 2, 1, 1);
    answer.index = 1;
    raft.Step(answer);
    Drain(raft);
    raft.Propose(1, MakeText("a"));
    const Ready ready = raft.TakeReady();
    EXPECT_EQ(ready.entries.size(), 1u);
    EXPECT_TRUE(ready.mustSync);
    // Only member 2 is past probing; member 3 has not answered the first APP.
    EXPECT_EQ(ready.messages.size(), 1u);
    EXPECT_TRUE(ready.messagesAfterSync.empty());
}

// A follower's acknowledgement, a vote and a candidate's requests wait for the sync.
TEST(Ready, AFollowersMessagesWait)
{
    Raft follower(MakeConfig());
    follower.Step(MakeAppend(2, 1, 1, 0, 0, 0, MakeLog({1})));
    const Ready acknowledged = follower.TakeReady();
    EXPECT_TRUE(acknowledged.mustSync);
    EXPECT_TRUE(acknowledged.messages.empty());
    ASSERT_EQ(acknowledged.messagesAfterSync.size(), 1u);
    EXPECT_EQ(acknowledged.messagesAfterSync[0].index, 1u);

    Raft voter(MakeConfig());
    voter.Step(MakeMessage(MessageType::VOTE, 2, 1, 1));
    const Ready vote = voter.TakeReady();
    EXPECT_TRUE(vote.mustSync);
    EXPECT_EQ(vote.hardState, (HardState{1, 2, 0}));
    EXPECT_TRUE(vote.messages.empty());
    EXPECT_EQ(vote.messagesAfterSync.size(), 1u);

    Raft candidate(MakeConfig());
    candidate.Campaign();
    const Ready campaign = candidate.TakeReady();
    EXPECT_TRUE(campaign.mustSync);
    EXPECT_EQ(campaign.hardState, (HardState{1, 1, 0}));
    EXPECT_TRUE(campaign.messages.empty());
    EXPECT_EQ(campaign.messagesAfterSync.size(), 2u);
    EXPECT_EQ(campaign.softState, (SoftState{NO_NODE, Role::CANDIDATE}));
}

// A new commit index alone is written, but need not be synced.
TEST(Ready, ACommitAloneIsNotSynced)
{
    Raft raft(MakeConfig());
    raft.Step(MakeAppend(2, 1, 1, 0, 0, 0, MakeLog({1})));
    Drain(raft);
    raft.Step(MakeAppend(2, 1, 1, 1, 1, 1));
    const Ready ready = raft.TakeReady();
    EXPECT_FALSE(ready.mustSync);
    EXPECT_EQ(ready.hardState, (HardState{1, NO_NODE, 1}));
    EXPECT_EQ(ready.committedEntries.size(), 1u);
    EXPECT_FALSE(ready.applyAfterSync);
    EXPECT_FALSE(ready.softState.has_value()); // no news
}

// What is committed and not yet written waits for the write (etcd: shouldWaitWALSync): a single
// member, and a follower that gets entry and commit in one message.
TEST(Ready, UnwrittenEntriesAreAppliedAfterTheSync)
{
    Raft single(MakeConfig(1));
    single.Campaign();
    Ready ready = single.TakeReady();
    EXPECT_EQ(ready.entries.size(), 1u);
    EXPECT_EQ(ready.committedEntries.size(), 1u);
    EXPECT_TRUE(ready.applyAfterSync);

    Raft follower(MakeConfig());
    follower.Step(MakeAppend(2, 1, 1, 0, 0, 1, MakeLog({1, 1})));
    ready = follower.TakeReady();
    EXPECT_EQ(ready.committedEntries.size(), 1u);
    EXPECT_TRUE(ready.applyAfterSync);
}

// All that has come since the last Ready is one batch: this is group commit.
TEST(Ready, EntriesAreBatched)
{
    Raft raft(MakeConfig(1));
    Elect(raft);
    raft.Propose(1, MakeText("a"));
    const Ready first = raft.TakeReady();
    EXPECT_EQ(first.entries.size(), 1u);
    for (int i = 0; i < 13; ++i)
    {
        raft.Propose(1, MakeText("b"));
    }
    raft.Advance();
    const Ready second = raft.TakeReady();
    EXPECT_EQ(second.entries.size(), 13u);
    EXPECT_EQ(second.entries.front().index, 3u);
    EXPECT_EQ(second.committedEntries.size(), 13u);
}

// Entries replaced while they are being written come again, with the replacement
// (log_unstable.go:stableTo).
TEST(Ready, ReplacedEntriesAreHandedOutAgain)
{
    Raft raft(MakeConfig());
    raft.Step(MakeAppend(2, 1, 1, 0, 0, 0, MakeLog({1, 1, 1})));
    const Ready first = raft.TakeReady();
    EXPECT_EQ(first.entries.size(), 3u);
    // Meanwhile a leader of term 2 replaces entries 2 and 3.
    auto log = MakeLog({1, 2});
    raft.Step(MakeAppend(3, 1, 2, 1, 1, 0, {log[1]}));
    raft.Advance();
    EXPECT_EQ(raft.GetLog().GetStable(),
              0u); // 3 of term 1 is no more: nothing is known to be written
    const Ready second = raft.TakeReady();
    EXPECT_EQ(Terms(second.entries), (std::vector<Term>{1, 2}));
    EXPECT_EQ(second.entries.front().index, 1u);
    raft.Advance();
    EXPECT_EQ(raft.GetLog().GetStable(), 2u);
    EXPECT_FALSE(raft.HasReady());
}

// Replaced and grown past the old end: the term tells the new entries from those written.
TEST(Ready, TheTermTellsNewEntriesFromOld)
{
    Raft raft(MakeConfig());
    raft.Step(MakeAppend(2, 1, 1, 0, 0, 0, MakeLog({1, 1})));
    raft.TakeReady();
    auto log = MakeLog({2, 2, 2});
    raft.Step(MakeAppend(3, 1, 2, 0, 0, 0, log));
    raft.Advance();
    const Ready ready = raft.TakeReady();
    EXPECT_EQ(Terms(ready.entries), (std::vector<Term>{2, 2, 2}));
}

// What was written before goes back to unwritten when it is replaced.
TEST(Ready, StableGoesBackWithATruncation)
{
    Raft raft(MakeConfig());
    raft.Step(MakeAppend(2, 1, 1, 0, 0, 0, MakeLog({1, 1, 1})));
    Drain(raft);
    EXPECT_EQ(raft.GetLog().GetStable(), 3u);
    auto log = MakeLog({1, 2});
    raft.Step(MakeAppend(3, 1, 2, 1, 1, 0, {log[1]}));
    const Ready ready = raft.TakeReady();
    EXPECT_EQ(Terms(ready.entries), (std::vector<Term>{2}));
    EXPECT_EQ(ready.entries.front().index, 2u);
}

// Committed entries come in portions of at most 1 MiB as etcd counts, but never of nothing.
TEST(Ready, CommittedEntriesAreLimited)
{
    Config config = MakeConfig(1);
    Raft raft(config);
    Elect(raft);
    // An entry of 262 122 bytes of data in term 1 and index < 128 marshals to
    // 2 + (1+1) + (1+1) + (1+3+262122) = 262 132; four make 1 048 528 <= 1 048 576, five do not.
    EXPECT_EQ(EntrySize(1, 2, 262122), 262132u);
    for (int i = 0; i < 5; ++i)
    {
        raft.Propose(262122, MakeText("big"));
    }
    raft.Propose(2 << 20, MakeText("huge"));
    raft.Propose(1, MakeText("small"));
    std::vector<std::size_t> portions;
    while (raft.HasReady())
    {
        portions.push_back(raft.TakeReady().committedEntries.size());
        raft.Advance();
    }
    EXPECT_EQ(portions, (std::vector<std::size_t>{4, 1, 1, 1}));
}

// The same limit for a message: what is left follows in the next.
TEST(Ready, MessagesAreLimited)
{
    Config config = MakeConfig();
    config.log = MakeLog({1, 1, 1, 1, 1});
    config.hardState = {1, NO_NODE, 0};
    config.maxBytesPerMessage = 2 * EntrySize(1, 1, 2);
    Raft raft(config);
    Elect(raft);
    Message refusal = MakeMessage(MessageType::APP_RESP, 2, 1, 2);
    refusal.reject = true;
    refusal.index = 5;
    raft.Step(refusal); // it has nothing
    auto sent = Of(MessageType::APP, Drain(raft));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].entries.size(), 2u);
    Message answer = MakeMessage(MessageType::APP_RESP, 2, 1, 2);
    answer.index = 2;
    raft.Step(answer); // now it streams: 3-4, 5-6
    sent = Of(MessageType::APP, Drain(raft));
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].entries.front().index, 3u);
    EXPECT_EQ(sent[1].entries.front().index, 5u);
    EXPECT_EQ(sent[1].entries.back().index, 6u);
}

// What lies on the disk is enough to go on after a crash at any point.
TEST(Ready, ARestartGoesOnFromTheDisk)
{
    Cluster cluster(3);
    cluster[1].Campaign();
    cluster.Stabilize();
    cluster[1].Propose(1, MakeText("a"));
    cluster.Stabilize();
    cluster.Crash(2);
    cluster.Restart(2);
    EXPECT_EQ(cluster[2].GetTerm(), 1u);
    EXPECT_EQ(cluster[2].GetVote(), 1u);
    EXPECT_EQ(cluster[2].GetLastIndex(), 2u);
    EXPECT_FALSE(cluster[2].GetLog().HasUnstable());
    // Index 1 was synced with entry 2's save; that 2 is committed was only buffered, and is lost.
    EXPECT_EQ(cluster[2].GetCommitIndex(), 1u);
}

// etcd sends only the last APP_RESP of a Ready, whoever it is for, and everything else.
TEST(Ready, SupersededResponsesAreDropped)
{
    std::vector<Message> messages;
    DropSupersededResponses(messages);
    EXPECT_TRUE(messages.empty());
    for (const auto& [type, index] : {std::pair{MessageType::APP_RESP, 1},
                                      {MessageType::HEARTBEAT_RESP, 0},
                                      {MessageType::APP_RESP, 2},
                                      {MessageType::APP_RESP, 3},
                                      {MessageType::PROP, 0}})
    {
        messages.push_back(MakeMessage(type, 1, 2, 1));
        messages.back().index = static_cast<Index>(index);
    }
    DropSupersededResponses(messages);
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[0].type, MessageType::HEARTBEAT_RESP);
    EXPECT_EQ(messages[1].index, 3u);
    EXPECT_EQ(messages[2].type, MessageType::PROP);
}

// The sizes that limits and the wire count (facts from etcd's encoder: a forwarded entry is 7 +
// v(D) + D bytes).
TEST(Ready, EntrySizes)
{
    EXPECT_EQ(EntrySize(0, 0, 1110), 7u + 2u + 1110u);
    EXPECT_EQ(EntrySize(1, 1, 0), 6u);
    EXPECT_EQ(EntrySize(2, 1000, 1110), 2u + 2u + 3u + 1u + 2u + 1110u);
}

} // namespace

} // namespace etcdlab::raft::test
