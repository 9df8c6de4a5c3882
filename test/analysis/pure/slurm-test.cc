#include "analysis/pure/slurm.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

TEST(SlurmScript, HasATaskForEachShardThatHasSomethingLeft)
{
    EXPECT_EQ(SlurmScript({.name = "plan",
                           .program = "/opt/my lab/etcdlab",
                           .plan = "plans/plan.json",
                           .logs = "results/plan.%a-of-8.log",
                           .shards = {1, 3, 8},
                           .count = 8,
                           .jobs = 2,
                           .retryFailed = true}),
              "#!/bin/sh\n"
              "#SBATCH --job-name=plan\n"
              "#SBATCH --array=1,3,8\n"
              "#SBATCH --cpus-per-task=2\n"
              "#SBATCH --output=results/plan.%a-of-8.log\n"
              "#SBATCH --open-mode=append\n"
              "#SBATCH --requeue\n"
              "exec '/opt/my lab/etcdlab' sweep plans/plan.json --shard \"$SLURM_ARRAY_TASK_ID/8\" "
              "--jobs 2 "
              "--retry-failed\n");
}

} // namespace

} // namespace etcdlab
