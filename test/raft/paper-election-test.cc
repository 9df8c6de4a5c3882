// Sections 5.1 and 5.2, terms and leader election: one test per statement of the Raft paper (Ongaro
// and Ousterhout, "In Search of an Understandable Consensus Algorithm", extended version), in its
// order and in other words. What lies beyond section 5 is in beyond-paper-test.cc.
#include "test/raft/cluster.h"

#include <gtest/gtest.h>

#include <set>

namespace etcdlab::raft::test
{

namespace
{

// --- 5.1: the basics ---

// Each server is a leader, a follower or a candidate; in normal operation one leads and all others
// follow.
TEST(Paper5_1, OneLeaderAllOthersFollow)
{
    Cluster cluster(5);
    cluster[1].Campaign();
    cluster.Stabilize();
    EXPECT_EQ(cluster[1].GetRole(), Role::LEADER);
    for (NodeId id = 2; id <= 5; ++id)
    {
        EXPECT_EQ(cluster[id].GetRole(), Role::FOLLOWER);
        EXPECT_EQ(cluster[id].GetLeader(), 1u);
    }
}

// Followers are passive: they issue no requests of their own.
TEST(Paper5_1, FollowersSendNothingUnasked)
{
    Raft raft(MakeConfig());
    raft.AdvanceTicks(9);
    EXPECT_FALSE(raft.HasReady());
}

// A client that contacts a follower is sent on to the leader. (etcd forwards the request itself.)
TEST(Paper5_1, FollowerSendsRequestsToTheLeader)
{
    Raft raft(MakeConfig());
    EXPECT_EQ(raft.Propose(1, MakeText("a")), ProposeResult::NO_LEADER);
    raft.Step(MakeMessage(MessageType::HEARTBEAT, 2, 1, 1));
    Drain(raft);
    EXPECT_EQ(raft.Propose(1, MakeText("a")), ProposeResult::FORWARDED);
    const auto sent = Drain(raft);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].type, MessageType::PROP);
    EXPECT_EQ(sent[0].to, 2u);
    EXPECT_EQ(sent[0].from, 1u);
    EXPECT_EQ(sent[0].term, 0u);
    EXPECT_EQ(raft.GetLastIndex(), 0u);
}

// Time is divided into terms, numbered by consecutive integers, and each begins with an election.
TEST(Paper5_1, AnElectionBeginsTheNextTerm)
{
    Raft raft(WithLog({1, 3}, 4));
    raft.Campaign();
    EXPECT_EQ(raft.GetTerm(), 5u);
}

// A term may end without a leader (split vote); a new term with a new election follows shortly.
TEST(Paper5_1, AfterASplitVoteANewTermBegins)
{
    Cluster cluster(2);
    cluster[1].Campaign();
    cluster[2].Campaign();
    cluster.Stabilize();
    EXPECT_EQ(cluster[1].GetRole(), Role::FOLLOWER);
    EXPECT_EQ(cluster[2].GetRole(), Role::FOLLOWER);
    cluster.Tick(1, 10);
    cluster.Stabilize();
    EXPECT_TRUE(cluster[1].IsLeader());
    EXPECT_EQ(cluster[1].GetTerm(), 2u);
}

// Current terms are exchanged whenever servers communicate; who has the smaller one takes the
// larger.
TEST(Paper5_1, EveryMessageOfAHigherTermIsTakenOver)
{
    for (const MessageType type : {MessageType::APP,
                                   MessageType::APP_RESP,
                                   MessageType::VOTE,
                                   MessageType::VOTE_RESP,
                                   MessageType::HEARTBEAT,
                                   MessageType::HEARTBEAT_RESP,
                                   MessageType::READ_INDEX_RESP,
                                   MessageType::TIMEOUT_NOW})
    {
        Raft raft(WithLog({1}, 1));
        raft.Step(MakeMessage(type, 2, 1, 7));
        // A TIMEOUT_NOW of term 7 makes the receiver campaign at once: one more.
        EXPECT_EQ(raft.GetTerm(), type == MessageType::TIMEOUT_NOW ? 8u : 7u) << Name(type);
    }
}

// A candidate or leader that learns of a newer term at once reverts to follower.
TEST(Paper5_1, CandidateAndLeaderRevertToFollower)
{
    Raft candidate(MakeConfig());
    candidate.Campaign();
    ASSERT_EQ(candidate.GetRole(), Role::CANDIDATE);
    candidate.Step(MakeMessage(MessageType::VOTE_RESP, 2, 1, 2));
    EXPECT_EQ(candidate.GetRole(), Role::FOLLOWER);
    EXPECT_EQ(candidate.GetTerm(), 2u);

    Raft leader(MakeConfig());
    Elect(leader);
    ASSERT_EQ(leader.GetRole(), Role::LEADER);
    leader.Step(MakeMessage(MessageType::APP_RESP, 2, 1, 2));
    EXPECT_EQ(leader.GetRole(), Role::FOLLOWER);
    EXPECT_EQ(leader.GetTerm(), 2u);
}

// A request with an old term is rejected.
TEST(Paper5_1, StaleRequestsAreRejected)
{
    Config config = WithLog({1, 3}, 3);
    config.checkQuorum = false;
    Raft raft(config);
    raft.Step(MakeAppend(2, 1, 2, 2, 3, 2, {{2, 3, 1, MakeText("old")}}));
    raft.Step(MakeMessage(MessageType::VOTE, 2, 1, 2));
    EXPECT_EQ(raft.GetLastIndex(), 2u);
    EXPECT_EQ(raft.GetCommitIndex(), 0u);
    EXPECT_EQ(raft.GetVote(), NO_NODE);
    EXPECT_TRUE(Drain(raft).empty()); // etcd rejects by silence…

    Raft lease(WithLog({1, 3}, 3));
    const Message answer = Answer(lease, MakeAppend(2, 1, 2, 2, 3, 2));
    EXPECT_EQ(answer.term, 3u); // …unless leases could leave the sender unaware for ever
}

// Servers retry if no answer comes in time. (Heartbeats trigger what is missing: 5.3.)
TEST(Paper5_1, UnansweredRequestsAreRepeated)
{
    Raft raft(MakeConfig());
    raft.AdvanceTicks(10);
    EXPECT_EQ(Of(MessageType::VOTE, Drain(raft)).size(), 2u);
    raft.AdvanceTicks(10);
    const auto again = Of(MessageType::VOTE, Drain(raft));
    ASSERT_EQ(again.size(), 2u);
    EXPECT_EQ(again[0].term, 2u);
}

// --- 5.2: leader election ---

// Servers start as followers.
TEST(Paper5_2, StartsAsFollower)
{
    EXPECT_EQ(Raft(MakeConfig()).GetRole(), Role::FOLLOWER);
    EXPECT_EQ(Raft(WithLog({1, 2}, 2)).GetRole(), Role::FOLLOWER);
}

// A server stays follower as long as it hears from a leader or candidate in time. (From a
// candidate: when it grants its vote.)
TEST(Paper5_2, HearingFromTheLeaderKeepsAFollower)
{
    Raft raft(MakeConfig());
    for (int i = 0; i < 20; ++i)
    {
        raft.AdvanceTicks(9);
        raft.Step(i % 2 ? MakeMessage(MessageType::HEARTBEAT, 2, 1, 1)
                        : MakeAppend(2, 1, 1, 0, 0, 0));
        ASSERT_EQ(raft.GetRole(), Role::FOLLOWER);
    }
    Raft voter(MakeConfig());
    voter.AdvanceTicks(9);
    voter.Step(MakeMessage(MessageType::VOTE, 2, 1, 1));
    voter.AdvanceTicks(9);
    EXPECT_EQ(voter.GetRole(), Role::FOLLOWER);
}

// The leader sends heartbeats to all followers periodically.
TEST(Paper5_2, LeaderSendsHeartbeats)
{
    Config config = MakeConfig();
    config.heartbeatTicks = 3;
    Raft raft(config);
    Elect(raft);
    raft.AdvanceTicks(2);
    EXPECT_TRUE(Drain(raft).empty());
    raft.Tick();
    const auto sent = Drain(raft);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].type, MessageType::HEARTBEAT);
    EXPECT_EQ(sent[0].to, 2u);
    EXPECT_EQ(sent[1].to, 3u);
    EXPECT_TRUE(sent[1].entries.empty());
}

// A follower that hears nothing over the election timeout begins an election: it increments its
// term, becomes candidate, votes for itself and asks all others in parallel.
TEST(Paper5_2, TimeoutBeginsAnElection)
{
    Config config = WithLog({1, 2}, 5);
    Raft raft(config);
    raft.AdvanceTicks(9);
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    raft.Tick();
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
    EXPECT_EQ(raft.GetTerm(), 6u);
    EXPECT_EQ(raft.GetVote(), 1u);
    const auto sent = Drain(raft);
    ASSERT_EQ(sent.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i)
    {
        EXPECT_EQ(sent[i].type, MessageType::VOTE);
        EXPECT_EQ(sent[i].to, i + 2);
        EXPECT_EQ(sent[i].term, 6u);
        EXPECT_EQ(sent[i].index, 2u); // 5.4.1: the end of its log
        EXPECT_EQ(sent[i].logTerm, 2u);
    }
}

// A candidate wins with the votes of a majority of the full cluster in one term.
TEST(Paper5_2, AMajorityWins)
{
    struct Case
    {
        std::size_t size;
        std::size_t others; //!< votes besides its own
        Role role;
    };

    for (const auto& [size, others, role] : {Case{1, 0, Role::LEADER},
                                             Case{2, 0, Role::CANDIDATE},
                                             Case{2, 1, Role::LEADER},
                                             Case{3, 0, Role::CANDIDATE},
                                             Case{3, 1, Role::LEADER},
                                             Case{4, 1, Role::CANDIDATE},
                                             Case{4, 2, Role::LEADER},
                                             Case{5, 1, Role::CANDIDATE},
                                             Case{5, 2, Role::LEADER},
                                             Case{9, 3, Role::CANDIDATE},
                                             Case{9, 4, Role::LEADER}})
    {
        Raft raft(MakeConfig(size));
        raft.Campaign();
        for (NodeId voter = 2; voter < 2 + others; ++voter)
        {
            raft.Step(MakeMessage(MessageType::VOTE_RESP, voter, 1, 1));
            raft.Step(MakeMessage(MessageType::VOTE_RESP, voter, 1, 1)); // twice counts once
        }
        EXPECT_EQ(raft.GetRole(), role) << size << " members, " << others << " other votes";
    }
}

// Each server votes for at most one candidate per term, first come, first served.
TEST(Paper5_2, OneVotePerTerm)
{
    Raft raft(MakeConfig());
    EXPECT_FALSE(Answer(raft, MakeMessage(MessageType::VOTE, 2, 1, 1)).reject);
    EXPECT_EQ(raft.GetVote(), 2u);
    EXPECT_TRUE(Answer(raft, MakeMessage(MessageType::VOTE, 3, 1, 1)).reject);
    EXPECT_FALSE(Answer(raft, MakeMessage(MessageType::VOTE, 2, 1, 1)).reject); // the same again
    EXPECT_FALSE(Answer(raft, MakeMessage(MessageType::VOTE, 3, 1, 2)).reject); // a new term
    EXPECT_EQ(raft.GetVote(), 3u);
}

// The vote outlives a crash (Figure 2: persistent state).
TEST(Paper5_2, TheVoteIsPersistent)
{
    Raft before(MakeConfig());
    before.Step(MakeMessage(MessageType::VOTE, 2, 1, 1));
    const Ready ready = before.TakeReady();
    ASSERT_TRUE(ready.hardState.has_value());
    EXPECT_TRUE(ready.mustSync);
    Config config = MakeConfig();
    config.hardState = *ready.hardState;
    Raft after(config);
    EXPECT_TRUE(Answer(after, MakeMessage(MessageType::VOTE, 3, 1, 1)).reject);
    EXPECT_FALSE(Answer(after, MakeMessage(MessageType::VOTE, 2, 1, 1)).reject);
}

// Once it has won it tells all others, which prevents new elections.
TEST(Paper5_2, TheWinnerTellsAll)
{
    Raft raft(MakeConfig());
    raft.Campaign();
    Drain(raft);
    raft.Step(MakeMessage(MessageType::VOTE_RESP, 3, 1, 1));
    const auto sent = Drain(raft);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].type, MessageType::APP);
    EXPECT_EQ(sent[0].to, 2u);
    EXPECT_EQ(sent[1].to, 3u);
}

// A candidate that hears from a leader whose term is at least its own becomes its follower; with a
// smaller term it stays candidate.
TEST(Paper5_2, ACandidateYieldsToALeaderOfItsTerm)
{
    for (const Term term : {1, 2, 3})
    {
        for (const bool heartbeat : {false, true})
        {
            Raft raft(WithLog({1}, 1));
            raft.Campaign(); // term 2
            raft.Step(heartbeat ? MakeMessage(MessageType::HEARTBEAT, 2, 1, term)
                                : MakeAppend(2, 1, term, 1, 1, 0));
            EXPECT_EQ(raft.GetRole(), term < 2 ? Role::CANDIDATE : Role::FOLLOWER);
            EXPECT_EQ(raft.GetLeader(), term < 2 ? NO_NODE : 2u);
        }
    }
}

// Refused by a majority, a candidate gives up before its timeout (etcd; the paper just waits).
TEST(Paper5_2, ARefusedCandidateFollows)
{
    Raft raft(MakeConfig(5));
    raft.Campaign();
    for (const NodeId voter : {2, 3, 4})
    {
        EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
        Message refusal = MakeMessage(MessageType::VOTE_RESP, voter, 1, 1);
        refusal.reject = true;
        raft.Step(refusal);
    }
    EXPECT_EQ(raft.GetRole(), Role::FOLLOWER);
    EXPECT_EQ(raft.GetTerm(), 1u);
}

// With split votes every candidate times out and starts a new election with a higher term.
TEST(Paper5_2, ACandidateTimesOutAndTriesAgain)
{
    Raft raft(MakeConfig());
    raft.AdvanceTicks(10);
    ASSERT_EQ(raft.GetTerm(), 1u);
    raft.AdvanceTicks(10);
    EXPECT_EQ(raft.GetTerm(), 2u);
    EXPECT_EQ(raft.GetRole(), Role::CANDIDATE);
}

// Election timeouts are random within a fixed interval: here every whole number of ticks from 10 to
// 19.
TEST(Paper5_2, TimeoutsAreDrawnFromAnInterval)
{
    std::set<int> seen;
    for (int draw = 0; draw < 10; ++draw)
    {
        Config config = MakeConfig();
        int asked = 0;
        config.random = [&](int n) {
            asked = n;
            return draw;
        };
        Raft raft(config);
        EXPECT_EQ(asked, 10);
        int ticks = 0;
        for (; raft.GetRole() == Role::FOLLOWER; ++ticks)
        {
            raft.Tick();
        }
        EXPECT_EQ(ticks, 10 + draw);
        seen.insert(ticks);
    }
    EXPECT_EQ(seen.size(), 10u);
}

// Each candidate draws anew at the start of an election; so does everyone who changes role or term.
TEST(Paper5_2, TimeoutsAreDrawnAnew)
{
    Config config = MakeConfig();
    int draws = 0;
    config.random = [&](int) { return draws++; };
    Raft raft(config);                                       // 1
    raft.Campaign();                                         // 2
    raft.Step(MakeMessage(MessageType::VOTE_RESP, 2, 1, 1)); // 3: leader
    raft.Step(MakeMessage(MessageType::APP_RESP, 2, 1, 5));  // 4: follower
    EXPECT_EQ(draws, 4);
    EXPECT_EQ(raft.GetRandomizedElectionTimeout(), 13);
}

} // namespace

} // namespace etcdlab::raft::test
