// etcdlab compare: scenarios or results side by side.
#include "analysis/commands.h"
#include "analysis/pure/comparison.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct CompareOptions
{
    std::vector<std::string> inputs;
    std::vector<std::string> settings;
    std::string directory = "results";
};

/// A result (a directory, or its summary.json) is read; a scenario is run.
bool
IsResult(const std::filesystem::path& input)
{
    return std::filesystem::is_directory(input) || input.filename() == "summary.json";
}

void
Compare(const CompareOptions& options)
{
    // All scenarios are read before the first is run: a mistake in the last one costs no waiting.
    std::vector<Scenario> scenarios;
    for (const auto& input : options.inputs)
    {
        if (!IsResult(input))
        {
            scenarios.push_back(ReadScenarioFile(input, options.settings, RegisteredNames()));
        }
    }
    std::vector<Summary> summaries;
    std::size_t next = 0;
    for (const auto& input : options.inputs)
    {
        if (IsResult(input))
        {
            summaries.push_back(ReadSummary(input));
            continue;
        }
        const auto& scenario = scenarios[next++];
        const auto result = RunScenario(scenario);
        SaveRun(std::filesystem::path(options.directory) / DefaultDirectory(scenario).filename(),
                scenario,
                result);
        summaries.push_back(MakeSummary(result));
    }
    std::cout << CompareSummaries(summaries);
}

} // namespace

void
AddCompareCommand(CLI::App& app)
{
    auto options = std::make_shared<CompareOptions>();
    auto* command =
        app.add_subcommand("compare", "Put two or more scenarios or results side by side");
    command
        ->add_option("inputs",
                     options->inputs,
                     "scenario files (they are run), or result directories (they are read)")
        ->required()
        ->expected(2, 100);
    AddSetOption(*command, options->settings);
    command->add_option(
        "-o,--out", options->directory, "directory for the results of runs [results]");
    command->footer("  etcdlab compare scenarios/baseline.json scenarios/optimised.json\n"
                    "  etcdlab compare results/baseline results/near-e1");
    command->callback([options] { Compare(*options); });
}

} // namespace etcdlab
