// The program as people use it: commands, exit codes, files.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
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

TEST_F(Program, FitFindsDelaysAndProxyCost)
{
    // Without disks and processors a put's mean is proportional to the delays: 450 ms at a factor of 1, so 351 ms at
    // 351 / 450 = 0.78.
    const auto run = Run("fit SCENARIOS/plans/fit-request-latency.json");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find("\nFitted: --set delay_factor=0.7"), std::string::npos) << run.out;
    const auto figure = [&](const std::string& name) {
        return nlohmann::json::parse(Contents(m_directory / "results" / name /
                                              "summary.json"))["latency_ms"]["put"]["all"]["mean"]
            .get<double>();
    };
    EXPECT_NEAR(figure("baseline"), 351, 0.351);
    EXPECT_NEAR(figure("optimised"), 276, 0.276);
    const auto scenario =
        nlohmann::json::parse(Contents(m_directory / "results" / "optimised" / "scenario.json"));
    EXPECT_NEAR(scenario["delay_factor"].get<double>(), 0.78, 0.0008);
}

TEST_F(Program, FitRefusesAPlanThatIsNotThereOrNamesUnknownSettings)
{
    EXPECT_EQ(Run("fit none.json").code, 2);
    std::ofstream(m_directory / "plan.json")
        << R"({"steps": [{"scenario": ")" << ETCDLAB_SOURCE_DIR
        << R"(/scenarios/lan.json", "vary": "delay_faktor", "from": 1, "to": 2, "metric": "/x", "target": 1}]})";
    const auto run = Run("fit plan.json");
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("did you mean \"delay_factor\"?"), std::string::npos) << run.err;
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

TEST_F(Program, LadderShowsAPutThroughAFollower)
{
    // Through e1: 125 ms there, 150 to the leader, 160 for its quorum with e3, 150 for the notice, 125 back.
    const auto run =
        Run("ladder SCENARIOS/baseline.json --request slowest --svg ladder.svg --trace trace.json "
            "--set workload.count=6 --set workload.warmup=0");
    ASSERT_EQ(run.code, 0) << run.err;
    std::vector<std::string> names;
    std::vector<double> arrivals;
    std::istringstream lines(run.out);
    for (std::string line; std::getline(lines, line);)
    {
        double sent = 0;
        double arrived = 0;
        const auto comma = line.find(", ");
        if (std::sscanf(line.c_str(), "%lf %lf", &sent, &arrived) == 2 &&
            comma != std::string::npos)
        {
            names.push_back(line.substr(line.find_last_of(' ', comma - 1) + 1,
                                        comma - line.find_last_of(' ', comma - 1) - 1));
            arrivals.push_back(arrived);
        }
    }
    const auto arrival = [&](const std::string& name) {
        const auto found = std::find(names.begin(), names.end(), name);
        return found == names.end() ? -1
                                    : arrivals[static_cast<std::size_t>(found - names.begin())];
    };
    EXPECT_NEAR(arrival("/etcdserverpb.KV/Put"), 125, 0.1) << run.out;
    EXPECT_NEAR(arrival("MsgProp"), 275, 0.1) << run.out;
    EXPECT_NEAR(arrival("answer"), 710, 0.1) << run.out;
    EXPECT_NE(run.out.find("MsgAppResp, has"), std::string::npos) << run.out;
    EXPECT_EQ(run.out.find("Heartbeat"), std::string::npos) << run.out;
    EXPECT_EQ(Contents(m_directory / "ladder.svg").substr(0, 5), "<svg ");
    const auto trace = nlohmann::json::parse(Contents(m_directory / "trace.json"));
    EXPECT_GT(trace["traceEvents"].size(), 100U);
    const auto beyond = Run("ladder SCENARIOS/baseline.json --request 7 --set workload.count=6 "
                            "--set workload.warmup=0");
    EXPECT_EQ(beyond.code, 2);
    EXPECT_NE(beyond.err.find("\n--request: there is no number 7, the run has 6 requests\n"),
              std::string::npos)
        << beyond.err;
    EXPECT_EQ(Run("ladder SCENARIOS/baseline.json --request 0").code, 2);
}

TEST_F(Program, TheTraceHasWhatKeepsCoresBusyAndWhatWaitsForThem)
{
    // Four puts at a time come to a core that needs 20 ms for each: of the first four, three wait, up to 60 ms.
    const auto run = Run("ladder SCENARIOS/optimised.json --trace trace.json "
                         "--set workload.concurrency=4 --set workload.count=8 "
                         "--set workload.warmup=0 --set proxy.cpu_per_chunk=1ms "
                         "--set 'member.cpu={\"cores\":1,\"request\":\"20ms\"}'");
    ASSERT_EQ(run.code, 0) << run.err;
    const auto trace = nlohmann::json::parse(Contents(m_directory / "trace.json"));
    std::map<std::string, nlohmann::json> nodes;
    for (const auto& event : trace["traceEvents"])
    {
        if (event["name"] == "process_name")
        {
            nodes[event["args"]["name"]] = event["pid"];
        }
    }
    std::vector<std::pair<double, double>> requests;
    std::vector<double> waitsBegin;
    std::size_t relayed = 0;
    for (const auto& event : trace["traceEvents"])
    {
        if (event["cat"] == "cpu" && event["name"] == "request" && event["pid"] == nodes["e2"])
        {
            EXPECT_EQ(event["dur"], 20'000);
            const double begin = event["ts"];
            requests.emplace_back(begin, begin + event["dur"].get<double>());
        }
        else if (event["cat"] == "queue" && event["ph"] == "b" && event["name"] == "request")
        {
            EXPECT_EQ(event["pid"], nodes["e2"]);
            waitsBegin.push_back(event["ts"]);
        }
        else if (event["cat"] == "cpu" && event["name"] == "relay")
        {
            EXPECT_EQ(event["pid"], nodes["api"]);
            EXPECT_EQ(event["dur"], 1'000);
            ++relayed;
        }
    }
    ASSERT_GE(requests.size(), 8U);
    for (std::size_t i = 1; i < requests.size(); ++i)
    {
        EXPECT_GE(requests[i].first, requests[i - 1].second) << "one core does one thing at a time";
    }
    EXPECT_GE(waitsBegin.size(), 3U);
    EXPECT_GE(relayed, 16U); // there and back
}

TEST_F(Program, WatchingARunDoesNotChangeIt)
{
    // The slowest request, to the microsecond, of a run with random disks.
    const std::string setting = " SCENARIOS/reference-rig.json --set workload.count=60 ";
    ASSERT_EQ(Run("run --out plain" + setting).code, 0);
    const auto ladder = Run("ladder --request slowest" + setting);
    ASSERT_EQ(ladder.code, 0) << ladder.err;
    const auto summary = nlohmann::json::parse(Contents(m_directory / "plain/summary.json"));
    const auto& byMember = summary["latency_ms"].begin().value();
    std::array<char, 32> slowest{};
    std::snprintf(
        slowest.data(), slowest.size(), ": %.3f ms\n", byMember["all"]["max"].get<double>());
    EXPECT_NE(ladder.out.find(slowest.data()), std::string::npos) << ladder.out << summary;
}

TEST_F(Program, AdviseRanksTheThesisChoices)
{
    const auto run = Run("advise SCENARIOS/plans/where-to-lead.json --keep 3 --replications 2 "
                         "--set workload.count=30");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find("6 choices; 3 simulated, 2 times each and once for every loss; 3 set "
                           "aside: by the closed form they take "),
              std::string::npos)
        << run.out;
    // The API server is 50 ms from e2, and e2's quorum 160 ms away: the README's 210 ms.
    EXPECT_NE(run.out.find("Fastest: leader=e2, $route=leader proxy, 210."), std::string::npos)
        << run.out;
    const auto again = Run("advise SCENARIOS/plans/where-to-lead.json --keep 3 --replications 2 "
                           "--set workload.count=30 -j 1");
    EXPECT_EQ(again.out, run.out);
}

TEST_F(Program, AdviseSeesOutagesThatAreLongerThanTheLoss)
{
    // Members campaign 30 to 60 s after the last heartbeat: whoever tries for a shorter time finds all requests equally slow.
    const auto run = Run("advise SCENARIOS/plans/where-to-lead.json --keep 1 --replications 1 "
                         "--set workload.count=30 "
                         "--set member.heartbeat_interval=3s --set member.election_timeout=30s");
    ASSERT_EQ(run.code, 0) << run.err;
    double seconds = 0;
    const std::string line = "Shortest outage: leader=e2, $route=leader proxy, ";
    const auto at = run.out.find(line);
    ASSERT_NE(at, std::string::npos) << run.out;
    ASSERT_EQ(std::sscanf(run.out.c_str() + at + line.size(), "%lf s when it loses e2", &seconds),
              1)
        << run.out;
    EXPECT_GE(seconds, 27) << "a heartbeat may have come up to 3 s before";
    EXPECT_LE(seconds, 70);
}

TEST_F(Program, AdviseTakesATableOfRoundTripTimes)
{
    Write("rtt.csv", ",a,b,c\na,,10,40\nb,,,50\n");
    const auto run = Run("advise rtt.csv --api-server b --keep 6 --replications 2 --set "
                         "workload.count=30 --set member.disk=ideal");
    ASSERT_EQ(run.code, 0) << run.err;
    // From b to a leader in b half a millisecond, from there to the nearest follower, a, 10 ms.
    EXPECT_NE(run.out.find("Fastest: a, b*, c; leader proxy, 10.5"), std::string::npos) << run.out;
    // A proxy that is gone is gone for its 20 s; without one there is only an election to wait for.
    EXPECT_NE(run.out.find(", of e2 (b)"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("; round robin, ", run.out.find("Shortest outage: ")), std::string::npos)
        << run.out;
    const auto wrong = Run("advise rtt.csv --api-server d");
    EXPECT_EQ(wrong.code, 2);
    EXPECT_EQ(wrong.err, "--api-server: unknown name \"d\": did you mean \"a\"? Known: a, b, c\n");
    EXPECT_EQ(Run("advise none.csv").code, 2);
    EXPECT_EQ(Run("advise SCENARIOS/plans/leader-or-proxy.json").code,
              2); // a sweep's plan has metrics
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

TEST_F(Program, ExplainPrintsTheSumsInBothAccountings)
{
    const auto run = Run("explain SCENARIOS/baseline.json");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_NE(run.out.find(
                  "710 ms = client link 125 + forward 150 + quorum 160 (e3) + commit notice 150 + "
                  "client link back 125"),
              std::string::npos)
        << run.out;
    EXPECT_NE(run.out.find("343.33 ms"), std::string::npos) << run.out;
}

TEST_F(Program, ExplainAsksForALeaderIfTheMembersElectOne)
{
    const auto run = Run("explain SCENARIOS/baseline.json --set leader=");
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("--leader"), std::string::npos) << run.err;
    EXPECT_EQ(Run("explain SCENARIOS/baseline.json --set leader= --leader e3").code, 0);
}

TEST_F(Program, ExplainNamesTheMemberNearestToAnUnknownLeader)
{
    const auto run = Run("explain SCENARIOS/baseline.json --leader e9");
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "--leader: unknown member \"e9\": did you mean \"e1\"? Known: e1, e2, e3\n");
}

TEST_F(Program, ExplainSaysWhatNaglesAlgorithmDoes)
{
    const auto run = Run("explain SCENARIOS/optimised-nagle.json");
    EXPECT_EQ(run.code, 0);
    EXPECT_NE(run.out.find("  - the proxy leaves Nagle's algorithm on"), std::string::npos)
        << run.out;
    EXPECT_EQ(Run("explain SCENARIOS/optimised.json").out.find("Nagle"), std::string::npos);
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
