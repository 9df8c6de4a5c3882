#include "analysis/pure/paired-comparison.h"

#include "analysis/pure/comparison.h"
#include "analysis/pure/mean-interval.h"
#include "analysis/pure/text.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using Replications = std::vector<Summary>;
using Rows = std::vector<std::vector<std::string>>;

/// What a row of the table shows.
struct Figure
{
    const char* name;
    double LatencyStatistics::*value;
};

constexpr Figure FIGURES[] = {{"mean", &LatencyStatistics::mean},
                              {"p50", &LatencyStatistics::p50},
                              {"p90", &LatencyStatistics::p90},
                              {"p99", &LatencyStatistics::p99}};

/// By seed; nothing if a run has no such requests.
using Values = std::optional<std::vector<double>>;

Values
ValuesOf(const Replications& runs, const std::string& operation, double LatencyStatistics::*value)
{
    std::vector<double> values;
    for (const Summary& run : runs)
    {
        const auto byMember = run.latency.find(operation);
        if (byMember == run.latency.end())
        {
            return {};
        }
        values.push_back(byMember->second.at(ALL_MEMBERS).*value);
    }
    return values;
}

MeanInterval
OfPairs(const std::vector<double>& a,
        const std::vector<double>& b,
        const std::function<double(double, double)>& combine)
{
    std::vector<double> combined;
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        combined.push_back(combine(a[i], b[i]));
    }
    return IntervalOfMean(combined, COMPARISON_CONFIDENCE);
}

std::string
Text(const MeanInterval& interval)
{
    return FixedNumber(interval.mean, 2) + " +- " + FixedNumber(interval.halfWidth, 2);
}

/// "seeds 1 to 10", or what is left of them.
std::string
SeedText(const Replications& runs, const std::vector<MissingSeed>& missing)
{
    auto first = runs.front().facts.seed;
    auto last = runs.back().facts.seed;
    if (!missing.empty())
    {
        first = std::min(first, missing.front().seed);
        last = std::max(last, missing.back().seed);
    }
    const auto text = "seeds " + std::to_string(first) + " to " + std::to_string(last);
    return missing.empty() ? text
                           : "PARTIAL: " + std::to_string(runs.size()) + " of the " +
                                 std::to_string(runs.size() + missing.size()) + " " + text;
}

/// Neighbours that are missing for the same reason share a line.
std::string
MissingLines(const std::vector<MissingSeed>& missing)
{
    std::string lines;
    for (std::size_t i = 0, end = 0; i < missing.size(); i = end)
    {
        const auto [first, why] = missing[i];
        for (end = i + 1;
             end < missing.size() && missing[end] == MissingSeed{first + (end - i), why};)
        {
            ++end;
        }
        lines += (end == i + 1 ? "missing: seed " : "missing: seeds ") + std::to_string(first) +
                 (end == i + 1 ? "" : " to " + std::to_string(missing[end - 1].seed)) + ": " + why +
                 "\n";
    }
    return lines;
}

std::string
RunLines(const std::vector<Replications>& runs, const std::vector<MissingSeed>& missing)
{
    Rows rows;
    for (std::size_t i = 0; i < runs.size(); ++i)
    {
        std::uint64_t ok = 0;
        std::uint64_t failed = 0;
        for (const Summary& run : runs[i])
        {
            ok += run.ok;
            failed += run.failed;
        }
        rows.push_back({RunLabel(i) + " " + runs[i][0].facts.scenario,
                        SettingText(runs[i][0].facts) + ": " + std::to_string(ok) + " ok, " +
                            std::to_string(failed) + " failed" +
                            (failed > 0 ? ": latencies are of those that were answered" : "")});
    }
    return AlignedColumns(rows, 2) + SeedText(runs[0], missing) + "; +- is half of a " +
           TrimmedNumber(COMPARISON_CONFIDENCE * 100, 1) + " % interval (Student's t)\n" +
           MissingLines(missing);
}

std::vector<std::string>
Row(const std::vector<Replications>& runs, const std::string& operation, const Figure& figure)
{
    const bool first = figure.value == FIGURES[0].value;
    std::vector<std::string> row = {first ? operation : "", figure.name};
    const auto base = ValuesOf(runs[0], operation, figure.value);
    for (std::size_t i = 0; i < runs.size(); ++i)
    {
        const auto own = ValuesOf(runs[i], operation, figure.value);
        row.push_back(own ? Text(IntervalOfMean(*own, COMPARISON_CONFIDENCE)) : "-");
        if (i > 0)
        {
            row.push_back(base && own ? Text(OfPairs(*base, *own, std::minus<>())) : "-");
            row.push_back(base && own ? Text(OfPairs(*base, *own, std::divides<>())) : "-");
        }
    }
    return row;
}

/// What follows for the means of an operation.
std::string
Conclusion(const Replications& base, const Replications& other, const std::string& operation)
{
    const auto a = ValuesOf(base, operation, &LatencyStatistics::mean);
    const auto b = ValuesOf(other, operation, &LatencyStatistics::mean);
    if (!a || !b)
    {
        return "";
    }
    const std::string& first = base[0].facts.scenario;
    const std::string& second = other[0].facts.scenario;
    auto difference = OfPairs(*a, *b, std::minus<>());
    if (std::abs(difference.mean) <= difference.halfWidth)
    {
        return operation + ": no difference between " + first + " and " + second +
               " is shown: " + Text(difference) + " ms holds 0. More seeds narrow the interval.\n";
    }
    const bool longer = difference.mean > 0;
    difference.mean = std::abs(difference.mean);
    return operation + ": " + first + " takes " + Text(difference) + " ms " +
           (longer ? "longer" : "less") + " than " + second + " on average, " +
           Text(OfPairs(*a, *b, std::divides<>())) + " times as long.\n";
}

} // namespace

std::string
CompareReplications(const std::vector<Replications>& runs, const std::vector<MissingSeed>& missing)
{
    if (runs.size() < 2 || runs[0].size() < 2)
    {
        throw std::invalid_argument("pairs take two scenarios and two seeds at least");
    }
    for (const auto& replications : runs)
    {
        if (replications.size() != runs[0].size())
        {
            throw std::invalid_argument("pairs take as many seeds of each scenario");
        }
    }
    Rows rows = {{"latency in ms", ""}};
    for (std::size_t i = 0; i < runs.size(); ++i)
    {
        rows[0].push_back(RunLabel(i));
        if (i > 0)
        {
            rows[0].push_back(RunLabel(0) + " - " + RunLabel(i));
            rows[0].push_back(RunLabel(0) + "/" + RunLabel(i));
        }
    }
    std::vector<Summary> all;
    for (const auto& replications : runs)
    {
        all.insert(all.end(), replications.begin(), replications.end());
    }
    std::string conclusions;
    for (const auto& operation : OperationsOf(all))
    {
        for (const auto& figure : FIGURES)
        {
            rows.push_back(Row(runs, operation, figure));
        }
        for (std::size_t i = 1; i < runs.size(); ++i)
        {
            conclusions += Conclusion(runs[0], runs[i], operation);
        }
    }
    return RunLines(runs, missing) + "\n" + AlignedColumns(rows, 2) +
           (conclusions.empty() ? "" : "\n" + conclusions);
}

} // namespace etcdlab
