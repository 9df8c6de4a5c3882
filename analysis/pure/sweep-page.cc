#include "analysis/pure/sweep-page.h"

#include "analysis/pure/chart.h"
#include "analysis/pure/html-page.h"
#include "analysis/pure/html.h"
#include "analysis/pure/text.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

/// More lines than colours can be told apart by nobody.
constexpr std::size_t MOST_LINES_OF_CHART = 8;
constexpr std::size_t MOST_HEAT_MAPS = 6;
/// Rows and columns of a heat map; larger ones are charts.
constexpr std::size_t MOST_HEAT = 25;

/// What the page is about: a metric, and the parameters that matter for it.
struct SweepView
{
    const ReportedSweep& sweep;
    std::size_t metric;
    std::vector<std::size_t> free; //!< those with the most values first
};

std::string
ParameterName(const SweepView& view, std::size_t parameter)
{
    return view.sweep.parameters[parameter];
}

bool
IsNumber(const SweepView& view, std::size_t parameter)
{
    return std::all_of(view.sweep.points.begin(), view.sweep.points.end(), [&](const auto& point) {
        return point.values[parameter].is_number();
    });
}

/// "leader=e2, route=round robin"
std::string
ChoiceText(const SweepView& view,
           const ReportedPoint& point,
           const std::vector<std::size_t>& parameters)
{
    std::string text;
    for (const auto parameter : parameters)
    {
        text += (text.empty() ? "" : ", ") + ParameterName(view, parameter) + "=" +
                ValueText(point.values[parameter]);
    }
    return text;
}

/// All free parameters but some.
std::vector<std::size_t>
Others(const SweepView& view, const std::vector<std::size_t>& taken)
{
    std::vector<std::size_t> others;
    for (const auto parameter : view.free)
    {
        if (std::find(taken.begin(), taken.end(), parameter) == taken.end())
        {
            others.push_back(parameter);
        }
    }
    std::sort(others.begin(), others.end());
    return others;
}

/// Points by the choice of some parameters, in the order in which the choices come.
std::vector<std::pair<std::string, std::vector<const ReportedPoint*>>>
GroupedBy(const SweepView& view, const std::vector<std::size_t>& parameters)
{
    std::vector<std::pair<std::string, std::vector<const ReportedPoint*>>> groups;
    std::map<std::string, std::size_t> places;
    for (const auto& point : view.sweep.points)
    {
        const auto choice = ChoiceText(view, point, parameters);
        const auto [place, added] = places.emplace(choice, groups.size());
        if (added)
        {
            groups.push_back({choice, {}});
        }
        groups[place->second].second.push_back(&point);
    }
    return groups;
}

ChartSeries
SeriesOf(const SweepView& view,
         const std::string& name,
         const std::vector<const ReportedPoint*>& points,
         std::size_t parameter)
{
    struct Mark
    {
        double x;
        MeanInterval y;
    };
    std::vector<Mark> marks;
    for (const auto* point : points)
    {
        if (const auto mean = MetricAt(*point, view.metric); mean.count > 0)
        {
            marks.push_back({point->values[parameter].get<double>(), mean});
        }
    }
    std::stable_sort(
        marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.x < b.x; });
    ChartSeries series{name, {}, {}};
    for (const auto& mark : marks)
    {
        series.points.emplace_back(mark.x, mark.y.mean);
        series.halfWidths.push_back(std::isfinite(mark.y.halfWidth) ? mark.y.halfWidth : 0);
    }
    if (std::all_of(series.halfWidths.begin(), series.halfWidths.end(), [](double half) {
            return half == 0;
        }))
    {
        series.halfWidths.clear();
    }
    return series;
}

/// The least and the most of a metric, with where they are.
std::string
Extremes(const SweepView& view)
{
    const ReportedPoint* least = nullptr;
    const ReportedPoint* most = nullptr;
    const auto mean = [&](const ReportedPoint* point) {
        return MetricAt(*point, view.metric).mean;
    };
    for (const auto& point : view.sweep.points)
    {
        if (MetricAt(point, view.metric).count > 0)
        {
            least = !least || mean(&point) < mean(least) ? &point : least;
            most = !most || mean(&point) > mean(most) ? &point : most;
        }
    }
    if (!least)
    {
        return "No run has it.";
    }
    const auto at = [&](const ReportedPoint* point) {
        return TrimmedNumber(mean(point), 3) +
               (view.free.empty() ? "" : " at " + ChoiceText(view, *point, Others(view, {})));
    };
    return "From " + at(least) + " to " + at(most) + ".";
}

Chart
LinesOrMarks(const SweepView& view, const std::map<std::size_t, double>& shares)
{
    Chart chart;
    chart.title = view.sweep.metrics[view.metric];
    chart.y = chart.title;
    chart.text = Extremes(view);
    const auto number = std::find_if(view.free.begin(), view.free.end(), [&](auto parameter) {
        return IsNumber(view, parameter);
    });
    if (number == view.free.end())
    {
        return chart;
    }
    const auto groups = GroupedBy(view, Others(view, {*number}));
    if (groups.size() <= MOST_LINES_OF_CHART)
    {
        chart.x = ParameterName(view, *number);
        chart.title += " by " + chart.x;
        for (const auto& [choice, points] : groups)
        {
            chart.series.push_back(
                SeriesOf(view, choice.empty() ? chart.y : choice, points, *number));
        }
        chart.text +=
            chart.series.front().halfWidths.empty() ? "" : " The bars are 95 % intervals.";
        return chart;
    }
    std::size_t most = *number;
    for (const auto parameter : view.free)
    {
        most =
            IsNumber(view, parameter) && shares.at(parameter) > shares.at(most) ? parameter : most;
    }
    chart.kind = Chart::Kind::POINTS;
    chart.x = ParameterName(view, most);
    chart.title += " by " + chart.x;
    std::vector<const ReportedPoint*> all;
    for (const auto& point : view.sweep.points)
    {
        all.push_back(&point);
    }
    chart.series.push_back(SeriesOf(view, chart.y, all, most));
    chart.series.back().halfWidths.clear();
    chart.text += " A mark is a point, over the parameter that most of the variance goes with.";
    return chart;
}

Chart
VarianceChart(const SweepView& view, const std::map<std::size_t, double>& shares)
{
    Chart chart;
    chart.title = "What " + view.sweep.metrics[view.metric] + " depends on";
    chart.kind = Chart::Kind::STACKS;
    chart.x = "share of the variance between points that goes with it, %";
    std::vector<std::pair<double, std::size_t>> order;
    for (const auto& [parameter, share] : shares)
    {
        order.emplace_back(-share, parameter);
    }
    std::sort(order.begin(), order.end());
    ChartSeries series{"share, %", {}, {}};
    for (const auto& [share, parameter] : order)
    {
        series.points.emplace_back(static_cast<double>(chart.categories.size()), -100 * share);
        chart.categories.push_back(ParameterName(view, parameter));
        chart.text += (chart.text.empty() ? "" : ", ") + ParameterName(view, parameter) + " " +
                      TrimmedNumber(-100 * share, 1) + " %";
    }
    chart.text += ". What is missing to 100 % is due to parameters together.";
    chart.series.push_back(series);
    return chart;
}

/// Two parameters as rows and columns, the cells the darker the larger.
std::string
HeatMap(const SweepView& view,
        const std::vector<const ReportedPoint*>& points,
        const std::string& choice,
        double least,
        double most)
{
    const auto across = view.free[0];
    const auto down = view.free[1];
    std::map<std::pair<Json, Json>, const ReportedPoint*> cells;
    for (const auto* point : points)
    {
        cells[{point->values[down], point->values[across]}] = point;
    }
    const auto& metric = view.sweep.metrics[view.metric];
    std::string html =
        "<div class=\"tablebox\"><table class=\"heat\"><caption>" +
        EscapedHtml(metric + (choice.empty() ? "" : ", " + choice)) + "</caption><thead><tr><th>" +
        EscapedHtml(ParameterName(view, down) + " \\ " + ParameterName(view, across)) + "</th>";
    const auto columns = DistinctValues(view.sweep, across);
    for (const auto& column : columns)
    {
        html += "<th class=\"number\" scope=\"col\">" + EscapedHtml(ValueText(column)) + "</th>";
    }
    html += "</tr></thead><tbody>\n";
    for (const auto& row : DistinctValues(view.sweep, down))
    {
        html += "<tr><th scope=\"row\">" + EscapedHtml(ValueText(row)) + "</th>";
        for (const auto& column : columns)
        {
            const auto found = cells.find({row, column});
            const auto mean =
                found == cells.end() ? MeanInterval{} : MetricAt(*found->second, view.metric);
            const double heat = most > least ? (mean.mean - least) / (most - least) : 0;
            html += mean.count == 0
                        ? "<td class=\"number\">-</td>"
                        : "<td class=\"number\" style=\"--heat:" + FixedNumber(heat, 3) + "\">" +
                              TrimmedNumber(mean.mean, 3) + "</td>";
        }
        html += "</tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

std::string
HeatMaps(const SweepView& view)
{
    if (view.free.size() < 2 || DistinctValues(view.sweep, view.free[0]).size() > MOST_HEAT ||
        DistinctValues(view.sweep, view.free[1]).size() > MOST_HEAT)
    {
        return "";
    }
    const auto groups = GroupedBy(view, Others(view, {view.free[0], view.free[1]}));
    if (groups.size() > MOST_HEAT_MAPS)
    {
        return "";
    }
    double least = INFINITY;
    double most = -INFINITY;
    for (const auto& point : view.sweep.points)
    {
        if (const auto mean = MetricAt(point, view.metric); mean.count > 0)
        {
            least = std::min(least, mean.mean);
            most = std::max(most, mean.mean);
        }
    }
    std::string html;
    for (const auto& [choice, points] : groups)
    {
        html += HeatMap(view, points, choice, least, most);
    }
    return html;
}

bool
HasNumbers(const ReportedSweep& sweep, std::size_t metric)
{
    return std::any_of(sweep.points.begin(), sweep.points.end(), [&](const auto& point) {
        return !point.metrics[metric].empty();
    });
}

std::string
MetricSection(const ReportedSweep& sweep, std::size_t metric, ChartList& charts)
{
    SweepView view{sweep, metric, FreeParameters(sweep)};
    std::stable_sort(view.free.begin(), view.free.end(), [&](auto a, auto b) {
        return DistinctValues(sweep, a).size() > DistinctValues(sweep, b).size();
    });
    std::map<std::size_t, double> shares;
    for (const auto parameter : view.free)
    {
        shares[parameter] = ShareOfVariance(sweep, parameter, metric);
    }
    std::string html = "<section><h2>" + EscapedHtml(sweep.metrics[metric]) + "</h2>\n" +
                       charts.Add(LinesOrMarks(view, shares));
    if (view.free.size() > 1)
    {
        html += charts.Add(VarianceChart(view, shares));
    }
    return html + HeatMaps(view) + "</section>\n";
}

/// To six decimals, where that is not beyond what a number holds; null if it is not finite.
Json
FiniteOrNull(double value)
{
    constexpr double EXACT = 1e9;
    return std::isfinite(value)
               ? Json(std::abs(value) < EXACT ? std::round(value * 1e6) / 1e6 : value)
               : Json();
}

/// All points as data: the page's script makes the table, of as many rows as can be looked at.
std::string
PointsData(const ReportedSweep& sweep)
{
    Json columns = {"point"};
    for (const auto& parameter : sweep.parameters)
    {
        columns.push_back(parameter);
    }
    columns.push_back("ok");
    std::vector<std::size_t> numbers;
    for (std::size_t metric = 0; metric < sweep.metrics.size(); ++metric)
    {
        if (HasNumbers(sweep, metric))
        {
            numbers.push_back(metric);
            columns.push_back(sweep.metrics[metric]);
            columns.push_back("+-");
        }
    }
    Json rows = Json::array();
    for (std::size_t i = 0; i < sweep.points.size(); ++i)
    {
        const auto& point = sweep.points[i];
        Json row = {i};
        for (const auto& value : point.values)
        {
            row.push_back(value);
        }
        row.push_back(point.ok);
        for (const auto metric : numbers)
        {
            const auto mean = MetricAt(point, metric);
            row.push_back(mean.count > 0 ? FiniteOrNull(mean.mean) : Json());
            row.push_back(mean.count > 1 ? FiniteOrNull(mean.halfWidth) : Json());
        }
        rows.push_back(row);
    }
    return JsonElement("points", {{"columns", columns}, {"rows", rows}});
}

} // namespace

std::string
SweepPage(const ReportedSweep& sweep)
{
    std::size_t ok = 0;
    std::size_t failed = 0;
    for (const auto& point : sweep.points)
    {
        ok += point.ok;
        failed += point.failed;
    }
    ChartList charts;
    std::string body = "<p>" + std::to_string(sweep.points.size()) + " points, " +
                       std::to_string(ok) + " runs that are ok, " + std::to_string(failed) +
                       " that are not. Means over the runs of a point.</p>\n";
    for (std::size_t metric = 0; metric < sweep.metrics.size(); ++metric)
    {
        if (HasNumbers(sweep, metric))
        {
            body += MetricSection(sweep, metric, charts);
        }
    }
    body += "<section><h2>Points</h2>\n<p class=\"hint\">A click on a column's name sorts by it. "
            "Filters: part of a text, or a number, "
            "with &lt;, &lt;=, &gt;, &gt;= or = before it.</p>\n<div id=\"points-table\" "
            "class=\"tablebox\"></div>\n"
            "<noscript><p>etcdlab export csv prints them.</p></noscript></section>\n";
    if (!sweep.failures.empty())
    {
        std::vector<std::vector<std::string>> rows = {
            {"runs", "status", "message", "to repeat the first"}};
        rows.insert(rows.end(), sweep.failures.begin(), sweep.failures.end());
        body += "<section><h2>What went wrong</h2>\n" + TableBox(rows) + "</section>\n";
    }
    return HtmlPage(sweep.name, body, charts, PointsData(sweep));
}

} // namespace etcdlab
