// Latency statistics.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <vector>

namespace etcdlab
{

/// What is told of a set of latencies; milliseconds. All zero if the set is empty.
struct LatencyStatistics
{
    std::uint64_t count = 0;
    double mean = 0;
    double p50 = 0;
    double p90 = 0;
    double p99 = 0;
    double min = 0;
    double max = 0;
    bool operator==(const LatencyStatistics&) const = default;
};

/// Statistics of the samples, in any order. The sum is one of whole nanoseconds, so that the order
/// of the samples changes nothing, not even the last bit.
LatencyStatistics MakeStatistics(std::vector<Duration> samples);

/**
 * The p-quantile, 0 <= p <= 1, of samples in ascending order, in milliseconds: type 7 of Hyndman
 * and Fan (1996), the default of R and NumPy. With n samples x[0..n-1], h = (n-1)·p and i = ⌊h⌋
 * it is x[i] + (h-i)·(x[i+1] - x[i]).
 *
 * @throws std::invalid_argument if there is no sample or p is not in [0,1]
 */
double Quantile(const std::vector<Duration>& ascending, double p);

} // namespace etcdlab
