#include "test/benchmark/sweep-cost.h"

#include "analysis/sweep.h"

#include <chrono>
#include <fstream>

namespace etcdlab::benchmark
{

namespace
{

/// A plan of so many points, written down, and read as `etcdlab sweep` reads it.
Sweep
WritePlan(const std::filesystem::path& plan, std::size_t points)
{
    std::ofstream(plan) << R"({"scenario": ")" ETCDLAB_SOURCE_DIR
                           R"(/scenarios/lan.json", "metrics": {"m": "/m"},
        "axes": [{"grid": {"delay_factor": {"from": 1, "to": 2, "count": )"
                        << points << "}}}]}";
    return ReadSweep(plan);
}

RunRow
Nothing(const Sweep&, RunKey)
{
    RunRow row;
    row.status = "ok";
    row.metrics = {1.5};
    return row;
}

} // namespace

Cost
ResumeFinishedSweep(const std::filesystem::path& directory, std::size_t results)
{
    const auto plan = directory / "resume.json";
    const auto file = directory / "resume.db";
    {
        const auto sweep = WritePlan(plan, results);
        SweepStore store(file, sweep.plan, sweep.scenario);
        for (std::size_t point = 0; point < results; ++point)
        {
            auto row = Nothing(sweep, {});
            row.key = {point, 0};
            row.command = sweep.CommandOf(row.key);
            store.Put(row);
        }
    }
    return MeasureProgram({ETCDLAB_PROGRAM, "sweep", plan.string(), "-o", file.string()});
}

double
SecondsOfAnEmptyRun(const std::filesystem::path& directory, std::size_t runs)
{
    const auto sweep = WritePlan(directory / "empty.json", runs);
    SweepStore store(directory / "empty.db", sweep.plan, sweep.scenario);
    SweepOptions options;
    options.simulate = Nothing;
    const auto start = std::chrono::steady_clock::now();
    RunSweep(sweep, options, store);
    const auto elapsed = std::chrono::steady_clock::now() - start;
    return std::chrono::duration<double>(elapsed).count() / static_cast<double>(runs);
}

double
EfficiencyOfTwoWorkers(const std::filesystem::path& scenarios,
                       const std::filesystem::path& directory)
{
    const auto wall = [&](const std::string& jobs) {
        return MeasureProgram({ETCDLAB_PROGRAM,
                               "sweep",
                               (scenarios / "plans" / "leader-or-proxy.json").string(),
                               "-j" + jobs,
                               "-o",
                               (directory / ("jobs" + jobs + ".db")).string()})
            .wall;
    };
    const double one = wall("1");
    return one / (2 * wall("2"));
}

} // namespace etcdlab::benchmark
