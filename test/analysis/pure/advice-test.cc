// Advice: who is simulated, and what follows from it.
#include "analysis/pure/advice-plan.h"
#include "analysis/pure/advice.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

TEST(Advice, TheClosedFormKeepsTheBestAndThoseItCannotJudge)
{
    using Indices = std::vector<std::size_t>;
    const std::vector<std::optional<double>> forms = {5, std::nullopt, 3, 5, 9};
    EXPECT_EQ(Shortlist(forms, 2), (Indices{0, 1, 2}));
    EXPECT_EQ(Shortlist(forms, 1), (Indices{1, 2}));
    EXPECT_EQ(Shortlist(forms, 99), (Indices{0, 1, 2, 3, 4}));
}

// Student's t with one degree of freedom is 12.706 at 97.5 %: of 10 and 12 the mean is 11 +- 12.71, of 10 and 12.5 11.25 +- 15.88.
// "far" is 1 ms slower with either seed, which is certain; "as good" 0 and 0.5 ms, 0.25 +- 3.18, which is not.
TEST(Advice, RanksByMeanTailAndOutage)
{
    const Choice near{"near", 11.5, {10, 12}, {20, 20}, {{"e1", 1.5}, {"e2", 2}}, ""};
    const Choice far{"far", 12, {11, 13}, {19, 19}, {{"e1", 1.75}}, ""};
    const Choice asGood{"as good", std::nullopt, {10, 12.5}, {20, 20}, {{"e1", 3}}, ""};
    const Choice broken{"broken", 1, {}, {}, {}, "no put succeeded"};
    EXPECT_EQ(
        AdviceText({broken, far, near, asGood}, {"put", 3, 2}, 6, 15.0),
        "6 choices; 4 simulated, 2 times each and once for every loss; 2 set aside: by the closed "
        "form they take "
        "15.00 ms or more\n"
        "\n"
        "choice   longest outage, s  rank   put, mean, ms  rank        p99, ms  rank  closed form\n"
        "near     2.00, of e2           2  11.00 +- 12.71     1  20.00 +- 0.00     2        11.50\n"
        "as good  3.00, of e1           3  11.25 +- 15.88     2  20.00 +- 0.00     2            -\n"
        "far      1.75, of e1           1  12.00 +- 12.71     3  19.00 +- 0.00     1        12.00\n"
        "\n"
        "Fastest: near, 11.00 ms on average. Not told apart from it: as good.\n"
        "Shortest outage: far, 1.75 s when it loses e1.\n"
        "Not judged: broken: no put succeeded\n");
}

TEST(Advice, OneChoiceIsAdviceToo)
{
    EXPECT_EQ(
        AdviceText({{"only", 2, {2.5}, {3}, {{"e1", 0}}, ""}}, {"put", 1, 1}, 1, std::nullopt),
        "1 choices; 1 simulated, 1 times each and once for every loss\n"
        "\n"
        "choice  longest outage, s  rank  put, mean, ms  rank  p99, ms  rank  closed form\n"
        "only    0.00, of e1           1           2.50     1     3.00     1         2.00\n"
        "\n"
        "Fastest: only, 2.50 ms on average.\n"
        "Shortest outage: only, 0.00 s when it loses e1.\n");
}

TEST(AdvicePlan, HasTheChoicesOfASweepAndNothingElse)
{
    const auto plan = ReadAdvicePlan(
        R"({"scenario": "../seed.json", "axes": [{"grid": {"leader": ["e1", "e2"], "member.disk": ["hdd", "ssd"]}}]})",
        "plans/p.json");
    EXPECT_EQ(plan.scenario, "seed.json");
    ASSERT_EQ(plan.points.size(), 4U);
    EXPECT_EQ(plan.DescribePoint(3), "leader=e2, member.disk=ssd");
    try
    {
        ReadAdvicePlan("{\"scenario\": \"a.json\",\n\"axis\": []}", "p.json");
        FAIL();
    }
    catch (const ScenarioError& error)
    {
        EXPECT_NE(std::string(error.what())
                      .find("p.json:2: /axis: unknown key \"axis\": did you mean \"axes\"?"),
                  std::string::npos)
            << error.what();
    }
}

} // namespace

} // namespace etcdlab
