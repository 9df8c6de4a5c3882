#include "analysis/pure/lab.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

using Json = nlohmann::json;

constexpr const char* LAB = R"({
  "title": "A lab",
  "text": ["Think.", "Run."],
  "hints": ["Less.", "More."],
  "scenario": "../../baseline.json",
  "may_change": ["leader", "proxy"],
  "answers": { "mean_ms": "the mean, ms", "who": "the leader" },
  "marks": [
    { "points": 2, "what": "mean", "answer": "mean_ms", "is": 450, "within": "1%",
      "mistakes": [ { "is": { "settings": { "leader": "e1" }, "at": "/x" }, "because": "that is e1's" } ], "because": "add up" },
    { "points": 1, "what": "who leads", "answer": "who", "is": "e2" },
    { "points": 3, "what": "fast", "measure": "/latency_ms/put/all/mean", "at_most": 215, "because": "think of a proxy" },
    { "points": 1, "what": "calm", "measure": "/outcomes/elections/#", "at_least": 1, "at_most": 2 }
  ]
})";

Lab
TheLab()
{
    return ReadLab(LAB, "labs/01-one/lab.json");
}

/// What only e1 measures.
std::optional<double>
Measured(const LabMeasurement& measurement)
{
    return measurement.settings == std::vector<std::string>{"leader=e1"} ? std::optional(500.0)
                                                                         : std::nullopt;
}

LabVerdict
MarkOf(std::size_t mark, const LabWork& work)
{
    return Mark(TheLab().marks.at(mark), work, Measured);
}

TEST(Lab, IsReadWithItsPlaces)
{
    const auto lab = TheLab();
    EXPECT_EQ(lab.name, "01-one");
    EXPECT_EQ(lab.scenario, "baseline.json");
    EXPECT_TRUE(lab.wantsScenario);
    ASSERT_EQ(lab.marks.size(), 4U);
    EXPECT_EQ(lab.questions.at(0).key, "mean_ms");
    EXPECT_TRUE(lab.marks[0].withinIsShare);
}

TEST(Lab, AnswersEarnPointsOrAReason)
{
    const auto mean = [](Json answer) {
        return MarkOf(
            0, {.answers = {{"mean_ms", std::move(answer)}}, .summary = {}, .whyNoSummary = ""});
    };
    EXPECT_EQ(mean(450).points, 2U);
    EXPECT_EQ(mean(454.5).points, 2U) << "within a hundredth";
    EXPECT_EQ(mean(454.6).points, 0U);
    EXPECT_EQ(mean(454.6).says, "454.6: add up");
    EXPECT_EQ(mean(500).says, "500: that is e1's");
    EXPECT_EQ(mean("450 ms").says, "450 ms: a number is wanted, without unit or quotes");
    EXPECT_EQ(MarkOf(0, {}).says, "no answer yet");
    EXPECT_EQ(MarkOf(1, {.answers = {{"who", "e2"}}, .summary = {}, .whyNoSummary = ""}).points,
              1U);
    EXPECT_EQ(MarkOf(1, {.answers = {{"who", 2}}, .summary = {}, .whyNoSummary = ""}).says,
              "2: a name is wanted");
}

TEST(Lab, ScenariosEarnPointsByWhatTheyMeasure)
{
    const auto fast = [](double mean) {
        return MarkOf(2,
                      {.answers = {},
                       .summary = {{"latency_ms", {{"put", {{"all", {{"mean", mean}}}}}}}},
                       .whyNoSummary = ""});
    };
    EXPECT_EQ(fast(215).points, 3U);
    EXPECT_EQ(fast(215.5).points, 0U);
    EXPECT_EQ(fast(215.5).says, "215.5, wanted at most 215: think of a proxy");
    EXPECT_EQ(MarkOf(2, {.answers = {}, .summary = {{"seed", 1}}, .whyNoSummary = ""}).says,
              "its summary.json has nothing at /latency_ms/put/all/mean");
    EXPECT_EQ(
        MarkOf(2, {.answers = {}, .summary = {}, .whyNoSummary = "it changes what is given"}).says,
        "it changes what is given");

    const auto calm = [](Json elections) {
        return MarkOf(3,
                      {.answers = {},
                       .summary = {{"outcomes", {{"elections", std::move(elections)}}}},
                       .whyNoSummary = ""});
    };
    EXPECT_EQ(calm({1, 2}).points, 1U) << "the length of the list";
    EXPECT_EQ(calm(Json::array()).says, "0, wanted at least 1");
    EXPECT_EQ(calm({1, 2, 3}).says, "3, wanted at most 2");
}

TEST(Lab, OnlyWhatMayBeChangedMayBe)
{
    const Json given = {{"name", "baseline"},
                        {"leader", "e2"},
                        {"links", {{"a-b", {{"rtt", "5ms"}}}}},
                        {"proxy", nullptr},
                        {"leaders", 1}};
    auto handed = given;
    handed["name"] = "mine";
    handed["leader"] = "e1";
    handed["proxy"] = {{"nagle", true}};
    EXPECT_TRUE(ForbiddenChanges(TheLab(), given, handed).empty());
    handed["links"]["a-b"]["rtt"] = "1ms";
    handed["leaders"] = 2; // not below "leader"
    handed["faults"] = Json::array();
    EXPECT_EQ(ForbiddenChanges(TheLab(), given, handed),
              (std::vector<std::string>{"/faults: is given as null, found an empty list",
                                        "/leaders: is given as 1, found 2",
                                        "/links/a-b/rtt: is given as \"5ms\", found \"1ms\""}));
}

TEST(Lab, StartsWithItsTaskAndNothingAnswered)
{
    const auto files = LabFiles(TheLab(), "../baseline.json", "etcdlab lab check 01-one mine");
    EXPECT_EQ(Json::parse(files.at("scenario.json")), Json({{"extends", "../baseline.json"}}));
    EXPECT_EQ(Json::parse(files.at("answers.json")),
              Json({{"mean_ms", nullptr}, {"who", nullptr}}));
    EXPECT_NE(files.at("README.md").find("# A lab\n\nThink.\n\nRun.\n"), std::string::npos);
    EXPECT_NE(files.at("README.md").find("- `mean_ms`: the mean, ms\n"), std::string::npos);
    EXPECT_NE(files.at("README.md").find("in which you may change `leader` and `proxy`."),
              std::string::npos);
    EXPECT_NE(files.at("README.md").find("`etcdlab lab check 01-one mine`"), std::string::npos);
    EXPECT_NE(files.at("hints.md").find("## Hint 2\nMore.\n"), std::string::npos);
    EXPECT_TRUE(ReadAnswers(TheLab(), files.at("answers.json"), "answers.json").empty());
}

/// What reading complains of.
template <class Read>
std::string
Complaint(Read read)
{
    try
    {
        read();
        return "nothing";
    }
    catch (const ScenarioError& error)
    {
        return error.what();
    }
}

TEST(Lab, MistakesInAnswersAndLabsAreNamedWithTheirPlace)
{
    const auto answers = [](const char* text) {
        return Complaint([&] { ReadAnswers(TheLab(), text, "answers.json"); });
    };
    EXPECT_EQ(answers("{\n \"mean_s\": 1 }"),
              "answers.json:2: /mean_s: unknown key \"mean_s\": did you mean \"mean_ms\"? Known: "
              "mean_ms, who");
    EXPECT_EQ(answers("{ \"who\": true }"),
              "answers.json:1: /who: expected a number, a name in quotes or null, found true");
    EXPECT_EQ(answers("[]"),
              "answers.json:1: expected an object {...} with the answers, found an empty list");

    const auto lab = [](const std::string& mark) {
        return Complaint([&] {
            ReadLab(
                R"({"title": "x", "text": [], "scenario": "s.json", "answers": {"a": "?"}, "marks": [)" +
                    mark + "]}",
                "l/lab.json");
        });
    };
    EXPECT_EQ(lab(R"({"points": 1, "what": "x"})"),
              "l/lab.json:1: /marks/0: expected either \"answer\" or \"measure\"");
    EXPECT_EQ(lab(R"({"points": 1, "what": "x", "answer": "b", "is": 1})"),
              "l/lab.json:1: /marks/0/answer: unknown answer \"b\": did you mean \"a\"? Known: a");
    EXPECT_EQ(
        lab(R"({"points": 1, "what": "x", "measure": "/x", "at_most": 1})"),
        "l/lab.json:1: /marks/0/measure: nobody hands in a scenario: there is no \"may_change\"");
    EXPECT_EQ(lab(R"({"points": 1, "what": "x", "answer": "a", "is": 1, "within": "1"})"),
              "l/lab.json:1: /marks/0/within: expected a number from 0 on, or a share such as "
              "\"1%\", found \"1\"");
    for (const char* within : {"-5", R"("inf%")", R"("nan%")", R"("1 %%")", R"("%")"})
    {
        EXPECT_NE(lab(R"({"points": 1, "what": "x", "answer": "a", "is": 1, "within": )" +
                      std::string(within) + "}")
                      .find("/within: expected"),
                  std::string::npos)
            << within;
    }
    EXPECT_EQ(lab(R"({"points": 1, "what": "x", "answer": "a", "is": 1, "mistakes": "abc"})"),
              "l/lab.json:1: /marks/0/mistakes: expected a list of objects [{...}], found \"abc\"");
    EXPECT_EQ(lab(R"({"points": 1, "what": "x", "answer": "a", "is": {"at": "latency"}})"),
              "l/lab.json:1: /marks/0/is/at: expected a JSON pointer, such as "
              "\"/latency_ms/put/all/mean\", found \"latency\"");
}

} // namespace
} // namespace etcdlab
