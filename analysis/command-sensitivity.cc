// etcdlab sensitivity: which parameters matter.
#include "analysis/commands.h"
#include "analysis/pure/sobol-indices.h"
#include "analysis/sweep-command.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

/// By point, the mean of a metric over the replications that are ok; none where there is no such.
std::vector<std::optional<double>>
MeansByPoint(const FinishedSweep& finished, std::size_t metric)
{
    struct Sum
    {
        double sum = 0;
        double count = 0;
    };
    std::vector<Sum> sums(finished.sweep.plan.points.size());
    for (const auto& row : finished.rows)
    {
        if (row.status == "ok" && row.metrics[metric].is_number())
        {
            sums[row.key.point].sum += row.metrics[metric].get<double>();
            ++sums[row.key.point].count;
        }
    }
    std::vector<std::optional<double>> means;
    for (const auto& sum : sums)
    {
        means.push_back(sum.count > 0 ? std::optional(sum.sum / sum.count) : std::nullopt);
    }
    return means;
}

void
Sensitivity(const SweepCommandOptions& options)
{
    auto sweep = ReadSweep(options.plan);
    if (sweep.plan.saltelliSamples == 0)
    {
        throw ScenarioError(
            options.plan +
            ": /axes: expected one axis {\"saltelli\": {...}, \"samples\": ...}: Sobol "
            "indices need its design");
    }
    if (options.dryRun)
    {
        PrintDryRun(options, sweep);
        return;
    }
    const auto dimensions = sweep.plan.points.size() / sweep.plan.saltelliSamples - 2;
    const auto finished = ExecuteSweep(options, std::move(sweep));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < dimensions; ++i)
    {
        names.push_back(finished.sweep.plan.parameters[i].name);
    }
    for (std::size_t i = 0; i < finished.sweep.plan.metrics.size(); ++i)
    {
        std::cout << Describe(EstimateSobolIndices(MeansByPoint(finished, i), dimensions),
                              names,
                              finished.sweep.plan.metrics[i].name)
                  << "\n";
    }
    std::cout << finished.counts.ended << " runs. Results: " << finished.file << ", table runs\n";
    ComplainOfFailures(finished);
}

} // namespace

void
AddSensitivityCommand(CLI::App& app)
{
    auto options = std::make_shared<SweepCommandOptions>();
    auto* command = app.add_subcommand(
        "sensitivity",
        "Which parameters of a plan matter, and which in company only (Sobol indices)");
    AddSweepOptions(*command, *options);
    command->footer("First order: the share of a metric's variance that goes if the parameter is "
                    "known. Total: the share\n"
                    "that stays if all others are. The plan has one axis, {\"saltelli\": ..., "
                    "\"samples\": N}; with k\n"
                    "parameters that makes N (k + 2) points.\n\n"
                    "  etcdlab sensitivity scenarios/plans/what-matters.json");
    command->callback([options] { Sensitivity(*options); });
}

} // namespace etcdlab
