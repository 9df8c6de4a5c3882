// etcdlab swarm: random worlds in which much goes wrong, judged.
#include "analysis/commands.h"
#include "analysis/pure/random-world.h"
#include "analysis/pure/summary.h"
#include "analysis/pure/swarm-report.h"
#include "analysis/run-scenario.h"
#include "analysis/swarm.h"
#include "analysis/worker-pool.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

namespace etcdlab
{

namespace
{

struct SwarmOptions
{
    std::string seeds = "1-100";
    std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
    unsigned limit = 300;
    bool first = false;
    std::string directory;
};

SwarmResult
ResultOf(std::uint64_t seed, const TaskResult& task)
{
    SwarmResult result;
    if (task.failure.empty())
    {
        return ReadSwarmResult(task.output);
    }
    result.seed = seed;
    result.broken = "the process that simulated it " + task.failure;
    return result;
}

/// Standard error, because it differs from time to time.
void
PrintThroughput(const SwarmTotals& totals, std::chrono::steady_clock::time_point start)
{
    const auto elapsed = std::chrono::steady_clock::now() - start;
    const auto seconds = std::max(1e-9, std::chrono::duration<double>(elapsed).count());
    std::fprintf(stderr,
                 "%.2f worlds/s, %.0f simulated seconds per second, %.1f s\n",
                 static_cast<double>(totals.worlds) / seconds,
                 totals.simulatedSeconds / seconds,
                 seconds);
}

/// Write a world down as a scenario, to be run, looked at and shortened.
void
Save(const std::filesystem::path& directory, std::uint64_t seed)
{
    const auto scenario = RandomScenario(seed);
    std::filesystem::create_directories(directory);
    WriteFileAtomically(directory / (scenario.name + ".json"), EffectiveScenario(scenario));
}

void
Swarm(const SwarmOptions& options)
{
    const auto [firstSeed, lastSeed] = ParseSeeds(options.seeds);
    const auto seed = [first = firstSeed](std::size_t task) { return first + task; };
    const auto start = std::chrono::steady_clock::now();
    SwarmTotals totals;
    RunInProcesses(
        lastSeed - firstSeed + 1,
        options.jobs,
        {.seconds = options.limit},
        [&](std::size_t task) { return WriteSwarmResult(RunRandomWorld(seed(task))); },
        [&](std::size_t task, const TaskResult& done) {
            const auto result = ResultOf(seed(task), done);
            totals.Add(result);
            std::cout << Describe(result) << std::flush;
            if (!result.Passed() && !options.directory.empty())
            {
                Save(options.directory, result.seed);
            }
            return result.Passed() || !options.first;
        });
    std::cout << Describe(totals) << std::flush;
    PrintThroughput(totals, start);
    if (totals.violated > 0)
    {
        throw Violation(std::to_string(totals.violated) + " of " + std::to_string(totals.worlds) +
                        " worlds broke a promise");
    }
    if (totals.passed < totals.worlds)
    {
        throw RunError("not every world could be judged: " + std::to_string(totals.undecided) +
                       " undecided, " + std::to_string(totals.broken) + " broken");
    }
}

} // namespace

void
AddSwarmCommand(CLI::App& app)
{
    auto options = std::make_shared<SwarmOptions>();
    auto* command = app.add_subcommand(
        "swarm", "Simulate random worlds in which much goes wrong, and judge them");
    command
        ->add_option(
            "--seeds", options->seeds, "the worlds: one for each seed, as in 17 or 1-500 [1-100]")
        ->check([](const std::string& text) -> std::string {
            try
            {
                ParseSeeds(text);
                return "";
            }
            catch (const std::invalid_argument& error)
            {
                return error.what();
            }
        });
    command->add_option("-j,--jobs", options->jobs, "worlds at a time [one for each core]")
        ->check(CLI::Range(1, 1024));
    command
        ->add_option("--limit",
                     options->limit,
                     "seconds on the clock after which a world is given up as broken [300]")
        ->check(CLI::Range(1, 86400));
    command->add_flag("--first", options->first, "stop at the first world that has not passed");
    command->add_option("-o,--out",
                        options->directory,
                        "directory for the scenarios of worlds that have not passed [none]");
    command->footer(
        "Every world is judged: Raft's promises at each step, what clients saw for "
        "linearizability, "
        "and what\nthey were told against what members hold in the end. Exit code 0: all passed; "
        "3: a "
        "promise was broken;\n1: a world could not be judged. The same seeds give the same text, "
        "whatever the number of jobs.\n\n"
        "  etcdlab swarm --seeds 1-1000\n"
        "  etcdlab swarm --seeds 17        repeat one world");
    command->callback([options] { Swarm(*options); });
}

} // namespace etcdlab
