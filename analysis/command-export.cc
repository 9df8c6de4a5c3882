// etcdlab export: results in other tools' formats.
#include "analysis/commands.h"
#include "analysis/pure/openmetrics-clock.h"
#include "analysis/pure/summary.h"
#include "analysis/sweep-store.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct PrometheusOptions
{
    std::string result;
    std::string start = "2026-01-01T00:00:00Z";
};

void
ExportPrometheus(const PrometheusOptions& options)
{
    const auto path = std::filesystem::path(options.result) / "metrics.om";
    if (!std::filesystem::exists(path))
    {
        throw ScenarioError(
            options.result +
            ": no metrics.om: expected the results of a scenario with a Prometheus, as run with "
            "--set prometheus.node=api");
    }
    std::cout << WithLaterTimestamps(ReadResultFile(path), ParseUtcSeconds(options.start), path);
}

/// A check of CLI11's: what is wrong with the text, or nothing.
std::string
CheckMoment(const std::string& text)
{
    try
    {
        ParseUtcSeconds(text);
        return "";
    }
    catch (const std::invalid_argument& error)
    {
        return error.what();
    }
}

} // namespace

void
AddExportCommand(CLI::App& app)
{
    auto* command = app.add_subcommand("export", "Print results in another tool's format");
    command->require_subcommand(1);

    auto file = std::make_shared<std::string>();
    auto* csv = command->add_subcommand("csv", "A sweep's runs as CSV, a line each");
    csv->add_option("file", *file, "results of a sweep")->required();
    csv->callback([file] { std::cout << SweepCsv(OpenSweep(*file)); });

    auto options = std::make_shared<PrometheusOptions>();
    auto* prometheus = command->add_subcommand(
        "prometheus", "What a run's Prometheus recorded, as OpenMetrics with timestamps");
    prometheus
        ->add_option(
            "result", options->result, "directory of a run whose scenario has a Prometheus")
        ->required();
    prometheus
        ->add_option(
            "--start", options->start, "when the simulation began, in UTC [2026-01-01T00:00:00Z]")
        ->check(CheckMoment);
    prometheus->footer("promtool tsdb create-blocks-from openmetrics makes blocks of it that a "
                       "Prometheus serves;\n"
                       "scenarios/prometheus.sh does all of that, here.\n\n"
                       "  etcdlab run scenarios/monitoring.json\n"
                       "  etcdlab export prometheus results/monitoring >monitoring.om");
    prometheus->callback([options] { ExportPrometheus(*options); });
}

} // namespace etcdlab
