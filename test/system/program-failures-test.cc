// What the program says, and how it exits, when something is wrong: input, arguments, files, the simulated cluster itself.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace
{

namespace fs = std::filesystem;

using Program = etcdlab::ProgramFixture;

TEST_F(Program, BadInputGivesOneLineAndExitCodeTwo)
{
    Write("unit.json", "{\n  \"member\": {\"heartbeat_interval\": 100}\n}\n");
    for (const char* command : {"check", "run", "explain"})
    {
        const auto run = Run(std::string(command) + " unit.json");
        EXPECT_EQ(run.code, 2) << command;
        EXPECT_EQ(run.out, "") << command;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        EXPECT_NE(run.err.find("unit.json:2: /member/heartbeat_interval"), std::string::npos)
            << run.err;
    }
    EXPECT_FALSE(fs::exists(m_directory / "results")) << "nothing half-written";
}

TEST_F(Program, BadSettingsGiveOneLineAndExitCodeTwo)
{
    // A name is a directory's: none may lead out of results.
    for (const char* setting : {"name=..", "name=.", "name=a/b", "name=", "seed", "leader=e9"})
    {
        const auto run = Run(std::string("run SCENARIOS/baseline.json --set ") + setting);
        EXPECT_EQ(run.code, 2) << setting;
        EXPECT_EQ(run.out, "") << setting;
        EXPECT_EQ(run.err.find(std::string("--set ") + setting), 0U) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    }
    EXPECT_FALSE(fs::exists(m_directory / "results"));
    EXPECT_FALSE(fs::exists(m_directory / "summary.json"));
}

TEST_F(Program, WrongArgumentsGiveOneLineAndExitCodeTwo)
{
    for (const char* arguments :
         {"", "frobnicate", "run", "run --set", "check no-such-file.json", "list tables"})
    {
        const auto run = Run(arguments);
        EXPECT_EQ(run.code, 2) << arguments;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    }
}

TEST_F(Program, AnUnwritableDirectoryIsSaidSoWithExitCodeOne)
{
    Write("file", "");
    const auto run = Run("run SCENARIOS/baseline.json --set workload.count=3 -o file/results");
    EXPECT_EQ(run.code, 1);
    EXPECT_NE(run.err.find("file/results"), std::string::npos) << run.err;
}

TEST_F(Program, OutputThatCannotBeWrittenIsSaidSoWithExitCodeOne)
{
    for (const char* arguments : {"list", "--help", "schema", "explain SCENARIOS/baseline.json"})
    {
        const auto run = Run(arguments, "/dev/full");
        EXPECT_EQ(run.code, 1) << arguments;
        EXPECT_EQ(run.err, "etcdlab: standard output cannot be written\n") << arguments;
    }
}

/// Every request goes to e1, which needs 8 s to apply an entry: longer than the 7 s that etcd waits.
const std::string HOPELESS = R"("client": {"balancer": "pinned", "pinned_endpoint": "e1"},
  "member_overrides": {"e1": {"cpu": {"apply": "8s"}}},
  "workload": {"count": 3, "warmup": 1})";

TEST_F(Program, ARunInWhichNothingSucceedsSaysWhyWithExitCodeOne)
{
    Write("hopeless.json",
          R"({"extends": ")" ETCDLAB_SOURCE_DIR R"(/scenarios/baseline.json", )" + HOPELESS + "}");
    const auto run = Run("run hopeless.json");
    EXPECT_EQ(run.code, 1);
    EXPECT_NE(run.out.find("seed 1: 0 ok, 3 failed, 0.00/s\n"
                           "              failed: 3 x etcdserver: request timed out\n"),
              std::string::npos)
        << run.out;
    EXPECT_NE(run.err.find("etcdlab: hopeless: no request succeeded\n"), std::string::npos)
        << run.err;
    EXPECT_TRUE(fs::exists(m_directory / "results/hopeless/summary.json"));
}

TEST_F(Program, ReproduceSaysWhatFailed)
{
    const fs::path source = ETCDLAB_SOURCE_DIR;
    fs::create_directories(m_directory / "test/reference");
    fs::copy(source / "test/reference", m_directory / "test/reference");
    fs::copy(source / "scenarios", m_directory / "scenarios");
    Write("scenarios/baseline.json", R"({"extends": "seed.json", )" + HOPELESS + "}");
    const auto run = Run("reproduce --source .");
    EXPECT_EQ(run.code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(
        run.err.find("etcdlab: baseline-thesis: no put succeeded; failed: 3 x etcdserver: request "
                     "timed out\n"),
        std::string::npos)
        << run.err;
}

TEST_F(Program, AClusterThatCannotElectALeaderIsSaidSoWithExitCodeOne)
{
    // A candidate's round trip of 4 s is longer than any election timeout of 1 to 2 s.
    const auto run = Run("run SCENARIOS/baseline.json --set leader= --set links.e1-e2.rtt=4s"
                         " --set links.e2-e3.rtt=4s --set links.e1-e3.rtt=4s");
    EXPECT_EQ(run.code, 1);
    EXPECT_NE(run.err.find("knows no leader"), std::string::npos) << run.err;
    EXPECT_FALSE(fs::exists(m_directory / "results"));
}

} // namespace
