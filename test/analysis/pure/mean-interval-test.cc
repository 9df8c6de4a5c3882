// Confidence intervals: by hand, and how often they hold the truth.
#include "analysis/pure/mean-interval.h"
#include "analysis/pure/sweep-schedule.h"

#include <boost/random/gamma_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace etcdlab
{

namespace
{

TEST(MeanInterval, IsStudents)
{
    // Mean 4, standard deviation 2 (8 / 2), t(0.975; 2) = 4.30265.
    const auto interval = IntervalOfMean({2, 4, 6}, 0.95);
    EXPECT_EQ(interval.count, 3U);
    EXPECT_DOUBLE_EQ(interval.mean, 4);
    EXPECT_NEAR(interval.halfWidth, 4.30265 * 2 / std::sqrt(3), 1e-4);
}

TEST(MeanInterval, OfFewerThanTwoIsInfinite)
{
    EXPECT_TRUE(std::isinf(IntervalOfMean({}, 0.95).halfWidth));
    EXPECT_TRUE(std::isinf(IntervalOfMean({3}, 0.95).halfWidth));
    EXPECT_EQ(IntervalOfMean({3}, 0.95).mean, 3);
}

TEST(MeanInterval, OfEqualValuesIsAPoint)
{
    EXPECT_EQ(IntervalOfMean({5, 5, 5}, 0.95).halfWidth, 0);
}

/// The share of 1000 sweeps of one point whose 95 % interval holds the true mean.
double
Coverage(const SweepPlan& plan, double truth, const std::function<double()>& draw)
{
    int holds = 0;
    for (int sweep = 0; sweep < 1000; ++sweep)
    {
        SweepSchedule schedule(plan, {});
        std::vector<double> values;
        while (const auto run = schedule.Next())
        {
            values.push_back(draw());
            schedule.Record(*run, values.back());
        }
        const auto interval = IntervalOfMean(values, 0.95);
        holds += std::abs(interval.mean - truth) <= interval.halfWidth ? 1 : 0;
    }
    return holds / 1000.0;
}

SweepPlan
OnePoint(std::uint64_t replications)
{
    SweepPlan plan;
    plan.points.resize(1);
    plan.replications = replications;
    return plan;
}

TEST(MeanInterval, OfAFixedNumberOfReplicationsHoldsTheTruthInThatShareOfSweeps)
{
    boost::random::mt19937_64 random(1);
    boost::random::normal_distribution<double> normal(100, 10);
    boost::random::gamma_distribution<double> skewed(20, 5); // mean 100, skewness 0.45
    for (const std::uint64_t replications : {3, 10, 30})
    {
        const auto plan = OnePoint(replications);
        const auto ofNormal = Coverage(plan, 100, [&] { return normal(random); });
        EXPECT_GE(ofNormal, 0.93) << replications;
        EXPECT_LE(ofNormal, 0.97) << replications;
        const auto ofSkewed = Coverage(plan, 100, [&] { return skewed(random); });
        EXPECT_GE(ofSkewed, 0.93) << replications;
        EXPECT_LE(ofSkewed, 0.97) << replications;
    }
}

TEST(MeanInterval, OfAPointThatStopsByItsRuleHoldsTheTruthAsOften)
{
    // Ten percent noise: 3 % takes some 45 replications.
    boost::random::mt19937_64 random(1);
    boost::random::normal_distribution<double> normal(100, 10);
    auto plan = OnePoint(1000);
    plan.until = StoppingRule{.metric = "m", .halfWidth = {}, .share = 0.03};
    const auto share = Coverage(plan, 100, [&] { return normal(random); });
    EXPECT_GE(share, 0.93);
    EXPECT_LE(share, 0.97);
}

} // namespace

} // namespace etcdlab
