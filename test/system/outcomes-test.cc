// Runs with faults: they judge themselves, and say what became of requests.
#include "analysis/pure/random-world.h"
#include "analysis/swarm.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// Three members on a LAN, the leader killed after two seconds and back after three more.
Scenario
LeaderCrash()
{
    auto scenario = ReadScenarioText(R"({
        "topology": {"members": 3}, "default_link": {"rtt": "1ms"}, "leader": "e1",
        "workload": {"put": 1, "linearizable_range": 1, "count": 400, "warmup": 0, "rate": "50/s", "keys": 20},
        "faults": [{"type": "crash", "target": "e1", "at": "2s", "for": "3s"}]
    })",
                                     "crash.json",
                                     {},
                                     RegisteredNames());
    return scenario;
}

TEST(Outcomes, OfALeadersCrashAreAnElectionAndATimeWithoutWrites)
{
    const auto run = RunChecked(LeaderCrash());
    ASSERT_TRUE(run.summary.facts.outcomes.has_value());
    const auto& outcomes = *run.summary.facts.outcomes;
    EXPECT_EQ(outcomes.verdict, "ok");
    EXPECT_EQ(outcomes.lost, 0U);
    EXPECT_EQ(outcomes.duplicated, 0U);
    ASSERT_EQ(outcomes.elections.size(), 2U);
    EXPECT_EQ(outcomes.elections[0].leader, "e1");
    EXPECT_NE(outcomes.elections[1].leader, "e1");
    EXPECT_GT(outcomes.elections[1].term, outcomes.elections[0].term);
    // A follower stands 1 to 2 s after the last heartbeat, which was up to 100 ms before the crash.
    EXPECT_GT(outcomes.leaderless, 900ms);
    EXPECT_LT(outcomes.leaderless, 4s);
    const auto begin = run.result.requests.front().start;
    ASSERT_FALSE(outcomes.writes.windows.empty());
    EXPECT_NEAR(Milliseconds(outcomes.writes.windows[0].start - begin), 2000, 100)
        << "from the crash";
    EXPECT_GE(outcomes.writes.windows[0].end, outcomes.elections[1].time)
        << "to the next leader, at least";
}

TEST(Outcomes, AreNotInTheSummaryOfARunWithoutFaults)
{
    EXPECT_FALSE(RunShipped("lan", {"workload.count=50"}).summary.facts.outcomes.has_value());
}

TEST(Outcomes, SurviveTheWayThroughAFile)
{
    const auto summary = RunChecked(LeaderCrash()).summary;
    EXPECT_EQ(ParseSummary(SummaryText(summary), "x"), summary);
}

TEST(Swarm, AWorldOfTheSwarmRunFromItsScenarioIsTheSameWorld)
{
    const auto scenario = RandomScenario(3);
    const auto outcomes = RunChecked(scenario).summary.facts.outcomes;
    const auto result = RunRandomWorld(3);
    ASSERT_TRUE(outcomes.has_value());
    EXPECT_EQ(outcomes->acknowledged, result.coverage.at("writes acknowledged"));
    EXPECT_EQ(outcomes->surfaced, result.coverage.at("ambiguous writes that took effect"));
}

} // namespace

} // namespace etcdlab
