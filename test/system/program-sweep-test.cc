// etcdlab sweep as people use it: real runs, real kills.
#include "test/system/files.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{

namespace fs = std::filesystem;
using etcdlab::Contents;

/// A plan of eight points of the comparison; a run takes some ten milliseconds.
const char* const SMALL = R"({
  "scenario": "SCENARIOS/baseline.json",
  "settings": {"workload.count": 10, "default_link": {"rtt": "1ms", "jitter": "0.3ms"}, "links": null,
               "member.election_timeout": "4s", "member.heartbeat_interval": "400ms"},
  "axes": [{"grid": {"default_link.rtt": ["1ms", "2ms", "3ms", "4ms"], "leader": ["e1", "e2"]}}],
  "metrics": {"put_mean_ms": "/latency_ms/put/all/mean", "leads": "/leader"},
  "replications": 4})";

class SweepProgram : public testing::Test
{
  protected:
    fs::path Write(const std::string& name, std::string text) const
    {
        const std::string token = "SCENARIOS";
        for (auto at = text.find(token); at != std::string::npos; at = text.find(token))
        {
            text.replace(at, token.size(), ETCDLAB_SOURCE_DIR "/scenarios");
        }
        std::ofstream(m_directory.Path() / name) << text;
        return m_directory.Path() / name;
    }

    /// @return the exit code; output and errors are in the files out and err
    int Run(const std::string& arguments) const
    {
        const auto command =
            "cd '" + m_directory.Path().string() + "' && " + arguments + " >out 2>err";
        const int status = std::system(command.c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    int Etcdlab(const std::string& arguments) const
    {
        return Run("'" ETCDLAB_PROGRAM "' " + arguments);
    }

    std::string Text(const std::string& name) const
    {
        return Contents(m_directory.Path() / name);
    }

    /// The exported table without how long runs took.
    std::string Rows(const std::string& file) const
    {
        EXPECT_EQ(Etcdlab("export csv " + file), 0) << Text("err");
        std::istringstream lines(Text("out"));
        std::string rows;
        for (std::string line; std::getline(lines, line);)
        {
            const auto wall = line.rfind(',', line.rfind(',', line.rfind(',') - 1) - 1);
            rows += line.substr(0, wall) + line.substr(line.find(',', wall + 1)) + "\n";
        }
        return rows;
    }

    /// Start a sweep in a process group of its own.
    pid_t Start(const fs::path& plan, const std::string& file) const
    {
        const auto process = ::fork();
        if (process == 0)
        {
            ::setpgid(0, 0);
            const int none = ::open("/dev/null", O_WRONLY);
            ::dup2(none, STDOUT_FILENO);
            ::dup2(none, STDERR_FILENO);
            if (::chdir(m_directory.Path().c_str()) == 0)
            {
                ::execl(ETCDLAB_PROGRAM,
                        "etcdlab",
                        "sweep",
                        plan.c_str(),
                        "-j2",
                        "-o",
                        file.c_str(),
                        nullptr);
            }
            ::_exit(127);
        }
        ::setpgid(process, process);
        return process;
    }

    etcdlab::TemporaryDirectory m_directory;
};

TEST_F(SweepProgram, GivesTheSameRowsWithOneAndFourWorkersAndPrintsThem)
{
    const auto plan = Write("small.json", SMALL).string();
    ASSERT_EQ(Etcdlab("sweep " + plan + " -j1 -o one.db"), 0) << Text("err");
    EXPECT_NE(Text("out").find("point  default_link.rtt  leader  ok"), std::string::npos)
        << Text("out");
    EXPECT_NE(Text("out").find("32 runs, 0 of them from before"), std::string::npos) << Text("out");
    ASSERT_EQ(Etcdlab("sweep " + plan + " -j4"), 0) << Text("err");
    EXPECT_EQ(Rows("one.db"), Rows("results/small.db"));
    ASSERT_EQ(Etcdlab("sweep " + plan + " -j4"), 0);
    EXPECT_NE(Text("out").find("32 runs, 32 of them from before"), std::string::npos)
        << Text("out");
}

TEST_F(SweepProgram, ReplicationsDifferAndAreRepeatedByTheirCommand)
{
    ASSERT_EQ(Etcdlab("sweep " + Write("small.json", SMALL).string() + " -o a.db"), 0)
        << Text("err");
    ASSERT_EQ(Etcdlab("export csv a.db"), 0);
    std::istringstream lines(Text("out"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line,
              "point,replication,seed,default_link_rtt_ms,leader,leads,put_mean_ms,status,message,"
              "command,wall_s,version,"
              "scenario");
    std::getline(lines, line);
    const auto mean = [](const std::string& row) { return row.substr(row.find(",e1,e1,") + 7, 6); };
    const auto first = mean(line);
    const auto begin = line.find("etcdlab run");
    // CSV doubles the quotation marks.
    auto command = line.substr(begin + 7, line.rfind(",0.1.0") - begin - 7);
    command = command.substr(0, command.rfind('"'));
    for (auto at = command.find("\"\""); at != std::string::npos; at = command.find("\"\"", at + 1))
    {
        command.erase(at, 1);
    }
    std::getline(lines, line);
    EXPECT_NE(mean(line), first) << "another seed, other jitter";
    ASSERT_EQ(Etcdlab(command + " --out again"), 0) << command << Text("err");
    EXPECT_NE(Text("again/summary.json").find("\"mean\": " + first), std::string::npos)
        << first << command;
}

TEST_F(SweepProgram, KilledWithAllItsRunsItGoesOnToTheSameRows)
{
    const auto plan = Write("small.json", SMALL);
    ASSERT_EQ(Etcdlab("sweep " + plan.string() + " -o undisturbed.db"), 0) << Text("err");
    int kills = 0;
    for (int moment = 0; moment < 8; ++moment)
    {
        const auto process = Start(plan, "killed.db");
        std::this_thread::sleep_for(std::chrono::milliseconds(30 + 17 * moment));
        ::kill(-process, SIGKILL);
        int status = 0;
        ::waitpid(process, &status, 0);
        kills += WIFSIGNALED(status) ? 1 : 0;
    }
    EXPECT_GE(kills, 1);
    ASSERT_EQ(Etcdlab("sweep " + plan.string() + " -o killed.db"), 0) << Text("err");
    EXPECT_EQ(Rows("killed.db"), Rows("undisturbed.db"));
}

TEST_F(SweepProgram, RunsThatGoWrongAreToldFromEachOther)
{
    // Requests that are given up before any answer can come; more requests than can be made in time.
    const auto plan = Write("troubled.json", R"({
      "scenario": "SCENARIOS/lan.json",
      "settings": {"member.disk": "ideal", "workload.concurrency": 1, "workload.count": 20},
      "axes": [{"variants": {"$case": {
        "fine": {},
        "hopeless": {"client.timeout": "0.01ms"},
        "long": {"workload.count": 200000}}}}],
      "metrics": {"put_mean_ms": "/latency_ms/put/all/mean"},
      "limits": {"time": "3s"}})");
    EXPECT_EQ(Etcdlab("sweep " + plan.string() + " -o a.db"), 1);
    EXPECT_EQ(Text("err").substr(Text("err").rfind("etcdlab: ")),
              "etcdlab: 2 of 3 runs are not ok: --retry-failed does them again\n");
    EXPECT_NE(Text("out").find("1 timeout: took longer than 3 s\n  first at point 2 ($case=long)"),
              std::string::npos)
        << Text("out");
    EXPECT_NE(
        Text("out").find("1 failed: no request succeeded\n  first at point 1 ($case=hopeless)"),
        std::string::npos)
        << Text("out");
    ASSERT_EQ(Etcdlab("export csv a.db"), 0);
    EXPECT_NE(Text("out").find("\n0,0,1,fine,"), std::string::npos) << Text("out");
}

#ifndef __SANITIZE_ADDRESS__ // reserves more address space than any limit
TEST_F(SweepProgram, RunsThatNeedTooMuchMemoryAreTold)
{
    const auto plan = Write("huge.json", R"({
      "scenario": "SCENARIOS/lan.json",
      "axes": [{"grid": {"workload.count": [30, 100000000]}}],
      "metrics": {"put_mean_ms": "/latency_ms/put/all/mean"},
      "limits": {"memory": "1GB"}})");
    EXPECT_EQ(Etcdlab("sweep " + plan.string() + " -o a.db"), 1);
    EXPECT_NE(Text("out").find("1 memory: needed more memory than 1GB\n  first at point 1 ("),
              std::string::npos)
        << Text("out");
}
#endif

TEST_F(SweepProgram, ShardsOfAnArrayMergeToTheWhole)
{
    const auto plan = Write("small.json", SMALL).string();
    ASSERT_EQ(Etcdlab("sweep " + plan + " -o whole.db"), 0) << Text("err");
    for (const char* task : {"0", "1", "2"})
    {
        ASSERT_EQ(Run(std::string("JOB_COMPLETION_INDEX=") + task +
                      " '" ETCDLAB_PROGRAM "' sweep " + plan + " --shard auto/3"),
                  0)
            << Text("err");
    }
    ASSERT_EQ(Etcdlab("merge merged.db results/small.*-of-3.db"), 0) << Text("err");
    EXPECT_EQ(Text("out"), "32 rows added to merged.db\n");
    EXPECT_EQ(Rows("merged.db"), Rows("whole.db"));
    ASSERT_EQ(Etcdlab("merge merged.db results/small.*-of-3.db"), 0);
    EXPECT_EQ(Text("out"), "0 rows added to merged.db\n");
}

TEST_F(SweepProgram, ADryRunSaysWhatItWouldTakeAndLeavesNothing)
{
    auto text = std::string(SMALL);
    text.insert(text.rfind('}'),
                R"(, "until": {"metric": "put_mean_ms", "within": "1%", "at_least": 2})");
    ASSERT_EQ(Etcdlab("sweep " + Write("small.json", text).string() + " --dry-run -j2"), 0)
        << Text("err");
    EXPECT_NE(Text("out").find("points:  8\nruns:    16 to 32\ntime:    about "), std::string::npos)
        << Text("out");
    EXPECT_FALSE(fs::exists(m_directory.Path() / "results"));
    const auto wrong = text.replace(text.find("put/all"), 3, "putt");
    EXPECT_EQ(Etcdlab("sweep " + Write("wrong.json", wrong).string() + " --dry-run"), 1);
    EXPECT_NE(Text("err").find("unknown key \"putt\": did you mean \"put\"?"), std::string::npos)
        << Text("err");
}

TEST_F(SweepProgram, MistakesHaveExitCodeTwo)
{
    const auto plan = Write("small.json", SMALL).string();
    EXPECT_EQ(Etcdlab("sweep missing.json"), 2);
    EXPECT_EQ(Etcdlab("sweep " + plan + " --shard 4/3"), 2);
    EXPECT_EQ(Etcdlab("sweep " +
                      Write("bad.json",
                            R"({"scenario": "missing.json", "axes": [], "metrics": {"m": "/m"}})")
                          .string()),
              2);
    EXPECT_EQ(Etcdlab("sensitivity " + plan), 2);
    EXPECT_NE(Text("err").find("Sobol indices need its design"), std::string::npos);
    EXPECT_EQ(Etcdlab("export csv missing.db"), 2);
    EXPECT_EQ(Etcdlab("merge out.db " + plan), 2);
    EXPECT_FALSE(fs::exists(m_directory.Path() / "out.db"));
}

TEST_F(SweepProgram, SensitivityFindsWhatAPutsLatencyDependsOn)
{
    // One client of a pinned leader: the way to it and the way to its nearest follower add up, each uniform over 20 ms.
    // Of min(a, b) of two such the variance is 1/18, of the client's link 1/12: shares 0.6 and 0.4; and of min(a, b)
    // alone: V(E[min | a]) = V(a - a^2 / 2) = 1/45, so 0.16 for each of the two, and 0.08 for both together.
    const auto plan = Write("what.json", R"({
      "scenario": "SCENARIOS/seed.json",
      "settings": {"workload.count": 3, "workload.warmup": 0, "client.balancer": "pinned", "client.pinned_endpoint": "e2",
                   "member.election_timeout": "4s", "member.heartbeat_interval": "400ms"},
      "axes": [{"saltelli": {"links.api-e2.rtt": {"from": "10ms", "to": "30ms"},
                             "links.e1-e2.rtt": {"from": "10ms", "to": "30ms"},
                             "links.e2-e3.rtt": {"from": "10ms", "to": "30ms"}}, "samples": 127}],
      "metrics": {"put_mean_ms": "/latency_ms/put/all/mean"}})");
    ASSERT_EQ(Etcdlab("sensitivity " + plan.string()), 0) << Text("err");
    std::istringstream lines(Text("out"));
    double first[3] = {};
    double total[3] = {};
    for (std::string line; std::getline(lines, line);)
    {
        std::istringstream cells(line);
        std::string name;
        std::string skip;
        cells >> name;
        const int which = name == "links.api-e2.rtt"  ? 0
                          : name == "links.e1-e2.rtt" ? 1
                          : name == "links.e2-e3.rtt" ? 2
                                                      : -1;
        if (which >= 0)
        {
            cells >> first[which] >> skip >> skip >> skip >> total[which];
        }
    }
    EXPECT_NEAR(first[0], 0.60, 0.05) << Text("out");
    EXPECT_NEAR(total[0], 0.60, 0.05);
    for (const int follower : {1, 2})
    {
        EXPECT_NEAR(first[follower], 0.16, 0.05) << Text("out");
        EXPECT_NEAR(total[follower], 0.24, 0.05) << Text("out");
    }
}

} // namespace
