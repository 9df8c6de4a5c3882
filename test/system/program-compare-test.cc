// etcdlab compare as people use it.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace
{

namespace fs = std::filesystem;
using etcdlab::Contents;

using Program = etcdlab::ProgramFixture;

TEST_F(Program, CompareRunsScenariosAndReadsResults)
{
    ASSERT_EQ(Run("run SCENARIOS/baseline.json -o results/kept --set workload.count=30").code, 0);
    const auto run = Run("compare results/kept SCENARIOS/optimised.json --set workload.count=30");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find("450.03   710.03    210.02   210.02     2.14"), std::string::npos)
        << run.out;
    EXPECT_TRUE(fs::exists(m_directory / "results" / "optimised" / "summary.json"));
}

TEST_F(Program, CompareRefusesToOverwriteWhatItCompares)
{
    fs::create_directory(m_directory / "other");
    Write("a.json", R"({"extends": ")" ETCDLAB_SOURCE_DIR R"(/scenarios/baseline.json"})");
    Write("other/a.json", R"({"extends": "../a.json"})");
    for (const char* second : {"other/a.json", "a.json", "./a.json"})
    {
        const auto run = Run(std::string("compare a.json ") + second);
        EXPECT_EQ(run.code, 2);
        EXPECT_EQ(
            run.err,
            std::string("both a.json and ") + second +
                " are called \"a\": their results would go to the same directory; name one of "
                "them (\"name\"), or run one with --out\n");
    }
    EXPECT_EQ(Run("compare a.json SCENARIOS/optimised.json --set name=x").code, 2);
    EXPECT_FALSE(fs::exists(m_directory / "results"));
}

TEST_F(Program, CompareRefusesToOverwriteAResultItReads)
{
    ASSERT_EQ(Run("run SCENARIOS/baseline.json --set workload.count=3").code, 0);
    const auto before = Contents(m_directory / "results/baseline/summary.json");
    for (const char* result : {"results/baseline", "results/baseline/summary.json"})
    {
        const auto run = Run(std::string("compare ") + result + " SCENARIOS/baseline.json");
        EXPECT_EQ(run.code, 2);
        EXPECT_EQ(run.err,
                  std::string(result) +
                      ": the results of " ETCDLAB_SOURCE_DIR
                      "/scenarios/baseline.json would go there; give another directory (--out), "
                      "or a name\n");
    }
    EXPECT_EQ(Contents(m_directory / "results/baseline/summary.json"), before);
    EXPECT_EQ(Run("compare results/baseline results/baseline").code, 0); // nothing is written
    EXPECT_EQ(Run("compare results/baseline SCENARIOS/baseline.json -o new").code, 0);
}

TEST_F(Program, CompareTellsDifferencesOverSeveralSeeds)
{
    const std::string few = " --set workload.count=30";
    const auto run = Run(
        "compare SCENARIOS/optimised.json SCENARIOS/optimised-nagle.json --replications 3" + few);
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find("seeds 1 to 3;"), std::string::npos) << run.out;
    // A request that waits for the acknowledgement of gRPC's own frame: a round trip to the leader.
    EXPECT_NE(run.out.find("put: optimised takes 49.95 +- 0.0"), std::string::npos) << run.out;
    EXPECT_TRUE(fs::exists(m_directory / "results" / "optimised" / "summary.json"));
    EXPECT_EQ(Run("compare results/optimised SCENARIOS/baseline.json --replications 3").err,
              "results/optimised: --replications takes scenarios, which are run; this is the "
              "result of one run\n");
    Write("other.json",
          R"({"extends": ")" ETCDLAB_SOURCE_DIR R"(/scenarios/baseline.json", "seed": 7})");
    const auto other = Run("compare SCENARIOS/baseline.json other.json --replications 3");
    EXPECT_EQ(other.code, 2);
    EXPECT_NE(other.err.find("other.json: /seed: expected 1, that of "), std::string::npos)
        << other.err;
    EXPECT_EQ(Run("compare SCENARIOS/baseline.json other.json --replications 0").code, 2);
}

TEST_F(Program, CompareKeepsWhatEndedAndSaysThatItIsAPart)
{
    // Ctrl-C long before all is done, and after two seeds or more.
    const std::string scenarios = ETCDLAB_SOURCE_DIR "/scenarios/";
    Shell("timeout --signal=INT 5 '" ETCDLAB_PROGRAM "' compare " + scenarios + "optimised.json " +
          scenarios + "baseline.json --replications 10000 --set workload.count=3 >cut 2>why");
    const auto cut = Contents(m_directory / "cut");
    EXPECT_NE(cut.find("\nPARTIAL: "), std::string::npos) << cut;
    EXPECT_NE(cut.find("of the 10000 seeds 1 to 10000;"), std::string::npos) << cut;
    EXPECT_NE(cut.find(" to 10000: interrupted\n"), std::string::npos) << cut;
    EXPECT_NE(cut.find("put: optimised takes "), std::string::npos) << cut;
    EXPECT_NE(Contents(m_directory / "why")
                  .find(" of 10000 seeds came to a result; the first that is missing is seed "),
              std::string::npos);
    EXPECT_EQ(Run("run results/optimised/scenario.json --out again").code, 0)
        << "the first seed's result is kept";

    // Nobody hears from each other within a heartbeat's time: no leader, with any seed.
    const auto none = Run(
        "compare SCENARIOS/optimised.json SCENARIOS/lan.json --replications 2 --set "
        "workload.count=3 "
        "--set member.election_timeout=50ms --set member.heartbeat_interval=10ms --set leader=");
    EXPECT_EQ(none.code, 1) << none.out << none.err;
    EXPECT_EQ(none.out, "");
    EXPECT_NE(
        none.err.find(
            "0 of 2 seeds came to a result; the first that is missing is seed 1: optimised: "),
        std::string::npos)
        << none.err;
}

TEST_F(Program, CompareSaysEachWarningOnce)
{
    const std::string few = " --set workload.count=3 --set workload.warmup=0";
    const auto run = Run("compare SCENARIOS/baseline.json SCENARIOS/optimised.json" + few);
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(run.err, Run("run SCENARIOS/baseline.json" + few).err);
    EXPECT_NE(run.err.find("warning: the election timeout"), std::string::npos) << run.err;
}

TEST_F(Program, CompareReadsEveryScenarioBeforeItRunsTheFirst)
{
    Write("wrong.json", "{\"leader\": \"nobody\"}");
    const auto run = Run("compare SCENARIOS/baseline.json wrong.json");
    EXPECT_EQ(run.code, 2);
    EXPECT_FALSE(fs::exists(m_directory / "results"));
}

} // namespace
