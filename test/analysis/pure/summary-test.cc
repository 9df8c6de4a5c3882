#include "analysis/pure/summary.h"
#include "seed-scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <sys/resource.h>

namespace etcdlab
{
namespace
{

using test::Ms;

RequestRecord
Record(std::uint64_t number, double start, double end, const std::string& member)
{
    RequestRecord r;
    r.number = number;
    r.start = Ms(start);
    r.end = Ms(end);
    r.operation = "put";
    r.client = "api";
    r.member = member;
    r.requestBytes = 1069;
    r.responseBytes = 28;
    return r;
}

/// One warm-up request, three answered puts, one that timed out, one serializable range.
RunResult
SmallRun()
{
    RunResult run;
    run.facts = {
        .scenario = "small",
        .version = "0.1.0",
        .seed = 7,
        .accounting = Accounting::THESIS,
        .simulatedTime = Duration{8'123'456'789},
        .leader = "e2",
        .members = {{"e2", 1160, 1, 5, 4, 1069, 28, 1100, 64}, {"e1", 1161, 2, 6, 4, 0, 0, 0, 0}},
        .peers = {{"e2", "e1", 10, 1000, 900}, {"e1", "e2", 9, 500, 450}},
        .links = {{"e1", "e2", 12, 1074}},
        .outcomes = {}};
    run.requests = {Record(0, 0, 999, "e1"),
                    Record(1, 1000, 1550, "e1"),
                    Record(2, 1550, 1760, "e2"),
                    Record(3, 1760, 1971, "e2"),
                    Record(4, 2000, 4500, ""),
                    Record(5, 4500, 5000, "e1")};
    run.requests[0].warmup = true;
    run.requests[4].outcome = "timeout";
    run.requests[5].operation = "serializable_range";
    return run;
}

TEST(Summary, LeavesWarmUpAndFailuresOutOfTheLatencies)
{
    const Summary s = MakeSummary(SmallRun());
    EXPECT_EQ(s.ok, 4u);
    EXPECT_EQ(s.failed, 1u);
    EXPECT_EQ(s.warmup, 1u);
    EXPECT_EQ(s.warmupFailed, 0u);
    EXPECT_EQ(s.failures, (std::map<std::string, std::uint64_t>{{"timeout", 1}}));
    EXPECT_EQ(s.throughputPerSecond, 1); // four from 1000 ms to 5000 ms
    EXPECT_EQ(s.latency.at("put").at("e1").count, 1u);
    EXPECT_EQ(s.latency.at("put").at("e1").mean, 550);
    EXPECT_EQ(s.latency.at("put").at("e2").count, 2u);
    EXPECT_EQ(s.latency.at("put").at(ALL_MEMBERS).count, 3u);
    EXPECT_EQ(s.latency.at("put").at(ALL_MEMBERS).max, 550);
    EXPECT_EQ(s.latency.at("serializable_range").at(ALL_MEMBERS).mean, 500);
    EXPECT_FALSE(s.latency.at("put").contains(""));
}

TEST(Summary, AFailedWarmUpIsCountedAsOne)
{
    RunResult run = SmallRun();
    run.requests[0].outcome = "unavailable";
    const Summary s = MakeSummary(run);
    EXPECT_EQ(s.warmup, 1u);
    EXPECT_EQ(s.warmupFailed, 1u);
    EXPECT_EQ(s.failed, 1u);
    EXPECT_FALSE(s.failures.contains("unavailable"));
}

TEST(Summary, TextIsDocumentedAndStable)
{
    // Puts took 550, 210 and 211 ms: mean 971/3; p90 at h = 1.8, 211 + 0.8 * 339; p99 at h = 1.98.
    EXPECT_EQ(SummaryText(MakeSummary(SmallRun())), R"({
  "scenario": "small",
  "version": "0.1.0",
  "seed": 7,
  "accounting": "thesis",
  "transport": "tcp",
  "simulated_time_s": 8.123456789,
  "leader": "e2",
  "requests": {
    "ok": 4,
    "failed": 1,
    "warmup": 1,
    "warmup_failed": 0
  },
  "failures": {
    "timeout": 1
  },
  "throughput_per_s": 1.0,
  "latency_ms": {
    "put": {
      "all": {
        "count": 3,
        "mean": 323.666667,
        "p50": 211.0,
        "p90": 482.2,
        "p99": 543.22,
        "min": 210.0,
        "max": 550.0
      },
      "e2": {
        "count": 2,
        "mean": 210.5,
        "p50": 210.5,
        "p90": 210.9,
        "p99": 210.99,
        "min": 210.0,
        "max": 211.0
      },
      "e1": {
        "count": 1,
        "mean": 550.0,
        "p50": 550.0,
        "p90": 550.0,
        "p99": 550.0,
        "min": 550.0,
        "max": 550.0
      }
    },
    "serializable_range": {
      "all": {
        "count": 1,
        "mean": 500.0,
        "p50": 500.0,
        "p90": 500.0,
        "p99": 500.0,
        "min": 500.0,
        "max": 500.0
      },
      "e1": {
        "count": 1,
        "mean": 500.0,
        "p50": 500.0,
        "p90": 500.0,
        "p99": 500.0,
        "min": 500.0,
        "max": 500.0
      }
    }
  },
  "members": {
    "e2": {
      "wal_bytes": 1160,
      "wal_fsyncs": 1,
      "applied_index": 5,
      "revision": 4,
      "client_received_bytes": 1069,
      "client_sent_bytes": 28,
      "client_received_wire_bytes": 1100,
      "client_sent_wire_bytes": 64
    },
    "e1": {
      "wal_bytes": 1161,
      "wal_fsyncs": 2,
      "applied_index": 6,
      "revision": 4,
      "client_received_bytes": 0,
      "client_sent_bytes": 0,
      "client_received_wire_bytes": 0,
      "client_sent_wire_bytes": 0
    }
  },
  "peer_links": {
    "e2": {
      "e1": {
        "messages": 10,
        "protobuf_bytes": 1000,
        "wire_bytes": 900
      }
    },
    "e1": {
      "e2": {
        "messages": 9,
        "protobuf_bytes": 500,
        "wire_bytes": 450
      }
    }
  },
  "links": {
    "e1": {
      "e2": {
        "packets": 12,
        "ip_bytes": 1074
      }
    }
  }
}
)");
}

TEST(Summary, ReadBackItIsTheSame)
{
    const Summary written = MakeSummary(SmallRun());
    const Summary read = ParseSummary(SummaryText(written), "x");
    EXPECT_EQ(read, written);
    EXPECT_EQ(SummaryText(read), SummaryText(written));
}

TEST(Summary, NoTimeGivesNoThroughput)
{
    RunResult run;
    run.requests = {Record(1, 1000, 1000, "e1"), Record(2, 1000, 1000.000999, "e1")};
    EXPECT_EQ(MakeSummary(run).throughputPerSecond, 0);
    run.requests[1].end = Ms(1000.001); // two in a microsecond
    EXPECT_EQ(MakeSummary(run).throughputPerSecond, 2e6);
}

TEST(Summary, OfARunWithoutRequests)
{
    const Summary s = MakeSummary({});
    EXPECT_EQ(s.throughputPerSecond, 0);
    EXPECT_NE(SummaryText(s).find("\"latency_ms\": {}"), std::string::npos);
    EXPECT_EQ(ParseSummary(SummaryText(s), "x"), s);
}

TEST(Summary, BytesThatAreNotUtf8DoNotStopIt)
{
    RunResult run;
    run.facts.scenario = "a\xff";
    EXPECT_NE(SummaryText(MakeSummary(run)).find("\"scenario\": \"a\xef\xbf\xbd\""),
              std::string::npos);
}

std::string
ReadError(const std::string& text)
{
    try
    {
        ParseSummary(text, "results/summary.json");
    }
    catch (const ResultError& error)
    {
        EXPECT_EQ(error.Path(), "results/summary.json");
        return error.what();
    }
    return "read";
}

/// SmallRun's summary with one piece of text replaced.
std::string
Spoiled(const std::string& from, const std::string& to)
{
    std::string text = SummaryText(MakeSummary(SmallRun()));
    return text.replace(text.find(from), from.size(), to);
}

TEST(Summary, ADamagedFileIsRefusedByKey)
{
    EXPECT_EQ(ReadError("{"), "results/summary.json: not JSON, near byte 2");
    EXPECT_EQ(ReadError("{\"seed\": 1e999}"),
              "results/summary.json: a number in it is beyond all bounds");
    EXPECT_EQ(ReadError("[]"), "results/summary.json: expected an object, found []");
    EXPECT_EQ(ReadError("{}"), "results/summary.json: no key /scenario");
    EXPECT_EQ(ReadError(Spoiled("\"seed\": 7", "\"seed\": -7")),
              "results/summary.json: /seed: expected a count, found -7");
    EXPECT_EQ(
        ReadError(Spoiled("\"thesis\"", "\"paper\"")),
        "results/summary.json: /accounting: expected \"etcd\" or \"thesis\", found \"paper\"");
    EXPECT_EQ(ReadError(Spoiled("\"count\": 3", "\"number\": 3")),
              "results/summary.json: no key /latency_ms/put/all/count");
    EXPECT_EQ(ReadError(Spoiled("8.123456789", "1e300")),
              "results/summary.json: /simulated_time_s: expected seconds, found 1e+300");
}

TEST(RequestsCsv, OneLinePerRequest)
{
    RequestRecord odd = Record(4, 0.0000005, 7000, "");
    odd.start = Duration{1};
    odd.outcome = "timeout";
    odd.warmup = true;
    EXPECT_EQ(
        RequestsCsv({Record(1, 1000, 1710, "e1"), odd}),
        "number,client,member,operation,start_ms,end_ms,latency_ms,request_bytes,response_bytes,"
        "outcome,warmup\n"
        "1,api,e1,put,1000.000000,1710.000000,710.000000,1069,28,ok,0\n"
        "4,api,,put,0.000001,7000.000000,6999.999999,1069,28,timeout,1\n");
}

TEST(RequestsCsv, QuotesAsRfc4180)
{
    RequestRecord odd = Record(1, 0, 1, "e,1");
    odd.client = "say \"hi\"";
    odd.outcome = "two\nlines";
    const std::string text = RequestsCsv({odd});
    EXPECT_EQ(
        text.substr(text.find('\n') + 1),
        "1,\"say \"\"hi\"\"\",\"e,1\",put,0.000000,1.000000,1.000000,1069,28,\"two\nlines\",0\n");
}

/// A directory of the test's own, removed at its end.
class ResultFiles : public testing::Test
{
  protected:
    void SetUp() override
    {
        const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
        m_directory = std::filesystem::path(testing::TempDir()) / ("etcdlab-results-" + name);
        std::filesystem::remove_all(m_directory);
        std::filesystem::create_directories(m_directory);
    }

    void TearDown() override
    {
        std::filesystem::remove_all(m_directory);
    }

    std::vector<std::string> Listing() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(m_directory))
        {
            names.push_back(entry.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    std::string WriteError(const std::filesystem::path& path, const std::string& contents) const
    {
        try
        {
            WriteFileAtomically(path, contents);
        }
        catch (const ResultError& error)
        {
            EXPECT_EQ(error.Path(), path);
            return error.what();
        }
        return "written";
    }

    std::filesystem::path m_directory;
};

TEST_F(ResultFiles, AreBothWrittenAndReadBack)
{
    const auto directory = m_directory / "new" / "deep";
    WriteResults(directory, SmallRun());
    EXPECT_EQ(ReadSummary(directory), MakeSummary(SmallRun()));
    EXPECT_EQ(ReadSummary(directory / "summary.json"), MakeSummary(SmallRun()));
    EXPECT_EQ(ReadResultFile(directory / "requests.csv"), RequestsCsv(SmallRun().requests));
}

TEST_F(ResultFiles, ReplaceWhatStoodThereAndLeaveNothingBeside)
{
    WriteFileAtomically(m_directory / "x", "old and long");
    WriteFileAtomically(m_directory / "x", "new");
    EXPECT_EQ(ReadResultFile(m_directory / "x"), "new");
    EXPECT_EQ(Listing(), std::vector<std::string>{"x"});
}

TEST_F(ResultFiles, AMissingDirectoryIsNamedWithTheReason)
{
    const auto path = m_directory / "nowhere" / "x";
    EXPECT_EQ(WriteError(path, "text"),
              path.string() + ": cannot be written: No such file or directory");
    EXPECT_THROW(ReadSummary(path), ResultError);
}

TEST_F(ResultFiles, ADirectoryInTheWayLeavesNothingHalfDone)
{
    const auto path = m_directory / "x";
    std::filesystem::create_directory(path);
    EXPECT_EQ(WriteError(path, "text"), path.string() + ": cannot be written: Is a directory");
    EXPECT_EQ(Listing(), std::vector<std::string>{"x"});
}

TEST_F(ResultFiles, AFileWhereTheDirectoryShouldBe)
{
    WriteFileAtomically(m_directory / "x", "text");
    EXPECT_THROW(WriteResults(m_directory / "x", SmallRun()), ResultError);
}

// A limit on the file size stands for a full disk: write() fails in the middle of the text.
TEST_F(ResultFiles, WhenTheDiskIsFullTheOldFileStays)
{
    const auto path = m_directory / "x";
    WriteFileAtomically(path, "old");
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{1000, before.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::string error = WriteError(path, std::string(5000, 'x'));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(error, path.string() + ": cannot be written: File too large");
    EXPECT_EQ(ReadResultFile(path), "old");
    EXPECT_EQ(Listing(), std::vector<std::string>{"x"});
}

} // namespace
} // namespace etcdlab
