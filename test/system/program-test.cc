// The program as people use it: runs and their files, what it lists, its help.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace
{

namespace fs = std::filesystem;
using etcdlab::Contents;

using Program = etcdlab::ProgramFixture;

TEST_F(Program, ReproducePrintsTheTableAndKeepsFourResults)
{
    const auto run = Run("reproduce");
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_NE(
        run.out.find("| round robin over three members | 343.3 ms           | 343.4 ms "
                     "                     | 450.0 ms                   | 458.2 ms         |"),
        std::string::npos)
        << run.out;
    EXPECT_NE(
        run.out.find("| leader proxy                   | 210 ms + proxy     | 210.0 ms "
                     "                     | 210.0 ms                   | 215.6 ms         |"),
        std::string::npos)
        << run.out;
    EXPECT_NE(run.out.find("| 1.63               | 1.63                          | 2.14            "
                           "           | 2.1"),
              std::string::npos)
        << run.out;
    for (const char* name : {"baseline", "optimised", "baseline-thesis", "optimised-thesis"})
    {
        EXPECT_TRUE(fs::exists(m_directory / "results" / name / "summary.json")) << name;
    }
}

TEST_F(Program, RunWritesSummaryRequestsAndTheEffectiveScenario)
{
    const auto run =
        Run("run SCENARIOS/baseline.json --set workload.count=9 --set workload.warmup=3");
    ASSERT_EQ(run.code, 0) << run.err;
    const auto directory = m_directory / "results" / "baseline";
    const auto summary = nlohmann::json::parse(Contents(directory / "summary.json"));
    EXPECT_EQ(summary["scenario"], "baseline");
    EXPECT_EQ(summary["requests"]["ok"], 9);
    EXPECT_NEAR(summary["latency_ms"]["put"]["all"]["mean"].get<double>(), 450, 0.3);
    EXPECT_EQ(summary["latency_ms"]["put"]["e1"]["count"], 3);
    const auto requests = Contents(directory / "requests.csv");
    EXPECT_EQ(std::count(requests.begin(), requests.end(), '\n'), 1 + 12);
    EXPECT_NE(run.out.find("Results: results/baseline/"), std::string::npos) << run.out;
}

TEST_F(Program, TheEffectiveScenarioGivesTheSameBytesAgain)
{
    const std::string changes =
        " --set workload.count=30 --set member.disk=ssd --set links.api-e1.jitter=3ms"
        " --set links.e1-e2.loss=1% --set workload.linearizable_range=1 --set seed=7";
    ASSERT_EQ(Run("run SCENARIOS/baseline.json -o first" + changes).code, 0);
    ASSERT_EQ(Run("run first/scenario.json -o second").code, 0);
    for (const char* file : {"summary.json", "requests.csv", "scenario.json"})
    {
        EXPECT_EQ(Contents(m_directory / "first" / file), Contents(m_directory / "second" / file))
            << file;
    }
}

TEST_F(Program, RunsOnALoadedMachineGiveTheSameBytes)
{
    std::vector<std::thread> crowd;
    for (int i = 0; i < 8; ++i)
    {
        crowd.emplace_back([this, i] {
            const auto command = "cd '" + m_directory.string() +
                                 "' && '" ETCDLAB_PROGRAM "' run '" ETCDLAB_SOURCE_DIR
                                 "/scenarios/lan.json' -o crowd-" +
                                 std::to_string(i) + " >/dev/null 2>&1";
            EXPECT_EQ(std::system(command.c_str()), 0);
        });
    }
    for (auto& each : crowd)
    {
        each.join();
    }
    const auto first = Contents(m_directory / "crowd-0" / "requests.csv");
    EXPECT_GT(first.size(), 100'000U);
    for (int i = 1; i < 8; ++i)
    {
        EXPECT_EQ(Contents(m_directory / ("crowd-" + std::to_string(i)) / "requests.csv"), first);
    }
}

TEST_F(Program, AnotherSeedGivesOtherNumbers)
{
    ASSERT_EQ(Run("run SCENARIOS/lan.json -o one --set seed=1").code, 0);
    ASSERT_EQ(Run("run SCENARIOS/lan.json -o two --set seed=2").code, 0);
    EXPECT_NE(Contents(m_directory / "one" / "requests.csv"),
              Contents(m_directory / "two" / "requests.csv"));
}

TEST_F(Program, CheckAcceptsEveryShippedScenario)
{
    for (const auto& entry : fs::directory_iterator(ETCDLAB_SOURCE_DIR "/scenarios"))
    {
        const auto name = entry.path().filename().string();
        if (entry.path().extension() == ".json" && name != "etcdlab.schema.json")
        {
            const auto run = Run("check SCENARIOS/" + name);
            EXPECT_EQ(run.code, 0) << run.err;
        }
    }
}

TEST_F(Program, ListNamesEverythingRegistered)
{
    const auto run = Run("list");
    ASSERT_EQ(run.code, 0);
    for (const char* name : {"external",
                             "stacked",
                             "round-robin",
                             "pick-first",
                             "pinned",
                             "leader",
                             "mix",
                             "ideal",
                             "hdd",
                             "ssd",
                             "nvme",
                             "reference-rig"})
    {
        EXPECT_NE(run.out.find(std::string("  ") + name), std::string::npos) << name;
    }
    EXPECT_EQ(Run("list disks").out.find("round-robin"), std::string::npos);
}

TEST_F(Program, SchemaPrintsTheShippedSchema)
{
    EXPECT_EQ(Run("schema").out, Contents(ETCDLAB_SOURCE_DIR "/scenarios/etcdlab.schema.json"));
}

TEST_F(Program, PagesOfReferenceAreWhatTheProgramPrints)
{
    const auto reference = Run("schema --reference").out;
    EXPECT_EQ(reference, Contents(ETCDLAB_SOURCE_DIR "/scenarios/reference.md"));
    EXPECT_NE(reference.find("\n| `member.disk"), std::string::npos)
        << "objects in objects are gone into";
    EXPECT_NE(reference.find("| `faults[].type` |"), std::string::npos) << "and objects in lists";
    EXPECT_NE(Contents(ETCDLAB_SOURCE_DIR "/analysis/commands.md")
                  .find("```text\n" + Run("--help-all").out + "```\n"),
              std::string::npos)
        << "etcdlab --help-all says something else than analysis/commands.md";
}

TEST_F(Program, HelpOfEachCommandEndsWithItsOwnExample)
{
    EXPECT_TRUE(Run("list --help").out.ends_with("  etcdlab list disks\n"));
    EXPECT_EQ(Run("list --help").out.find("Start here"), std::string::npos);
}

TEST_F(Program, HelpTeaches)
{
    const auto help = Run("--help");
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find("Start here"), std::string::npos);
    for (const char* command :
         {"run", "compare", "explain", "check", "list", "reproduce", "schema"})
    {
        EXPECT_NE(help.out.find(command), std::string::npos) << command;
        EXPECT_EQ(Run(std::string(command) + " --help").code, 0) << command;
    }
}

TEST_F(Program, NoProgressLineGoesToAFile)
{
    EXPECT_EQ(Run("run SCENARIOS/lan.json").err, "");
}

} // namespace
