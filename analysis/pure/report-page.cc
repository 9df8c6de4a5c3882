#include "analysis/pure/report-page.h"

#include "analysis/pure/comparison.h"
#include "analysis/pure/html-page.h"
#include "analysis/pure/html.h"
#include "analysis/pure/paired-comparison.h"
#include "analysis/pure/text.h"
#include "analysis/pure/topology-drawing.h"
#include "model/storage/wal.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace etcdlab
{

namespace
{

/// One member's latencies in one run.
struct ReportBar
{
    std::string name;
    LatencyStatistics latency;
    std::optional<double> form; //!< the mean by the closed form, ms
};

std::vector<Summary>
SummariesOf(const std::vector<ReportedRun>& runs)
{
    std::vector<Summary> summaries;
    for (const auto& run : runs)
    {
        summaries.push_back(run.summary);
    }
    return summaries;
}

/// What tells runs apart; a single one needs nothing.
std::vector<std::string>
Labels(const std::vector<ReportedRun>& runs)
{
    std::vector<std::string> labels;
    for (std::size_t run = 0; run < runs.size(); ++run)
    {
        labels.push_back(runs.size() > 1 ? RunLabel(run) : "");
    }
    return labels;
}

std::string
Joined(const std::string& label, const std::string& name)
{
    return label.empty() ? name : label + " " + name;
}

std::vector<ReportBar>
ReportBars(const std::vector<ReportedRun>& runs, const std::string& operation)
{
    const auto labels = Labels(runs);
    std::vector<ReportBar> bars;
    for (std::size_t run = 0; run < runs.size(); ++run)
    {
        const auto& summary = runs[run].summary;
        const auto found = summary.latency.find(operation);
        if (found == summary.latency.end())
        {
            continue;
        }
        const auto form = FormOf(runs[run]);
        for (const auto& member : MembersOf({summary}, operation))
        {
            bars.push_back({Joined(labels[run], member),
                            found->second.at(member),
                            form ? FormMean(*form, operation, member) : std::nullopt});
        }
    }
    return bars;
}

std::string
LatencyDrawing(const std::vector<ReportBar>& bars, const std::string& operation)
{
    constexpr double LEFT = 170;
    constexpr double WIDTH = 520;
    constexpr std::size_t ROW = 26;
    double longest = 0;
    for (const auto& bar : bars)
    {
        longest = std::max({longest, bar.latency.mean, bar.latency.p99});
    }
    const double scale = longest > 0 ? WIDTH / longest : 0;
    std::string svg = "<svg role=\"img\" viewBox=\"0 0 820 " + std::to_string(bars.size() * ROW) +
                      "\" aria-label=\"" + EscapedHtml(operation) +
                      ": mean latency as bars, 99th percentile as ticks; the table below has the "
                      "figures\">\n";
    for (std::size_t i = 0; i < bars.size(); ++i)
    {
        const auto& bar = bars[i];
        const auto y = std::to_string(i * ROW + 4);
        const auto tick = TrimmedNumber(LEFT + bar.latency.p99 * scale, 2);
        svg += "<text x=\"0\" y=\"" + std::to_string(i * ROW + 18) + "\">" + EscapedHtml(bar.name) +
               "</text><rect class=\"bar\" x=\"170\" y=\"" + y + "\" height=\"18\" width=\"" +
               TrimmedNumber(bar.latency.mean * scale, 2) + "\"/><path class=\"tick\" d=\"M" +
               tick + " " + y + "v18\"/><text x=\"700\" y=\"" + std::to_string(i * ROW + 18) +
               "\">" + FixedNumber(bar.latency.mean, 1) + " ms</text>\n";
    }
    return svg + "</svg>\n";
}

std::string
LatencySection(const std::vector<ReportedRun>& runs,
               const std::string& operation,
               ChartList& charts)
{
    const auto bars = ReportBars(runs, operation);
    const bool forms =
        std::any_of(bars.begin(), bars.end(), [](const auto& bar) { return bar.form.has_value(); });
    std::vector<std::vector<std::string>> rows = {
        {"member", "count", "mean", "p50", "p90", "p99", "min", "max"}};
    if (forms)
    {
        rows[0].insert(rows[0].end(), {"closed form", "off by, %"});
    }
    for (const auto& [name, s, form] : bars)
    {
        auto& cells = rows.emplace_back(std::vector{name, std::to_string(s.count)});
        for (const double value : {s.mean, s.p50, s.p90, s.p99, s.min, s.max})
        {
            cells.push_back(TrimmedNumber(value, 6));
        }
        if (forms)
        {
            cells.push_back(form ? TrimmedNumber(*form, 3) : "-");
            cells.push_back(form && *form > 0 ? FixedNumber(100 * (s.mean / *form - 1), 2) : "-");
        }
    }
    return "<section><h2>Latency of " + EscapedHtml(operation) + "</h2>\n" +
           LatencyDrawing(bars, operation) +
           TableBox(rows, "ms, of measured requests that were answered") +
           charts.Add(LatencyDistribution(runs, Labels(runs), operation)) + "</section>\n";
}

std::string
FactsTable(const std::vector<ReportedRun>& runs)
{
    std::vector<std::vector<std::string>> rows = {
        {"run", "setting", "seed", "ok", "failed", "answered per s", "failures", "etcdlab"}};
    const auto labels = Labels(runs);
    for (std::size_t run = 0; run < runs.size(); ++run)
    {
        const auto& summary = runs[run].summary;
        rows.push_back({Joined(labels[run], summary.facts.scenario),
                        SettingText(summary.facts),
                        std::to_string(summary.facts.seed),
                        std::to_string(summary.ok),
                        std::to_string(summary.failed),
                        TrimmedNumber(summary.throughputPerSecond, 6),
                        FailuresText(summary),
                        summary.facts.version});
    }
    return TableBox(rows);
}

/// If scenarios were run with the same seeds, the differences of pairs with their intervals.
std::string
Replications(const std::vector<Summary>& summaries)
{
    std::vector<std::string> order;
    std::map<std::string, std::vector<Summary>> byScenario;
    for (const auto& summary : summaries)
    {
        auto& runs = byScenario[summary.facts.scenario];
        if (runs.empty())
        {
            order.push_back(summary.facts.scenario);
        }
        runs.push_back(summary);
    }
    std::vector<std::vector<Summary>> runs;
    for (const auto& scenario : order)
    {
        runs.push_back(byScenario[scenario]);
        const auto same =
            std::equal(runs.front().begin(),
                       runs.front().end(),
                       runs.back().begin(),
                       runs.back().end(),
                       [](const auto& a, const auto& b) { return a.facts.seed == b.facts.seed; });
        if (!same)
        {
            return "";
        }
    }
    if (runs.size() < 2 || runs.front().size() < 2)
    {
        return "";
    }
    return "<section><h2>Differences of pairs</h2><pre>" + EscapedHtml(CompareReplications(runs)) +
           "</pre></section>\n";
}

std::string
MembersTable(const Summary& summary)
{
    constexpr double MB = 1e6;
    std::vector<std::vector<std::string>> rows = {{"member",
                                                   "WAL used, MB",
                                                   "WAL allocated, MB",
                                                   "WAL syncs",
                                                   "from clients, MB",
                                                   "to clients, MB",
                                                   "revision"}};
    for (const auto& member : summary.facts.members)
    {
        const auto segments = member.walBytes / wal::SEGMENT_BYTES + 1;
        rows.push_back({member.name + (member.name == summary.facts.leader ? " (leader)" : ""),
                        FixedNumber(static_cast<double>(member.walBytes) / MB, 3),
                        FixedNumber(static_cast<double>(segments * wal::SEGMENT_BYTES) / MB, 0),
                        std::to_string(member.walFsyncs),
                        FixedNumber(static_cast<double>(member.clientReceivedBytes) / MB, 3),
                        FixedNumber(static_cast<double>(member.clientSentBytes) / MB, 3),
                        std::to_string(member.revision)});
    }
    return TableBox(rows, "members at the end; clients' bytes as protobuf");
}

std::string
LinksTable(const Summary& summary)
{
    std::vector<std::vector<std::string>> rows = {{"from", "to", "packets", "IP bytes"}};
    for (const auto& link : summary.facts.links)
    {
        rows.push_back(
            {link.from, link.to, std::to_string(link.packets), std::to_string(link.ipBytes)});
    }
    return rows.size() > 1 ? "<details><summary>Links</summary>" + TableBox(rows) + "</details>\n"
                           : "";
}

/// What was measured of the same scenario on real systems.
std::string
MeasuredTable(const ReportedRun& run)
{
    if (run.references.empty())
    {
        return "";
    }
    const auto observed = nlohmann::json::parse(SummaryText(run.summary));
    const Observer observe = [&observed](const Observation&) -> const nlohmann::json& {
        return observed;
    };
    std::string html;
    for (const auto& group : run.references)
    {
        std::vector<std::vector<std::string>> rows = {
            {"", "measured", "simulated", "off by, %", "unit", ""}};
        for (const auto& figure : group.figures)
        {
            const auto compared = CompareFigure(figure, observe);
            rows.push_back({figure.shows,
                            TrimmedNumber(figure.measured.front(), 3),
                            TrimmedNumber(compared.simulated.front(), 3),
                            FixedNumber(100 * compared.error, 2),
                            figure.unit,
                            figure.fitted.empty() ? "predicted" : "fitted: " + figure.fitted});
        }
        html += TableBox(rows, group.title);
    }
    return "<h3>Measured on real systems</h3>\n" + html;
}

std::string
RunSection(const ReportedRun& run, const std::string& label, ChartList& charts)
{
    const auto& summary = run.summary;
    std::string html =
        label.empty()
            ? "<section>\n"
            : "<section><h2>" + EscapedHtml(Joined(label, summary.facts.scenario)) + "</h2>\n";
    if (run.scenario)
    {
        html += "<p>" + EscapedHtml(run.scenario->description) + "</p>\n" +
                TopologyDrawing(*run.scenario, summary.facts.leader) +
                "<p>Round-trip times in ms.</p>\n";
    }
    if (const auto form = FormOf(run))
    {
        html += charts.Add(WhereTimeGoes(*form, OperationsOf({summary})));
    }
    if (!run.ladder.empty())
    {
        html += "<h3>A request, message by message</h3>\n<div class=\"tablebox\">" + run.ladder +
                "</div>\n";
    }
    html += charts.Add(PodsOverTime(run)) + MeasuredTable(run) + charts.Add(RequestsOverTime(run)) +
            charts.Add(TrafficOverTime(run)) + charts.Add(WalOverTime(run)) + MembersTable(summary);
    if (!run.targets.empty())
    {
        html += TableBox(run.targets, "Prometheus' targets at the end");
    }
    return html + LinksTable(summary) + "</section>\n";
}

} // namespace

std::string
ReportPage(const std::vector<ReportedRun>& runs)
{
    if (runs.empty())
    {
        throw std::invalid_argument("a report of no results");
    }
    const auto summaries = SummariesOf(runs);
    std::string title;
    for (const auto& summary : summaries)
    {
        title += (title.empty() ? "" : ", ") + summary.facts.scenario;
    }
    ChartList charts;
    std::string body = FactsTable(runs) + Replications(summaries);
    std::string latencies;
    std::string each;
    // The charts' numbers do not depend on the order in which they stand on the page.
    for (const auto& operation : OperationsOf(summaries))
    {
        latencies += LatencySection(runs, operation, charts);
    }
    const auto labels = Labels(runs);
    for (std::size_t run = 0; run < runs.size(); ++run)
    {
        each += RunSection(runs[run], labels[run], charts);
    }
    body += runs.size() > 1 ? latencies + each : each + latencies;
    return HtmlPage(title, body, charts);
}

} // namespace etcdlab
