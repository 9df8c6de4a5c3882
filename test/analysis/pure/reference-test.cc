// Reference files: read, evaluated, told.
#include "analysis/pure/reference.h"
#include "analysis/pure/summary.h"
#include "helper/scenario/read-scenario.h"
#include "test/system/files.h"

#include <gtest/gtest.h>

#include <fstream>

namespace etcdlab
{

namespace
{

/// A file with these rows, in one group that runs scenario "rig" with a=1 and, less, with b=2.
class ReferenceFile : public testing::Test
{
  protected:
    Reference Read(const std::string& rows)
    {
        const auto path = m_directory.Path() / "a.json";
        std::ofstream(path) << "{\n\"description\": \"d\",\n\"groups\": [{\"title\": \"t\", "
                               "\"scenario\": \"rig\",\n"
                               "\"settings\": [\"a=1\"], \"less\": [\"b=2\"],\n\"figures\": ["
                            << rows << "]}]}";
        return ReadReference(path);
    }

    /// What is said of the rows behind the file's name and line.
    std::string Complaint(const std::string& rows)
    {
        try
        {
            Read(rows);
        }
        catch (const ScenarioError& error)
        {
            const std::string text = error.what();
            return text.substr(std::min(text.size(), text.find("a.json:") + 7));
        }
        return {};
    }

    TemporaryDirectory m_directory;
};

const char* const ROW =
    R"({"shows": "s", "metric": "m.x", "measured": 10, "unit": "B", "tolerance_percent": 5})";

TEST_F(ReferenceFile, ARowInheritsFromItsGroup)
{
    const auto figure = Read(ROW).groups[0].figures[0];
    EXPECT_EQ(figure.run, (Observation{"run", "rig", {"a=1"}}));
    EXPECT_EQ(figure.less, (Observation{"run", "rig", {"a=1", "b=2"}}));
    EXPECT_DOUBLE_EQ(figure.tolerance, 0.05);
    EXPECT_EQ(figure.measured, std::vector<double>{10});
}

TEST_F(ReferenceFile, ARowMaySayOtherwise)
{
    const auto figure =
        Read(R"({"shows": "s", "scenario": "lan", "settings": ["c=3"], "less": ["d=4"],
        "observe": "leader-loss", "metric": "m", "measured": [1, 2], "unit": "s"})")
            .groups[0]
            .figures[0];
    EXPECT_EQ(figure.run, (Observation{"leader-loss", "lan", {"a=1", "c=3"}}));
    EXPECT_EQ(figure.less, (Observation{"leader-loss", "lan", {"a=1", "c=3", "d=4"}}));
}

TEST_F(ReferenceFile, MistakesAreSaidWithTheirPlace)
{
    EXPECT_EQ(Complaint(ROW), "");
    EXPECT_EQ(Complaint(R"({"shows": "s", "measured": 10, "unit": "B", "tolerance_percent": 5})"),
              "5: /groups/0/figures/0: \"metric\" is missing");
    EXPECT_EQ(
        Complaint(
            R"({"shows": "s", "metric": 1, "measured": 10, "unit": "B", "tolerance_percent": 5})"),
        "5: /groups/0/figures/0/metric: expected a text, found the number 1");
    EXPECT_EQ(Complaint(R"({"shows": "s", "metric": "m", "measured": 10, "unit": "B"})"),
              "5: /groups/0/figures/0/tolerance_percent: expected a number above 0");
    const auto unknown = Complaint(
        R"({"shows": "s", "metric": "m", "measured": 1, "unit": "B", "tolerance_percent": 5, "fited": "x"})");
    EXPECT_TRUE(unknown.starts_with(
        "5: /groups/0/figures/0/fited: unknown key \"fited\": did you mean \"fitted\"?"))
        << unknown;
}

TEST(References, AreAllFilesOfADirectory)
{
    EXPECT_GE(ReadReferences(ETCDLAB_SOURCE_DIR "/test/reference").size(), 2U);
    EXPECT_THROW(ReadReferences(ETCDLAB_SOURCE_DIR "/scenarios/no-such"), ResultError);
}

/// Observes m.x = 100 and n.x = 10, with less m.x = 40 and n.x = 4; and a distribution.
const nlohmann::json&
Observe(const Observation& what)
{
    static const nlohmann::json all = {
        {"m", {{"x", 100}}}, {"n", {{"x", 10}}}, {"d", {{"min", 1.5}, {"max", 2.5}}}};
    static const nlohmann::json less = {{"m", {{"x", 40}}}, {"n", {{"x", 4}}}};
    return what.settings.empty() ? all : less;
}

ReferenceFigure
Figure(double measured, double tolerance)
{
    ReferenceFigure figure;
    figure.shows = "s";
    figure.run = {"run", "rig", {}};
    figure.metric = "m.x";
    figure.measured = {measured};
    figure.unit = "B";
    figure.tolerance = tolerance;
    return figure;
}

TEST(CompareFigure, EvaluatesItsFormula)
{
    auto figure = Figure(100, 0.01);
    EXPECT_EQ(CompareFigure(figure, Observe).simulated, std::vector<double>{100});
    figure.divisor = 20;
    EXPECT_EQ(CompareFigure(figure, Observe).simulated, std::vector<double>{5});
    figure.less = {"run", "rig", {"b=2"}};
    EXPECT_EQ(CompareFigure(figure, Observe).simulated, std::vector<double>{(100 - 40) / 20.0});
    figure.per = "n.x";
    EXPECT_EQ(CompareFigure(figure, Observe).simulated,
              std::vector<double>{(100 - 40) / (10 - 4.0)});
    figure.times = 2;
    figure.plus = 5;
    EXPECT_EQ(CompareFigure(figure, Observe).simulated, std::vector<double>{25});
    figure.metric = "m.y";
    EXPECT_THROW(CompareFigure(figure, Observe), std::out_of_range);
}

TEST(CompareFigure, IsMetWithinItsTolerance)
{
    // 100 simulated: 2 % less than 102.04.
    EXPECT_NEAR(CompareFigure(Figure(102.04, 0.02), Observe).error, -0.02, 1e-4);
    EXPECT_TRUE(CompareFigure(Figure(102.04, 0.02), Observe).met);
    EXPECT_FALSE(CompareFigure(Figure(102.05, 0.02), Observe).met);
    EXPECT_FALSE(CompareFigure(Figure(98, 0.02), Observe).met);
    auto rounded = Figure(98, 0.02); // 98 * 1.02 = 99.96
    rounded.resolution = 0.1;
    EXPECT_TRUE(CompareFigure(rounded, Observe).met);
    rounded.resolution = 0.06;
    EXPECT_FALSE(CompareFigure(rounded, Observe).met);
}

TEST(CompareFigure, SeveralValuesMustAllLieWithinTheDistribution)
{
    auto figure = Figure(0, 0);
    figure.metric = "d";
    figure.measured = {1.5, 2.5, 2};
    EXPECT_TRUE(CompareFigure(figure, Observe).met);
    EXPECT_EQ(CompareFigure(figure, Observe).simulated, (std::vector<double>{1.5, 2.5}));
    figure.measured = {1.4, 2};
    EXPECT_FALSE(CompareFigure(figure, Observe).met);
    figure.measured = {2, 2.6};
    EXPECT_FALSE(CompareFigure(figure, Observe).met);
}

TEST(ReferenceTable, SaysWhatWasFitted)
{
    auto fitted = Figure(104, 0.05);
    fitted.fitted = "a constant";
    auto several = Figure(0, 0);
    several.metric = "d";
    several.measured = {2, 1.6};
    several.unit = "s";
    EXPECT_EQ(ReferenceTable({"t", "", {Figure(99, 0.02), fitted, several}}, Observe),
              "| figure | measured     | simulated      | error        | allowed      | the "
              "simulated figure is |\n"
              "|--------|--------------|----------------|--------------|--------------|------------"
              "-------------|\n"
              "| s      | 99.0 B       | 100.0 B        | +1.0 %       | 2 %          | a "
              "prediction            |\n"
              "| s      | 104.0 B      | 100.0 B        | -3.8 %       | 5 %          | fitted: a "
              "constant      |\n"
              "| s      | 2.00, 1.60 s | 1.50 to 2.50 s | none outside | none outside | a "
              "prediction            |\n");
}

} // namespace

} // namespace etcdlab
