// etcdlab ladder as people use it: a request message by message, a run as a trace.
#include "test/system/program-fixture.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace
{

using etcdlab::Contents;

using Program = etcdlab::ProgramFixture;

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
    // Four puts at a time come to a core that needs 20 ms for each: of the first four, three wait, for 20, 40 and 60 ms.
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
    std::map<std::uint64_t, double> waits; //!< by span, in the order of their begins
    std::size_t relayed = 0;
    for (const auto& event : trace["traceEvents"])
    {
        if (event["cat"] == "cpu" && event["name"] == "request" && event["pid"] == nodes["e2"])
        {
            EXPECT_EQ(event["dur"], 20'000);
            const double begin = event["ts"];
            requests.emplace_back(begin, begin + event["dur"].get<double>());
        }
        else if (event["cat"] == "queue")
        {
            EXPECT_EQ(event["pid"], nodes["e2"]);
            EXPECT_EQ(event["name"], "request");
            waits[event["id"]] += (event["ph"] == "e" ? 1 : -1) * event["ts"].get<double>();
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
        EXPECT_GE(requests[i].first, requests[i - 1].second - 0.001)
            << "one core does one thing at a time";
    }
    ASSERT_GE(waits.size(), 3U);
    auto wait = waits.begin();
    for (const double expected : {20'000., 40'000., 60'000.})
    {
        EXPECT_NEAR((wait++)->second, expected, 50)
            << "they arrive within 50 us: 4 x 1.4 kB at 1 Gbit/s";
    }
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

} // namespace
