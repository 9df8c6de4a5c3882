// etcdlab compare: scenarios or results side by side.
#include "analysis/commands.h"
#include "analysis/interruption.h"
#include "analysis/pure/comparison.h"
#include "analysis/pure/paired-comparison.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "analysis/sweep-progress.h"
#include "analysis/worker-pool.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <algorithm>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <thread>

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
    std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
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

/// A result as it is, or that of a scenario's run, which is kept.
Summary
SummaryOf(const Input& input)
{
    if (!input.scenario)
    {
        return input.result;
    }
    const auto result = RunScenario(*input.scenario);
    SaveRun(input.directory, *input.scenario, result);
    return MakeSummary(result);
}

/// In a process of its own: a run, of which the first seed's result is kept.
/// @return its summary.json, or {"failure": "why there is none", "violated": whether a promise was broken}
std::string
RunReplication(const Input& input, std::uint64_t replication)
{
    const auto failure = [](const std::exception& error, bool violated) {
        const nlohmann::json json = {{"failure", error.what()}, {"violated", violated}};
        return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    auto scenario = *input.scenario;
    scenario.seed += replication;
    try
    {
        const auto result = RunScenario(scenario);
        if (replication == 0)
        {
            SaveRun(input.directory, scenario, result);
        }
        return SummaryText(MakeSummary(result));
    }
    catch (const Violation& error)
    {
        return failure(error, true);
    }
    catch (const std::exception& error)
    {
        return failure(error, false);
    }
}

/// Runs of all scenarios with the same seeds, in whatever order they end.
class Replications
{
  public:
    Replications(const std::vector<Input>& inputs, std::uint64_t seeds)
        : m_inputs(inputs),
          m_seeds(seeds, Seed{std::vector<std::optional<Summary>>(inputs.size()), ""})
    {
    }

    /// @param task counts scenario by scenario, then seed by seed
    void Take(std::size_t task, const TaskResult& result)
    {
        auto& seed = m_seeds[task / m_inputs.size()];
        const auto number = task % m_inputs.size();
        const auto& scenario = m_inputs[number].scenario->name;
        auto failure = result.failure.empty() ? "" : "the process " + result.failure;
        if (failure.empty())
        {
            const auto json = nlohmann::json::parse(result.output);
            if (!json.contains("failure"))
            {
                seed.runs[number] = ParseSummary(result.output, scenario);
                return;
            }
            failure = json.at("failure");
            m_violated = m_violated || json.at("violated");
        }
        seed.why += (seed.why.empty() ? "" : "; ") + scenario + ": " + failure;
    }

    /// No more will come. @throws Violation, RunError if seeds are missing
    void Print() const
    {
        std::vector<std::vector<Summary>> runs(m_inputs.size());
        std::vector<MissingSeed> missing;
        for (std::size_t i = 0; i < m_seeds.size(); ++i)
        {
            const auto& seed = m_seeds[i];
            if (std::all_of(seed.runs.begin(), seed.runs.end(), [](const auto& run) {
                    return run.has_value();
                }))
            {
                for (std::size_t number = 0; number < runs.size(); ++number)
                {
                    runs[number].push_back(*seed.runs[number]);
                }
                continue;
            }
            missing.push_back(
                {m_inputs[0].scenario->seed + i, seed.why.empty() ? "interrupted" : seed.why});
        }
        if (runs[0].size() > 1)
        {
            std::cout << CompareReplications(runs, missing) << std::flush;
        }
        else if (runs[0].size() == 1)
        {
            std::vector<Summary> alone;
            for (const auto& run : runs)
            {
                alone.push_back(run.front());
            }
            std::cout << CompareSummaries(alone) << std::flush;
        }
        if (!missing.empty())
        {
            const auto what = std::to_string(runs[0].size()) + " of " +
                              std::to_string(m_seeds.size()) +
                              " seeds came to a result; the first that is missing is seed " +
                              std::to_string(missing[0].seed) + ": " + missing[0].why;
            m_violated ? throw Violation(what) : throw RunError(what);
        }
    }

  private:
    struct Seed
    {
        std::vector<std::optional<Summary>> runs; //!< by scenario
        std::string why;                          //!< some run came to no result
    };

    const std::vector<Input>& m_inputs;
    std::vector<Seed> m_seeds;
    bool m_violated = false;
};

void
RunReplications(const std::vector<Input>& inputs, const CompareOptions& options)
{
    constexpr unsigned SECONDS_EACH = 3600;
    const auto runs = inputs.size() * options.replications;
    for (const auto& input : inputs)
    {
        std::filesystem::create_directories(
            input.directory); // where the first seed's go: better to fail now
    }
    Replications replications(inputs, options.replications);
    {
        const Interruption interruption;
        SweepProgress progress("compare", 0);
        RunInProcesses(
            runs,
            options.jobs,
            {.seconds = SECONDS_EACH, .silent = true},
            [&](std::size_t task) {
                return RunReplication(inputs[task % inputs.size()], task / inputs.size());
            },
            [&](std::size_t task, const TaskResult& result) {
                replications.Take(task, result);
                return true;
            },
            [&](std::size_t ended) {
                progress.Show(ended, runs, 0);
                return !Interruption::WasAsked();
            });
    }
    replications.Print();
}

/// Pairs take the same seeds.
void
CheckReplications(const std::vector<Input>& inputs, std::uint64_t replications)
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
        if (input.scenario->seed > std::numeric_limits<std::uint64_t>::max() - (replications - 1))
        {
            throw ScenarioError(input.path + ": /seed: " + std::to_string(input.scenario->seed) +
                                " has not " + std::to_string(replications - 1) + " seeds after it");
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
        CheckReplications(inputs, options.replications);
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
    if (options.replications > 1)
    {
        RunReplications(inputs, options);
        return;
    }
    std::vector<Summary> runs;
    for (const auto& input : inputs)
    {
        runs.push_back(SummaryOf(input));
    }
    std::cout << CompareSummaries(runs);
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
    command
        ->add_option(
            "-j,--jobs", options->jobs, "with --replications, runs at a time [one for each core]")
        ->check(CLI::Range(1, 1024));
    command->footer("  etcdlab compare scenarios/baseline.json scenarios/optimised-nagle.json "
                    "--replications 10\n"
                    "  etcdlab compare scenarios/baseline.json scenarios/optimised.json\n"
                    "  etcdlab compare results/baseline results/near-e1");
    command->callback([options] { CompareRuns(*options); });
}

} // namespace etcdlab
