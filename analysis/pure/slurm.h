// Sweeps as job arrays of Slurm.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab
{

/// An array with a task for each shard that has something left to do.
struct SlurmArray
{
    std::string name;    //!< of the job
    std::string program; //!< etcdlab, as an absolute path
    std::string plan;
    std::string logs;                  //!< of the tasks: "%a" stands for the task's number
    std::vector<std::uint64_t> shards; //!< from 1
    std::uint64_t count = 1;           //!< of all shards
    std::size_t jobs = 1;              //!< runs at a time in each task, a processor for each
    bool retryFailed = false;
};

/// The script that sbatch takes.
std::string SlurmScript(const SlurmArray& array);

} // namespace etcdlab
