// The shipped plans say what the documents say they say.
#include "analysis/sweep.h"
#include "test/system/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace etcdlab
{

namespace
{

const std::filesystem::path PLANS =
    std::filesystem::path(ETCDLAB_SOURCE_DIR) / "scenarios" / "plans";

/// Mean milliseconds of a put with e2 at a place between e1 and e3, by hand: to the member, from there to the leader and
/// back if it is another, and the leader's round trip to its nearest follower.
double
ByHand(double place, const std::string& leader, const std::string& route)
{
    const std::vector<double> from = {
        0, 160 * place, 160}; // e1, on the way away from the API server
    const auto lead = static_cast<std::size_t>(leader[1] - '1');
    double quorum = 1e9;
    double direct = 0;
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i)
    {
        if (i != lead)
        {
            quorum = std::min(quorum, std::abs(from[i] - from[lead]));
        }
        direct = i == lead ? 20 + from[i] : direct;
        sum += 20 + from[i] + std::abs(from[i] - from[lead]);
    }
    return quorum + (route == "leader proxy" ? direct : sum / 3);
}

TEST(SweepPlans, LeaderOrProxyIsAsCalculatedByHand)
{
    const TemporaryDirectory directory;
    const auto sweep = ReadSweep(PLANS / "leader-or-proxy.json");
    SweepStore store(directory.Path() / "a.db", sweep.plan, sweep.scenario);
    const auto counts = RunSweep(sweep, {.jobs = 2}, store);
    EXPECT_EQ(counts.ended, 54U);
    EXPECT_EQ(counts.failed, 0U);
    std::map<std::string, double> measured;
    for (const auto& row : store.Rows())
    {
        const auto& values = sweep.plan.points[row.key.point].values;
        const double mean = row.metrics[0].get<double>();
        EXPECT_NEAR(mean, ByHand(values[0]->number, values[1]->text, values[2]->text), 0.05)
            << sweep.plan.DescribePoint(row.key.point);
        measured[values[0]->text + " " + values[1]->text + " " + values[2]->text] = mean;
    }
    // What analysis/README.md says of them.
    for (const char* place : {"0.1", "0.2", "0.3", "0.4", "0.6", "0.7", "0.8", "0.9"})
    {
        const auto at = [&](const std::string& rest) { return measured.at(place + (" " + rest)); };
        EXPECT_NEAR(at("e3 leader proxy"), at("e3 round robin"), 0.05)
            << "at the far end the proxy wins nothing";
        EXPECT_LT(at("e2 round robin"), at("e3 leader proxy")) << "moving the leader to e2 does";
        EXPECT_EQ(at("e1 round robin") < at("e3 leader proxy"), std::stod(place) < 0.5)
            << "to e1, if e2 is near it";
        EXPECT_LT(at("e2 leader proxy"), at("e1 round robin"))
            << "with e2 leading, move the traffic";
        EXPECT_LT(at("e1 leader proxy"), at("e2 leader proxy")) << "both together are best";
    }
}

TEST(SweepPlans, WhatMattersIsASaltelliDesign)
{
    const auto sweep = ReadSweep(PLANS / "what-matters.json");
    EXPECT_EQ(sweep.plan.points.size(), 63U * 7);
    EXPECT_EQ(RunOnce(sweep, {100, 0}).status, "ok");
}

} // namespace

} // namespace etcdlab
