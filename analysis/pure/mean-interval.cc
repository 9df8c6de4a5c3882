#include "analysis/pure/mean-interval.h"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>

namespace etcdlab
{

MeanInterval
IntervalOfMean(const std::vector<double>& values, double confidence)
{
    MeanInterval interval;
    interval.count = values.size();
    interval.halfWidth = std::numeric_limits<double>::infinity();
    const auto count = static_cast<double>(values.size());
    for (const double value : values)
    {
        interval.mean += value / count;
    }
    if (values.size() < 2)
    {
        return interval;
    }
    double squares = 0;
    for (const double value : values)
    {
        squares += (value - interval.mean) * (value - interval.mean);
    }
    const boost::math::students_t distribution(count - 1);
    const double t = boost::math::quantile(distribution, 0.5 + confidence / 2);
    interval.halfWidth = t * std::sqrt(squares / (count - 1) / count);
    return interval;
}

} // namespace etcdlab
