// Whole worlds with everything rough at once: the runs end, and no promise is broken.
#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <random>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// Loss, jitter, short queues, slow links and disks, Nagle at the proxy, several clients at once.
Scenario
RoughWorld(std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return random() % n; };
    Scenario scenario;
    scenario.name = "rough-" + std::to_string(seed);
    scenario.seed = seed;
    scenario.topology.members = NumberedMembers(1 + below(5));
    LinkConfig link;
    link.delay = std::chrono::microseconds(100 + below(40'000));
    link.jitter = std::chrono::microseconds(below(2) * below(20'000));
    link.loss = Share{static_cast<double>(below(2) * below(50)) / 1000};
    link.queue = below(3) == 0 ? 2 + below(10) : 1000;
    link.rate = DataRate{below(2) == 0 ? 2'000'000 + below(10'000'000) : 1'000'000'000};
    scenario.defaultLink = link;
    scenario.member.electionTimeout = 3s;
    scenario.member.version = below(2) == 0 ? "3.4" : "3.5";
    scenario.member.disk.syncMin = std::chrono::microseconds(below(2'000));
    scenario.member.disk.syncMax =
        scenario.member.disk.syncMin + std::chrono::microseconds(below(5'000));
    scenario.member.cpu.request = std::chrono::microseconds(below(200));
    scenario.member.cpu.message = std::chrono::microseconds(below(100));
    if (below(2) == 0)
    {
        scenario.proxy.emplace();
        scenario.proxy->nagle = below(2) == 0;
        scenario.proxy->cpuPerChunk = std::chrono::microseconds(below(300));
        scenario.proxy->chunk = ByteSize{200 + below(3000)};
        scenario.proxy->targetPolicy = below(2) == 0 ? "leader" : "round-robin";
    }
    scenario.workload.linearizableRange = 1;
    scenario.workload.serializableRange = 1;
    scenario.workload.deleteRange = 0.2;
    scenario.workload.txn = 1;
    scenario.workload.keys = 1 + below(10);
    scenario.workload.valueSize = ByteSize{below(20'000)};
    scenario.workload.concurrency = 1 + below(8);
    scenario.workload.count = 100;
    scenario.workload.warmup = 0;
    return scenario;
}

class RoughWorlds : public testing::TestWithParam<std::uint64_t>
{
};

TEST_P(RoughWorlds, Finish)
{
    for (auto seed = GetParam(); seed < GetParam() + 20; ++seed)
    {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto run = RunChecked(RoughWorld(seed));
        EXPECT_EQ(run.summary.ok + run.summary.failed, 100U);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoughWorlds, testing::Values(1, 21, 41, 61));

} // namespace

} // namespace etcdlab
