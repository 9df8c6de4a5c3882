#include "analysis/pure/report-page.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace etcdlab
{
namespace
{

ReportedRun
RunToReport(const std::string& name, double mean, double p99)
{
    ReportedRun run;
    run.summary.facts.scenario = name;
    run.summary.latency["put"]["e1"] = {
        .count = 2, .mean = mean, .p50 = mean, .p90 = p99, .p99 = p99, .min = mean, .max = p99};
    return run;
}

bool
PageHolds(const std::string& page, const std::string& part)
{
    return page.find(part) != std::string::npos;
}

TEST(ReportPage, ScenarioNamedScriptShowsItsNameAndDoesNothing)
{
    auto run = RunToReport("<script>alert(\"&\")</script>", 1, 2);
    run.summary.latency["</script><b>"] = run.summary.latency["put"];
    run.requests = {{.number = 1, .operation = "</script><b>", .client = "api", .member = "e1"}};
    const auto page = ReportPage({run});
    EXPECT_FALSE(PageHolds(page, "<script>alert"));
    EXPECT_FALSE(PageHolds(page, "</script><b>"));
    EXPECT_TRUE(PageHolds(page, "<h1>&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;</h1>"));
}

TEST(ReportPage, NamesInTheChartsDataCannotEndIt)
{
    auto run = RunToReport("one", 1, 2);
    run.requests = {{.number = 1, .operation = "put", .client = "api", .member = "</script>e"}};
    EXPECT_TRUE(PageHolds(ReportPage({run}), "\"name\":\"\\u003c/script>e\""));
}

TEST(ReportPage, RunsShareOneAxis)
{
    const auto page = ReportPage({RunToReport("far", 260, 520), RunToReport("near", 130, 260)});
    // 520 ms are the axis' 520 units, from 170 on
    EXPECT_TRUE(PageHolds(page, "width=\"260\"/><path class=\"tick\" d=\"M690 4v18\"/>"));
    EXPECT_TRUE(PageHolds(page, "width=\"130\"/><path class=\"tick\" d=\"M430 30v18\"/>"));
}

TEST(ReportPage, FiguresAreThoseOfTheSummary)
{
    const auto page = ReportPage({RunToReport("one", 343.333333, 710.5)});
    std::string row = "<th scope=\"row\">e1</th>";
    for (const auto* figure :
         {"2", "343.333333", "343.333333", "710.5", "710.5", "343.333333", "710.5"})
    {
        row += "<td class=\"number\">" + std::string(figure) + "</td>";
    }
    EXPECT_TRUE(PageHolds(page, row));
}

TEST(ReportPage, AllMembersComeBeforeEachWhateverItsName)
{
    auto run = RunToReport("one", 1, 2);
    for (const auto* member : {ALL_MEMBERS, "a1"}) // "a1" sorts before "all"
    {
        run.summary.latency["put"][member] = run.summary.latency["put"]["e1"];
    }
    const auto page = ReportPage({run});
    const auto all = page.find("scope=\"row\">all");
    ASSERT_NE(all, std::string::npos);
    EXPECT_LT(all, page.find("scope=\"row\">a1"));
    EXPECT_LT(page.find("scope=\"row\">a1"), page.find("scope=\"row\">e1"));
}

TEST(ReportPage, TheClosedFormStandsBesideTheMean)
{
    // 50 ms to the only member and back; the run took 1 % more.
    auto run = RunToReport("one", 50.5, 51);
    run.summary.facts.leader = "e1";
    run.scenario.emplace();
    run.scenario->name = "one";
    run.scenario->topology.members = {"e1"};
    run.scenario->links[{"api", "e1"}].delay = Duration{25'000'000};
    EXPECT_TRUE(PageHolds(ReportPage({run}),
                          "<td class=\"number\">50</td><td class=\"number\">1.00</td></tr>"));
    run.scenario->faults.emplace_back().type = "crash"; // whose latencies the form does not know
    EXPECT_FALSE(PageHolds(ReportPage({run}), "closed form"));
}

TEST(ReportPage, ScenariosOfTheSameSeedsAreComparedByPairs)
{
    std::vector<ReportedRun> runs;
    for (const std::uint64_t seed : {1, 2})
    {
        for (const double mean : {100.0, 50.0})
        {
            auto& run = runs.emplace_back(
                RunToReport(mean > 60 ? "slow" : "fast", mean + static_cast<double>(seed), 200));
            run.summary.facts.seed = seed;
            run.summary.latency["put"][ALL_MEMBERS] = run.summary.latency["put"]["e1"];
        }
    }
    // Each pair differs by exactly 50 ms.
    EXPECT_TRUE(PageHolds(ReportPage(runs),
                          "put: slow takes 50.00 +- 0.00 ms longer than fast on average"));
    runs.back().summary.facts.seed = 3;
    EXPECT_FALSE(PageHolds(ReportPage(runs), "Differences of pairs"));
}

TEST(ReportPage, NoResultsAreRefused)
{
    EXPECT_THROW(ReportPage({}), std::invalid_argument);
}

} // namespace
} // namespace etcdlab
