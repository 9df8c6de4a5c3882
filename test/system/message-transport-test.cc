// Transport "message" against transport "tcp", over shipped scenarios. model/README.md has the table.
#include "test/system/runs.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etcdlab
{

namespace
{

class TwoTransports : public testing::TestWithParam<const char*>
{
};

TEST_P(TwoTransports, MeansAndTailsAgreeWithinOnePercent)
{
    const auto tcp = RunShipped(GetParam());
    const auto message = RunShipped(GetParam(), {"transport=message"});
    EXPECT_EQ(message.result.facts.transport, "message");
    ASSERT_EQ(message.summary.ok, tcp.summary.ok);
    for (const auto& [operation, members] : tcp.summary.latency)
    {
        for (const auto& [member, expected] : members)
        {
            const auto& found = message.summary.latency.at(operation).at(member);
            EXPECT_NEAR(found.mean, expected.mean, 0.01 * expected.mean)
                << operation << " " << member;
            EXPECT_NEAR(found.p99, expected.p99, 0.01 * expected.p99) << operation << " " << member;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shipped,
                         TwoTransports,
                         testing::Values("baseline",
                                         "optimised",
                                         "optimised-nagle",
                                         "baseline-thesis",
                                         "five-members",
                                         "linearizable-reads",
                                         "stacked"));

TEST(MessageTransport, SaysTheSameTwice)
{
    const auto once = RunShipped("partition", {"transport=message"});
    const auto again = RunShipped("partition", {"transport=message"});
    EXPECT_EQ(SummaryText(once.summary), SummaryText(again.summary));
}

TEST(MessageTransport, ALargeValueTakesTcpsRoundTrips)
{
    const std::vector<std::string> large = {
        "workload.value_size=975kB", "workload.count=20", "workload.warmup=0"};
    auto settings = large;
    settings.emplace_back("transport=message");
    const auto tcp = RunShipped("optimised", large);
    const auto message = RunShipped("optimised", settings);
    EXPECT_NEAR(message.Mean("put"), tcp.Mean("put"), 0.02 * tcp.Mean("put"));
}

} // namespace

} // namespace etcdlab
