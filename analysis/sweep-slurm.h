// Sweeps on a cluster that Slurm runs.
#pragma once

#include "analysis/sweep-command.h"

namespace etcdlab
{

/**
 * Submit an array with a task for each shard that has runs left, by sbatch, and say how to go on. The tasks run where this is
 * run, in a directory that all nodes share. What else sbatch needs to know it takes from its own variables (SBATCH_PARTITION, ...).
 *
 * @throws RunError if there is no sbatch, or it refuses
 */
void SubmitSweep(const SweepCommandOptions& options, const Sweep& sweep);

} // namespace etcdlab
