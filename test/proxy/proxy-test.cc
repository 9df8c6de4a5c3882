// The TCP proxy: its policies from plain state, its relay and its reaction to a new leader in small worlds.
#include "helper/world.h"
#include "model/proxy/target-policy.h"
#include "test/system/runs.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

ProxyView
View(const std::string& leader, const std::string& pinned = "")
{
    return {{"e1", "e2", "e3"}, leader, pinned};
}

TEST(TargetPolicy, LeaderFollowsTheLeaderAndWaitsUntilItKnowsOne)
{
    const auto policy = TargetPolicyRegistry::Make("leader");
    EXPECT_EQ(policy->Pick(View("")), std::nullopt);
    EXPECT_EQ(policy->Pick(View("e3")), 2U);
    EXPECT_TRUE(policy->Abandons(View("e3"), 0));
    EXPECT_FALSE(policy->Abandons(View("e3"), 2));
    EXPECT_FALSE(policy->Abandons(View(""), 0)) << "no news is no reason";
}

TEST(TargetPolicy, LeaderTakesTheFirstTargetIfTheLeaderIsNone)
{
    EXPECT_EQ(TargetPolicyRegistry::Make("leader")->Pick(View("e9")), 0U);
}

TEST(TargetPolicy, RoundRobinTakesOneAfterTheOther)
{
    const auto policy = TargetPolicyRegistry::Make("round-robin");
    for (const std::size_t expected : {0, 1, 2, 0})
    {
        EXPECT_EQ(policy->Pick(View("")), expected);
    }
    EXPECT_FALSE(policy->Abandons(View("e3"), 0));
}

TEST(TargetPolicy, PinnedStaysWithItsTarget)
{
    const auto policy = TargetPolicyRegistry::Make("pinned");
    EXPECT_EQ(policy->Pick(View("e2", "e3")), 2U);
    EXPECT_EQ(policy->Pick(View("e2")), 0U) << "the first, if none is named";
}

TEST(TargetPolicy, PassesOverTargetsThatFailed)
{
    auto view = View("e2");
    view.failed = {true, true, false};
    EXPECT_EQ(TargetPolicyRegistry::Make("round-robin")->Pick(view), 2U);
    EXPECT_EQ(TargetPolicyRegistry::Make("leader")->Pick(view), std::nullopt)
        << "waits for another";
    EXPECT_EQ(TargetPolicyRegistry::Make("pinned")->Pick(view), 0U) << "has no other";
    view.leader = "e9";
    EXPECT_EQ(TargetPolicyRegistry::Make("leader")->Pick(view), 2U);
}

TEST(TcpProxy, PinnedAndRoundRobinSendEverythingToOneMember)
{
    // One gRPC channel is one connection, and a connection stays where it was opened: at e1, which costs what
    // e1 costs (710).
    for (const char* policy : {"round-robin", "pinned"})
    {
        const auto run = RunShipped(
            "optimised", {std::string("proxy.target_policy=") + policy, "workload.count=10"});
        EXPECT_NEAR(run.Mean("put"), 710, 0.3) << policy;
    }
    EXPECT_NEAR(
        RunShipped("optimised",
                   {"proxy.target_policy=pinned", "proxy.pinned_target=e3", "workload.count=10"})
            .Mean("put"),
        430,
        0.3);
}

TEST(TcpProxy, OnlyItsTargetsAreUsed)
{
    // The leader e2 is no target: the first one, e3, gets everything.
    const auto run = RunShipped("optimised", {"proxy.targets=[\"e3\"]", "workload.count=10"});
    EXPECT_NEAR(run.Mean("put", "e3"), 430, 0.3);
}

TEST(TcpProxy, ANodeOfItsOwnAddsItsLinks)
{
    // The proxy on e3's node: api-e3 110, e3-e2 160 to the leader, and the leader's quorum 160.
    const auto run = RunShipped(
        "optimised", {"proxy.listen_address=e3", "proxy.listen_port=12379", "workload.count=10"});
    EXPECT_NEAR(run.Mean("put"), 110 + 160 + 160, 0.3);
}

TEST(TcpProxy, EveryChunkCostsItsWork)
{
    // On the way there the client's window update and ping come first, then the request; both queue for the
    // one core: 2 ms. The answer comes alone: 1 ms.
    const auto run = RunShipped("optimised", {"proxy.cpu_per_chunk=1ms", "workload.count=30"});
    EXPECT_NEAR(run.Mean("put"), 210 + 3, 0.3);
}

TEST(TcpProxy, AChunkIsAtMostAsLongAsItSays)
{
    // A put of 10 000 B crosses the loopback as one chunk, which is cut into pieces of 1000 B: request 10 044
    // with its key and lengths, 30 of gRPC's frames: eleven pieces of 1 ms. Before it goes the client's window
    // update and ping, after it comes the answer: one piece each.
    const auto whole = RunShipped("optimised", {"workload.value_size=10000B", "workload.count=10"});
    const auto cut = RunShipped("optimised",
                                {"workload.value_size=10000B",
                                 "workload.count=10",
                                 "proxy.chunk=1000B",
                                 "proxy.cpu_per_chunk=1ms"});
    EXPECT_NEAR(cut.Mean("put"), whole.Mean("put") + 1 + 11 + 1, 0.5);
}

/// Runs optimised.json and moves the leadership to e3 after 20 s. Returns the members that answered in
/// order of the requests' ends.
std::vector<RequestRecord>
MoveLeader(const std::string& onLeaderChange)
{
    const auto scenario =
        ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/optimised.json",
                         {"proxy.on_leader_change=" + onLeaderChange, "workload.count=150"},
                         RegisteredNames());
    World world(scenario);
    ns3::Simulator::Schedule(ns3::Seconds(20),
                             [&world] { world.GetMembers()[2]->RequestLeadership(); });
    world.Run();
    EXPECT_EQ(world.GetMembers()[0]->GetLeader(), "e3");
    EXPECT_EQ(world.GetProxies()[0]->GetLeader(), "e3");
    return world.GetClients()[0]->Records();
}

TEST(TcpProxy, ClosesConnectionsToTheFormerLeader)
{
    const auto records = MoveLeader("close");
    EXPECT_EQ(records.front().member, "e2");
    EXPECT_EQ(records.back().member, "e3");
    // api-e3 110 and e3's quorum with e2 160
    EXPECT_NEAR(Milliseconds(records.back().end - records.back().start), 270, 0.3);
    int broken = 0;
    for (const auto& record : records)
    {
        if (record.outcome == "raft proposal dropped")
        {
            // A leader takes nothing while it hands over, which is over after e3's two round trips to it.
            EXPECT_LT(Milliseconds(record.start), 20'000 + 2 * 160 + 250);
        }
        else if (record.outcome != "ok")
        {
            ++broken;
        }
    }
    EXPECT_EQ(broken, 1) << "the call in flight on the connection that was closed";
}

TEST(TcpProxy, KeepsConnectionsIfToldTo)
{
    const auto records = MoveLeader("keep");
    EXPECT_EQ(records.back().member, "e2");
    // e2 follows now: api-e2 50, forward and notice 160, e3's quorum with e2 160
    EXPECT_NEAR(Milliseconds(records.back().end - records.back().start), 50 + 160 + 160, 0.3);
}

TEST(TcpProxy, HearsOfANewLeaderAfterAnIntervalAndTheWayThere)
{
    const auto scenario = ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/optimised.json",
                                           {"proxy.discovery_interval=3s", "workload.count=150"},
                                           RegisteredNames());
    World world(scenario);
    double elected = 0;
    double heard = 0;
    ns3::Simulator::Schedule(ns3::Seconds(20),
                             [&world] { world.GetMembers()[2]->RequestLeadership(); });
    std::function<void()> watch = [&] {
        const auto now = ns3::Simulator::Now().GetSeconds();
        elected = elected == 0 && world.GetMembers()[2]->GetLeader() == "e3" ? now : elected;
        heard =
            heard == 0 && !world.GetProxies().empty() && world.GetProxies()[0]->GetLeader() == "e3"
                ? now
                : heard;
        ns3::Simulator::Schedule(ns3::MilliSeconds(1), watch);
    };
    ns3::Simulator::Schedule(ns3::Seconds(0), watch);
    world.Run();
    EXPECT_GT(elected, 20);
    EXPECT_GT(heard, elected);
    EXPECT_LT(heard, elected + 3 + 0.250);
}

} // namespace

} // namespace etcdlab
