// Which part of a sweep a process is to do.
#pragma once

#include "analysis/pure/sweep-schedule.h"

#include <functional>
#include <string>
#include <string_view>

namespace etcdlab
{

/// An environment variable's value, or nullptr.
using Environment = std::function<const char*(const char*)>;

/**
 * "3/16" is the third of 16. "auto" takes both numbers from the environment, "auto/16" the first:
 *
 * | of | number | count |
 * |---|---|---|
 * | a Slurm array | SLURM_ARRAY_TASK_ID, less SLURM_ARRAY_TASK_MIN | SLURM_ARRAY_TASK_COUNT |
 * | a Kubernetes Job with completionMode Indexed | JOB_COMPLETION_INDEX | - |
 * | Open MPI | OMPI_COMM_WORLD_RANK | OMPI_COMM_WORLD_SIZE |
 * | MPICH, Intel MPI | PMI_RANK | PMI_SIZE |
 * | srun | SLURM_PROCID | SLURM_NTASKS |
 * | GNU parallel | PARALLEL_SEQ, less 1 | - |
 *
 * @throws std::invalid_argument
 */
Shard ParseShard(std::string_view text, const Environment& environment);

/// "3/16"
std::string ShardText(Shard shard);

} // namespace etcdlab
