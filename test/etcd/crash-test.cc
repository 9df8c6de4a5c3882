// Members that crash and come back, in whole worlds; the invariant checker watches all of them.
#include "helper/world.h"
#include "test/system/runs.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <functional>

namespace etcdlab
{

namespace
{

Scenario
Lan(const std::vector<std::string>& settings)
{
    return ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/lan.json", settings, RegisteredNames());
}

/// The members e1, e2, … of a world.
EtcdMember&
Member(World& world, int number)
{
    return *world.GetMembers()[static_cast<std::size_t>(number - 1)];
}

void
At(double seconds, std::function<void()> what)
{
    ns3::Simulator::Schedule(ns3::Seconds(seconds), std::move(what));
}

std::vector<RequestRecord>
Failed(const World& world)
{
    std::vector<RequestRecord> failed;
    for (const auto& record : world.GetClients()[0]->Records())
    {
        if (record.outcome != "ok")
        {
            failed.push_back(record);
        }
    }
    return failed;
}

TEST(Crash, AFollowerThatComesBackCatchesUp)
{
    // Twenty puts a second for 30 s; e3 is away from 10 s to 15 s.
    const auto scenario =
        Lan({"workload.concurrency=1", "workload.rate=20/s", "workload.count=600"});
    World world(scenario);
    At(10, [&] { Member(world, 3).Crash(); });
    At(12, [&] { EXPECT_FALSE(Member(world, 3).IsRunning()); });
    At(15, [&] { Member(world, 3).Restart(); });
    world.Run();
    EXPECT_TRUE(Member(world, 3).IsReady());
    EXPECT_NEAR(static_cast<double>(Member(world, 3).GetRevision()),
                static_cast<double>(Member(world, 1).GetRevision()),
                1);
    // At most the call that was on its way to e3: the others go to the members that are left.
    EXPECT_LE(Failed(world).size(), 1U);
}

TEST(Crash, ALostLeaderIsReplacedWithinTwoElectionTimeoutsAndASplitVote)
{
    const auto scenario =
        Lan({"workload.concurrency=1", "workload.rate=20/s", "workload.count=600"});
    World world(scenario);
    At(10, [&] { Member(world, 1).Crash(); });
    std::string leader;
    At(15, [&] { leader = Member(world, 2).GetLeader(); });
    At(20, [&] { Member(world, 1).Restart(); });
    world.Run();
    EXPECT_TRUE(leader == "e2" || leader == "e3") << leader;
    EXPECT_EQ(Member(world, 1).GetLeader(), Member(world, 2).GetLeader());
    for (const auto& record : Failed(world))
    {
        // Forwarded to the dead leader and lost (7 s), or on a connection to it when it died.
        EXPECT_TRUE(record.outcome == "etcdserver: request timed out" ||
                    record.outcome == "transport is closing")
            << record.outcome;
        EXPECT_LT(Milliseconds(record.start), 20'000);
    }
}

TEST(Crash, AProposalForwardedToADeadLeaderFailsAfterSevenSeconds)
{
    const auto scenario = Lan({"client.balancer=pinned",
                               "client.pinned_endpoint=e2",
                               "workload.concurrency=1",
                               "workload.rate=20/s",
                               "workload.count=600"});
    World world(scenario);
    At(10, [&] { Member(world, 1).Crash(); });
    world.Run();
    const auto failed = Failed(world);
    ASSERT_FALSE(failed.empty());
    for (const auto& record : failed)
    {
        EXPECT_EQ(record.outcome, "etcdserver: request timed out");
        // ReqTimeout: 5 s + 2 election timeouts
        EXPECT_NEAR(Milliseconds(record.end - record.start), 7000, 2);
        // e2 follows the dead leader for one to two election timeouts, and then waits for a new one.
        EXPECT_NEAR(Milliseconds(record.start), 11'000, 1'100);
    }
}

TEST(Crash, NothingAcknowledgedIsLostWhenAllMembersDieAtOnce)
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto scenario = Lan({"workload.concurrency=8",
                                   "workload.rate=0/s",
                                   "workload.count=4000",
                                   "member.disk=hdd",
                                   "seed=" + std::to_string(seed)});
        World world(scenario);
        Revision acknowledged = 0;
        At(8 + 0.01 * static_cast<double>(seed), [&] {
            for (const auto& record : world.GetClients()[0]->Records())
            {
                acknowledged += record.outcome == "ok" ? 1 : 0;
            }
            for (int i = 1; i <= 3; ++i)
            {
                Member(world, i).Crash();
            }
        });
        Revision kept = 0;
        At(10, [&] {
            for (int i = 1; i <= 3; ++i)
            {
                Member(world, i).Restart();
            }
        });
        At(20, [&] {
            kept = Member(world, 1).GetRevision();
            ns3::Simulator::Stop();
        });
        world.Run();
        EXPECT_GT(acknowledged, 100);
        EXPECT_GE(kept,
                  1 + acknowledged); // every put is a revision of its own; an empty store is at 1
    }
}

TEST(Crash, ALeaderThatComesBackHasLostNothingItSynced)
{
    // The leader's disk takes 100 ms a sync and it dies every second: what it acknowledged to itself but had not
    // synced is gone when it starts again, and the checker finds no promise broken.
    const auto scenario = Lan(
        {R"(member_overrides.e1={"disk":{"profile":"ideal","sync_min":"100ms","sync_max":"100ms"}})",
         "workload.concurrency=4",
         "workload.count=2000"});
    World world(scenario);
    for (int i = 0; i < 10; ++i)
    {
        At(6 + 3 * i, [&] { Member(world, 1).Crash(); });
        At(6.5 + 3 * i, [&] { Member(world, 1).Restart(); });
    }
    world.Run();
    EXPECT_GT(world.GetChecker().GetEventCount(), 10'000U);
}

} // namespace

} // namespace etcdlab
