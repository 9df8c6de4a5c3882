// What the commands that run sweeps have in common.
#pragma once

#include "analysis/sweep.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace etcdlab
{

struct SweepCommandOptions
{
    std::string plan;
    std::string out;
    std::string shard;
    std::size_t jobs = 1;
    bool retryFailed = false;
    bool dryRun = false;
    std::string engine = "here"; //!< or "slurm"
    std::uint64_t shards = 16;   //!< of an array
};

/// The part of the sweep that the options ask for.
Shard ShardOf(const SweepCommandOptions& options);

/// Where its results go.
std::filesystem::path FileOf(const SweepCommandOptions& options, Shard shard);

/// Add the plan and the options.
void AddSweepOptions(CLI::App& command, SweepCommandOptions& options);

/// A sweep, and all rows of its file.
struct FinishedSweep
{
    Sweep sweep;
    SweepCounts counts;
    std::string file;
    std::vector<RunRow> rows;
};

/// Run what the options say, or what is left of it. @throws as RunSweep
FinishedSweep ExecuteSweep(const SweepCommandOptions& options, Sweep sweep);

/// Print what it would take. @throws RunError if the run that is timed has not what the plan asks for
void PrintDryRun(const SweepCommandOptions& options, const Sweep& sweep);

/// @throws Violation or RunError if not all runs are ok
void ComplainOfFailures(const FinishedSweep& finished);

} // namespace etcdlab
