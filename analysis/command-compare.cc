// etcdlab compare: scenarios or results side by side.
#include "analysis/commands.h"
#include "analysis/pure/comparison.h"
#include "analysis/pure/paired-comparison.h"
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
    std::uint64_t replications = 1;
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
    Summary result = {};              //!< if there is no scenario
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

/// A result as it is, or a scenario's runs with as many consecutive seeds, of which the first one's result is kept.
std::vector<Summary>
SummariesOf(const Input& input, std::uint64_t replications)
{
    if (!input.scenario)
    {
        return {input.result};
    }
    std::vector<Summary> summaries;
    auto scenario = *input.scenario;
    for (std::uint64_t i = 0; i < replications; ++i)
    {
        const auto result = RunScenario(scenario);
        if (i == 0)
        {
            SaveRun(input.directory, scenario, result);
        }
        summaries.push_back(MakeSummary(result));
        ++scenario.seed;
    }
    return summaries;
}

/// Pairs take the same seeds.
void
CheckReplications(const std::vector<Input>& inputs)
{
    for (const auto& input : inputs)
    {
        if (!input.scenario)
        {
            throw ScenarioError(
                input.path +
                ": --replications takes scenarios, which are run; this is the result of one run");
        }
        if (input.scenario->seed != inputs.front().scenario->seed)
        {
            throw ScenarioError(input.path + ": /seed: expected " +
                                std::to_string(inputs.front().scenario->seed) + ", that of " +
                                inputs.front().path + ", found " +
                                std::to_string(input.scenario->seed) +
                                ": --replications compares runs of the same seeds");
        }
    }
}

void
CompareRuns(const CompareOptions& options)
{
    const auto inputs = ReadInputs(options);
    CheckDirectories(inputs);
    if (options.replications > 1)
    {
        CheckReplications(inputs);
    }
    std::vector<Scenario> scenarios;
    for (const auto& input : inputs)
    {
        if (input.scenario)
        {
            scenarios.push_back(*input.scenario);
        }
    }
    PrintWarnings(scenarios);
    std::vector<std::vector<Summary>> runs;
    std::vector<Summary> firsts;
    for (const auto& input : inputs)
    {
        runs.push_back(SummariesOf(input, options.replications));
        firsts.push_back(runs.back().front());
    }
    std::cout << (options.replications > 1 ? CompareReplications(runs) : CompareSummaries(firsts));
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
    command
        ->add_option("-n,--replications",
                     options->replications,
                     "runs of each scenario, with consecutive seeds; differences are then those of "
                     "pairs, with 95 % intervals")
        ->check(CLI::Range(1, 10'000));
    command->footer("  etcdlab compare scenarios/baseline.json scenarios/optimised-nagle.json "
                    "--replications 10\n"
                    "  etcdlab compare scenarios/baseline.json scenarios/optimised.json\n"
                    "  etcdlab compare results/baseline results/near-e1");
    command->callback([options] { CompareRuns(*options); });
}

} // namespace etcdlab
