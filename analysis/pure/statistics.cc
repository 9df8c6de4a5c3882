#include "analysis/pure/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace etcdlab
{

LatencyStatistics
MakeStatistics(std::vector<Duration> samples)
{
    if (samples.empty())
    {
        return {};
    }
    std::sort(samples.begin(), samples.end());
    const Duration sum = std::accumulate(samples.begin(), samples.end(), Duration{0});
    return {.count = samples.size(),
            .mean = Milliseconds(sum) / static_cast<double>(samples.size()),
            .p50 = Quantile(samples, 0.50),
            .p90 = Quantile(samples, 0.90),
            .p99 = Quantile(samples, 0.99),
            .min = Milliseconds(samples.front()),
            .max = Milliseconds(samples.back())};
}

double
Quantile(const std::vector<Duration>& ascending, double p)
{
    if (ascending.empty())
    {
        throw std::invalid_argument("a quantile of no samples");
    }
    if (!(p >= 0 && p <= 1))
    {
        throw std::invalid_argument("a quantile's p must be between 0 and 1, not " +
                                    std::to_string(p));
    }
    const double h = static_cast<double>(ascending.size() - 1) * p;
    const auto below = static_cast<std::size_t>(std::floor(h));
    const auto above = std::min(below + 1, ascending.size() - 1);
    const double low = Milliseconds(ascending[below]);
    return low + (h - static_cast<double>(below)) * (Milliseconds(ascending[above]) - low);
}

} // namespace etcdlab
