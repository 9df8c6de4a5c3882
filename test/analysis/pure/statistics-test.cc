#include "analysis/pure/statistics.h"
#include "seed-scenario.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace etcdlab
{
namespace
{

using test::Ms;

TEST(Statistics, QuantilesInterpolateBetweenNeighbours)
{
    const std::vector<Duration> samples = {Ms(10), Ms(20), Ms(40), Ms(80)};
    EXPECT_EQ(Quantile(samples, 0), 10);
    EXPECT_EQ(Quantile(samples, 1), 80);
    EXPECT_EQ(Quantile(samples, 0.5), 30);         // h = 1.5: 20 + 0.5 * 20
    EXPECT_EQ(Quantile(samples, 0.25), 17.5);      // h = 0.75: 10 + 0.75 * 10
    EXPECT_NEAR(Quantile(samples, 0.9), 68, 1e-9); // h = 2.7: 40 + 0.7 * 40
}

TEST(Statistics, QuantilesOfNothingAreRefused)
{
    EXPECT_THROW(Quantile({}, 0.5), std::invalid_argument);
    EXPECT_THROW(Quantile({Ms(1)}, 1.5), std::invalid_argument);
    EXPECT_THROW(Quantile({Ms(1)}, -0.1), std::invalid_argument);
}

TEST(Statistics, OfElevenSamplesInAnyOrder)
{
    std::vector<Duration> samples;
    for (const int i : {7, 3, 11, 1, 5, 9, 2, 10, 4, 8, 6})
    {
        samples.push_back(Ms(i));
    }
    const LatencyStatistics s = MakeStatistics(samples);
    EXPECT_EQ(s.count, 11u);
    EXPECT_EQ(s.mean, 6);           // 66/11
    EXPECT_EQ(s.p50, 6);            // h = 5
    EXPECT_EQ(s.p90, 10);           // h = 9
    EXPECT_NEAR(s.p99, 10.9, 1e-9); // h = 9.9
    EXPECT_EQ(s.min, 1);
    EXPECT_EQ(s.max, 11);
}

TEST(Statistics, OrderChangesNotEvenTheLastBit)
{
    std::vector<Duration> samples;
    for (int i = 0; i < 1000; ++i)
    {
        samples.push_back(Duration{(i * 7919) % 1'000'003});
    }
    const std::vector<Duration> reversed(samples.rbegin(), samples.rend());
    EXPECT_EQ(MakeStatistics(samples), MakeStatistics(reversed));
}

TEST(Statistics, OneAndNone)
{
    EXPECT_EQ(MakeStatistics({Ms(5)}), (LatencyStatistics{1, 5, 5, 5, 5, 5, 5}));
    EXPECT_EQ(MakeStatistics({}), LatencyStatistics{});
}

} // namespace
} // namespace etcdlab
