// etcdlab run: simulate one scenario and keep the results.
#include "analysis/commands.h"
#include "analysis/pure/comparison.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct RunOptions
{
    std::string file;
    std::vector<std::string> settings;
    std::string directory;
};

void
Run(const RunOptions& options)
{
    const auto scenario = ReadScenarioFile(options.file, options.settings, RegisteredNames());
    PrintWarnings({scenario});
    const auto directory = options.directory.empty() ? ResultDirectory(scenario)
                                                     : std::filesystem::path(options.directory);
    const auto result = RunScenario(scenario);
    SaveRun(directory, scenario, result);
    if (!scenario.description.empty())
    {
        std::cout << scenario.description << "\n\n";
    }
    const auto summary = MakeSummary(result);
    std::cout << CompareSummaries({summary}) << "\nResults: " << directory.string()
              << "/{summary.json,requests.csv,scenario.json}\n";
    if (summary.ok == 0)
    {
        throw RunError(scenario.name + ": no request succeeded");
    }
}

} // namespace

void
AddRunCommand(CLI::App& app)
{
    auto options = std::make_shared<RunOptions>();
    auto* command = app.add_subcommand("run", "Simulate one scenario and keep the results");
    command->add_option("scenario", options->file, "scenario file (JSON)")->required();
    AddSetOption(*command, options->settings);
    command->add_option("-o,--out", options->directory, "directory for the results [results/NAME]");
    command->footer(
        "Writes summary.json (latencies per operation and member, bytes, syncs), requests.csv (a "
        "row\n"
        "per request) and scenario.json (the effective scenario: running it again gives the same\n"
        "bytes).\n\n"
        "  etcdlab run scenarios/baseline.json\n"
        "  etcdlab run scenarios/baseline.json --set links.api-e1.rtt=20ms --out results/near-e1");
    command->callback([options] { Run(*options); });
}

} // namespace etcdlab
