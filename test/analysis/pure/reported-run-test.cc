#include "analysis/pure/reported-run.h"

#include <gtest/gtest.h>

#include <numeric>

namespace etcdlab
{
namespace
{

using Points = std::vector<std::pair<double, double>>;

ReportedRun
RunOfRequests(std::size_t count)
{
    ReportedRun run;
    for (std::size_t i = 0; i < count; ++i)
    {
        const Duration start = std::chrono::milliseconds(10 * i);
        run.requests.push_back({.number = i + 1,
                                .start = start,
                                .end = start + std::chrono::milliseconds(i + 1),
                                .operation = "put",
                                .client = "api",
                                .member = "e1",
                                .requestBytes = 900,
                                .responseBytes = 100});
    }
    run.summary.latency["put"]["e1"].count = count;
    return run;
}

TEST(ReportedRun, DistributionRisesByOneInNAtEachLatency)
{
    const auto chart = LatencyDistribution({RunOfRequests(4)}, {""}, "put");
    ASSERT_EQ(chart.series.size(), 1U);
    EXPECT_EQ(chart.series[0].points, (Points{{1, 0}, {1, 0.25}, {2, 0.5}, {3, 0.75}, {4, 1}}));
}

TEST(ReportedRun, DistributionOfManyKeepsBothEndsAndItsMiddle)
{
    const auto points =
        LatencyDistribution({RunOfRequests(100'000)}, {""}, "put").series.at(0).points;
    EXPECT_EQ(points.size(), 301U);
    EXPECT_EQ(points.front(), (std::pair{1.0, 0.0}));
    EXPECT_EQ(points[150], (std::pair{50'000.0, 0.5}));
    EXPECT_EQ(points.back(), (std::pair{100'000.0, 1.0}));
}

TEST(ReportedRun, OfManyRequestsAnEvenChoiceIsShownAndEveryFailure)
{
    auto run = RunOfRequests(20'000);
    for (std::size_t i = 1; i < 20'000; i += 2000) // none of them would be chosen
    {
        run.requests[i].outcome = "timeout";
    }
    const auto chart = RequestsOverTime(run);
    ASSERT_EQ(chart.series.size(), 2U);
    EXPECT_EQ(chart.series[0].name, "e1");
    EXPECT_EQ(chart.series[0].points.size(), 5000U);
    EXPECT_EQ(chart.series[0].points[1], (std::pair{0.04, 5.0}));
    EXPECT_EQ(chart.series[1].name, "failed");
    EXPECT_EQ(chart.series[1].points.size(), 10U);
    EXPECT_EQ(chart.text,
              "20000 requests, warm-up included, 10 of them failed; shown is one of 4, and every "
              "failure.");
}

TEST(ReportedRun, FaultsAreBandsFromTheWorkloadsBeginAndElectionsLines)
{
    auto run = RunOfRequests(2);
    for (auto& request : run.requests)
    {
        request.start += std::chrono::seconds(3);
    }
    run.scenario.emplace();
    auto& fault = run.scenario->faults.emplace_back();
    fault.type = "crash";
    fault.target = "leader";
    fault.at = std::chrono::seconds(5);
    fault.duration = std::chrono::seconds(20);
    auto& outcomes = run.summary.facts.outcomes.emplace();
    outcomes.elections.push_back({std::chrono::milliseconds(9500), "e3", 3});
    const auto bands = RequestsOverTime(run).bands;
    ASSERT_EQ(bands.size(), 2U);
    EXPECT_EQ(bands[0].label, "crash leader");
    EXPECT_EQ(bands[0].from, 8);
    EXPECT_EQ(bands[0].to, 28);
    EXPECT_EQ(bands[1].label, "e3 leads");
    EXPECT_EQ(bands[1].from, 9.5);
    EXPECT_EQ(bands[1].to, 9.5);
}

TEST(ReportedRun, TrafficAddsUpRequestsAndAnswersByTheirEnd)
{
    auto run = RunOfRequests(3);
    run.requests[0].end = std::chrono::seconds(1); // after the others
    const auto chart = TrafficOverTime(run);
    ASSERT_EQ(chart.series.size(), 1U);
    EXPECT_EQ(chart.series[0].points, (Points{{0.012, 0.001}, {0.023, 0.002}, {1, 0.003}}));
}

TEST(ReportedRun, TrafficOfManyRequestsEndsAtTheirSum)
{
    const auto points = TrafficOverTime(RunOfRequests(12'345)).series.at(0).points;
    EXPECT_LE(points.size(), 5001U);
    EXPECT_DOUBLE_EQ(points.back().second, 12.345);
}

TEST(ReportedRun, HopsAddUpToTheFormsTotal)
{
    ScenarioForm form;
    form.clients = {"api"};
    form.members = {"e1", "e2"};
    form.weights["api"] = {{"e1", 1}, {"e2", 1}};
    const auto ms = [](int count) { return Duration{std::chrono::milliseconds(count)}; };
    form.forms = {{"api", "e1", "put", {{"client link", ms(125)}, {"forward", ms(150)}}},
                  {"api", "e2", "put", {{"client link", ms(25)}, {"quorum", ms(160), "e3"}}},
                  {"api", "e2", "txn", {{"client link", ms(25)}}}};
    const auto chart = WhereTimeGoes(form, {"put"});
    EXPECT_EQ(chart.categories,
              (std::vector<std::string>{"put, api through e1", "put, api through e2"}));
    ASSERT_EQ(chart.series.size(), 3U);
    EXPECT_EQ(chart.series[0].points, (Points{{0, 125}, {1, 25}}));
    EXPECT_EQ(chart.series[1].points, (Points{{0, 150}}));
    EXPECT_EQ(chart.series[2].points, (Points{{1, 160}}));
    EXPECT_NE(chart.text.find("api through e2: 185 ms = client link 25 + quorum 160 (e3)."),
              std::string::npos);
}

TEST(ReportedRun, PhasesWithoutPodsAreLeftOut)
{
    ReportedRun run;
    EXPECT_TRUE(PodsOverTime(run).series.empty());
    run.pods.resize(2);
    run.pods[1].time = std::chrono::seconds(2);
    run.pods[1].pods[3] = 14;
    const auto chart = PodsOverTime(run);
    ASSERT_EQ(chart.series.size(), 1U);
    EXPECT_EQ(chart.series[0].name, "running");
    EXPECT_EQ(chart.series[0].points, (Points{{0, 0}, {2, 14}}));
}

} // namespace
} // namespace etcdlab
