// How a member works off its Readies, disks and reads, seen from outside: latencies derived by hand.
#include "helper/world.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

/// The thesis' links with e2 leading; a client that talks to one member only.
std::vector<std::string>
Through(const std::string& member, std::vector<std::string> more = {})
{
    more.insert(more.end(),
                {"client.balancer=pinned",
                 "client.pinned_endpoint=" + member,
                 "workload.count=20",
                 "workload.warmup=5"});
    return more;
}

/// The backend is kept from committing: it would need the same slow disk.
std::string
SyncTakes(const std::string& member, const std::string& time)
{
    return "member_overrides." + member + R"(={"disk":{"profile":"ideal","sync_min":")" + time +
           R"(","sync_max":")" + time + R"("},"backend":{"batch_interval":"1h"}})";
}

TEST(Member, TheLeaderSyncsWhileItsFollowersDo)
{
    // The round trip to e3 (160 ms) hides the leader's own sync of 100 ms: 50 + 160.
    EXPECT_NEAR(
        RunShipped("baseline", Through("e2", {SyncTakes("e2", "100ms")})).Mean("put"), 210, 0.3);
    // A sync of 200 ms hides the round trip: the commit is acted on when it is done: 50 + 200.
    EXPECT_NEAR(
        RunShipped("baseline", Through("e2", {SyncTakes("e2", "200ms")})).Mean("put"), 250, 0.3);
}

TEST(Member, AFollowerSyncsBeforeItAcknowledges)
{
    // 50 + (160 + 30): e3 completes the quorum, and e1, 300 ms away, cannot take its place.
    EXPECT_NEAR(
        RunShipped("baseline", Through("e2", {SyncTakes("e3", "30ms")})).Mean("put"), 240, 0.3);
    // Slower than 140 ms and e1 is the faster one: 50 + 300.
    EXPECT_NEAR(
        RunShipped("baseline", Through("e2", {SyncTakes("e3", "150ms")})).Mean("put"), 350, 0.3);
}

TEST(Member, AForwardingFollowersOwnSyncIsHiddenByTheQuorum)
{
    // Through e1: 250 + 150 + 160 + 150. e1 syncs the entry for 100 ms after it arrives; the notice comes
    // 160 ms after it.
    EXPECT_NEAR(
        RunShipped("baseline", Through("e1", {SyncTakes("e1", "100ms")})).Mean("put"), 710, 0.3);
    // A sync of 200 ms ends 40 ms after the notice has arrived.
    EXPECT_NEAR(
        RunShipped("baseline", Through("e1", {SyncTakes("e1", "200ms")})).Mean("put"), 750, 0.3);
}

TEST(Member, ReadsWaitForNoDisk)
{
    auto settings = WorkloadOf("linearizable_range");
    settings.push_back(SyncTakes("e2", "100ms"));
    settings.push_back(SyncTakes("e3", "100ms"));
    EXPECT_NEAR(
        RunShipped("baseline", Through("e2", settings)).Mean("linearizable_range"), 210, 0.3);
}

TEST(Member, RequestsThatArriveTogetherShareASync)
{
    // 64 clients and a disk of 5 ms: entries wait for the Ready in progress and go into the next one.
    const auto run =
        RunShipped("lan",
                   {"member.disk={\"profile\":\"ideal\",\"sync_min\":\"5ms\",\"sync_max\":\"5ms\"}",
                    "workload.concurrency=64",
                    "workload.count=3000"});
    const auto& leader = run.Member("e1");
    const double entriesPerSync =
        static_cast<double>(leader.appliedIndex) / static_cast<double>(leader.walFsyncs);
    EXPECT_GT(entriesPerSync, 10);
    EXPECT_EQ(run.summary.failed, 0U);
}

TEST(Member, OneReadRoundServesAllReadsThatWaitForIt)
{
    // Two reads in flight at the leader, whose rounds of 160 ms follow each other without a pause. When a round
    // ends, its reader has the answer 25 ms later, thinks for 0.05 ms, and its next read arrives after another
    // 25 ms: 50.05 ms into the next round, which serves the other reader. It waits for 109.95 ms.
    auto settings = WorkloadOf("linearizable_range");
    settings.push_back("workload.concurrency=2");
    const auto run = RunShipped("baseline", Through("e2", settings));
    const auto& all = run.summary.latency.at("linearizable_range").at("all");
    EXPECT_NEAR(all.min, 50 + 109.95 + 160, 0.1);
    EXPECT_NEAR(all.max, 50 + 109.95 + 160, 0.1);
}

TEST(Member, ARequestTakesItsWorkAndItsWakeup)
{
    auto settings = WorkloadOf("serializable_range");
    settings.push_back(R"(member.cpu={"cores":1,"request":"2ms","request_wakeup":"5ms"})");
    EXPECT_NEAR(
        RunShipped("baseline", Through("e2", settings)).Mean("serializable_range"), 57, 0.1);
}

TEST(Member, OneCoreServesOneRequestAtATimeAndWakeupsOverlap)
{
    // Four requests at once: work of 10 ms each queues on the one core, so the last waits for 40 ms; the wake-up of
    // 5 ms passes for each beside the others' work.
    auto settings = WorkloadOf("serializable_range");
    settings.push_back(R"(member.cpu={"cores":1,"request":"10ms","request_wakeup":"5ms"})");
    settings.push_back("workload.rate=1/s");
    settings.push_back("topology.api_servers=[\"a\",\"b\",\"c\",\"d\"]");
    settings.push_back(R"(links={"api-e1":null,"api-e2":null,"api-e3":null})");
    settings.push_back(R"(default_link={"rtt":"50ms"})");
    const auto run = RunShipped("baseline", Through("e2", settings));
    const auto& all = run.summary.latency.at("serializable_range").at("all");
    EXPECT_NEAR(all.min, 50 + 10 + 5, 0.1);
    EXPECT_NEAR(all.max, 50 + 40 + 5, 0.1);
}

TEST(Member, RaftMessagesTakeTheirWakeups)
{
    // Through e1, four messages pass on the way: the forward, the append at e3, its answer, the notice at e1.
    EXPECT_NEAR(RunShipped("baseline", Through("e1", {R"(member.cpu={"message_wakeup":"3ms"})"}))
                    .Mean("put"),
                710 + 4 * 3,
                0.3);
}

TEST(Member, AnElectedClusterServesTooAndItsLeaderIsReported)
{
    const auto run = RunShipped("lan", {"leader=", "workload.count=100"});
    EXPECT_EQ(run.summary.failed, 0U);
    EXPECT_FALSE(run.result.facts.leader.empty());
}

TEST(Member, EveryNumberOfMembersFromOneToNineServes)
{
    for (int members = 1; members <= 9; ++members)
    {
        SCOPED_TRACE(members);
        const auto run =
            RunShipped("lan", {"topology.members=" + std::to_string(members), "workload.count=50"});
        EXPECT_EQ(run.summary.ok, 50U);
        EXPECT_EQ(run.result.facts.members.size(), static_cast<std::size_t>(members));
    }
}

TEST(Member, AllMembersEndWithTheSameStore)
{
    const auto run =
        RunShipped("lan", {"workload.delete_range=1", "workload.txn=1", "workload.keys=5"});
    const auto revision = run.Member("e1").revision;
    EXPECT_GT(revision, 1000U);
    // The last commit notice may still be on its way to the followers.
    EXPECT_NEAR(static_cast<double>(run.Member("e2").revision), static_cast<double>(revision), 16);
    EXPECT_NEAR(static_cast<double>(run.Member("e3").revision), static_cast<double>(revision), 16);
}

TEST(Member, IsWatchedByTheInvariantCheckerInEveryRun)
{
    const auto scenario = ReadScenarioFile(
        ETCDLAB_SOURCE_DIR "/scenarios/baseline.json", {"workload.count=30"}, RegisteredNames());
    World world(scenario);
    world.Run();
    // At least an append, a commit and an apply for each of 30 entries on each of three members.
    EXPECT_GT(world.GetChecker().GetEventCount(), 3U * 3 * 30);
}

} // namespace

} // namespace etcdlab
