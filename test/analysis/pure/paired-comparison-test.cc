#include "analysis/pure/paired-comparison.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

/// Runs with seeds 1, 2, … whose puts all take so many milliseconds.
std::vector<Summary>
Runs(const std::string& scenario, const std::vector<double>& means)
{
    std::vector<Summary> runs;
    for (const double mean : means)
    {
        LatencyStatistics statistics;
        statistics.count = 1;
        statistics.mean = statistics.p50 = statistics.p90 = statistics.p99 = mean;
        Summary run;
        run.facts.scenario = scenario;
        run.facts.seed = runs.size() + 1;
        run.ok = 300;
        run.latency = {{"put", {{ALL_MEMBERS, statistics}}}};
        runs.push_back(run);
    }
    return runs;
}

// Student's t with one degree of freedom is 12.706 at 97.5 %. 10 and 12: 11 +- 12.706 sqrt(2)/sqrt(2). 8 and 9: 8.5 +- half
// of that. Differences 2 and 3: 2.5 +- half of it. Ratios 1.25 and 1.3333: 1.2917 +- 12.706 / 24.
TEST(PairedComparison, AnIntervalThatHoldsZeroShowsNoDifference)
{
    EXPECT_EQ(CompareReplications({Runs("a", {10, 12}), Runs("b", {8, 9})}),
              "[1] a  accounting etcd, leader none: 600 ok, 0 failed\n"
              "[2] b  accounting etcd, leader none: 600 ok, 0 failed\n"
              "seeds 1 to 2; +- is half of a 95 % interval (Student's t)\n"
              "\n"
              "latency in ms                   [1]           [2]     [1] - [2]       [1]/[2]\n"
              "put            mean  11.00 +- 12.71  8.50 +- 6.35  2.50 +- 6.35  1.29 +- 0.53\n"
              "               p50   11.00 +- 12.71  8.50 +- 6.35  2.50 +- 6.35  1.29 +- 0.53\n"
              "               p90   11.00 +- 12.71  8.50 +- 6.35  2.50 +- 6.35  1.29 +- 0.53\n"
              "               p99   11.00 +- 12.71  8.50 +- 6.35  2.50 +- 6.35  1.29 +- 0.53\n"
              "\n"
              "put: no difference between a and b is shown: 2.50 +- 6.35 ms holds 0. More seeds "
              "narrow the interval.\n");
}

// 10 and 20 against 8 and 18: alone each is known to +- 63.5 only, the pairs' difference exactly.
TEST(PairedComparison, PairsShowWhatSingleRunsDoNot)
{
    const auto text = CompareReplications({Runs("a", {10, 20}), Runs("b", {8, 18})});
    EXPECT_NE(text.find("15.00 +- 63.53"), std::string::npos) << text;
    EXPECT_NE(
        text.find(
            "put: a takes 2.00 +- 0.00 ms longer than b on average, 1.18 +- 0.88 times as long.\n"),
        std::string::npos)
        << text;
    EXPECT_NE(CompareReplications({Runs("b", {8, 18}), Runs("a", {10, 20})})
                  .find("put: b takes 2.00 +- 0.00 ms less than a on average"),
              std::string::npos);
}

TEST(PairedComparison, WhatOneLacksIsADash)
{
    auto others = Runs("b", {8, 9});
    others[1].latency.clear();
    others[1].failed = 300;
    const auto text = CompareReplications({Runs("a", {10, 12}), others});
    EXPECT_NE(text.find("[2] b  accounting etcd, leader none: 600 ok, 300 failed: latencies are of "
                        "those that were answered\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("mean  11.00 +- 12.71    -          -        -\n"), std::string::npos)
        << text;
    EXPECT_EQ(text.find("put: "), std::string::npos) << "nothing follows";
}

TEST(PairedComparison, SaysWhenItIsPartOfWhatWasAskedFor)
{
    const auto text = CompareReplications(
        {Runs("a", {10, 12}), Runs("b", {8, 9})},
        {{3, "b: the process took too long"}, {4, "interrupted"}, {5, "interrupted"}});
    EXPECT_NE(
        text.find(
            "\nPARTIAL: 2 of the 5 seeds 1 to 5; +- is half of a 95 % interval (Student's t)\n"
            "missing: seed 3: b: the process took too long\n"
            "missing: seeds 4 to 5: interrupted\n"),
        std::string::npos)
        << text;
}

TEST(PairedComparison, TakesPairs)
{
    EXPECT_THROW(CompareReplications({Runs("a", {1, 2})}), std::invalid_argument);
    EXPECT_THROW(CompareReplications({Runs("a", {1}), Runs("b", {1})}), std::invalid_argument);
    EXPECT_THROW(CompareReplications({Runs("a", {1, 2}), Runs("b", {1})}), std::invalid_argument);
}

} // namespace
} // namespace etcdlab
