#include "analysis/pure/slurm.h"

#include "analysis/pure/run-row.h"

namespace etcdlab
{

std::string
SlurmScript(const SlurmArray& array)
{
    std::string shards;
    for (const auto shard : array.shards)
    {
        shards += (shards.empty() ? "" : ",") + std::to_string(shard);
    }
    // A task that Slurm ends or requeues has kept what had ended; it goes on from there.
    return "#!/bin/sh\n"
           "#SBATCH --job-name=" +
           array.name + "\n#SBATCH --array=" + shards +
           "\n#SBATCH --cpus-per-task=" + std::to_string(array.jobs) +
           "\n#SBATCH --output=" + array.logs +
           "\n#SBATCH --open-mode=append\n#SBATCH --requeue\nexec " + ShellWord(array.program) +
           " sweep " + ShellWord(array.plan) + " --shard \"$SLURM_ARRAY_TASK_ID/" +
           std::to_string(array.count) + "\" --jobs " + std::to_string(array.jobs) +
           (array.retryFailed ? " --retry-failed" : "") + "\n";
}

} // namespace etcdlab
