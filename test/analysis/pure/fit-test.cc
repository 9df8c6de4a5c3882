#include "analysis/pure/fit.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

FitStep
Step(double low, double high, double target)
{
    FitStep step;
    step.vary = "delay_factor";
    step.metric = "/m";
    step.low = low;
    step.high = high;
    step.target = target;
    return step;
}

TEST(Fit, FindsTheValueOfALine)
{
    // 450 x = 343.33 at x = 0.76296; a thousandth of 343.33 is 0.00076 of x.
    const auto found = Fit(Step(0.1, 2, 343.33), [](double x) { return 450 * x; });
    EXPECT_NEAR(found.value, 0.76296, 0.00077);
    EXPECT_NEAR(found.metric, 343.33, 0.344);
    EXPECT_LE(found.runs, 6);
}

TEST(Fit, FindsItWhereTheFigureFallsAndWhereItBends)
{
    const auto found = Fit(Step(1, 100, 7), [](double x) { return 100 / x; });
    EXPECT_NEAR(found.value, 100.0 / 7, 0.02);
    const auto bent = Fit(Step(0, 10, 30), [](double x) { return x < 5 ? x : 5 + (x - 5) * 10; });
    EXPECT_NEAR(bent.value, 7.5, 0.004);
}

TEST(Fit, AnEndThatFitsIsTaken)
{
    const auto found = Fit(Step(0, 1, 10), [](double x) { return 10 - x; });
    EXPECT_EQ(found.value, 0);
    EXPECT_EQ(found.runs, 2);
}

TEST(Fit, SaysWhenTheTargetIsOutOfReach)
{
    try
    {
        Fit(Step(0.1, 0.5, 343.33), [](double x) { return 450 * x; });
        FAIL();
    }
    catch (const FitError& error)
    {
        EXPECT_STREQ(
            error.what(),
            "delay_factor: expected /m to reach 343.33 between 0.1 and 0.5, found 45 and 225");
    }
}

TEST(Fit, SaysWhenTheFigureJumpsOverTheTarget)
{
    EXPECT_THROW(Fit(Step(0, 1, 5), [](double x) { return x < 0.3 ? 0.0 : 10.0; }), FitError);
}

TEST(FitPlan, IsRead)
{
    const auto plan = ReadFitPlan(
        R"({"description": "why", "steps": [
            {"scenario": "a.json", "vary": "proxy.cpu_per_chunk", "from": "1ms", "to": "2ms",
             "metric": "/x", "target": 5, "tolerance": "1%"}]})",
        "plans/p.json");
    ASSERT_EQ(plan.steps.size(), 1U);
    const auto& step = plan.steps.front();
    EXPECT_EQ(step.scenario, "plans/a.json");
    EXPECT_EQ(step.low, 1e6);
    EXPECT_EQ(FitSetting(step, 1.5e6), "1.5ms");
    EXPECT_EQ(step.tolerance, 0.01);
}

std::string
PlanError(const std::string& text)
{
    try
    {
        ReadFitPlan(text, "p.json");
    }
    catch (const ScenarioError& error)
    {
        return error.what();
    }
    return "read";
}

std::string
StepError(const std::string& step)
{
    return PlanError("{\"steps\": [" + step + "]}");
}

TEST(FitPlan, BadOnesAreRefusedByPlace)
{
    EXPECT_EQ(PlanError("{"),
              "p.json:1: the file ends too early: the \"{\" of line 1 is never closed");
    EXPECT_EQ(
        PlanError(R"({"step": []})"),
        "p.json:1: /step: unknown key \"step\": did you mean \"steps\"? Known: description, steps");
    EXPECT_EQ(PlanError("{}"), "p.json:1: expected \"steps\", which is not there");
    EXPECT_EQ(PlanError(R"({"steps": []})"),
              "p.json:1: /steps: expected a list of at least one step, found an empty list");
    EXPECT_EQ(StepError("{}"), "p.json:1: /steps/0: expected \"scenario\", which is not there");
    EXPECT_EQ(StepError(R"({"scenario": "a", "vary": "b", "from": "1ms", "to": 2})"),
              "p.json:1: /steps/0/to: expected a text, found the number 2");
    EXPECT_EQ(StepError(R"({"scenario": "a", "vary": "b", "from": 2, "to": 2})"),
              "p.json:1: /steps/0/to: expected more than from, found 2");
    EXPECT_EQ(StepError(R"({"scenario": "a", "vary": "b", "from": 1, "to": 2, "metric": "mean"})"),
              "p.json:1: /steps/0/metric: expected a JSON pointer into summary.json, as "
              "\"/latency_ms/put/all/mean\", found \"mean\"");
}

} // namespace

} // namespace etcdlab
