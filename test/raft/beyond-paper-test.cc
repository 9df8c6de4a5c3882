// Section 6 of the Raft paper, Ongaro's dissertation, and what etcd adds: leases, CheckQuorum,
// PreVote, leader transfer, linearizable reads.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

namespace etcdlab::raft::test
{

namespace
{

/// A follower of member 2 in term 1.
std::unique_ptr<Raft>
Follower(Config config = MakeConfig())
{
    auto raft = std::make_unique<Raft>(std::move(config));
    raft->Step(MakeMessage(MessageType::HEARTBEAT, 2, 1, 1));
    Drain(*raft);
    return raft;
}

/// Member 1, leader of term 1 of three, with its empty entry acknowledged by all.
std::unique_ptr<Raft>
Leader(Config config = MakeConfig())
{
    auto raft = std::make_unique<Raft>(std::move(config));
    Elect(*raft);
    for (NodeId id = 2; id <= 3; ++id)
    {
        Message answer = MakeMessage(MessageType::APP_RESP, id, 1, 1);
        answer.index = 1;
        raft->Step(answer);
    }
    Drain(*raft);
    return raft;
}

// --- The vote lease (paper, section 6; dissertation, 4.2.3) ---

// Within the minimum election timeout of hearing from a leader, requests for votes are ignored: no
// answer, and no change of term.
TEST(Lease, VoteRequestsAreIgnoredWhileALeaderIsHeard)
{
    for (const MessageType type : {MessageType::VOTE, MessageType::PRE_VOTE})
    {
        auto raft = Follower();
        raft->AdvanceTicks(9);
        raft->Step(MakeMessage(type, 3, 1, 5));
        EXPECT_TRUE(Drain(*raft).empty());
        EXPECT_EQ(raft->GetTerm(), 1u);
        EXPECT_EQ(raft->GetLeader(), 2u);
    }
}

// After it (with a longer draw of its own, so that it has not campaigned itself) they are answered.
TEST(Lease, EndsAfterTheMinimumTimeout)
{
    Config config = MakeConfig();
    config.random = [](int) { return 9; };
    auto raft = Follower(config);
    raft->AdvanceTicks(10);
    raft->Step(MakeMessage(MessageType::VOTE, 3, 1, 5));
    const auto sent = Drain(*raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_FALSE(sent[0].reject);
    EXPECT_EQ(raft->GetTerm(), 5u);
}

// A transfer is the leader's own wish: the mark overrides the lease (dissertation, 4.2.3).
TEST(Lease, ATransferOverridesIt)
{
    auto raft = Follower();
    Message request = MakeMessage(MessageType::VOTE, 3, 1, 2);
    request.transfer = true;
    raft->Step(request);
    const auto sent = Drain(*raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_FALSE(sent[0].reject);
}

TEST(Lease, NeedsCheckQuorum)
{
    Config config = MakeConfig();
    config.checkQuorum = false;
    auto raft = Follower(config);
    raft->Step(MakeMessage(MessageType::VOTE, 3, 1, 2));
    EXPECT_EQ(raft->GetTerm(), 2u);
}

// --- CheckQuorum (dissertation, 6.2; etcd tickHeartbeat) ---

// Every election timeout the leader needs answers of a quorum since the last check.
TEST(CheckQuorum, StepsDownWithoutAQuorum)
{
    auto raft = Leader();
    raft->AdvanceTicks(10); // this check finds the answers of Leader()
    EXPECT_TRUE(raft->IsLeader());
    raft->AdvanceTicks(9);
    EXPECT_TRUE(raft->IsLeader());
    raft->Tick();
    EXPECT_EQ(raft->GetRole(), Role::FOLLOWER);
    EXPECT_EQ(raft->GetTerm(), 1u);
    EXPECT_EQ(raft->GetLeader(), NO_NODE);
}

TEST(CheckQuorum, OneAnswerOfTwoIsEnough)
{
    auto raft = Leader();
    for (int i = 0; i < 10; ++i)
    {
        raft->AdvanceTicks(9);
        raft->Step(MakeMessage(MessageType::HEARTBEAT_RESP, 3, 1, 1));
        raft->Tick();
        ASSERT_TRUE(raft->IsLeader());
    }
}

TEST(CheckQuorum, CanBeOff)
{
    Config config = MakeConfig();
    config.checkQuorum = false;
    auto raft = Leader(config);
    raft->AdvanceTicks(100);
    EXPECT_TRUE(raft->IsLeader());
}

// A single member needs nobody.
TEST(CheckQuorum, ASingleMemberLeadsOn)
{
    Raft raft(MakeConfig(1));
    raft.AdvanceTicks(10);
    EXPECT_TRUE(raft.IsLeader());
    raft.AdvanceTicks(100);
    EXPECT_TRUE(raft.IsLeader());
}

// A member ahead in terms that a leader of an old term talks to tells it, with leases or PreVote
// only.
TEST(CheckQuorum, StaleLeadersAreTold)
{
    for (const bool checkQuorum : {false, true})
    {
        for (const bool preVote : {false, true})
        {
            Config config = MakeConfig();
            config.checkQuorum = checkQuorum;
            config.preVote = preVote;
            config.hardState.term = 3;
            Raft raft(config);
            raft.Step(MakeMessage(MessageType::HEARTBEAT, 2, 1, 2));
            const auto sent = Drain(raft);
            ASSERT_EQ(sent.size(), checkQuorum || preVote ? 1u : 0u);
            if (!sent.empty())
            {
                EXPECT_EQ(sent[0].type, MessageType::APP_RESP);
                EXPECT_EQ(sent[0].term, 3u);
            }
            EXPECT_EQ(raft.GetLeader(), NO_NODE);
        }
    }
}

// --- PreVote (dissertation, 9.6) ---

Config
PreVoteConfig()
{
    Config config = MakeConfig();
    config.preVote = true;
    return config;
}

// Asking costs nothing: neither term nor vote changes, and nothing must be synced.
TEST(PreVote, ChangesNothing)
{
    Raft raft(PreVoteConfig());
    raft.AdvanceTicks(10);
    EXPECT_EQ(raft.GetRole(), Role::PRE_CANDIDATE);
    EXPECT_EQ(raft.GetTerm(), 0u);
    EXPECT_EQ(raft.GetVote(), NO_NODE);
    const Ready ready = raft.TakeReady();
    EXPECT_FALSE(ready.mustSync);
    ASSERT_EQ(ready.messagesAfterSync.size(), 2u);
    EXPECT_EQ(ready.messagesAfterSync[0].type, MessageType::PRE_VOTE);
    EXPECT_EQ(ready.messagesAfterSync[0].term, 1u);

    Raft voter(PreVoteConfig());
    voter.Step(MakeMessage(MessageType::PRE_VOTE, 2, 1, 1));
    voter.Step(MakeMessage(MessageType::PRE_VOTE, 3, 1, 1)); // any number of members
    const auto sent = Drain(voter);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_FALSE(sent[0].reject);
    EXPECT_FALSE(sent[1].reject);
    EXPECT_EQ(sent[0].term, 1u);
    EXPECT_EQ(voter.GetTerm(), 0u);
    EXPECT_EQ(voter.GetVote(), NO_NODE);
}

// With a majority behind it the real election follows.
TEST(PreVote, AMajorityStartsTheElection)
{
    Raft raft(PreVoteConfig());
    raft.Campaign();
    raft.Step(MakeMessage(MessageType::VOTE_RESP, 2, 1, 0)); // not what was asked
    EXPECT_EQ(raft.GetRole(), Role::PRE_CANDIDATE);
    raft.Step(MakeMessage(MessageType::PRE_VOTE_RESP, 2, 1, 1));
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
    EXPECT_EQ(raft.GetTerm(), 1u);
    EXPECT_EQ(raft.GetVote(), 1u);
}

// A log that is behind gets no pre-vote either.
TEST(PreVote, OutdatedLogsAreRefused)
{
    Config config = PreVoteConfig();
    config.log = MakeLog({1});
    config.hardState.term = 1;
    Raft raft(config);
    raft.Step(MakeMessage(MessageType::PRE_VOTE, 2, 1, 2));
    const auto sent = Drain(raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_TRUE(sent[0].reject);
}

// A refusal of a higher term is taken over; refused by a majority in its own, it follows, in its
// old term.
TEST(PreVote, Refusals)
{
    Raft raft(PreVoteConfig());
    raft.Campaign();
    Message refusal = MakeMessage(MessageType::PRE_VOTE_RESP, 2, 1, 4);
    refusal.reject = true;
    raft.Step(refusal);
    EXPECT_EQ(raft.GetTerm(), 4u);
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    raft.Campaign();
    raft.Step(refusal);
    EXPECT_EQ(raft.GetRole(), Role::PRE_CANDIDATE);
    refusal.from = 3;
    raft.Step(refusal);
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    EXPECT_EQ(raft.GetTerm(), 4u);
}

// Members of an old term that ask are told the newer one, or both sides could wait for ever.
TEST(PreVote, AnOldTermIsAnswered)
{
    Config config = PreVoteConfig();
    config.hardState.term = 6;
    Raft raft(config);
    raft.Step(MakeMessage(MessageType::PRE_VOTE, 2, 1, 5));
    const auto sent = Drain(raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].type, MessageType::PRE_VOTE_RESP);
    EXPECT_TRUE(sent[0].reject);
    EXPECT_EQ(sent[0].term, 6u);
}

TEST(PreVote, ASingleMemberWinsAtOnce)
{
    Config config = MakeConfig(1);
    config.preVote = true;
    Raft raft(config);
    raft.AdvanceTicks(10);
    EXPECT_TRUE(raft.IsLeader());
    EXPECT_EQ(raft.GetTerm(), 1u);
}

// --- Transfer (dissertation, 3.10; etcd stepLeader, MsgTransferLeader) ---

TEST(Transfer, UpToDateTargetsAreToldAtOnce)
{
    auto raft = Leader();
    raft->TransferLeadership(3);
    EXPECT_EQ(raft->GetTransferee(), 3u);
    const auto sent = Drain(*raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].type, MessageType::TIMEOUT_NOW);
    EXPECT_EQ(sent[0].to, 3u);
}

TEST(Transfer, OthersCatchUpFirst)
{
    auto raft = Leader();
    raft->Propose(1, MakeText("a"));
    Drain(*raft);
    raft->TransferLeadership(3);
    EXPECT_TRUE(Of(MessageType::TIMEOUT_NOW, Drain(*raft)).empty());
    Message answer = MakeMessage(MessageType::APP_RESP, 3, 1, 1);
    answer.index = 2;
    raft->Step(answer);
    EXPECT_EQ(Of(MessageType::TIMEOUT_NOW, Drain(*raft)).size(), 1u);
}

TEST(Transfer, ProposalsAreDroppedMeanwhile)
{
    auto raft = Leader();
    raft->TransferLeadership(3);
    EXPECT_EQ(raft->Propose(1, MakeText("a")), ProposeResult::DROPPED);
    Message forward = MakeMessage(MessageType::PROP, 2, 1, 0);
    forward.entries = {{0, 0, 1, MakeText("b")}};
    raft->Step(forward);
    EXPECT_EQ(raft->GetLastIndex(), 1u);
}

TEST(Transfer, IsGivenUpAfterAnElectionTimeout)
{
    auto raft = Leader();
    raft->AdvanceTicks(5);
    raft->TransferLeadership(3); // restarts the timeout
    raft->AdvanceTicks(9);
    EXPECT_EQ(raft->GetTransferee(), 3u);
    raft->Tick();
    EXPECT_EQ(raft->GetTransferee(), NO_NODE);
    EXPECT_EQ(raft->Propose(1, MakeText("a")), ProposeResult::ACCEPTED);
}

TEST(Transfer, ToItselfOrAgainOrToAStrangerIsNothing)
{
    auto raft = Leader();
    raft->TransferLeadership(1);
    raft->TransferLeadership(77);
    EXPECT_EQ(raft->GetTransferee(), NO_NODE);
    raft->TransferLeadership(3);
    Drain(*raft);
    raft->TransferLeadership(3);
    EXPECT_FALSE(raft->HasReady());
    raft->TransferLeadership(2); // another one replaces it
    EXPECT_EQ(raft->GetTransferee(), 2u);
}

// The transferee campaigns at once, without PreVote, and its requests carry the mark.
TEST(Transfer, TheTargetCampaignsAtOnce)
{
    auto raft = Follower(PreVoteConfig());
    raft->Step(MakeMessage(MessageType::TIMEOUT_NOW, 2, 1, 1));
    EXPECT_EQ(raft->GetRole(), Role::CANDIDATE);
    const auto sent = Drain(*raft);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].type, MessageType::VOTE);
    EXPECT_TRUE(sent[0].transfer);
}

// --- ReadIndex (dissertation, 6.4) ---

// A new leader does not know what is committed until an entry of its term is.
TEST(ReadIndex, WaitsForTheFirstCommitOfTheTerm)
{
    Raft raft(MakeConfig());
    Elect(raft);
    raft.ReadIndex(7);
    EXPECT_TRUE(Drain(raft).empty());
    Message answer = MakeMessage(MessageType::APP_RESP, 2, 1, 1);
    answer.index = 1;
    raft.Step(answer);
    const auto asked = Of(MessageType::HEARTBEAT, Drain(raft));
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_EQ(asked[0].context, 7u);
}

// The index is the commit index when the request came, not when it is confirmed.
TEST(ReadIndex, AnswersWithTheIndexOfItsArrival)
{
    auto raft = Leader();
    raft->ReadIndex(7);
    raft->Propose(1, MakeText("a"));
    Message answer = MakeMessage(MessageType::APP_RESP, 2, 1, 1);
    answer.index = 2;
    raft->Step(answer);
    EXPECT_EQ(raft->GetCommitIndex(), 2u);
    Message confirmed = MakeMessage(MessageType::HEARTBEAT_RESP, 2, 1, 1);
    confirmed.context = 7;
    raft->Step(confirmed);
    EXPECT_EQ(raft->TakeReady().readStates, (std::vector<ReadState>{{7, 1}}));
}

// Confirmations without the context do not count, nor does one member's twice.
TEST(ReadIndex, NeedsAQuorumOfItsOwn)
{
    Raft raft(MakeConfig(5));
    Elect(raft);
    for (const NodeId id : {2, 3})
    {
        Message answer = MakeMessage(MessageType::APP_RESP, id, 1, 1);
        answer.index = 1;
        raft.Step(answer);
    }
    raft.ReadIndex(7);
    Drain(raft);
    const auto confirm = [&raft](NodeId from, Context context) {
        Message m = MakeMessage(MessageType::HEARTBEAT_RESP, from, 1, 1);
        m.context = context;
        raft.Step(m);
        bool served = false;
        while (raft.HasReady())
        {
            served |= !raft.TakeReady().readStates.empty();
            raft.Advance();
        }
        return served;
    };
    EXPECT_FALSE(confirm(2, 0));
    EXPECT_FALSE(confirm(3, 6));
    EXPECT_FALSE(confirm(2, 7));
    EXPECT_FALSE(confirm(2, 7));
    EXPECT_TRUE(confirm(3, 7)); // 1, 2, 3 of 5
    EXPECT_FALSE(confirm(4, 7));
}

// Confirming one read confirms those before it, in order, and not those after it.
TEST(ReadIndex, ReleasesOlderRequests)
{
    auto raft = Leader();
    raft->ReadIndex(30);
    raft->ReadIndex(10);
    raft->ReadIndex(20);
    Drain(*raft);
    Message confirmed = MakeMessage(MessageType::HEARTBEAT_RESP, 2, 1, 1);
    confirmed.context = 10;
    raft->Step(confirmed);
    EXPECT_EQ(raft->TakeReady().readStates, (std::vector<ReadState>{{30, 1}, {10, 1}}));
    raft->Advance();
    // Regular heartbeats ask for the last one still waiting.
    raft->Tick();
    EXPECT_EQ(Drain(*raft)[0].context, 20u);
}

// The leader answers a follower's request to the follower, which hands it out.
TEST(ReadIndex, FollowersAskTheLeader)
{
    auto follower = Follower();
    follower->ReadIndex(7);
    const auto sent = Drain(*follower);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].type, MessageType::READ_INDEX);
    EXPECT_EQ(sent[0].to, 2u);
    EXPECT_EQ(sent[0].from, 1u);
    EXPECT_EQ(sent[0].term, 0u);
    Message answer = MakeMessage(MessageType::READ_INDEX_RESP, 2, 1, 1);
    answer.index = 9;
    answer.context = 7;
    follower->Step(answer);
    EXPECT_EQ(follower->TakeReady().readStates, (std::vector<ReadState>{{7, 9}}));
}

TEST(ReadIndex, IsDroppedWithoutALeader)
{
    Raft raft(MakeConfig());
    raft.ReadIndex(7);
    EXPECT_FALSE(raft.HasReady());
}

// Reads that a leader has not confirmed when it steps down are never confirmed by its old answers.
TEST(ReadIndex, DiesWithTheLeadership)
{
    auto raft = Leader();
    raft->ReadIndex(7);
    raft->Step(MakeMessage(MessageType::APP_RESP, 2, 1, 2));
    Elect(*raft);
    ASSERT_EQ(raft->GetTerm(), 3u);
    Message confirmed = MakeMessage(MessageType::HEARTBEAT_RESP, 2, 1, 3);
    confirmed.context = 7;
    raft->Step(confirmed);
    for (; raft->HasReady(); raft->Advance())
    {
        EXPECT_TRUE(raft->TakeReady().readStates.empty());
    }
}

TEST(ReadIndex, ASingleMemberAnswersAtOnce)
{
    Raft raft(MakeConfig(1));
    Elect(raft);
    raft.ReadIndex(7);
    EXPECT_EQ(raft.TakeReady().readStates, (std::vector<ReadState>{{7, 1}}));
}

// --- Configuration ---

TEST(RaftConfig, NonsenseIsRefusedWithAReason)
{
    const auto refused = [](auto change) {
        Config config = MakeConfig();
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
    EXPECT_EQ(refused([](Config& c) { c.id = 4; }),
              "raft configuration: expected an id other than 0 that is one of the voters, found 4");
    EXPECT_EQ(refused([](Config& c) {
                  c.voters = {1, 2, 1};
              }),
              "raft configuration: expected voters that differ, found one twice");
    EXPECT_EQ(refused([](Config& c) { c.electionTicks = 1; }),
              "raft configuration: expected 1 <= heartbeatTicks < electionTicks, found 1 and 1");
    EXPECT_EQ(refused([](Config& c) { c.random = nullptr; }),
              "raft configuration: expected a source of random numbers, found none");
    EXPECT_EQ(refused([](Config& c) { c.maxInflight = 0; }),
              "raft configuration: expected maxInflight >= 1, found 0");
    EXPECT_EQ(refused([](Config& c) {
                  c.voters = {0, 1};
              }),
              "raft configuration: expected at most 64 voters, none of them 0, found 2");
    EXPECT_EQ(refused([](Config& c) { c.log = MakeLog({3}); }),
              "raft configuration: expected a stored term of at least 3, that of the last entry, "
              "found 0");
    EXPECT_EQ(refused([](Config& c) { c.hardState.commit = 1; }),
              "expected applied <= committed <= last index in what is stored, found applied 0, "
              "committed 1, last index 0");
    EXPECT_EQ(refused([](Config& c) {
                  c.log = {{1, 2, 0, nullptr}};
              }),
              "the stored log has entry 1/2 empty where index 1 of a term >= 1 is expected");
}

// Strangers' requests are another matter: see membership-test.cc.
TEST(RaftConfig, ResponsesOfStrangersAreIgnored)
{
    Raft raft(MakeConfig());
    for (const MessageType type : {MessageType::VOTE_RESP,
                                   MessageType::PRE_VOTE_RESP,
                                   MessageType::APP_RESP,
                                   MessageType::HEARTBEAT_RESP})
    {
        raft.Step(MakeMessage(type, 9, 1, 5));
        EXPECT_FALSE(raft.HasReady());
        EXPECT_EQ(raft.GetTerm(), 0u);
    }
}

} // namespace

} // namespace etcdlab::raft::test
