// A sweep as a report shows it.
#pragma once

#include "analysis/pure/mean-interval.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace etcdlab
{

/// All runs of a point together.
struct ReportedPoint
{
    std::vector<nlohmann::json>
        values; //!< by parameter: numbers in the unit that its name ends in, texts, null
    std::size_t ok = 0;
    std::size_t failed = 0;
    std::vector<std::vector<double>>
        metrics; //!< by metric, of each run that is ok; none of a metric that is a text
};

struct ReportedSweep
{
    std::string name;
    std::vector<std::string> parameters;
    std::vector<std::string> metrics;
    std::vector<ReportedPoint> points;
    std::set<std::size_t> derived = {}; //!< parameters that were worked out from others
    std::vector<std::vector<std::string>> failures =
        {}; //!< how many, status, message, a command that repeats the first
};

/// The mean of a metric at a point, with its 95 % interval. Count 0: no run has it.
MeanInterval MetricAt(const ReportedPoint& point, std::size_t metric);

/// Parameters that are not derived, and whose values another one's do not tell: those that a chart has to show. In order; none that is the same everywhere.
std::vector<std::size_t> FreeParameters(const ReportedSweep& sweep);

/// A parameter's values, each once: numbers by size, then texts in the order in which they come.
std::vector<nlohmann::json> DistinctValues(const ReportedSweep& sweep, std::size_t parameter);

/**
 * How much of a metric's variance between points goes with a parameter, 0 to 1.
 *
 * Up to 20 values: the correlation ratio, the variance of the means by value over that of all. More: the square of Spearman's rank
 * correlation, which sees what rises or falls with it. Of a grid the first is the parameter's main effect.
 */
double ShareOfVariance(const ReportedSweep& sweep, std::size_t parameter, std::size_t metric);

/// A value as text.
std::string ValueText(const nlohmann::json& value);

} // namespace etcdlab
