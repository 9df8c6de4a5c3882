#include "analysis/sweep-command.h"

#include "analysis/pure/shard.h"
#include "analysis/pure/sweep-report.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <cstdlib>
#include <iostream>
#include <thread>

namespace etcdlab
{

Shard
ShardOf(const SweepCommandOptions& options)
{
    return options.shard.empty()
               ? Shard{}
               : ParseShard(options.shard, [](const char* name) { return std::getenv(name); });
}

std::filesystem::path
FileOf(const SweepCommandOptions& options, Shard shard)
{
    if (!options.out.empty())
    {
        return options.out;
    }
    auto name = std::filesystem::path(options.plan).stem().string();
    if (shard.count > 1)
    {
        name += "." + std::to_string(shard.number + 1) + "-of-" + std::to_string(shard.count);
    }
    return std::filesystem::path("results") / (name + ".db");
}

namespace
{

/// Runs that are left, as far as the schedule knows.
std::uint64_t
Left(const SweepSchedule& schedule)
{
    return schedule.Known() - schedule.Ended();
}

} // namespace

void
AddSweepOptions(CLI::App& command, SweepCommandOptions& options)
{
    options.jobs = std::max(1U, std::thread::hardware_concurrency());
    command.add_option("plan", options.plan, "plan file (JSON)")->required();
    command.add_option(
        "-o,--out", options.out, "file for the results, an SQLite database [results/PLAN.db]");
    command.add_option("-j,--jobs", options.jobs, "runs at a time [one for each core]")
        ->check(CLI::Range(1, 1024));
    command
        .add_option("--shard",
                    options.shard,
                    "only this part of the points, as 3/16; auto or auto/16 take its number from "
                    "Slurm, Kubernetes, MPI or "
                    "GNU parallel")
        ->check([](const std::string& text) -> std::string {
            try
            {
                ParseShard(text, [](const char* name) { return std::getenv(name); });
                return "";
            }
            catch (const std::invalid_argument& error)
            {
                return error.what();
            }
        });
    command.add_flag("--retry-failed", options.retryFailed, "do again what is not ok");
    command.add_flag("--dry-run", options.dryRun, "time one run, and say what all would take");
}

FinishedSweep
ExecuteSweep(const SweepCommandOptions& options, Sweep sweep)
{
    FinishedSweep finished{std::move(sweep), {}, FileOf(options, ShardOf(options)).string(), {}};
    SweepStore store(finished.file, finished.sweep.plan, finished.sweep.scenario);
    if (options.retryFailed)
    {
        store.ForgetFailed();
    }
    SweepOptions how;
    how.jobs = options.jobs;
    how.shard = ShardOf(options);
    how.title = std::filesystem::path(options.plan).stem().string();
    finished.counts = RunSweep(finished.sweep, how, store);
    finished.rows = store.Rows();
    return finished;
}

void
PrintDryRun(const SweepCommandOptions& options, const Sweep& sweep)
{
    auto latest = sweep.plan; // as if no point stopped before it has to
    latest.until.reset();
    SweepSchedule least(sweep.plan, ShardOf(options));
    SweepSchedule most(latest, ShardOf(options));
    const auto file = FileOf(options, ShardOf(options));
    if (std::filesystem::exists(file))
    {
        for (const auto& row : SweepStore(file, sweep.plan, sweep.scenario).Rows())
        {
            least.Record(row.key, RuleMetric(sweep.plan, row));
            most.Record(row.key, {});
        }
    }
    SweepEstimate estimate;
    for (std::size_t point = 0; point < sweep.plan.points.size(); ++point)
    {
        sweep.ScenarioOf({point, 0}); // is one?
        estimate.points += ShardOf(options).Has(point) ? 1 : 0;
    }
    // One from the middle: the first and the last are the extremes of a grid.
    const auto row = RunOnce(sweep, {sweep.plan.points.size() / 2, 0});
    if (row.status != "ok")
    {
        throw RunError("the run that was timed is no good: " + row.status + ": " + row.message +
                       "\nto repeat it: " + row.command);
    }
    estimate.fewest = Left(least);
    estimate.most = std::max(Left(most), estimate.fewest);
    estimate.secondsEach = row.wall;
    estimate.jobs = options.jobs;
    estimate.bytesEach =
        120 + row.command.size() + 12 * (sweep.plan.parameters.size() + sweep.plan.metrics.size());
    std::cout << Describe(estimate);
}

void
ComplainOfFailures(const FinishedSweep& finished)
{
    const auto& counts = finished.counts;
    const auto all = " of " + std::to_string(counts.ended) + " runs ";
    if (counts.violated > 0)
    {
        throw Violation(std::to_string(counts.violated) + all + "broke a promise");
    }
    if (counts.failed > 0)
    {
        throw RunError(std::to_string(counts.failed) + all +
                       "are not ok: --retry-failed does them again");
    }
}

} // namespace etcdlab
