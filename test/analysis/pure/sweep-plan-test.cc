// Plans of sweeps: which points they have, and what is wrong with those that have none.
#include "analysis/pure/sweep-plan.h"
#include "analysis/pure/sweep-report.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace etcdlab
{

namespace
{

/// A plan with these members besides what every plan has.
std::string
With(const std::string& members)
{
    return R"({"scenario": "a.json", "metrics": {"mean": "/m"}, )" + members + "}";
}

SweepPlan
Read(const std::string& members)
{
    return ReadSweepPlan(With(members), "plans/p.json");
}

/// All points' settings, as "a=1 b=2".
std::vector<std::string>
Points(const std::string& members)
{
    std::vector<std::string> points;
    for (const auto& point : Read(members).points)
    {
        std::string text;
        for (const auto& setting : point.settings)
        {
            text += (text.empty() ? "" : " ") + setting;
        }
        points.push_back(text);
    }
    return points;
}

using Texts = std::vector<std::string>;

TEST(SweepPlan, AGridHasAllCombinationsTheLastKeyFastest)
{
    EXPECT_EQ(Points(R"("axes": [{"grid": {"a": [1, 2], "b": ["x", "y"]}}])"),
              (Texts{"a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"}));
}

TEST(SweepPlan, ARangeIsCutEvenlyOrByFactors)
{
    EXPECT_EQ(Points(R"("axes": [{"grid": {"a": {"from": 0.1, "to": 0.4, "count": 4}}}])"),
              (Texts{"a=0.1", "a=0.2", "a=0.3", "a=0.4"}));
    EXPECT_EQ(
        Points(
            R"("axes": [{"grid": {"a": {"from": "10ms", "to": "1s", "count": 3, "scale": "log"}}}])"),
        (Texts{"a=10ms", "a=100ms", "a=1s"}));
}

TEST(SweepPlan, AZipGoesThroughAllListsAtOnce)
{
    EXPECT_EQ(
        Points(
            R"("axes": [{"zip": {"a": [1, 2, 3], "b": {"from": "1ms", "to": "3ms", "count": 3}}}])"),
        (Texts{"a=1 b=1ms", "a=2 b=2ms", "a=3 b=3ms"}));
}

TEST(SweepPlan, AListSaysEachPoint)
{
    const auto plan = Read(R"("axes": [{"list": [{"b": 1}, {"a": [1, "x"], "b": null}, {}]}])");
    EXPECT_EQ(Points(R"("axes": [{"list": [{"b": 1}, {"a": [1, "x"], "b": null}, {}]}])"),
              (Texts{"b=1", "a=[1,\"x\"] b=null", ""}));
    ASSERT_EQ(plan.parameters.size(), 2U);
    EXPECT_EQ(plan.parameters[0].name, "a");
    EXPECT_FALSE(plan.points[0].values[0].has_value()) << "as the scenario has it";
    EXPECT_EQ(plan.DescribePoint(1), "a=[1,\"x\"], b=null");
    EXPECT_EQ(plan.DescribePoint(2), "the scenario as it is");
}

TEST(SweepPlan, VariantsHaveAColumnForTheirNameAlone)
{
    const std::string members =
        R"("axes": [{"variants": {"$route": {"direct": {}, "proxy": {"proxy": {"nagle": true}, "x": 1}}}}])";
    EXPECT_EQ(Points(members), (Texts{"", "proxy={\"nagle\":true} x=1"}));
    const auto plan = Read(members);
    ASSERT_EQ(plan.parameters.size(), 1U);
    EXPECT_EQ(plan.parameters[0].column, "route");
    EXPECT_EQ(plan.points[1].values[0]->text, "proxy");
}

TEST(SweepPlan, AxesMultiply)
{
    EXPECT_EQ(Points(R"("axes": [{"grid": {"a": [1, 2]}}, {"zip": {"b": [3, 4], "c": [5, 6]}}])"),
              (Texts{"a=1 b=3 c=5", "a=1 b=4 c=6", "a=2 b=3 c=5", "a=2 b=4 c=6"}));
    EXPECT_EQ(Points(R"("axes": [])"), (Texts{""})) << "the scenario as it is, with replications";
}

TEST(SweepPlan, SettingsComeFirstAndAxesOverrideThem)
{
    EXPECT_EQ(Points(R"("settings": {"a": 0, "z": "5ms"}, "axes": [{"grid": {"a": [1]}}])"),
              (Texts{"a=0 z=5ms a=1"}));
}

TEST(SweepPlan, ConstraintsLeavePointsOut)
{
    EXPECT_EQ(
        Points(
            R"("axes": [{"grid": {"links.api-e1.rtt": ["1ms", "2ms", "3ms"], "links.api-e2.rtt": ["2ms", "3ms"]}}],
                        "where": "links.api-e1.rtt <= links.api-e2.rtt and not links.api-e1.rtt == 1ms")"),
        (Texts{"links.api-e1.rtt=2ms links.api-e2.rtt=2ms",
               "links.api-e1.rtt=2ms links.api-e2.rtt=3ms",
               "links.api-e1.rtt=3ms links.api-e2.rtt=3ms"}));
}

TEST(SweepPlan, DerivedValuesFollowFromOthers)
{
    const std::string members = R"("settings": {"z": "5ms"}, "axes": [{"grid": {"$f": [1, 2.5]}}],
                                   "derived": {"links.a-b.rtt": "$f * 20ms + z"}, "where": "links.a-b.rtt > 25ms")";
    EXPECT_EQ(Points(members), (Texts{"z=5ms links.a-b.rtt=55ms"})) << "$f is no setting";
    const auto plan = Read(members);
    ASSERT_EQ(plan.parameters.size(), 2U);
    EXPECT_EQ(plan.parameters[0].column, "f");
    EXPECT_EQ(plan.parameters[1].column, "links_a_b_rtt_ms");
    EXPECT_EQ(CellOf(*plan.points[0].values[1]), 55);
}

TEST(SweepPlan, ColumnsCarryTheUnitThatAllTheirValuesHave)
{
    const auto plan =
        Read(R"("axes": [{"zip": {"d": ["1us", "2s"], "r": ["1Mbps", "2Gbps"], "s": ["1KiB", "2B"],
                               "loss": ["1%", "2%"], "mixed": ["1ms", "off"]}}])");
    Texts columns;
    nlohmann::json cells = nlohmann::json::array();
    for (std::size_t i = 0; i < plan.parameters.size(); ++i)
    {
        columns.push_back(plan.parameters[i].column);
        cells.push_back(CellOf(*plan.points[0].values[i]));
    }
    EXPECT_EQ(columns, (Texts{"d_ms", "loss", "mixed", "r_bps", "s_bytes"}));
    EXPECT_EQ(cells.dump(), "[0.001,0.01,1,1000000,1024]");
}

TEST(SweepPlan, SamplesStayWithinTheirRanges)
{
    for (const char* kind : {"latin_hypercube", "sobol"})
    {
        const auto plan = Read(std::string(R"("axes": [{")") + kind +
                               R"(": {"a": {"from": "1ms", "to": "1s", "scale": "log"},
                                      "b": {"from": 1, "to": 4, "whole": true}, "c": ["x", "y"]}, "samples": 64}])");
        ASSERT_EQ(plan.points.size(), 64U);
        double logarithms = 0;
        std::multiset<std::string> b;
        std::multiset<std::string> c;
        for (const auto& point : plan.points)
        {
            const auto& duration = *point.values[0];
            EXPECT_EQ(duration.kind, PlanValue::Kind::DURATION);
            EXPECT_GE(duration.number, 1e6);
            EXPECT_LE(duration.number, 1e9);
            logarithms += std::log10(duration.number) / 64;
            b.insert(point.values[1]->text);
            c.insert(point.values[2]->text);
        }
        EXPECT_NEAR(logarithms, 7.5, 0.06) << "as many below 32 ms as above";
        for (const char* value : {"1", "2", "3", "4"})
        {
            EXPECT_NEAR(static_cast<double>(b.count(value)), 16, 1) << kind << value;
        }
        EXPECT_NEAR(static_cast<double>(c.count("x")), 32, 1);
    }
}

TEST(SweepPlan, ASaltelliDesignHasKPlus2PointsASample)
{
    const auto plan = Read(
        R"("axes": [{"saltelli": {"a": {"from": 0, "to": 1}, "b": {"from": 0, "to": 1}}, "samples": 7}])");
    EXPECT_EQ(plan.points.size(), 7U * 4);
    EXPECT_EQ(plan.saltelliSamples, 7U);
}

TEST(SweepPlan, ReplicationsShareTheirRandomNumbersAcrossPointsUnlessToldOtherwise)
{
    const auto common = Read(R"("axes": [], "replications": 3, "seed": 7)");
    EXPECT_EQ(common.SeedOf(0, 0), 7U);
    EXPECT_EQ(common.SeedOf(5, 0), 7U);
    EXPECT_EQ(common.SeedOf(5, 2), 9U);
    const auto independent =
        Read(R"("axes": [], "replications": 100000, "common_random_numbers": false)");
    std::set<std::uint64_t> seeds;
    for (std::size_t point = 0; point < 3; ++point)
    {
        for (const std::uint64_t replication : {0, 1, 99999})
        {
            seeds.insert(independent.SeedOf(point, replication));
        }
    }
    EXPECT_EQ(seeds.size(), 9U);
}

TEST(SweepPlan, IsReadWhole)
{
    const auto plan = Read(R"("description": "why", "axes": [], "replications": 50,
        "until": {"metric": "mean", "within": "2%", "confidence": 0.9, "at_least": 5},
        "limits": {"time": "60s", "memory": "500MB"})");
    EXPECT_EQ(plan.description, "why");
    EXPECT_EQ(plan.scenario, "plans/a.json");
    ASSERT_TRUE(plan.until);
    EXPECT_EQ(plan.until->share, 0.02);
    EXPECT_EQ(plan.until->confidence, 0.9);
    EXPECT_EQ(plan.until->least, 5U);
    EXPECT_EQ(plan.timeLimit, 60U);
    EXPECT_EQ(plan.memoryLimit, 500'000'000U);
    EXPECT_EQ(*Read(R"("axes": [], "until": {"metric": "mean", "within": 1.5})").until->halfWidth,
              1.5);
}

TEST(SweepPlan, WhatMayChangeBetweenSessionsIsNotPartOfTheDesign)
{
    const auto design = Read(R"("axes": [])").design;
    EXPECT_EQ(Read(R"("axes": [], "replications": 9, "description": "x", "limits": {"time": "2s"})")
                  .design,
              design);
    EXPECT_NE(Read(R"("axes": [], "seed": 2)").design, design);
    EXPECT_NE(Read(R"("axes": [], "settings": {"a": 1})").design, design);
    EXPECT_NE(Read(R"("axes": [{"grid": {"a": [1]}}])").design, design);
}

std::string
Complaint(const std::string& text)
{
    try
    {
        ReadSweepPlan(text, "p.json");
        return "(none)";
    }
    catch (const ScenarioError& error)
    {
        return error.what();
    }
}

TEST(SweepPlan, SaysWhatIsWrong)
{
    const std::pair<std::string, std::string> mistakes[] = {
        {"[]", "p.json:1: expected an object {...}, found an empty list"},
        {"{}", "p.json:1: expected \"scenario\", which is not there"},
        {R"({"scenario": "a.json"})", "p.json:1: expected \"metrics\", which is not there"},
        {R"({"scenario": "a.json", "metrics": {}})",
         "p.json:1: /metrics: expected at least one metric, found none"},
        {R"({"scenario": "a.json", "metrics": {"a b": "/m"}})",
         R"(p.json:1: /metrics/a b: expected a name of letters, digits and "_", found "a b")"},
        {R"({"scenario": "a.json", "metrics": {"Status": "/m"}})",
         R"(p.json:1: /metrics/Status: "Status" is a column that every table has)"},
        {R"({"scenario": "a.json", "metrics": {"m": "m"}})",
         R"(p.json:1: /metrics/m: expected a JSON pointer into summary.json, as "/latency_ms/put/all/mean", found "m")"},
        {R"({"scenario": "a.json", "metrics": {"m": "/a~2"}})",
         R"(p.json:1: /metrics/m: expected ~0 or ~1 behind each ~ of a JSON pointer, found "/a~2")"},
        {With(R"("axis": [])"),
         R"(p.json:1: /axis: unknown key "axis": did you mean "axes"? Known: $schema, description, scenario, settings, axes, )"
         "derived, where, metrics, replications, until, common_random_numbers, seed, limits"},
        {With(R"("axes": {})"), "p.json:1: /axes: expected a list of axes, found an object"},
        {With(R"("axes": )" + nlohmann::json(std::vector<int>(101)).dump()),
         "p.json:1: /axes: expected at most 100 axes, found a list of 101"},
        {With(R"("axes": [{}])"), "p.json:1: /axes/0: expected an axis, found an empty object"},
        {With(R"("axes": [{"gird": {}}])"),
         R"(p.json:1: /axes/0: unknown axis "gird": did you mean "grid"? Known: grid, zip, list, variants, )"
         "latin_hypercube, sobol, saltelli"},
        {With(R"("axes": [{"grid": {}}])"),
         "p.json:1: /axes/0/grid: expected at least one parameter, found an empty object"},
        {With(R"("axes": [{"grid": {"a": []}}])"),
         "p.json:1: /axes/0/grid/a: expected at least one value, found an empty list"},
        {With(R"("axes": [{"grid": {"a": 1}}])"),
         R"(p.json:1: /axes/0/grid/a: expected a list of values, or {"from", "to", "count"}, found the number 1)"},
        {With(R"("axes": [{"grid": {"a": {"from": 1, "to": "2ms", "count": 2}}}])"),
         R"(p.json:1: /axes/0/grid/a/to: expected a number like from, found a duration: "2ms")"},
        {With(R"("axes": [{"grid": {"a": {"from": 2, "to": 1, "count": 2}}}])"),
         "p.json:1: /axes/0/grid/a/to: expected more than from, 2, found 1"},
        {With(R"("axes": [{"grid": {"a": {"from": "x", "to": 1, "count": 2}}}])"),
         R"(p.json:1: /axes/0/grid/a/from: expected a number or a quantity with its unit, found "x")"},
        {With(R"("axes": [{"grid": {"a": {"from": 0, "to": 1, "count": 2, "scale": "log"}}}])"),
         "p.json:1: /axes/0/grid/a/from: expected more than 0 on a logarithmic scale, found 0"},
        {With(R"("axes": [{"grid": {"a": {"from": 0, "to": 1, "count": 2, "scale": "lin"}}}])"),
         R"(p.json:1: /axes/0/grid/a/scale: unknown scale "lin". Known: linear, log)"},
        {With(R"("axes": [{"grid": {"a": {"from": 0, "to": 1, "count": 1}}}])"),
         "p.json:1: /axes/0/grid/a/count: expected a whole number from 2 to 1000000, found the "
         "number 1"},
        {With(R"("axes": [{"zip": {"a": [1, 2], "b": [1]}}])"),
         R"(p.json:1: /axes/0/zip/b: expected as many values as "a" has, 2, found 1)"},
        {With(R"("axes": [{"list": []}])"),
         "p.json:1: /axes/0/list: expected a list of at least one object, found an empty list"},
        {With(R"("axes": [{"list": [3]}])"),
         "p.json:1: /axes/0/list/0: expected an object {...}, found the number 3"},
        {With(R"("axes": [{"variants": {"a": {"x": {}}}}])"),
         R"(p.json:1: /axes/0/variants: expected one variable, as in {"$route": {"direct": {...}, ...}}, found "a")"},
        {With(R"("axes": [{"variants": {"$a": {"x\u007fy": {}}}}])"),
         "p.json:1: /axes/0/variants/$a/x?y: expected a name without control characters"},
        {With(R"("axes": [{"sobol": {"a": [1]}}])"),
         "p.json:1: /axes/0: expected \"samples\", which is not there"},
        {With(R"("axes": [{"sobol": {"a": {"from": 0.5, "to": 2, "whole": true}}, "samples": 2}])"),
         "p.json:1: /axes/0/sobol/a/whole: expected whole numbers from and to, on a linear scale"},
        {With(R"("axes": [{"saltelli": {"a": [1, 2]}, "samples": 2}, {"grid": {"b": [1]}}])"),
         R"(p.json:1: /axes: expected a Saltelli design to be the only axis, without "where")"},
        {With(R"("axes": [{"grid": {"a": [1]}}, {"grid": {"a": [1]}}])"),
         R"(p.json:1: /axes: "a" is given twice)"},
        {With(R"("axes": [{"grid": {"seed": [1]}}])"),
         "p.json:1: /axes: seed is no parameter: say how many replications"},
        {With(R"("axes": [{"grid": {"a.b": [1], "a-b": [2]}}])"),
         R"(p.json:1: "a.b" would be the table's column "a_b", which there is already)"},
        {With(R"("axes": [{"grid": {"$mean": [1]}}])"),
         R"(p.json:1: "$mean" would be the table's column "mean", which there is already)"},
        {With(R"("settings": {"$a": 1}, "axes": [])"),
         R"(p.json:1: /settings/$a: expected the path of a scenario's setting, as "member.disk", found "$a")"},
        {With(R"("axes": [{"grid": {"a": [1]}}], "where": "b == 1")"),
         R"(p.json:1: /where: unknown parameter "b": did you mean "a"? Known: a)"},
        {With(R"("axes": [{"grid": {"a": [1]}}], "where": "a == ")"),
         "p.json:1: /where: expected a parameter or a value at character 6, found the end"},
        {With(R"("axes": [{"grid": {"a": [1]}}], "where": "a == 1ms")"),
         R"(p.json:1: /where: cannot compare a number with a duration: "1" == "1ms")"},
        {With(R"("axes": [{"grid": {"a": [1]}}], "where": "a > 1")"),
         "p.json:1: /where: expected it to be true of some point, found it false of all"},
        {With(R"("axes": [{"list": [{"a": 1}, {"b": 1}]}], "where": "a > 0")"),
         R"(p.json:1: /where: expected "a" to have a value at every point: a list leaves it out)"},
        {With(R"("axes": [{"grid": {"a": ["1ms"]}}], "derived": {"b": "a - 2ms"})"),
         "p.json:1: /derived/b: no scenario takes -1000000 for a duration (in nanoseconds)"},
        {With(R"("axes": [], "replications": 0)"),
         "p.json:1: /replications: expected a whole number from 1 to 100000, found the number 0"},
        {With(R"("axes": [], "until": {"metric": "meen", "within": "1%"})"),
         R"(p.json:1: /until/metric: unknown metric "meen": did you mean "mean"? Known: mean)"},
        {With(R"("axes": [], "until": {"metric": "mean", "within": "0%"})"),
         R"(p.json:1: /until/within: expected more than 0, found "0%")"},
        {With(R"("axes": [], "until": {"metric": "mean", "within": 1, "confidence": 95})"),
         "p.json:1: /until/confidence: expected a number between 0 and 1, found the number 95"},
        {With(R"("axes": [], "limits": {"time": "1500ms"})"),
         R"(p.json:1: /limits/time: expected whole seconds, from 1s on, found "1500ms")"},
        {With(R"("axes": [], "limits": {"memory": "0B"})"),
         R"(p.json:1: /limits/memory: expected more than 0, found "0B")"},
    };
    for (const auto& [text, message] : mistakes)
    {
        EXPECT_EQ(Complaint(text), message) << text;
    }
}

TEST(SweepPlan, TooManyPointsAreRefusedBeforeTheyAreMade)
{
    const std::string range = R"({"from": 0, "to": 1, "count": 1000000})";
    EXPECT_EQ(Complaint(With(R"("axes": [{"grid": {"a": )" + range + R"(, "b": )" + range + "}}]")),
              "p.json:1: /axes/0/grid/b: expected at most 1000000 points");
    EXPECT_EQ(
        Complaint(With(R"("axes": [{"grid": {"a": )" + range + R"(}}, {"grid": {"b": [1, 2]}}])")),
        "p.json:1: /axes: expected at most 1000000 points, found more");
}

TEST(SweepReport, ShowsMeansWithTheirIntervalsAndWhatFailed)
{
    const auto plan = Read(R"("axes": [{"grid": {"a": ["1ms", "2ms"]}}], "replications": 3)");
    std::vector<RunRow> rows;
    for (std::uint64_t i = 0; i < 3; ++i)
    {
        rows.push_back(
            {{0, i}, i, {2.0 + 2.0 * static_cast<double>(i)}, "ok", "", "run it", 1, "h"});
    }
    rows.push_back(
        {{1, 0}, 1, {nullptr}, "timeout", "took longer than 1 s", "etcdlab run a.json", 1, "h"});
    rows.push_back(
        {{1, 1}, 1, {nullptr}, "timeout", "took longer than 1 s", "etcdlab run b.json", 1, "h"});
    EXPECT_EQ(DescribeSweep(plan, rows),
              "point  a    ok        mean\n"
              "0      1ms   3  4 +- 4.968\n" // by hand: 4.30265 * 2 / sqrt(3)
              "1      2ms   0           -\n"
              "\n2 timeout: took longer than 1 s\n"
              "  first at point 1 (a=2ms); to repeat it:\n  etcdlab run a.json\n");
}

TEST(RunRow, AMetricThatIsNotThereIsNamedWithItsNearest)
{
    const auto summary =
        nlohmann::json::parse(R"({"latency_ms": {"put": {"all": {"mean": 5}}}, "leader": "e1"})");
    EXPECT_EQ(TakeMetrics({{"m", "/latency_ms/put/all/mean"}, {"l", "/leader"}}, summary),
              (std::vector<nlohmann::json>{5, "e1"}));
    const auto complaint = [&](const std::string& pointer) -> std::string {
        try
        {
            TakeMetrics({{"m", pointer}}, summary);
            return "(none)";
        }
        catch (const std::runtime_error& error)
        {
            return error.what();
        }
    };
    EXPECT_EQ(
        complaint("/latency_ms/putt/all/mean"),
        R"(summary.json has no /latency_ms/putt/all/mean: unknown key "putt": did you mean "put"? Known: put)");
    EXPECT_EQ(complaint("/leader/x"), R"(summary.json has no /leader/x: found "e1")");
    EXPECT_EQ(complaint("/latency_ms"),
              "expected a number or a text in summary.json at /latency_ms, found an object");
}

TEST(RunRow, CommandsSurviveTheShell)
{
    EXPECT_EQ(ShellWord("member.disk=hdd"), "member.disk=hdd");
    EXPECT_EQ(ShellWord("a=[\"x\"]"), "'a=[\"x\"]'");
    EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
    EXPECT_EQ(ShellWord(""), "''");
}

} // namespace

} // namespace etcdlab
