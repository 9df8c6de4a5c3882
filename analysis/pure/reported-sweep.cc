#include "analysis/pure/reported-sweep.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <locale>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

constexpr std::size_t MOST_GROUPS = 20;

double
MeanOf(const std::vector<double>& values)
{
    return values.empty() ? 0
                          : std::accumulate(values.begin(), values.end(), 0.0) /
                                static_cast<double>(values.size());
}

/// The mean square of the distances from the mean.
double
VarianceOf(const std::vector<double>& values)
{
    const double mean = MeanOf(values);
    double sum = 0;
    for (const double value : values)
    {
        sum += (value - mean) * (value - mean);
    }
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// Equal values share the mean of their ranks.
std::vector<double>
RanksOf(const std::vector<double>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return values[a] < values[b];
    });
    std::vector<double> ranks(values.size());
    for (std::size_t i = 0, end = 0; i < order.size(); i = end)
    {
        for (end = i; end < order.size() && values[order[end]] == values[order[i]]; ++end)
        {
        }
        for (std::size_t j = i; j < end; ++j)
        {
            ranks[order[j]] = static_cast<double>(i + end - 1) / 2;
        }
    }
    return ranks;
}

double
SquaredCorrelation(const std::vector<double>& a, const std::vector<double>& b)
{
    const double meanA = MeanOf(a);
    const double meanB = MeanOf(b);
    double both = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        both += (a[i] - meanA) * (b[i] - meanB);
    }
    both /= static_cast<double>(a.size());
    const double variances = VarianceOf(a) * VarianceOf(b);
    return variances > 0 ? both * both / variances : 0;
}

/// Whether a's value tells b's at every point.
bool
Tells(const ReportedSweep& sweep, std::size_t a, std::size_t b)
{
    std::map<Json, Json> told;
    for (const auto& point : sweep.points)
    {
        const auto [found, added] = told.emplace(point.values[a], point.values[b]);
        if (!added && found->second != point.values[b])
        {
            return false;
        }
    }
    return true;
}

} // namespace

MeanInterval
MetricAt(const ReportedPoint& point, std::size_t metric)
{
    return point.metrics[metric].empty() ? MeanInterval{}
                                         : IntervalOfMean(point.metrics[metric], 0.95);
}

std::vector<std::size_t>
FreeParameters(const ReportedSweep& sweep)
{
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < sweep.parameters.size(); ++i)
    {
        // Where all values are different every parameter tells every other: then none is told apart.
        const auto distinct = DistinctValues(sweep, i).size();
        const bool told = distinct < sweep.points.size() &&
                          std::any_of(free.begin(), free.end(), [&](std::size_t other) {
                              return Tells(sweep, other, i);
                          });
        if (distinct > 1 && !told && !sweep.derived.contains(i))
        {
            free.push_back(i);
        }
    }
    return free;
}

std::vector<Json>
DistinctValues(const ReportedSweep& sweep, std::size_t parameter)
{
    std::set<double> numbers;
    std::vector<Json> values;
    std::set<Json> seen;
    for (const auto& point : sweep.points)
    {
        const auto& value = point.values[parameter];
        if (value.is_number())
        {
            numbers.insert(value.get<double>());
        }
        else if (seen.insert(value).second)
        {
            values.push_back(value);
        }
    }
    values.insert(values.begin(), numbers.begin(), numbers.end());
    return values;
}

double
ShareOfVariance(const ReportedSweep& sweep, std::size_t parameter, std::size_t metric)
{
    std::vector<double> results;
    std::vector<double> numbers;
    std::map<Json, std::vector<double>> groups;
    for (const auto& point : sweep.points)
    {
        const auto mean = MetricAt(point, metric);
        if (mean.count == 0)
        {
            continue;
        }
        const auto& value = point.values[parameter];
        results.push_back(mean.mean);
        groups[value].push_back(mean.mean);
        if (value.is_number())
        {
            numbers.push_back(value.get<double>());
        }
    }
    const double all = VarianceOf(results);
    if (all <= 0)
    {
        return 0;
    }
    if (groups.size() > MOST_GROUPS)
    {
        return numbers.size() < results.size()
                   ? 0
                   : SquaredCorrelation(RanksOf(numbers), RanksOf(results));
    }
    std::vector<double> means;
    for (const auto& [value, group] : groups)
    {
        means.insert(means.end(), group.size(), MeanOf(group));
    }
    return VarianceOf(means) / all;
}

std::string
ValueText(const Json& value)
{
    if (!value.is_number_float())
    {
        return value.is_string() ? value.get<std::string>() : value.is_null() ? "-" : value.dump();
    }
    constexpr int DIGITS =
        12; // enough to tell any two that a plan has, too few to show what rounding left
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text << std::setprecision(DIGITS) << value.get<double>();
    return text.str();
}

} // namespace etcdlab
