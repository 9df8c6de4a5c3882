#include "analysis/pure/sweep-report.h"

#include "analysis/pure/mean-interval.h"
#include "analysis/pure/text.h"

#include <cmath>
#include <map>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

constexpr std::size_t MOST_LINES = 60;

std::string
CellText(const std::optional<PlanValue>& value)
{
    return value ? value->text : "-";
}

/// "343.37 +- 0.21"; of texts the one that all have.
std::string
MetricText(const std::vector<Json>& values)
{
    std::vector<double> numbers;
    for (const auto& value : values)
    {
        if (value.is_number() || value.is_boolean())
        {
            numbers.push_back(value.is_boolean() ? (value.get<bool>() ? 1 : 0)
                                                 : value.get<double>());
        }
        else if (value != values.front())
        {
            return "differs";
        }
    }
    if (numbers.size() < values.size() || values.empty())
    {
        return values.empty()               ? "-"
               : values.front().is_string() ? values.front().get<std::string>()
                                            : "-";
    }
    const auto interval = IntervalOfMean(numbers, 0.95);
    const auto mean = TrimmedNumber(interval.mean, 3);
    return std::isfinite(interval.halfWidth) ? mean + " +- " + TrimmedNumber(interval.halfWidth, 3)
                                             : mean;
}

std::string
Table(const SweepPlan& plan, const std::map<std::size_t, std::vector<const RunRow*>>& done)
{
    std::vector<std::vector<std::string>> table = {{"point"}};
    for (const auto& parameter : plan.parameters)
    {
        table.front().push_back(parameter.name);
    }
    table.front().emplace_back("ok");
    for (const auto& metric : plan.metrics)
    {
        table.front().push_back(metric.name);
    }
    for (const auto& [point, rows] : done)
    {
        if (table.size() > MOST_LINES)
        {
            break;
        }
        auto& line = table.emplace_back();
        line.push_back(std::to_string(point));
        for (const auto& value : plan.points[point].values)
        {
            line.push_back(CellText(value));
        }
        line.push_back(std::to_string(rows.size()));
        for (std::size_t i = 0; i < plan.metrics.size(); ++i)
        {
            std::vector<Json> values;
            for (const auto* row : rows)
            {
                values.push_back(row->metrics[i]);
            }
            line.push_back(MetricText(values));
        }
    }
    std::string text = AlignedColumns(table, plan.parameters.size() + 1);
    if (done.size() > MOST_LINES)
    {
        text += "... and " + std::to_string(done.size() - MOST_LINES) + " points more\n";
    }
    return text;
}

/// Those of one status and message together.
std::string
Failures(const SweepPlan& plan, const std::vector<RunRow>& rows)
{
    std::map<std::pair<std::string, std::string>, std::vector<const RunRow*>> kinds;
    for (const auto& row : rows)
    {
        if (row.status != "ok")
        {
            kinds[{row.status, row.message}].push_back(&row);
        }
    }
    std::string text;
    std::size_t shown = 0;
    for (const auto& [kind, all] : kinds)
    {
        if (++shown > 10)
        {
            text += "\n... and " + std::to_string(kinds.size() - 10) +
                    " kinds of failure more: see column message\n";
            break;
        }
        const auto& first = *all.front();
        text += "\n" + std::to_string(all.size()) + " " + kind.first + ": " + kind.second +
                "\n  first at point " + std::to_string(first.key.point) + " (" +
                plan.DescribePoint(first.key.point) + "); to repeat it:\n  " + first.command + "\n";
    }
    return text;
}

std::string
About(double seconds)
{
    return seconds < 100    ? TrimmedNumber(seconds, 1) + " s"
           : seconds < 6000 ? TrimmedNumber(seconds / 60, 0) + " min"
                            : TrimmedNumber(seconds / 3600, 1) + " h";
}

std::string
Span(const std::string& least, const std::string& most)
{
    return least == most ? least : least + " to " + most;
}

} // namespace

std::string
DescribeSweep(const SweepPlan& plan, const std::vector<RunRow>& rows)
{
    std::map<std::size_t, std::vector<const RunRow*>> done;
    for (const auto& row : rows)
    {
        auto& all = done[row.key.point]; // a line also where every run failed
        if (row.status == "ok")
        {
            all.push_back(&row);
        }
    }
    return Table(plan, done) + Failures(plan, rows);
}

std::string
Describe(const SweepEstimate& e)
{
    const auto time = [&](std::uint64_t runs) {
        const auto rounds = std::ceil(static_cast<double>(runs) / static_cast<double>(e.jobs));
        return About(rounds * e.secondsEach);
    };
    const auto size = [&](std::uint64_t runs) {
        return TrimmedNumber(static_cast<double>(runs * e.bytesEach) / 1e6, 2) + " MB";
    };
    return "points:  " + std::to_string(e.points) +
           "\nruns:    " + Span(std::to_string(e.fewest), std::to_string(e.most)) +
           "\ntime:    about " + Span(time(e.fewest), time(e.most)) + " with " +
           std::to_string(e.jobs) + " at a time; one took " + TrimmedNumber(e.secondsEach, 3) +
           " s\nresults: about " + Span(size(e.fewest), size(e.most)) + "\n";
}

} // namespace etcdlab
