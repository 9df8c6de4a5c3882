#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <map>

namespace etcdlab
{
namespace
{

const std::string LOG = ETCDLAB_SOURCE_DIR "/test/reference/etcd-requests-sample.csv";

TEST(ReplayWorkload, OpenLoopKeepsTheLoggedTimes)
{
    const auto run = RunShipped(
        "lan", {"workload.type=replay", "workload.log=" + LOG, "workload.concurrency=1"});
    std::vector<const RequestRecord*> made;
    for (const auto& record : run.result.requests)
    {
        if (!record.warmup)
        {
            made.push_back(&record);
            EXPECT_EQ(record.outcome, "ok");
        }
    }
    ASSERT_GT(made.size(), 50U);
    // The log's first line is at 0 s, its last at 2.850 s.
    Duration first = Duration::max();
    Duration last{0};
    for (const auto* record : made)
    {
        first = std::min(first, record->start);
        last = std::max(last, record->start);
    }
    EXPECT_NEAR(Milliseconds(last - first), 2850, 0.001);
}

TEST(ReplayWorkload, ClosedLoopWaitsForAnswersNotForTimes)
{
    const auto run = RunShipped("lan",
                                {"workload.type=replay",
                                 "workload.log=" + LOG,
                                 "workload.loop=closed",
                                 "workload.concurrency=1"});
    Duration first = Duration::max();
    Duration last{0};
    for (const auto& record : run.result.requests)
    {
        EXPECT_EQ(record.outcome, "ok");
        if (!record.warmup)
        {
            first = std::min(first, record.start);
            last = std::max(last, record.end);
        }
    }
    EXPECT_LT(last - first,
              std::chrono::milliseconds(1500)); // a LAN needs less than the logged 3 s
}

TEST(ReplayWorkload, BadLogIsSaidBeforeTheRun)
{
    EXPECT_THROW(RunShipped("lan", {"workload.type=replay", "workload.log=none.csv"}),
                 ScenarioError);
    EXPECT_THROW(RunShipped("lan", {"workload.type=replay"}), ScenarioError);
}

TEST(KubernetesWorkload, SharesAreTheWeights)
{
    const auto run = RunShipped("lan",
                                {"workload.type=kubernetes",
                                 "workload.count=4000",
                                 "workload.warmup=200",
                                 "workload.keys=50",
                                 "workload.get=40",
                                 "workload.list=10",
                                 "workload.update=40",
                                 "workload.create=5",
                                 "workload.delete=5"});
    std::map<std::string, double> share;
    double all = 0;
    for (const auto& record : run.result.requests)
    {
        EXPECT_EQ(record.outcome, "ok");
        if (!record.warmup)
        {
            ++share[record.operation];
            ++all;
        }
    }
    EXPECT_NEAR(share["get"] / all, 0.40, 0.03); // 4 standard deviations of a binomial are 0.03
    EXPECT_NEAR(share["list"] / all, 0.10, 0.02);
    EXPECT_NEAR(share["update"] / all, 0.40, 0.03);
    EXPECT_NEAR(share["create"] / all, 0.05, 0.02);
    EXPECT_NEAR(share["delete"] / all, 0.05, 0.02);
}

} // namespace
} // namespace etcdlab
