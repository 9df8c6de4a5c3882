#include "analysis/sweep-slurm.h"

#include "analysis/pure/run-row.h"
#include "analysis/pure/slurm.h"
#include "analysis/pure/summary.h"
#include "helper/world.h"

#include <cstdio>
#include <iostream>
#include <sys/wait.h>

namespace etcdlab
{

namespace
{

/// A shard's runs that are not there yet, or not ok if these are to be done again.
bool
HasRunsLeft(const SweepCommandOptions& options, const Sweep& sweep, Shard shard)
{
    SweepSchedule schedule(sweep.plan, shard);
    const auto file = FileOf(options, shard);
    if (std::filesystem::exists(file))
    {
        // Refused while a task writes to it.
        for (const auto& row : SweepStore(file, sweep.plan, sweep.scenario).Rows())
        {
            if (row.status == "ok" || !options.retryFailed)
            {
                schedule.Record(row.key, RuleMetric(sweep.plan, row));
            }
        }
    }
    return !schedule.AllStarted();
}

/// @return what sbatch says: the job's number
std::string
Submit(const std::filesystem::path& script)
{
    const auto command = "sbatch --parsable " + ShellWord(script.string()) + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string said;
    char buffer[256];
    while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr)
    {
        said += buffer;
    }
    const int status = pipe != nullptr ? ::pclose(pipe) : -1;
    said.erase(said.find_last_not_of(" \n") + 1);
    if (status != 0)
    {
        throw RunError("sbatch " + script.string() + " failed: " + said);
    }
    return said;
}

} // namespace

void
SubmitSweep(const SweepCommandOptions& options, const Sweep& sweep)
{
    SlurmArray array;
    array.name = std::filesystem::path(options.plan).stem().string();
    array.program = std::filesystem::read_symlink("/proc/self/exe").string();
    array.plan = options.plan;
    array.count = options.shards;
    array.jobs = options.jobs;
    array.retryFailed = options.retryFailed;
    const auto script = std::filesystem::path("results") / (array.name + ".slurm.sh");
    array.logs = "results/" + array.name + ".%a-of-" + std::to_string(array.count) + ".log";
    for (std::uint64_t number = 0; number < array.count; ++number)
    {
        if (HasRunsLeft(options, sweep, {number, array.count}))
        {
            array.shards.push_back(number + 1);
        }
    }
    const auto merge = "etcdlab merge results/" + array.name + ".db results/" + array.name +
                       ".*-of-" + std::to_string(array.count) + ".db\n";
    if (array.shards.empty())
    {
        std::cout << "nothing is left to do; " << merge;
        return;
    }
    std::filesystem::create_directories(script.parent_path());
    WriteFileAtomically(script, SlurmScript(array));
    const auto job = Submit(script);
    std::cout << "job " << job << ": " << array.shards.size() << " of " << array.count
              << " shards have runs left\nwhen it has ended, the same command submits what is "
                 "missing; at last\n  "
              << merge;
}

} // namespace etcdlab
