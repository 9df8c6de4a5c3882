#include "analysis/pure/comparison.h"

#include "analysis/pure/reference.h"
#include "analysis/pure/text.h"

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{

namespace
{

using Rows = std::vector<std::vector<std::string>>;

const LatencyStatistics*
Find(const Summary& summary, const std::string& operation, const std::string& member)
{
    const auto byMember = summary.latency.find(operation);
    if (byMember == summary.latency.end())
    {
        return nullptr;
    }
    const auto found = byMember->second.find(member);
    return found == byMember->second.end() ? nullptr : &found->second;
}

/// Names in order of first appearance, those of `order` first.
std::vector<std::string>
Names(const std::vector<std::string>& order, const std::vector<std::string>& occurring)
{
    std::vector<std::string> names;
    for (const auto* list : {&order, &occurring})
    {
        for (const std::string& name : *list)
        {
            const bool occurs =
                std::find(occurring.begin(), occurring.end(), name) != occurring.end();
            if (occurs && std::find(names.begin(), names.end(), name) == names.end())
            {
                names.push_back(name);
            }
        }
    }
    return names;
}

std::string
RunLines(const std::vector<Summary>& summaries)
{
    Rows rows;
    for (std::size_t i = 0; i < summaries.size(); ++i)
    {
        const Summary& s = summaries[i];
        rows.push_back({RunLabel(i) + " " + s.facts.scenario,
                        SettingText(s.facts) + ", seed " + std::to_string(s.facts.seed) + ": " +
                            std::to_string(s.ok) + " ok, " + std::to_string(s.failed) +
                            " failed, " + FixedNumber(s.throughputPerSecond, 2) + "/s"});
        if (s.failed > 0)
        {
            rows.push_back({"", "failed: " + FailuresText(s)});
        }
    }
    return AlignedColumns(rows, 2);
}

std::vector<std::string>
LatencyRow(const std::vector<Summary>& summaries,
           const std::string& operation,
           const std::string& member,
           bool first)
{
    std::vector<std::string> row = {first ? operation : "", member};
    const LatencyStatistics* base = Find(summaries[0], operation, member);
    for (std::size_t i = 0; i < summaries.size(); ++i)
    {
        const LatencyStatistics* own = Find(summaries[i], operation, member);
        row.push_back(own ? FixedNumber(own->mean, 2) : "-");
        row.push_back(own ? FixedNumber(own->p99, 2) : "-");
        if (i > 0)
        {
            const bool both = base && own && own->mean > 0;
            row.push_back(both ? FixedNumber(base->mean / own->mean, 2) : "-");
        }
    }
    return row;
}

std::string
Gain(const QuickstartColumn& column, int decimals)
{
    return column.leaderProxy > 0 ? FixedNumber(column.roundRobin / column.leaderProxy, decimals)
                                  : "-";
}

std::string
OneDecimal(double milliseconds)
{
    return FixedNumber(milliseconds, 1) + " ms";
}

} // namespace

std::string
RunLabel(std::size_t run)
{
    std::string label = "[";
    label += std::to_string(run + 1);
    return label += "]";
}

std::string
SettingText(const RunFacts& facts)
{
    return "accounting " + AccountingName(facts.accounting) +
           (facts.transport == "tcp" ? "" : ", transport " + facts.transport) + ", leader " +
           (facts.leader.empty() ? "none" : facts.leader);
}

std::vector<std::string>
OperationsOf(const std::vector<Summary>& summaries)
{
    std::vector<std::string> occurring;
    for (const Summary& summary : summaries)
    {
        for (const auto& [operation, byMember] : summary.latency)
        {
            occurring.push_back(operation);
        }
    }
    return Names(OperationNames(), occurring);
}

std::vector<std::string>
MembersOf(const std::vector<Summary>& summaries, const std::string& operation)
{
    std::vector<std::string> order = {ALL_MEMBERS};
    std::vector<std::string> occurring;
    for (const Summary& summary : summaries)
    {
        for (const MemberResult& member : summary.facts.members)
        {
            order.push_back(member.name);
        }
        const auto byMember = summary.latency.find(operation);
        if (byMember != summary.latency.end())
        {
            for (const auto& [member, statistics] : byMember->second)
            {
                occurring.push_back(member);
            }
        }
    }
    return Names(order, occurring);
}

std::string
FailuresText(const Summary& summary)
{
    std::string text;
    for (const auto& [outcome, count] : summary.failures)
    {
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " x " + outcome;
    }
    return text;
}

std::string
CompareSummaries(const std::vector<Summary>& summaries)
{
    if (summaries.empty())
    {
        throw std::invalid_argument("nothing to compare: no results");
    }
    Rows rows = {{"latency in ms", "member"}};
    for (std::size_t i = 0; i < summaries.size(); ++i)
    {
        rows[0].push_back(RunLabel(i) + " mean");
        rows[0].push_back(RunLabel(i) + " p99");
        if (i > 0)
        {
            rows[0].push_back(RunLabel(0) + "/" + RunLabel(i));
        }
    }
    for (const std::string& operation : OperationsOf(summaries))
    {
        bool first = true;
        for (const std::string& member : MembersOf(summaries, operation))
        {
            rows.push_back(LatencyRow(summaries, operation, member, first));
            first = false;
        }
    }
    return RunLines(summaries) + "\n" + AlignedColumns(rows, 2);
}

std::string
MarkdownTable(const Rows& rows)
{
    Rows escaped = rows;
    for (auto& row : escaped)
    {
        for (std::string& cell : row)
        {
            for (std::size_t at = cell.find('|'); at != std::string::npos;
                 at = cell.find('|', at + 2))
            {
                cell.insert(at, 1, '\\');
            }
        }
    }
    std::vector<std::size_t> widths = ColumnWidths(escaped);
    std::string text;
    for (std::size_t i = 0; i < escaped.size(); ++i)
    {
        for (std::size_t j = 0; j < widths.size(); ++j)
        {
            text += "| " + Padded(escaped[i].at(j), widths[j]) + " ";
        }
        text += "|\n";
        if (i == 0)
        {
            for (const std::size_t width : widths)
            {
                text += "|";
                text.append(width + 2, '-');
            }
            text += "|\n";
        }
    }
    return text;
}

QuickstartColumn
ThesisArithmetic(const Scenario& baseline, const Scenario& optimised)
{
    const auto plainMean = [](Scenario scenario) {
        scenario.member = {};
        scenario.memberOverrides.clear();
        if (scenario.proxy)
        {
            scenario.proxy->cpuPerChunk = Duration{0};
        }
        return MakeScenarioForm(scenario, {.accounting = Accounting::THESIS})
            .MeanMilliseconds("put");
    };
    return {"thesis' arithmetic", plainMean(baseline), plainMean(optimised)};
}

QuickstartColumn
MeasuredColumn(const std::filesystem::path& reference)
{
    const auto figures = ReadReference(reference);
    return {"real etcd 3.4.23",
            FigureThatShows(figures, "put, mean over the members").measured[0],
            FigureThatShows(figures, "create, relay to the leader, mean").measured[0]};
}

std::string
QuickstartTable(const QuickstartColumn& thesisArithmetic,
                const QuickstartColumn& simulatedThesis,
                const QuickstartColumn& simulatedEtcd,
                const QuickstartColumn& measured)
{
    return MarkdownTable(
        {{"", thesisArithmetic.title, simulatedThesis.title, simulatedEtcd.title, measured.title},
         {"round robin over three members",
          OneDecimal(thesisArithmetic.roundRobin),
          OneDecimal(simulatedThesis.roundRobin),
          OneDecimal(simulatedEtcd.roundRobin),
          OneDecimal(measured.roundRobin)},
         {"leader proxy",
          TrimmedNumber(thesisArithmetic.leaderProxy, 1) + " ms + proxy",
          OneDecimal(simulatedThesis.leaderProxy),
          OneDecimal(simulatedEtcd.leaderProxy),
          OneDecimal(measured.leaderProxy)},
         {"gain",
          Gain(thesisArithmetic, 2),
          Gain(simulatedThesis, 2),
          Gain(simulatedEtcd, 2),
          Gain(measured, 1)}});
}

} // namespace etcdlab
