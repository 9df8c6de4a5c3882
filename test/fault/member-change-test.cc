// Members that join, are promoted and leave by a scenario's faults.
#include "helper/world.h"
#include "model/fault/fault-checks.h"
#include "model/fault/random-faults.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <random>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// e2 is 10 ms from the leader e1 there and back, e3 60 ms, e4, which joins, 40 ms; nothing else takes time. A client
/// 10 ms from e1 puts ten times a second through it for 40 s.
class MemberChanges : public testing::Test
{
  protected:
    void Run(const std::string& faults, std::vector<std::string> more = {})
    {
        more.insert(more.begin(),
                    {R"(topology.joining=["e4"])",
                     R"(default_link={"rtt":"10ms","rate":"10Gbps"})",
                     R"(links={"e1-e3":{"rtt":"60ms","rate":"10Gbps"},
                               "e1-e4":{"rtt":"40ms","rate":"10Gbps"}})",
                     "member.disk=ideal",
                     "member.backend.batch_interval=1h",
                     R"(member.cpu={"request":"0ms","message":"0ms","apply":"0ms"})",
                     "client.balancer=pinned",
                     "client.pinned_endpoint=e1",
                     "workload.concurrency=1",
                     "workload.rate=10/s",
                     "workload.count=400",
                     "workload.warmup=0",
                     "workload.value_size=16B",
                     "faults=" + faults});
        m_scenario =
            ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/lan.json", more, RegisteredNames());
        m_world.reset(); // ns-3 has one simulator
        m_world = std::make_unique<World>(m_scenario);
        m_world->Run();
    }

    /// All requests that began in [from, to) seconds took so many milliseconds.
    void ExpectAll(double from, double to, double milliseconds) const
    {
        const auto& records = m_world->GetClients()[0]->Records();
        const auto begin = records.front().start;
        for (const auto& record : records)
        {
            const auto at = Milliseconds(record.start - begin);
            if (at >= 1000 * from && at < 1000 * to)
            {
                EXPECT_EQ(record.outcome, "ok") << "at " << at << " ms";
                EXPECT_NEAR(Milliseconds(record.end - record.start), milliseconds, 0.1)
                    << "at " << at << " ms";
            }
        }
    }

    /// What was answered to the change, and after how long.
    void ExpectAnswer(std::size_t fault, const std::string& result, double milliseconds) const
    {
        const auto& record = m_world->GetFaultLog().at(fault);
        EXPECT_EQ(record.result, result);
        ASSERT_TRUE(record.end.has_value());
        EXPECT_NEAR(Milliseconds(*record.end - record.start), milliseconds, 0.1) << fault;
    }

    const EtcdMember& Member(std::size_t number) const
    {
        return *m_world->GetMembers().at(number - 1);
    }

    Scenario m_scenario;
    std::unique_ptr<World> m_world;
};

TEST_F(MemberChanges, AReplacementChangesTheQuorumStepByStep)
{
    Run(R"([{"type":"add-member","target":"e4","learner":true,"at":"10s"},
            {"type":"promote-member","target":"e4","at":"15.05s"},
            {"type":"remove-member","target":"e3","at":"25.05s"}])");
    // A put takes 10 ms to e1 and back, and the time to the follower that completes the majority: of three voters
    // e2 (10 ms), a learner not counted; of four the second of e2, e4 (40 ms), e3; of e1, e2, e4 again e2.
    ExpectAll(1, 15, 20);
    ExpectAll(15.1, 25, 50);
    ExpectAll(25.2, 40, 20);
    // Each change is committed by the voters before it: 10, 10 and 40 ms.
    ExpectAnswer(0, "ok", 10);
    ExpectAnswer(1, "ok", 10);
    ExpectAnswer(2, "ok", 40);
    EXPECT_EQ(Member(1).GetRaft().GetConfState().voters.size(), 3U);
    EXPECT_TRUE(Member(3).IsRemoved());
    EXPECT_FALSE(Member(3).IsRunning());
    EXPECT_EQ(Member(4).GetName(), "e4");
    EXPECT_NEAR(static_cast<double>(Member(4).GetRevision()),
                static_cast<double>(Member(1).GetRevision()),
                1);
}

TEST_F(MemberChanges, ARefusalIsEtcdsAndIsAskedAgainAsLongAsSaid)
{
    // e4 is added 10 ms after 10 s. It has received nothing at 10.02 s, and all half a second later; that attempt is
    // committed by e2 in 10 ms.
    Run(R"([{"type":"add-member","target":"e4","learner":true,"at":"10s"},
            {"type":"promote-member","target":"e4","at":"10.02s","for":"5s"}])");
    ExpectAnswer(1, "ok", 510);

    Run(R"([{"type":"add-member","target":"e4","learner":true,"at":"10s"},
            {"type":"promote-member","target":"e4","at":"10.02s"}])");
    ExpectAnswer(
        1, "etcdserver: can only promote a learner member which is in sync with leader", 0);
    ExpectAll(1, 40, 20);
}

TEST_F(MemberChanges, StrictChecksRefuseWhileAVoterIsDown)
{
    // e3 is back at 13 s, and healthy 5 s after its streams are: not at 15 s, but before 20 s.
    Run(R"([{"type":"crash","target":"e3","at":"10s","for":"3s"},
            {"type":"add-member","target":"e4","at":"15s"},
            {"type":"crash","target":"e4","at":"16s","for":"1s"}])");
    ExpectAnswer(1, "etcdserver: unhealthy cluster", 0);
    EXPECT_EQ(m_world->GetMembers().size(), 3U) << "nobody joined";
    EXPECT_EQ(m_world->GetFaultLog().at(2).target, "") << "there was nobody to strike";

    Run(R"([{"type":"crash","target":"e3","at":"10s","for":"3s"},
            {"type":"add-member","target":"e4","at":"15s","for":"10s"}])");
    EXPECT_EQ(m_world->GetFaultLog().at(1).result, "ok");
    const auto took = *m_world->GetFaultLog().at(1).end - m_world->GetFaultLog().at(1).start;
    EXPECT_GT(took, 3s);
    EXPECT_LT(took, 5s);
}

TEST_F(MemberChanges, WithoutALeaderThereIsNobodyToAsk)
{
    Run(R"([{"type":"crash","target":"e2","at":"10s","for":"10s"},
            {"type":"crash","target":"e3","at":"10s","for":"10s"},
            {"type":"add-member","target":"e4","at":"15s"}])");
    ExpectAnswer(2, "etcdserver: no leader", 0); // e1 has stepped down after 1 to 2 s
}

TEST(MemberChangesInAProgram, AreRefusedInAnOrderThatCannotBe)
{
    const FaultScope scope{{"api", "e1", "e2", "e3", "e4"}, {"e1", "e2", "e3"}, {}, {}, {"e4"}};
    const FaultConfig promote{.type = "promote-member", .at = 2s, .target = "e4"};
    const FaultConfig add{.type = "add-member", .at = 1s, .target = "e4", .learner = true};
    EXPECT_FALSE(CheckOrder({promote, add}, scope)) << "the times decide";
    auto late = add;
    late.at = 3s;
    ASSERT_TRUE(CheckOrder({promote, late}, scope));
    EXPECT_EQ(CheckOrder({promote, late}, scope)->first, 0U);
    EXPECT_EQ(ScopeAfter({promote, add}, scope).members,
              (std::vector<std::string>{"e1", "e2", "e3", "e4"}));
}

TEST(MemberChangesAtRandom, ComeInAnOrderThatCanBeAndKeepTheClustersSize)
{
    const FaultScope scope{
        {"e1", "e2", "e3", "e4", "e5"}, {"e1", "e2", "e3"}, {}, {}, {"e4", "e5"}};
    std::size_t changes = 0;
    for (unsigned seed = 1; seed <= 50; ++seed)
    {
        std::mt19937 random(seed);
        const auto faults = DrawFaults({.every = 1s}, scope, [&random] {
            return static_cast<double>(random()) / 4294967296.0;
        });
        EXPECT_FALSE(CheckOrder(faults, scope)) << seed;
        EXPECT_GE(ScopeAfter(faults, scope).members.size(), 3U) << seed;
        changes += static_cast<std::size_t>(
            std::count_if(faults.begin(), faults.end(), [](const auto& fault) {
                return fault.type == "remove-member";
            }));
    }
    EXPECT_GT(changes, 25U);
    const auto none = DrawFaults({.every = 1s, .keepQuorum = true}, scope, [] { return 0.01; });
    EXPECT_TRUE(std::none_of(none.begin(), none.end(), [](const auto& fault) {
        return fault.type == "add-member";
    })) << "what keeps a quorum must know who votes";
}

TEST(JoinLearner, IsReplacedWithoutAnElectionAndShowsInTheResults)
{
    const auto run = RunShipped("join-learner", {});
    ASSERT_TRUE(run.summary.facts.outcomes.has_value());
    const auto& outcomes = *run.summary.facts.outcomes;
    EXPECT_EQ(outcomes.verdict, "ok");
    EXPECT_EQ(outcomes.lost, 0U);
    EXPECT_EQ(outcomes.elections.size(), 1U);
    ASSERT_EQ(outcomes.memberChanges.size(), 3U);
    for (const auto& change : outcomes.memberChanges)
    {
        EXPECT_EQ(change.result, "ok") << change.change;
        EXPECT_TRUE(change.end.has_value());
    }
    EXPECT_EQ(run.summary.facts.members.size(), 4U);
    // 80 ms away, it learns half a round trip after the entry that it is committed, with the next one or a heartbeat:
    // at 100 writes a second up to some ten behind.
    EXPECT_NEAR(static_cast<double>(run.Member("e4").appliedIndex),
                static_cast<double>(run.Member("e1").appliedIndex),
                10);
    EXPECT_LT(run.Member("e3").appliedIndex, run.Member("e1").appliedIndex) << "it has left";
    EXPECT_EQ(ParseSummary(SummaryText(run.summary), "x"), run.summary);
}

} // namespace

} // namespace etcdlab
