// What sweeps cost besides the runs themselves.
#pragma once

#include "test/benchmark/measure.h"

#include <cstddef>
#include <filesystem>

namespace etcdlab::benchmark
{

/// Let `etcdlab sweep` find that all of so many results are there. @param directory for the plan and the results
Cost ResumeFinishedSweep(const std::filesystem::path& directory, std::size_t results);

/// Seconds on the clock for each run of a sweep whose runs do nothing: fork, pipe, row, commit.
double SecondsOfAnEmptyRun(const std::filesystem::path& directory, std::size_t runs);

/// How much of twice the speed a second worker brings, over a shipped plan. @param scenarios the directory
double EfficiencyOfTwoWorkers(const std::filesystem::path& scenarios,
                              const std::filesystem::path& directory);

} // namespace etcdlab::benchmark
