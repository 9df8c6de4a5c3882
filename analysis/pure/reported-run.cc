#include "analysis/pure/reported-run.h"

#include "analysis/pure/comparison.h"
#include "analysis/pure/text.h"

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{

namespace
{

/// As many marks as a screen is wide, and then some.
constexpr std::size_t MOST_MARKS = 5000;
constexpr std::size_t MOST_STEPS = 300;

std::vector<Duration>
AnsweredLatencies(const ReportedRun& run, const std::string& operation, const std::string& member)
{
    std::vector<Duration> latencies;
    for (const auto& request : run.requests)
    {
        if (request.operation == operation && request.member == member && !request.warmup &&
            request.outcome == "ok")
        {
            latencies.push_back(request.end - request.start);
        }
    }
    std::sort(latencies.begin(), latencies.end());
    return latencies;
}

/// The share of samples up to each; of many samples an even choice with both ends.
std::vector<std::pair<double, double>>
Shares(const std::vector<Duration>& ascending)
{
    std::vector<std::pair<double, double>> points;
    const auto n = ascending.size();
    if (n > 0)
    {
        points.emplace_back(Milliseconds(ascending.front()), 0);
    }
    const auto steps = std::min(n, MOST_STEPS);
    for (std::size_t step = 1; step <= steps; ++step)
    {
        const auto count = step * n / steps;
        points.emplace_back(Milliseconds(ascending[count - 1]),
                            static_cast<double>(count) / static_cast<double>(n));
    }
    return points;
}

Duration
WorkloadBegin(const ReportedRun& run)
{
    const auto first =
        std::min_element(run.requests.begin(),
                         run.requests.end(),
                         [](const auto& a, const auto& b) { return a.start < b.start; });
    return first == run.requests.end() ? Duration{0} : first->start;
}

std::string
FaultLabel(const FaultConfig& fault)
{
    std::string label = fault.type;
    for (const auto& what : {fault.target, fault.link})
    {
        label += what.empty() ? "" : " " + what;
    }
    return label;
}

std::vector<ChartBand>
RunBands(const ReportedRun& run)
{
    std::vector<ChartBand> bands;
    if (run.scenario)
    {
        const auto begin = WorkloadBegin(run);
        for (const auto& fault : run.scenario->faults)
        {
            const auto from = begin + fault.at;
            const auto to =
                fault.duration ? from + *fault.duration : run.summary.facts.simulatedTime;
            bands.push_back({ToSeconds(from), ToSeconds(to), FaultLabel(fault)});
        }
    }
    if (run.summary.facts.outcomes)
    {
        for (const auto& window : run.summary.facts.outcomes->all.windows)
        {
            bands.push_back({ToSeconds(window.start), ToSeconds(window.end), "no answers"});
        }
        for (const auto& election : run.summary.facts.outcomes->elections)
        {
            const auto time = ToSeconds(election.time);
            bands.push_back({time, time, election.leader + " leads"});
        }
    }
    return bands;
}

/// The index of a name, which is added if it is not there.
std::size_t
SeriesOf(std::vector<ChartSeries>& series, const std::string& name)
{
    const auto found = std::find_if(
        series.begin(), series.end(), [&name](const auto& one) { return one.name == name; });
    if (found != series.end())
    {
        return static_cast<std::size_t>(found - series.begin());
    }
    series.push_back({name, {}});
    return series.size() - 1;
}

void
SortByName(std::vector<ChartSeries>& series)
{
    std::sort(
        series.begin(), series.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

std::string
MegaBytes(double bytes)
{
    return FixedNumber(bytes / 1e6, 3) + " MB";
}

} // namespace

std::optional<ScenarioForm>
FormOf(const ReportedRun& run)
{
    const auto& scenario = run.scenario;
    if (!scenario || scenario->kubernetes || !scenario->faults.empty() || scenario->randomFaults)
    {
        return std::nullopt;
    }
    try
    {
        ScenarioFormOptions options;
        options.leader = run.summary.facts.leader;
        return MakeScenarioForm(*scenario, options);
    }
    catch (const std::invalid_argument&)
    {
        return std::nullopt;
    }
}

std::optional<double>
FormMean(const ScenarioForm& form, const std::string& operation, const std::string& member)
{
    const auto& known = OperationNames();
    if (std::find(known.begin(), known.end(), operation) == known.end())
    {
        return std::nullopt;
    }
    if (member == ALL_MEMBERS)
    {
        return form.MeanMilliseconds(operation);
    }
    double sum = 0;
    double weight = 0;
    for (const auto& one : form.forms)
    {
        if (one.operation == operation && one.member == member)
        {
            const auto share = form.Share(one.client, member);
            sum += share * Milliseconds(one.Total());
            weight += share;
        }
    }
    return weight > 0 ? std::optional(sum / weight) : std::nullopt;
}

Chart
LatencyDistribution(const std::vector<ReportedRun>& runs,
                    const std::vector<std::string>& labels,
                    const std::string& operation)
{
    Chart chart;
    chart.title = "Latency distribution of " + operation;
    chart.kind = Chart::Kind::STEPS;
    chart.x = "latency, ms";
    chart.y = "share of answers that took no longer";
    for (std::size_t i = 0; i < runs.size(); ++i)
    {
        const auto& summary = runs[i].summary;
        for (const auto& member : MembersOf({summary}, operation))
        {
            const auto latencies = AnsweredLatencies(runs[i], operation, member);
            if (latencies.empty())
            {
                continue;
            }
            const auto name = (labels[i].empty() ? "" : labels[i] + " ") + member;
            const auto& statistics = summary.latency.at(operation).at(member);
            chart.series.push_back({name, Shares(latencies)});
            chart.text += (chart.text.empty() ? "" : "; ") + name + ": half within " +
                          TrimmedNumber(statistics.p50, 2) + " ms, 99 % within " +
                          TrimmedNumber(statistics.p99, 2) + " ms";
        }
    }
    chart.text += ".";
    return chart;
}

Chart
RequestsOverTime(const ReportedRun& run)
{
    const std::string FAILED = "failed";
    Chart chart;
    chart.title = "Requests over time";
    chart.kind = Chart::Kind::POINTS;
    chart.x = "start, s of simulated time";
    chart.y = "latency, ms";
    chart.bands = RunBands(run);
    const auto every = (run.requests.size() + MOST_MARKS - 1) / MOST_MARKS;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < run.requests.size(); ++i)
    {
        const auto& request = run.requests[i];
        const bool ok = request.outcome == "ok";
        failed += ok ? 0 : 1;
        if (ok && i % every != 0)
        {
            continue;
        }
        const auto series = SeriesOf(chart.series, ok ? request.member : FAILED);
        chart.series[series].points.emplace_back(ToSeconds(request.start),
                                                 Milliseconds(request.end - request.start));
    }
    SortByName(chart.series);
    chart.text =
        std::to_string(run.requests.size()) + " requests, warm-up included, " +
        std::to_string(failed) + " of them failed" +
        (every > 1 ? "; shown is one of " + std::to_string(every) + ", and every failure" : "") +
        ".";
    for (const auto& band : chart.bands)
    {
        chart.text += " " + band.label + ": " +
                      (band.from < band.to ? TrimmedNumber(band.from, 3) + " to " +
                                                 TrimmedNumber(band.to, 3) + " s."
                                           : "at " + TrimmedNumber(band.from, 3) + " s.");
    }
    return chart;
}

Chart
WhereTimeGoes(const ScenarioForm& form, const std::vector<std::string>& operations)
{
    Chart chart;
    chart.title = "Where a request's time goes, by the closed form";
    chart.kind = Chart::Kind::STACKS;
    chart.x = "ms";
    for (const auto& operation : operations)
    {
        for (const auto& one : form.forms)
        {
            if (one.operation != operation || form.Share(one.client, one.member) <= 0)
            {
                continue;
            }
            const auto category = static_cast<double>(chart.categories.size());
            chart.categories.push_back(operation + ", " + one.client + " through " + one.member);
            std::string sum;
            for (const auto& hop : one.hops)
            {
                const auto series = SeriesOf(chart.series, hop.name);
                auto& points = chart.series[series].points;
                if (!points.empty() && points.back().first == category)
                {
                    points.back().second += Milliseconds(hop.duration);
                }
                else
                {
                    points.emplace_back(category, Milliseconds(hop.duration));
                }
                sum += (sum.empty() ? "" : " + ") + hop.name + " " +
                       TrimmedNumber(Milliseconds(hop.duration), 3) +
                       (hop.node.empty() ? "" : " (" + hop.node + ")");
            }
            chart.text += (chart.text.empty() ? "" : " ") + chart.categories.back() + ": " +
                          TrimmedNumber(Milliseconds(one.Total()), 3) + " ms = " + sum + ".";
        }
    }
    return chart;
}

Chart
WalOverTime(const ReportedRun& run)
{
    Chart chart;
    chart.title = "etcd_disk_wal_write_bytes_total, as Prometheus saw it";
    chart.x = "s of simulated time";
    chart.y = "MB";
    chart.bands = RunBands(run);
    for (const auto& [instance, points] : run.walBytes)
    {
        ChartSeries& series = chart.series.emplace_back(ChartSeries{instance, {}});
        for (const auto& [time, bytes] : points)
        {
            series.points.emplace_back(time, bytes / 1e6);
        }
        chart.text += (chart.text.empty() ? "At the last scrape " : ", ") + instance + " " +
                      MegaBytes(points.back().second);
    }
    chart.text += ". etcd's gauge counts most bytes twice: when they enter its buffer, and when "
                  "they leave it.";
    return chart;
}

Chart
TrafficOverTime(const ReportedRun& run)
{
    Chart chart;
    chart.title = "Bytes between API servers and members";
    chart.kind = Chart::Kind::STEPS;
    chart.x = "s of simulated time";
    chart.y = "MB so far, both ways";
    chart.bands = RunBands(run);
    std::vector<const RequestRecord*> byEnd;
    for (const auto& request : run.requests)
    {
        if (!request.member.empty())
        {
            byEnd.push_back(&request);
        }
    }
    std::sort(byEnd.begin(), byEnd.end(), [](const auto* a, const auto* b) {
        return std::pair(a->end, a->number) < std::pair(b->end, b->number);
    });
    const auto every = (byEnd.size() + MOST_MARKS - 1) / MOST_MARKS;
    std::map<std::string, double> bytes;
    std::map<std::string, std::size_t> count;
    for (const auto* request : byEnd)
    {
        auto& sum = bytes[request->member];
        sum += request->requestBytes + request->responseBytes;
        const auto series = SeriesOf(chart.series, request->member);
        auto& points = chart.series[series].points;
        const std::pair point(ToSeconds(request->end), sum / 1e6);
        // The last one stands for those passed over since.
        if (points.empty() || count[request->member]++ % every == 0)
        {
            points.push_back(point);
        }
        else
        {
            points.back() = point;
        }
    }
    SortByName(chart.series);
    for (const auto& [member, sum] : bytes)
    {
        chart.text += (chart.text.empty() ? "" : ", ") + member + " " + MegaBytes(sum);
    }
    chart.text +=
        " of requests and answers as protobuf, without HTTP/2 and TCP; watches are not among them.";
    return chart;
}

Chart
PodsOverTime(const ReportedRun& run)
{
    Chart chart;
    chart.title = "Pods by phase";
    chart.kind = Chart::Kind::AREAS;
    chart.x = "s since the run's begin";
    chart.y = "pods";
    for (std::size_t phase = 0; phase < kube::DISPLAY_PHASES.size(); ++phase)
    {
        if (std::none_of(run.pods.begin(), run.pods.end(), [phase](const auto& row) {
                return row.pods[phase] != 0;
            }))
        {
            continue;
        }
        auto& series =
            chart.series.emplace_back(ChartSeries{std::string(kube::DISPLAY_PHASES[phase]), {}});
        for (const auto& row : run.pods)
        {
            series.points.emplace_back(ToSeconds(row.time), row.pods[phase]);
        }
        chart.text += (chart.text.empty() ? "At the end " : ", ") +
                      std::to_string(run.pods.back().pods[phase]) + " " + series.name;
    }
    chart.text += ".";
    return chart;
}

} // namespace etcdlab
