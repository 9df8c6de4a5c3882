// The measured cluster under load: what syncs cost, and what a commit of the backend does. trust-test.cc has the measured figures.
#include "helper/world.h"
#include "test/system/runs.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

FinishedRun
RunClients(std::uint64_t clients, std::vector<std::string> settings = {})
{
    settings.push_back("workload.concurrency=" + std::to_string(clients));
    return RunShipped("reference-rig-load", settings);
}

TEST(Load, OneClientsPutsCostOneSyncEachOnEveryMember)
{
    const auto few = RunClients(1, {"workload.count=100", "workload.warmup=0"});
    const auto many = RunClients(1, {"workload.count=300", "workload.warmup=0"});
    for (const char* member : {"e1", "e2", "e3"})
    {
        EXPECT_EQ(many.Member(member).walFsyncs - few.Member(member).walFsyncs, 200U) << member;
    }
}

TEST(Load, MembersOnMachinesOfTheirOwnAreFaster)
{
    // Three disks instead of one: a sync no longer waits for those of two others.
    const auto shared = RunClients(64, {"workload.count=2000"});
    const auto own = RunClients(64, {"workload.count=2000", "member.machine="});
    EXPECT_GT(own.summary.throughputPerSecond, 1.5 * shared.summary.throughputPerSecond);
}

/// A world's run, and what its members' backends did.
double
MeanCommitMs(const std::vector<std::string>& settings, std::uint64_t* commits = nullptr)
{
    const auto scenario = ReadScenarioFile(
        ETCDLAB_SOURCE_DIR "/scenarios/reference-rig-load.json", settings, RegisteredNames());
    World world(scenario);
    world.Run();
    Duration sum{0};
    std::uint64_t count = 0;
    for (const auto& member : world.GetMembers())
    {
        sum += member->GetBackend().CommitTime();
        count += member->GetBackend().Commits();
    }
    if (commits != nullptr)
    {
        *commits = count;
    }
    return Milliseconds(sum) / static_cast<double>(count);
}

TEST(Load, ABackendCommitsTenTimesASecondAtMostAndTakesTwoSyncs)
{
    // 25 puts a second for 12 s. A commit is due 100 ms after the end of the one before, if a put has come since:
    // 12 s / 0.1024 s = 117 at most per member. Two syncs of 1.2 ms are 2.4 ms, and now and then a wait for
    // the log's.
    std::uint64_t commits = 0;
    const auto mean = MeanCommitMs(
        {"workload.rate=25/s", "workload.count=300", "workload.warmup=0", "workload.concurrency=1"},
        &commits);
    EXPECT_LE(commits, 3 * 117U);
    EXPECT_GE(commits, 3 * 100U);
    EXPECT_GE(mean, 2.4);
    EXPECT_LE(mean, 3.5);
}

TEST(Load, ACommitStallsReadsButNotForever)
{
    // A put every 100 ms keeps commits coming; serializable reads need nothing but the store's lock. Disk syncs of
    // 20 ms: a commit takes 40 ms or more of every 140.
    std::vector<std::string> settings = {"member.disk.sync_min=20ms",
                                         "member.disk.sync_max=20ms",
                                         "workload.serializable_range=9",
                                         "workload.rate=100/s",
                                         "workload.warmup=0",
                                         "workload.count=1000",
                                         "workload.concurrency=1",
                                         "member.machine="};
    const auto stalled = RunShipped("reference-rig-load", settings);
    settings.emplace_back("member.backend.batch_interval=1h");
    const auto free = RunShipped("reference-rig-load", settings);
    const auto& reads = stalled.summary.latency.at("serializable_range").at(ALL_MEMBERS);
    EXPECT_NEAR(free.summary.latency.at("serializable_range").at(ALL_MEMBERS).max, 1.2, 0.2);
    EXPECT_NEAR(reads.min, 1.2, 0.2);
    EXPECT_GT(reads.max, 35);
    EXPECT_LT(reads.max, 85) << "two syncs, each behind one of the log";
    EXPECT_NEAR(reads.p50, 1.2, 0.2) << "most reads meet no commit";
}

} // namespace

} // namespace etcdlab
