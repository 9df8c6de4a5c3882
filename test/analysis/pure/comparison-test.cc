#include "analysis/pure/comparison.h"
#include "helper/scenario/read-scenario.h"
#include "seed-scenario.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

using test::Ms;
using test::SeedScenario;

Summary
MakeRun(const std::string& scenario,
        std::map<std::string, std::map<std::string, LatencyStatistics>> latency)
{
    Summary s;
    s.facts.scenario = scenario;
    s.facts.seed = 1;
    s.facts.leader = "e2";
    s.facts.members = {{.name = "e1"}, {.name = "e2"}};
    s.ok = 300;
    s.throughputPerSecond = 2.2222;
    s.latency = std::move(latency);
    return s;
}

LatencyStatistics
Mean(double mean, double p99)
{
    LatencyStatistics s;
    s.count = 1;
    s.mean = mean;
    s.p99 = p99;
    return s;
}

TEST(Comparison, RunsSideBySide)
{
    const Summary first =
        MakeRun("baseline",
                {{"put", {{"all", Mean(450, 710)}, {"e1", Mean(710, 710)}, {"e2", Mean(210, 210)}}},
                 {"linearizable_range", {{"all", Mean(450, 710)}}}});
    const Summary second =
        MakeRun("optimised", {{"put", {{"all", Mean(210, 215.5)}, {"e2", Mean(210, 215.5)}}}});
    EXPECT_EQ(CompareSummaries({first, second}),
              "[1] baseline   accounting etcd, leader e2, seed 1: 300 ok, 0 failed, 2.22/s\n"
              "[2] optimised  accounting etcd, leader e2, seed 1: 300 ok, 0 failed, 2.22/s\n"
              "\n"
              "latency in ms       member  [1] mean  [1] p99  [2] mean  [2] p99  [1]/[2]\n"
              "put                 all       450.00   710.00    210.00   215.50     2.14\n"
              "                    e1        710.00   710.00         -        -        -\n"
              "                    e2        210.00   210.00    210.00   215.50     1.00\n"
              "linearizable_range  all       450.00   710.00         -        -        -\n");
}

TEST(Comparison, ARunThatFailedSaysWhy)
{
    Summary first = MakeRun("baseline", {{"put", {{"all", Mean(450, 710)}}}});
    first.failed = 4;
    first.failures = {{"etcdserver: request timed out", 3}, {"unavailable", 1}};
    const Summary second = MakeRun("optimised", {{"put", {{"all", Mean(210, 215.5)}}}});
    EXPECT_EQ(CompareSummaries({first, second}),
              "[1] baseline   accounting etcd, leader e2, seed 1: 300 ok, 4 failed, 2.22/s\n"
              "               failed: 3 x etcdserver: request timed out, 1 x unavailable\n"
              "[2] optimised  accounting etcd, leader e2, seed 1: 300 ok, 0 failed, 2.22/s\n"
              "\n"
              "latency in ms  member  [1] mean  [1] p99  [2] mean  [2] p99  [1]/[2]\n"
              "put            all       450.00   710.00    210.00   215.50     2.14\n");
}

TEST(Comparison, ThreeRunsAreAllComparedWithTheFirst)
{
    const auto run = [](double mean) {
        return MakeRun("x", {{"put", {{"all", Mean(mean, mean)}}}});
    };
    const std::string text = CompareSummaries({run(400), run(200), run(100)});
    EXPECT_NE(text.find("[1]/[2]  [3] mean  [3] p99  [1]/[3]\n"), std::string::npos) << text;
    EXPECT_NE(text.find("2.00    100.00   100.00     4.00\n"), std::string::npos) << text;
}

TEST(Comparison, OfNothingIsRefused)
{
    EXPECT_THROW(CompareSummaries({}), std::invalid_argument);
}

TEST(Comparison, MarkdownIsAlignedAndEscaped)
{
    EXPECT_EQ(MarkdownTable({{"", "title"}, {"a|b", "1"}}),
              "|      | title |\n"
              "|------|-------|\n"
              "| a\\|b | 1     |\n");
}

TEST(Quickstart, TheFirstColumnIsComputed)
{
    Scenario optimised = SeedScenario();
    optimised.proxy.emplace();
    optimised.proxy->cpuPerChunk = Ms(20);  // the proxy's own latency is left out,
    optimised.member.disk.syncMax = Ms(10); // and so is processing
    Scenario baseline = SeedScenario();
    baseline.memberOverrides["e1"].cpu.requestWakeup = Ms(5);
    const QuickstartColumn column = ThesisArithmetic(baseline, optimised);
    EXPECT_NEAR(column.roundRobin, 1030.0 / 3, 1e-9);
    EXPECT_EQ(column.leaderProxy, 210);
}

TEST(Quickstart, TheLastColumnIsReadFromTheReference)
{
    const QuickstartColumn column =
        MeasuredColumn(ETCDLAB_SOURCE_DIR "/test/reference/etcd-3.4.23-seed-links.json");
    EXPECT_EQ(column.roundRobin, 458.2);
    EXPECT_EQ(column.leaderProxy, 215.6);
    EXPECT_THROW(MeasuredColumn("no-such-file.json"), ResultError);
    EXPECT_THROW(MeasuredColumn(ETCDLAB_SOURCE_DIR "/CMakeLists.txt"), ScenarioError);
}

TEST(Quickstart, TheTable)
{
    Scenario optimised = SeedScenario();
    optimised.proxy.emplace();
    EXPECT_EQ(QuickstartTable(ThesisArithmetic(SeedScenario(), optimised),
                              {"simulated, thesis' accounting", 343.41, 210.04},
                              {"simulated, etcd's protocol", 450.08, 210.04},
                              {"real etcd 3.4.23", 458.2, 215.6}),
              "|                                | thesis' arithmetic | simulated, thesis' "
              "accounting | simulated, etcd's protocol | real etcd 3.4.23 |\n"
              "|--------------------------------|--------------------|-----------------------------"
              "--|----------------------------|------------------|\n"
              "| round robin over three members | 343.3 ms           | 343.4 ms                    "
              "  | 450.1 ms                   | 458.2 ms         |\n"
              "| leader proxy                   | 210 ms + proxy     | 210.0 ms                    "
              "  | 210.0 ms                   | 215.6 ms         |\n"
              "| gain                           | 1.63               | 1.63                        "
              "  | 2.14                       | 2.1              |\n");
}

} // namespace
} // namespace etcdlab
