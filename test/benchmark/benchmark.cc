/**
 * The benchmarks: one table of figures, what they may be, and whether they are.
 *
 * Timings of different machines do not compare, so the one that judges the model is a ratio: the processor time of
 * a run to that of a bare ns-3 program (bare-replay.cc) that opens the same connections over the same links and
 * sends the same bytes, each answer when what it answers has arrived and everything else by the clock. What the run
 * sends is recorded beforehand (record-run.cc); that both move the same is checked: requests of the recorded run and
 * of the measured one, sends, bytes, and packets. Neither side's figure has the start of a process in it. The two alternate, each run in a process of its own.
 *
 *   etcdlab-benchmark [REPETITIONS]     default 15
 *
 * Its status is 0 if every limit is met, 1 if one is not, 2 if it could not measure.
 */
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"
#include "test/benchmark/measure.h"
#include "test/benchmark/record-run.h"
#include "test/benchmark/sweep-cost.h"
#include "test/system/files.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace etcdlab::benchmark
{

namespace
{

const std::filesystem::path SCENARIOS = std::filesystem::path(ETCDLAB_SOURCE_DIR) / "scenarios";
constexpr int START_UPS = 20;

bool g_met = true;

void
PrintRow(const std::string& figure, const std::string& measured, const std::string& limit, bool met)
{
    std::printf("| %-46s | %-28s | %-7s | %-4s |\n",
                figure.c_str(),
                measured.c_str(),
                limit.c_str(),
                limit.empty() ? "" : (met ? "yes" : "NO"));
    std::fflush(stdout);
    g_met = g_met && met;
}

std::string
Text(const char* format, double value)
{
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string
Text(const Spread& spread, const char* format, const std::string& unit)
{
    return Text(format, spread.median) + unit + " (" + Text(format, spread.least) + " to " +
           Text(format, spread.most) + ")";
}

void
StartUp(const std::string& what, std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), ETCDLAB_PROGRAM);
    std::vector<double> milliseconds;
    for (int i = 0; i < START_UPS; ++i)
    {
        milliseconds.push_back(MeasureProgram(arguments).wall * 1000);
    }
    const auto spread = SpreadOf(milliseconds);
    // The least, because whatever else the machine does only adds.
    PrintRow("start-up, least (median): " + what,
             Text("%.1f ms", spread.least) + Text(" (%.1f)", spread.median),
             "50 ms",
             spread.least < 50);
}

void
Comparison(const std::filesystem::path& directory)
{
    const auto cost = MeasureProgram({ETCDLAB_PROGRAM, "reproduce", "-o", directory.string()});
    PrintRow("etcdlab reproduce: wall time", Text("%.2f s", cost.wall), "20 s", cost.wall < 20);
    PrintRow("etcdlab reproduce: processor time", Text("%.2f s", cost.processor), "", true);
    PrintRow("etcdlab reproduce: peak memory", Text("%.1f MB", cost.peak), "60 MB", cost.peak < 60);
}

void
Sweeps(const std::filesystem::path& directory)
{
    const auto resume = ResumeFinishedSweep(directory, 20'000);
    PrintRow("sweep: 20000 results, nothing left to do",
             Text("%.2f s", resume.wall),
             "0.5 s",
             resume.wall < 0.5);
    PrintRow("sweep: peak memory with these", Text("%.1f MB", resume.peak), "", true);
    const double efficiency = EfficiencyOfTwoWorkers(SCENARIOS, directory);
    PrintRow(
        "sweep: efficiency of two workers", Text("%.2f", efficiency), "0.90", efficiency >= 0.9);
    const double fork = SecondsOfAnEmptyRun(directory, 1000);
    PrintRow("sweep: a run that does nothing", Text("%.2f ms", fork * 1000), "", true);
    const auto start = MeasureProgram({ETCDLAB_PROGRAM, "--version"});
    PrintRow(
        "the same by starting a program with ns-3", Text("%.2f ms", start.wall * 1000), "", true);
}

/// Idle clusters, of which only the nodes' leases say anything, and a hundred nodes that get 3000 pods.
void
Clusters(const std::filesystem::path& directory)
{
    const auto run = [&](const char* scenario, std::vector<std::string> settings) {
        std::vector<std::string> arguments = {ETCDLAB_PROGRAM,
                                              "run",
                                              (SCENARIOS / scenario).string(),
                                              "-o",
                                              (directory / "cluster").string()};
        for (auto& setting : settings)
        {
            arguments.insert(arguments.end(), {"--set", std::move(setting)});
        }
        return MeasureProgram(arguments);
    };
    constexpr double SIMULATED = 90; // seconds
    double thousand = 0;
    for (const int nodes : {10, 100, 1000, 5000})
    {
        const auto cost = run("idle-cluster.json",
                              {"transport=message",
                               "kubernetes.duration=60s",
                               "kubernetes.api_server.cores=16",
                               "kubernetes.nodes=" + std::to_string(nodes)});
        PrintRow("idle cluster, " + std::to_string(nodes) + " nodes: simulated s per s",
                 Text("%.0f, ", SIMULATED / cost.processor) + Text("%.0f MB", cost.peak),
                 "",
                 true);
        if (nodes == 5000)
        {
            const double ratio = cost.processor / thousand / 5;
            PrintRow(
                "a node of 5000: times one of 1000", Text("%.2f", ratio), "1.50", ratio <= 1.5);
        }
        thousand = cost.processor;
    }
    const auto pods = run("many-pods.json", {});
    PrintRow("100 nodes, 3000 pods: processor time",
             Text("%.2f s, ", pods.processor) + Text("%.0f MB", pods.peak),
             "",
             true);
}

/// The recorded run is the one that is measured, or the ratio would mean nothing.
void
CheckRecorded(const RecordedRun& recorded, const Scenario& scenario)
{
    const auto times = [](const std::vector<RequestRecord>& requests) {
        std::vector<std::pair<Duration, Duration>> all;
        for (const auto& request : requests)
        {
            all.emplace_back(request.start, request.end);
        }
        std::sort(all.begin(), all.end());
        return all;
    };
    if (times(recorded.requests) != times(RunScenario(scenario).requests))
    {
        throw std::runtime_error("the recorded run of " + scenario.name +
                                 " is not the one that is measured");
    }
}

/// Both move the same. The run ends in the middle of an instant: a last packet may be missing on either side.
void
CompareMoved(const std::string& name, const Moved& run, const Moved& bare)
{
    const auto row = [&](const std::string& what, std::uint64_t a, std::uint64_t b, bool same) {
        PrintRow(name + what, std::to_string(a) + "; " + std::to_string(b), "same", same);
    };
    row("sends; bare", run.sends, bare.sends, run.sends == bare.sends);
    row("bytes; bare", run.sentBytes, bare.sentBytes, run.sentBytes == bare.sentBytes);
    const auto [less, more] = std::minmax(run.packets, bare.packets);
    row("packets; bare", run.packets, bare.packets, more - less <= 2);
}

void
AgainstBare(const std::string& file, const std::vector<std::string>& settings, int repetitions)
{
    const auto scenario = ReadScenarioFile(SCENARIOS / file, settings, RegisteredNames());
    const auto recorded = RecordRun(scenario);
    CheckRecorded(recorded, scenario);
    const auto name =
        scenario.name + ", " + std::to_string(recorded.requests.size()) + " requests: ";
    CompareMoved(name, recorded.moved, ReplayBare(recorded.recording, true));
    std::vector<double> ratios;
    std::vector<double> perRequest;
    std::vector<double> perRequestBare;
    for (int i = 0; i < repetitions; ++i)
    {
        const auto run = MeasureFunction([&] { RunScenario(scenario); });
        const auto bare = MeasureFunction([&] { ReplayBare(recorded.recording, false); });
        const auto requests = static_cast<double>(recorded.requests.size());
        ratios.push_back(run.processor / bare.processor);
        perRequest.push_back(run.processor / requests * 1e6);
        perRequestBare.push_back(bare.processor / requests * 1e6);
    }
    const auto ratio = SpreadOf(ratios);
    PrintRow(name + "CPU time / bare", Text(ratio, "%.2f", ""), "1.30", ratio.median <= 1.3);
    PrintRow(name + "CPU time of a request", Text(SpreadOf(perRequest), "%.0f", " us"), "", true);
    PrintRow(name + "CPU time, bare", Text(SpreadOf(perRequestBare), "%.0f", " us"), "", true);
}

/// The transport without packets against TCP; the starts of neither process are in it.
void
AgainstTcp(const std::string& file, int repetitions)
{
    constexpr double REQUESTS = 3000;
    const auto count = "workload.count=" + std::to_string(static_cast<int>(REQUESTS));
    const auto read = [&](const char* transport) {
        return ReadScenarioFile(
            SCENARIOS / file, {count, std::string("transport=") + transport}, RegisteredNames());
    };
    const auto tcp = read("tcp");
    const auto message = read("message");
    std::vector<double> ratios;
    std::vector<double> perRequest;
    for (int i = 0; i < repetitions; ++i)
    {
        const auto slow = MeasureFunction([&] { RunScenario(tcp); }).processor;
        const auto fast = MeasureFunction([&] { RunScenario(message); }).processor;
        ratios.push_back(slow / fast);
        perRequest.push_back(fast / REQUESTS * 1e6);
    }
    const auto ratio = SpreadOf(ratios);
    PrintRow(
        tcp.name + ": CPU time, tcp / message", Text(ratio, "%.1f", ""), "30", ratio.median >= 30);
    PrintRow(tcp.name + ", message: CPU time of a request",
             Text(SpreadOf(perRequest), "%.0f", " us"),
             "",
             true);
}

int
Main(int repetitions)
{
    const TemporaryDirectory directory;
    std::printf("| %-46s | %-28s | %-7s | %-4s |\n",
                "figure, median (least to most)",
                "measured",
                "limit",
                "met");
    std::printf("|%s|%s|%s|%s|\n",
                std::string(48, '-').c_str(),
                std::string(30, '-').c_str(),
                std::string(9, '-').c_str(),
                std::string(6, '-').c_str());
    // First what is measured of other programs: a new process inherits the peak memory of the one that forks it.
    StartUp("--version", {"--version"});
    StartUp("list", {"list"});
    StartUp("run of one request",
            {"run",
             (SCENARIOS / "baseline.json").string(),
             "--set",
             "workload.count=1",
             "--set",
             "workload.warmup=0",
             "-o",
             (directory.Path() / "run").string()});
    Comparison(directory.Path() / "reproduce");
    Sweeps(directory.Path());
    Clusters(directory.Path());
    AgainstBare("baseline.json", {"workload.count=3000"}, repetitions);
    AgainstBare("lan.json", {"workload.count=10000"}, repetitions);
    AgainstTcp("baseline.json", repetitions);
    AgainstTcp("optimised.json", repetitions);
    return g_met ? 0 : 1;
}

} // namespace

} // namespace etcdlab::benchmark

int
main(int argc, char** argv)
{
    try
    {
        return etcdlab::benchmark::Main(argc > 1 ? std::max(1, std::atoi(argv[1])) : 15);
    }
    catch (const std::exception& error)
    {
        std::cerr << "etcdlab-benchmark: " << error.what() << "\n";
        return 2;
    }
}
