#include "analysis/pure/reported-sweep.h"
#include "analysis/pure/sweep-page.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etcdlab
{
namespace
{

using Json = nlohmann::json;

/// A grid of delay by leader; "twice" is told by the delay, and "same" is the same everywhere. The metric: delay + 10 behind e2.
ReportedSweep
Grid()
{
    ReportedSweep sweep{
        "grid", {"delay_ms", "twice_ms", "leader", "same"}, {"mean_ms", "verdict"}, {}};
    for (const double delay : {30.0, 10.0, 20.0})
    {
        for (const char* leader : {"e2", "e1"})
        {
            const double mean = delay + (leader[1] == '2' ? 10 : 0);
            sweep.points.push_back(
                {{delay, 2 * delay, leader, 7}, 2, 0, {{mean - 1, mean + 1}, {}}});
        }
    }
    return sweep;
}

TEST(ReportedSweep, MeansHaveTheIntervalOfTheirRuns)
{
    const auto mean = MetricAt(Grid().points[0], 0);
    EXPECT_DOUBLE_EQ(mean.mean, 40);
    EXPECT_NEAR(mean.halfWidth, 12.706, 0.001)
        << "Student's t, one degree of freedom: 12.706 * sqrt(2) / sqrt(2)";
    EXPECT_EQ(MetricAt(Grid().points[0], 1).count, 0U);
}

TEST(ReportedSweep, FreeParametersAreThoseThatOthersDoNotTell)
{
    EXPECT_EQ(FreeParameters(Grid()), (std::vector<std::size_t>{0, 2}));
    ReportedSweep random{"random", {"a", "b"}, {"m"}, {}};
    for (const double a : {0.3, 0.1, 0.2})
    {
        random.points.push_back({{a, 1 - a * a}, 1, 0, {{a}}});
    }
    EXPECT_EQ(FreeParameters(random).size(), 2U) << "that all values differ tells nothing";
}

TEST(ReportedSweep, WhatWasDerivedIsNotFree)
{
    ReportedSweep sweep{"products", {"p", "q", "rtt"}, {"m"}, {}, {2}};
    for (const double p : {1e-7, 2e-7})
    {
        for (const double q : {1.0, 2.0})
        {
            sweep.points.push_back({{p, q, 1e9 * p * q}, 1, 0, {{p * q}}});
        }
    }
    EXPECT_EQ(FreeParameters(sweep), (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(ValueText(1e-7), "1e-07");
    EXPECT_EQ(ValueText(0.1 + 0.2), "0.3");
    const auto page = SweepPage(sweep);
    EXPECT_NE(page.find("<th class=\"number\" scope=\"col\">1e-07</th><th class=\"number\" "
                        "scope=\"col\">2e-07</th>"),
              std::string::npos);
}

TEST(SweepPage, ShowsNothingForWhatIsNotFinite)
{
    const ReportedSweep sweep{
        "wide", {"a"}, {"m"}, {{{1}, 2, 0, {{1e308, 0}}}, {{2}, 1, 0, {{1}}}}};
    EXPECT_NE(SweepPage(sweep).find("\"rows\":[[0,1,2,5e+307,null]"), std::string::npos)
        << SweepPage(sweep).substr(0, 100);
}

TEST(ReportedSweep, ValuesAreSorted)
{
    EXPECT_EQ(DistinctValues(Grid(), 0), (std::vector<Json>{10, 20, 30}));
    EXPECT_EQ(DistinctValues(Grid(), 2), (std::vector<Json>{"e2", "e1"}));
}

// Means of 10, 20, 30 and 20, 30, 40: variance 66.67 + 25 = 91.67; by delay 66.67, by leader 25.
TEST(ReportedSweep, VarianceIsSharedOutByMeans)
{
    EXPECT_NEAR(ShareOfVariance(Grid(), 0, 0), 66.6667 / 91.6667, 1e-4);
    EXPECT_NEAR(ShareOfVariance(Grid(), 2, 0), 25 / 91.6667, 1e-4);
    EXPECT_EQ(ShareOfVariance(Grid(), 3, 0), 0);
    EXPECT_EQ(ShareOfVariance(Grid(), 0, 1), 0) << "no numbers, no variance";
}

TEST(ReportedSweep, ManyValuesAreCorrelatedByRank)
{
    ReportedSweep sweep{"samples", {"a", "b"}, {"m"}, {}};
    for (int i = 0; i < 50; ++i)
    {
        const double a = i;
        sweep.points.push_back({{a, (i * 7) % 50}, 1, 0, {{std::exp(-a)}}});
    }
    EXPECT_NEAR(ShareOfVariance(sweep, 0, 0), 1, 1e-9) << "it falls with a, however crookedly";
    EXPECT_LT(ShareOfVariance(sweep, 1, 0), 0.1);
}

TEST(SweepPage, HasLinesSharesAHeatMapAndAllPoints)
{
    auto sweep = Grid();
    sweep.failures = {{"3", "timeout", "took <long>", "etcdlab run x"}};
    const auto page = SweepPage(sweep);
    EXPECT_NE(page.find("\"name\":\"leader=e2\",\"points\":[[10.0,20.0],[20.0,30.0],[30.0,40.0]],"
                        "\"half_widths\":[12.7062,12.7062,12.7062]"),
              std::string::npos)
        << page.substr(0, 3000);
    EXPECT_NE(page.find("From 10 at delay_ms=10, leader=e1 to 40 at delay_ms=30, leader=e2."),
              std::string::npos);
    EXPECT_NE(page.find("delay_ms 72.7 %, leader 27.3 %"), std::string::npos);
    EXPECT_NE(
        page.find("<th scope=\"row\">e1</th><td class=\"number\" style=\"--heat:0.000\">10</td>"),
        std::string::npos);
    EXPECT_NE(page.find("style=\"--heat:1.000\">40</td>"), std::string::npos);
    EXPECT_NE(page.find("\"columns\":[\"point\",\"delay_ms\",\"twice_ms\",\"leader\",\"same\","
                        "\"ok\",\"mean_ms\",\"+-\"]"),
              std::string::npos);
    EXPECT_NE(page.find("took &lt;long&gt;"), std::string::npos);
    EXPECT_EQ(SweepPage(sweep), page);
}

TEST(SweepPage, ManyChoicesAreMarksOverWhatMattersMost)
{
    ReportedSweep sweep{"samples", {"a", "b"}, {"m"}, {}};
    for (int i = 0; i < 50; ++i)
    {
        sweep.points.push_back({{double((i * 7) % 50), double(i)}, 1, 0, {{double(i)}}});
    }
    const auto page = SweepPage(sweep);
    EXPECT_NE(page.find("{\"kind\":\"points\",\"x\":\"b\",\"y\":\"m\""), std::string::npos);
    EXPECT_EQ(page.find("class=\"heat\""), std::string::npos);
}

TEST(SweepPage, OfNothingButFailuresSaysSo)
{
    const ReportedSweep sweep{
        "none", {"a"}, {"m"}, {{{1}, 0, 2, {{}}}}, {}, {{"2", "crashed", "x", "y"}}};
    const auto page = SweepPage(sweep);
    EXPECT_NE(page.find("1 points, 0 runs that are ok, 2 that are not"), std::string::npos);
    EXPECT_NE(page.find("crashed"), std::string::npos);
}

} // namespace
} // namespace etcdlab
