// Every shipped lab: its solution earns all points, and wrong answers are told what is wrong with them.
#include "test/system/program-fixture.h"

#include <nlohmann/json.hpp>

namespace etcdlab
{
namespace
{

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path LABS = ETCDLAB_SOURCE_DIR "/scenarios/labs";

std::vector<std::string>
LabNames()
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(LABS))
    {
        if (entry.path().filename() != "solutions")
        {
            names.push_back(entry.path().filename());
        }
    }
    return names;
}

class Labs : public ProgramFixture, public testing::WithParamInterface<std::string>
{
  protected:
    fs::path Solution() const
    {
        return LABS / "solutions" / GetParam();
    }

    /// Hand in the solution but for what a wrong answer has in its place.
    void HandIn(const Json& wrong) const
    {
        fs::remove_all(m_directory / "work");
        fs::copy(Solution(), m_directory / "work");
        auto answers = Json::parse(Contents(Solution() / "answers.json"));
        answers.update(wrong.value("answers", Json::object()));
        Write("work/answers.json", answers.dump());
        if (fs::exists(Solution() / "scenario.json"))
        {
            auto scenario = Json::parse(Contents(Solution() / "scenario.json"));
            const auto extends = (Solution() / scenario.at("extends").get<std::string>())
                                     .lexically_normal()
                                     .string();
            scenario = wrong.value("scenario", scenario);
            scenario["extends"] = extends;
            Write("work/scenario.json", scenario.dump());
        }
    }
};

TEST_P(Labs, TheSolutionEarnsAllPoints)
{
    const auto run = Run("lab check " + GetParam() + " " + Solution().string());
    EXPECT_EQ(run.code, 0) << run.out << run.err;
}

TEST_P(Labs, WrongAnswersAreToldWhy)
{
    const auto wrong =
        Json::parse(Contents(ETCDLAB_SOURCE_DIR "/test/system/wrong-lab-answers.json"))
            .at(GetParam());
    EXPECT_GE(wrong.size(), 3U);
    for (const auto& answer : wrong)
    {
        HandIn(answer);
        const auto run = Run("lab check " + GetParam() + " work");
        EXPECT_EQ(run.code, 4) << run.err;
        EXPECT_NE(run.out.find(answer.at("because").get<std::string>()), std::string::npos)
            << answer << "\n"
            << run.out;
    }
}

TEST_P(Labs, ALabThatWasStartedHasNoPointsYetAndCanBeHandedIn)
{
    ASSERT_EQ(Run("lab start " + GetParam()).code, 0);
    const auto run = Run("lab check " + GetParam());
    EXPECT_EQ(run.code, 4) << run.err;
    EXPECT_NE(run.out.find("no answer yet"), std::string::npos) << run.out;
    const auto again = Run("lab start " + GetParam());
    EXPECT_EQ(again.code, 2);
    EXPECT_EQ(again.err,
              GetParam() + ": expected a new or an empty directory, found one with work in it\n");
}

INSTANTIATE_TEST_SUITE_P(Shipped, Labs, testing::ValuesIn(LabNames()), [](const auto& param) {
    auto name = param.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

class LabProgram : public ProgramFixture
{
};

TEST_F(LabProgram, ListsAndNamesWhatIsThere)
{
    const auto list = Run("lab list");
    EXPECT_NE(list.out.find("01-arithmetic\n    Where do 343 ms come from?\n"), std::string::npos)
        << list.out;
    EXPECT_GE(std::count(list.out.begin(), list.out.end(), '\n'), 16) << "eight labs at least";
    const auto unknown = Run("lab start 01-arithmetics");
    EXPECT_EQ(unknown.code, 2);
    EXPECT_EQ(
        unknown.err.find("unknown lab \"01-arithmetics\": did you mean \"01-arithmetic\"? Known: "),
        0U)
        << unknown.err;
    EXPECT_EQ(Run("lab check 1").err,
              "01-arithmetic: expected the directory with what is handed in, found none; etcdlab "
              "lab start 01-arithmetic makes one\n");
    EXPECT_EQ(Run("lab check 1 SCENARIOS/labs/solutions/01-arithmetic").out,
              Run("lab check 01-arithmetic SCENARIOS/labs/solutions/01-arithmetic").out);
}

} // namespace
} // namespace etcdlab
