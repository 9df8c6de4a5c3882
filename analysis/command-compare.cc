// etcdlab compare: scenarios or results side by side.
#include "analysis/commands.h"
#include "analysis/pure/comparison.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>
#include <map>
#include <memory>
#include <optional>

namespace etcdlab
{

namespace
{

namespace fs = std::filesystem;

struct CompareOptions
{
    std::vector<std::string> inputs;
    std::vector<std::string> settings;
    std::string directory = "results";
};

/// A result (a directory, or its summary.json) is read; a scenario is run.
bool
IsResult(const fs::path& input)
{
    return fs::is_directory(input) || input.filename() == "summary.json";
}

/// One of what is compared.
struct Input
{
    std::string path;                 //!< as it was given
    std::optional<Scenario> scenario; //!< to be run; none: its result is there
    fs::path directory;               //!< where the result is, or goes
    Summary summary = {};
};

/// Everything is read before anything is run: a mistake in the last input costs no waiting.
std::vector<Input>
ReadInputs(const CompareOptions& options)
{
    std::vector<Input> inputs;
    for (const auto& path : options.inputs)
    {
        if (IsResult(path))
        {
            const auto directory =
                fs::is_directory(path) ? fs::path(path) : fs::absolute(path).parent_path();
            inputs.push_back({path, {}, directory, ReadSummary(path)});
            continue;
        }
        auto scenario = ReadScenarioFile(path, options.settings, RegisteredNames());
        const auto directory = ResultDirectory(scenario, options.directory);
        inputs.push_back({path, std::move(scenario), directory});
    }
    return inputs;
}

/// No run may overwrite what it is compared with.
void
CheckDirectories(const std::vector<Input>& inputs)
{
    std::map<fs::path, const Input*> taken;
    for (const auto& input : inputs)
    {
        const auto [other, added] = taken.emplace(fs::weakly_canonical(input.directory), &input);
        const Input& first = *other->second;
        if (added || (!first.scenario && !input.scenario))
        {
            continue;
        }
        if (first.scenario && input.scenario)
        {
            throw ScenarioError("both " + first.path + " and " + input.path + " are called \"" +
                                input.scenario->name +
                                "\": their results would go to the same directory; name one of "
                                "them (\"name\"), or run one with --out");
        }
        const Input& run = first.scenario ? first : input;
        const Input& result = first.scenario ? input : first;
        throw ScenarioError(result.path + ": the results of " + run.path +
                            " would go there; give another directory (--out), or a name");
    }
}

void
Compare(const CompareOptions& options)
{
    auto inputs = ReadInputs(options);
    CheckDirectories(inputs);
    std::vector<Scenario> scenarios;
    for (const auto& input : inputs)
    {
        if (input.scenario)
        {
            scenarios.push_back(*input.scenario);
        }
    }
    PrintWarnings(scenarios);
    std::vector<Summary> summaries;
    for (auto& input : inputs)
    {
        if (input.scenario)
        {
            const auto result = RunScenario(*input.scenario);
            SaveRun(input.directory, *input.scenario, result);
            input.summary = MakeSummary(result);
        }
        summaries.push_back(input.summary);
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
