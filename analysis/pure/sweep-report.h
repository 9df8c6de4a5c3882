// A sweep's results as text.
#pragma once

#include "analysis/pure/run-row.h"
#include "analysis/pure/sweep-plan.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// A table with a line for each point: parameters, replications that are ok, and of each metric the mean with its 95 %
/// interval; then what went wrong, how often, and how to repeat the first of each kind. Of more than 60 points only the
/// first are shown.
std::string DescribeSweep(const SweepPlan& plan, const std::vector<RunRow>& rows);

/// What a sweep would take.
struct SweepEstimate
{
    std::uint64_t points = 0; //!< of this shard
    std::uint64_t fewest = 0; //!< runs still to do, if every point stops as early as it can…
    std::uint64_t most = 0;   //!< …and as late
    double secondsEach = 0;   //!< of the run that was timed
    std::size_t jobs = 1;
    std::size_t bytesEach = 0; //!< of a row
};

std::string Describe(const SweepEstimate& estimate);

} // namespace etcdlab
