// etcdlab sweep, merge: many runs of a plan, and the files that keep them.
#include "analysis/commands.h"
#include "analysis/pure/sweep-report.h"
#include "analysis/sweep-command.h"
#include "analysis/sweep-merge.h"
#include "analysis/sweep-slurm.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

void
RunSweepCommand(const SweepCommandOptions& options)
{
    auto sweep = ReadSweep(options.plan);
    if (options.dryRun)
    {
        PrintDryRun(options, sweep);
        return;
    }
    if (options.engine == "slurm")
    {
        SubmitSweep(options, sweep);
        return;
    }
    const auto finished = ExecuteSweep(options, std::move(sweep));
    const auto& plan = finished.sweep.plan;
    if (!plan.description.empty())
    {
        std::cout << plan.description << "\n\n";
    }
    std::cout << DescribeSweep(plan, finished.rows) << "\n"
              << finished.counts.ended << " runs, " << finished.counts.earlier
              << " of them from before; +- is the half "
              << "width of the 95 % interval\nResults: " << finished.file << ", table runs\n";
    ComplainOfFailures(finished);
}

struct MergeOptions
{
    std::string out;
    std::vector<std::string> parts;
};

void
Merge(const MergeOptions& options)
{
    const auto added = MergeSweeps(options.out, {options.parts.begin(), options.parts.end()});
    std::cout << added << " rows added to " << options.out << "\n";
}

} // namespace

void
AddSweepCommand(CLI::App& app)
{
    auto options = std::make_shared<SweepCommandOptions>();
    auto* command =
        app.add_subcommand("sweep", "Run all points of a plan, and go on where it was left");
    AddSweepOptions(*command, *options);
    auto* engine =
        command
            ->add_option("--engine", options->engine, "here, or slurm: submit a job array [here]")
            ->check(CLI::IsMember({"here", "slurm"}));
    engine->excludes("--out")->excludes("--shard");
    command->add_option("--shards", options->shards, "tasks of the array [16]")
        ->check(CLI::Range(1, 100'000));
    command->footer("Each run is a process of its own; one that crashes, hangs or eats memory is "
                    "recorded as that, and\n"
                    "stops no other. What has ended is kept whatever happens; the same command "
                    "does the rest.\n\n"
                    "  etcdlab sweep scenarios/plans/leader-or-proxy.json --dry-run\n"
                    "  etcdlab sweep scenarios/plans/leader-or-proxy.json");
    command->callback([options] { RunSweepCommand(*options); });
}

void
AddMergeCommand(CLI::App& app)
{
    auto options = std::make_shared<MergeOptions>();
    auto* command = app.add_subcommand("merge", "Join the results of a sweep's shards");
    command->add_option("out", options->out, "file to add to; made if it is missing")->required();
    command->add_option("parts", options->parts, "files of shards")->required();
    command->footer("Refuses files of other sweeps, and rows that contradict each other; doing it "
                    "again adds nothing.\n\n"
                    "  etcdlab merge results/all.db results/plan.*-of-16.db");
    command->callback([options] { Merge(*options); });
}

} // namespace etcdlab
