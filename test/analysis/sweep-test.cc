// Sweeps: every run once, whatever happens to it, and the same rows however they came about.
#include "analysis/sweep-merge.h"
#include "analysis/sweep-progress.h"
#include "analysis/sweep.h"
#include "helper/scenario/read-scenario.h"
#include "test/system/files.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace etcdlab
{

namespace
{

namespace fs = std::filesystem;

Sweep
MakeSweep(const std::string& members,
          const std::string& axes =
              R"([{"grid": {"workload.count": {"from": 1, "to": 10, "count": 10}}}])")
{
    Sweep sweep;
    sweep.plan =
        ReadSweepPlan(R"({"scenario": "a.json", "metrics": {"value": "/value"}, "axes": )" + axes +
                          (members.empty() ? "" : ", ") + members + "}",
                      "p.json");
    sweep.scenario = R"({"default_link": {"rtt": "1ms"}, "leader": "e1"})";
    return sweep;
}

/// A run that is over at once and whose result depends on nothing but itself.
RunRow
Quick(const Sweep& sweep, RunKey run)
{
    RunRow row;
    row.status = "ok";
    row.scenario = HashOf(std::to_string(run.point));
    row.metrics = {static_cast<double>(run.point) +
                   0.1 * static_cast<double>(sweep.plan.SeedOf(run.point, run.replication) % 7)};
    return row;
}

/// The table without how long runs took.
std::string
RowsOf(const fs::path& file)
{
    std::string text;
    const auto sweep = OpenSweep(file);
    auto query = sweep.Prepare("SELECT * FROM runs");
    while (query.Step())
    {
        for (int i = 0; i < query.Columns(); ++i)
        {
            text += query.Name(i) == "wall_s" ? "" : query.Value(i).dump() + " ";
        }
        text += "\n";
    }
    return text;
}

class SweepTest : public testing::Test
{
  protected:
    SweepCounts Run(const Sweep& sweep, const std::string& file, const SweepOptions& options) const
    {
        SweepStore store(m_directory.Path() / file, sweep.plan, sweep.scenario);
        return RunSweep(sweep, options, store);
    }

    std::string Rows(const std::string& file) const
    {
        return RowsOf(m_directory.Path() / file);
    }

    std::string ComplaintAbout(const Sweep& sweep, const std::string& file) const
    {
        try
        {
            Run(sweep, file, {.simulate = Quick});
            return "(none)";
        }
        catch (const ScenarioError& error)
        {
            return std::string(error.what()).substr(m_directory.Path().string().size() + 1);
        }
    }

    TemporaryDirectory m_directory;
};

TEST_F(SweepTest, RowsAreTheSameWhateverTheNumberOfWorkers)
{
    const auto sweep = MakeSweep(
        R"("replications": 30, "until": {"metric": "value", "within": "4%", "at_least": 3})");
    const auto counts = Run(sweep, "one.db", {.jobs = 1, .simulate = Quick});
    Run(sweep, "four.db", {.jobs = 4, .simulate = Quick});
    EXPECT_GT(counts.ended, 30U) << "some points need more than three";
    EXPECT_LT(counts.ended, 300U) << "and some no more";
    EXPECT_EQ(Rows("one.db"), Rows("four.db"));
}

TEST_F(SweepTest, ASecondSessionHasNothingLeftToDo)
{
    const auto sweep = MakeSweep(R"("replications": 2)");
    Run(sweep, "a.db", {.simulate = Quick});
    const auto rows = Rows("a.db");
    const auto counts =
        Run(sweep, "a.db", {.simulate = [](const Sweep&, RunKey) -> RunRow { ::abort(); }});
    EXPECT_EQ(counts.earlier, 20U);
    EXPECT_EQ(counts.ended, 20U);
    EXPECT_EQ(counts.failed, 0U);
    EXPECT_EQ(Rows("a.db"), rows);
    EXPECT_EQ(Run(MakeSweep(R"("replications": 3)"), "a.db", {.simulate = Quick}).ended, 30U)
        << "more can be asked for";
}

/// Of thirty runs three crash, three hang and three break a promise.
RunRow
Troubled(const Sweep& sweep, RunKey run)
{
    switch (run.point % 10)
    {
    case 3:
        std::fprintf(stderr, "first line\nassert failed. cond=\"x\"\n");
        std::fflush(stderr);
        ::abort();
    case 5:
        for (;;)
        {
            ::pause();
        }
    case 9: {
        auto row = Quick(sweep, run);
        row.status = "violated";
        row.message = "two leaders in term 2";
        row.metrics = {nullptr};
        return row;
    }
    default:
        return Quick(sweep, run);
    }
}

TEST_F(SweepTest, RunsThatCrashOrHangAreRecordedAndStopNoOthers)
{
    const auto sweep = MakeSweep(R"("replications": 3, "limits": {"time": "1s"})");
    const auto counts = Run(sweep, "a.db", {.jobs = 4, .simulate = Troubled});
    EXPECT_EQ(counts.ended, 30U);
    EXPECT_EQ(counts.failed, 9U);
    EXPECT_EQ(counts.violated, 3U);
    const SweepStore store(m_directory.Path() / "a.db", sweep.plan, sweep.scenario);
    std::map<std::string, int> ends;
    for (const auto& row : store.Rows())
    {
        ++ends[row.status + ": " + row.message];
        EXPECT_EQ(row.metrics[0].is_number(), row.status == "ok");
        EXPECT_EQ(row.command,
                  "etcdlab run a.json --set workload.count=" + std::to_string(row.key.point + 1) +
                      " --set seed=" + std::to_string(row.key.replication + 1));
        EXPECT_EQ(row.scenario.size(), 36U) << "also of those that crashed";
    }
    EXPECT_EQ(ends,
              (std::map<std::string, int>{
                  {"ok: ", 21},
                  {"crashed: ended by a signal: Aborted: assert failed. cond=\"x\"", 3},
                  {"timeout: took longer than 1 s", 3},
                  {"violated: two leaders in term 2", 3}}));
}

#ifndef __SANITIZE_ADDRESS__ // reserves more address space than any limit
TEST_F(SweepTest, RunsThatEatMemoryAreRecordedAndStopNoOthers)
{
    const auto sweep = MakeSweep(R"("limits": {"memory": "300MB"})");
    const auto greedy = [](const Sweep& s, RunKey run) {
        std::vector<std::string> eaten;
        while (run.point == 7)
        {
            eaten.emplace_back(1'000'000, 'x');
        }
        return Quick(s, run);
    };
    const auto counts = Run(sweep, "a.db", {.jobs = 4, .simulate = greedy});
    EXPECT_EQ(counts.ended, 10U);
    EXPECT_EQ(counts.failed, 1U);
    const SweepStore store(m_directory.Path() / "a.db", sweep.plan, sweep.scenario);
    for (const auto& row : store.Rows())
    {
        EXPECT_EQ(row.status, row.key.point == 7 ? "memory" : "ok") << row.key.point;
        EXPECT_EQ(row.message, row.key.point == 7 ? "needed more memory than 300MB" : "");
    }
}
#endif

TEST_F(SweepTest, FailedRunsAreDoneAgainOnlyIfAskedFor)
{
    const auto sweep = MakeSweep(R"("limits": {"time": "1s", "memory": "300MB"})");
    const auto fails = [](const Sweep& s, RunKey run) {
        return run.point == 2 ? throw std::runtime_error("terminates") : Quick(s, run);
    };
    EXPECT_EQ(Run(sweep, "a.db", {.simulate = fails}).failed, 1U);
    EXPECT_EQ(Run(sweep, "a.db", {.simulate = Quick}).failed, 1U);
    SweepStore(m_directory.Path() / "a.db", sweep.plan, sweep.scenario).ForgetFailed();
    const auto counts = Run(sweep, "a.db", {.simulate = Quick});
    EXPECT_EQ(counts.earlier, 9U);
    EXPECT_EQ(counts.failed, 0U);
    Run(sweep, "b.db", {.simulate = Quick});
    EXPECT_EQ(Rows("a.db"), Rows("b.db"));
}

/// A sweep in a process group of its own, that is killed as a whole.
pid_t
StartSweep(const Sweep& sweep, const fs::path& file)
{
    const auto process = ::fork();
    if (process == 0)
    {
        ::setpgid(0, 0);
        SweepStore store(file, sweep.plan, sweep.scenario);
        SweepOptions options{.jobs = 3, .simulate = [](const Sweep& s, RunKey run) {
                                 std::this_thread::sleep_for(
                                     std::chrono::milliseconds(run.point % 5));
                                 return Quick(s, run);
                             }};
        RunSweep(sweep, options, store);
        ::_exit(0);
    }
    ::setpgid(process, process);
    return process;
}

TEST_F(SweepTest, KilledAtAnyMomentItGoesOnToTheSameRows)
{
    const auto sweep = MakeSweep(R"("replications": 20)");
    Run(sweep, "undisturbed.db", {.simulate = Quick});
    const auto file = m_directory.Path() / "killed.db";
    int kills = 0;
    std::size_t kept = 0;
    for (int moment = 0; moment < 20; ++moment)
    {
        const auto process = StartSweep(sweep, file);
        std::this_thread::sleep_for(std::chrono::milliseconds(3 + 7 * moment % 41));
        // The parent alone every other time: its children must not outlive it.
        ::kill(moment % 2 == 0 ? -process : process, SIGKILL);
        int status = 0;
        ::waitpid(process, &status, 0);
        kills += WIFSIGNALED(status) ? 1 : 0;
        const auto rows = SweepStore(file, sweep.plan, sweep.scenario).Rows().size();
        EXPECT_GE(rows, kept) << "nothing that had ended is lost";
        kept = rows;
    }
    EXPECT_GE(kills, 5) << "it was at work when it was killed";
    Run(sweep, "killed.db", {.jobs = 4, .simulate = Quick});
    EXPECT_EQ(Rows("killed.db"), Rows("undisturbed.db"));
}

TEST_F(SweepTest, AskedToStopItKeepsWhatHasEnded)
{
    const auto sweep = MakeSweep(R"("replications": 20)");
    const auto slow = [](const Sweep& s, RunKey run) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return Quick(s, run);
    };
    std::thread killer([] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        ::kill(::getpid(), SIGINT);
    });
    EXPECT_THROW(Run(sweep, "a.db", {.jobs = 2, .simulate = slow}), Interrupted);
    killer.join();
    const auto rows = SweepStore(m_directory.Path() / "a.db", sweep.plan, sweep.scenario).Rows();
    EXPECT_GT(rows.size(), 0U);
    EXPECT_LT(rows.size(), 200U);
    for (const auto& row : rows)
    {
        EXPECT_EQ(row.status, "ok") << row.message;
    }
}

TEST_F(SweepTest, OtherSweepsResultsAreNotMixedIn)
{
    Run(MakeSweep(""), "a.db", {.simulate = Quick});
    const std::string end = ", and are not mixed with this sweep's: expected another --out";
    EXPECT_EQ(ComplaintAbout(MakeSweep(R"("seed": 2)"), "a.db"),
              "a.db: its results are of another plan: its axes, settings, expressions or seeds "
              "have changed" +
                  end);
    auto other = MakeSweep("");
    other.scenario = R"({"default_link": {"rtt": "2ms"}, "leader": "e1"})";
    EXPECT_EQ(ComplaintAbout(other, "a.db"),
              "a.db: its results are of another scenario: a.json or what it extends has changed" +
                  end);
    other = MakeSweep("");
    other.plan.metrics[0].pointer = "/other";
    EXPECT_EQ(ComplaintAbout(other, "a.db"), "a.db: its results have other metrics" + end);
    {
        const Database database(m_directory.Path() / "a.db", Database::Mode::WRITE);
        database.Execute("UPDATE sweep SET value = '0.0.1' WHERE key = 'version'");
    }
    EXPECT_EQ(ComplaintAbout(MakeSweep(""), "a.db"),
              "a.db: its results were made by another version of etcdlab" + end);
    {
        const Database database(m_directory.Path() / "other.db", Database::Mode::WRITE);
        database.Execute("CREATE TABLE t (x)");
    }
    EXPECT_EQ(ComplaintAbout(MakeSweep(""), "other.db"),
              "other.db: expected the results of a sweep, found another database");
    std::ofstream(m_directory.Path() / "text.db")
        << "a text of more than a hundred bytes, which is what SQLite's header has: "
           "whoever names the wrong file must not lose it for that.";
    const auto before = Contents(m_directory.Path() / "text.db");
    EXPECT_EQ(ComplaintAbout(MakeSweep(""), "text.db"),
              "text.db: expected the results of a sweep, found no database");
    EXPECT_EQ(Contents(m_directory.Path() / "text.db"), before);
}

TEST_F(SweepTest, OneFileHasOneSweepAtATime)
{
    const auto sweep = MakeSweep("");
    const SweepStore store(m_directory.Path() / "a.db", sweep.plan, sweep.scenario);
    EXPECT_EQ(ComplaintAbout(sweep, "a.db"), "a.db: another sweep is writing to it");
}

TEST_F(SweepTest, APointThatIsNoScenarioIsToldBeforeTheFirstRun)
{
    const auto sweep = MakeSweep("", R"([{"grid": {"leader": ["e1", "e9"]}}])");
    SweepStore store(m_directory.Path() / "a.db", sweep.plan, sweep.scenario);
    try
    {
        RunSweep(sweep, {.simulate = Quick}, store);
        FAIL();
    }
    catch (const ScenarioError& error)
    {
        EXPECT_EQ(std::string(error.what()),
                  "point 1 (leader=e9): --set leader=e9: /leader: unknown member \"e9\": did you "
                  "mean \"e1\"? Known: e1, "
                  "e2, e3");
    }
    EXPECT_TRUE(store.Rows().empty());
}

TEST_F(SweepTest, ShardsMergeToTheWholeAndMergingAgainAddsNothing)
{
    const auto sweep = MakeSweep(R"("replications": 2)");
    Run(sweep, "whole.db", {.simulate = Quick});
    std::vector<fs::path> parts;
    for (std::uint64_t shard = 0; shard < 3; ++shard)
    {
        const auto name = "part" + std::to_string(shard) + ".db";
        Run(sweep, name, {.shard = {shard, 3}, .simulate = Quick});
        parts.push_back(m_directory.Path() / name);
    }
    const auto merged = m_directory.Path() / "merged.db";
    EXPECT_EQ(MergeSweeps(merged, parts), 20U);
    EXPECT_EQ(Rows("merged.db"), Rows("whole.db"));
    EXPECT_EQ(MergeSweeps(merged, parts), 0U);
    EXPECT_EQ(Rows("merged.db"), Rows("whole.db"));
    EXPECT_EQ(Run(sweep, "merged.db", {.simulate = Quick}).earlier, 20U)
        << "it is a sweep's file like any";
}

TEST_F(SweepTest, MergingRefusesConflictsAndThenAddsNothingAtAll)
{
    const auto sweep = MakeSweep("");
    Run(sweep, "a.db", {.simulate = Quick});
    Run(sweep, "b.db", {.simulate = [](const Sweep& s, RunKey run) {
            auto row = Quick(s, run);
            row.metrics = {run.point == 4 ? 99 : row.metrics[0].get<double>()};
            return row;
        }});
    Run(sweep, "half.db", {.shard = {0, 2}, .simulate = Quick});
    const auto path = [&](const char* name) { return m_directory.Path() / name; };
    const auto before = Rows("half.db");
    try
    {
        MergeSweeps(path("half.db"), {path("a.db"), path("b.db")});
        FAIL();
    }
    catch (const ScenarioError& error)
    {
        EXPECT_EQ(std::string(error.what()),
                  path("b.db").string() +
                      ": its row of point 4, replication 0 (ok) is not that of " +
                      path("half.db").string() + " (ok): nothing has been merged");
    }
    EXPECT_EQ(Rows("half.db"), before);
    EXPECT_THROW(MergeSweeps(path("fresh.db"), {path("a.db"), path("b.db")}), ScenarioError);
    EXPECT_FALSE(fs::exists(path("fresh.db")));
    Run(MakeSweep(R"("seed": 2)"), "other.db", {.simulate = Quick});
    EXPECT_THROW(MergeSweeps(path("a.db"), {path("other.db")}), ScenarioError);
    EXPECT_THROW(MergeSweeps(path("a.db"), {path("missing.db")}), ScenarioError);
}

TEST_F(SweepTest, MergingTakesAResultForAFailureOfTheMachines)
{
    const auto sweep = MakeSweep("");
    Run(sweep, "bad.db", {.simulate = [](const Sweep& s, RunKey run) {
            return run.point == 4 ? ::abort(), RunRow{} : Quick(s, run);
        }});
    Run(sweep, "good.db", {.simulate = Quick});
    const auto path = [&](const char* name) { return m_directory.Path() / name; };
    EXPECT_EQ(MergeSweeps(path("merged.db"), {path("bad.db"), path("good.db"), path("bad.db")}),
              11U);
    EXPECT_EQ(Rows("merged.db"), Rows("good.db"));
}

TEST_F(SweepTest, CsvHasTheTable)
{
    const auto sweep = MakeSweep("", R"([{"grid": {"member.disk": ["a,b"]}}])");
    SweepStore store(m_directory.Path() / "a.db", sweep.plan, sweep.scenario);
    store.Put({{0, 0}, 1, {1.5}, "failed", "said \"no\"", "etcdlab run", 0.25, "h"});
    EXPECT_EQ(
        SweepCsv(OpenSweep(m_directory.Path() / "a.db")),
        "point,replication,seed,member_disk,value,status,message,command,wall_s,version,scenario\n"
        "0,0,1,\"a,b\",1.5,failed,\"said \"\"no\"\"\",etcdlab run,0.25," ETCDLAB_VERSION ",h\n");
}

TEST(SweepProgress, SaysRateAndTimeLeftOfThisSession)
{
    EXPECT_EQ(ProgressText(512, 4000, 500, 3, 2),
              "12 %, 512 of 4000 runs, 6/s, 9:41 left, 3 failed");
    EXPECT_EQ(ProgressText(100, 100000, 0, 0, 100), "0 %, 100 of 100000 runs, 1/s, 27:45:00 left");
    EXPECT_EQ(ProgressText(0, 10, 0, 0, 1), "0 %, 0 of 10 runs");
}

} // namespace

} // namespace etcdlab
