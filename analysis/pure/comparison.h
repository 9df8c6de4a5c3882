// Results side by side: any runs in a table for terminals, and the quickstart's table.
#pragma once

#include "analysis/pure/scenario-form.h"
#include "analysis/pure/summary.h"

#include <filesystem>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Two or more runs side by side: a line about each run, then per operation and member the mean and
 * the 99th percentile in milliseconds, and for every run but the first how many times as long the
 * first takes (mean over mean).
 *
 *     [1] baseline   accounting etcd, leader e2, seed 1: 300 ok, 0 failed, 2.22/s
 *     [2] optimised  accounting etcd, leader e2, seed 1: 300 ok, 0 failed, 4.76/s
 *
 *     latency in ms  member  [1] mean  [1] p99  [2] mean  [2] p99  [1]/[2]
 *     put            all       450.00   710.00    210.00   210.00     2.14
 *                    e1        710.00   710.00         -        -        -
 *
 * A dash stands where a run has no such requests; "failed: " and FailuresText below the line about a
 * run in which some failed.
 *
 * @throws std::invalid_argument if there is no summary
 */
std::string CompareSummaries(const std::vector<Summary>& summaries);

/// What a column of the table of CompareSummaries is called: "[1]" for run 0.
std::string RunLabel(std::size_t run);

/// What kind of run it was: "accounting etcd, transport message, leader e2"; tcp is not mentioned.
std::string SettingText(const RunFacts& facts);

/// The operations that occur, those of OperationNames() first.
std::vector<std::string> OperationsOf(const std::vector<Summary>& summaries);

/// The members that answered it: "all" first, then in the order of the scenarios.
std::vector<std::string> MembersOf(const std::vector<Summary>& summaries,
                                   const std::string& operation);

/// A run's failures by their error: "3 x etcdserver: request is too large, 1 x unavailable".
std::string FailuresText(const Summary& summary);

/// A table in Markdown whose columns are also aligned in plain text. The first row is the header;
/// all rows have as many cells. A bar in a cell is escaped.
std::string MarkdownTable(const std::vector<std::vector<std::string>>& rows);

/// The figures of one column of the quickstart's table: means of put over the members, in
/// milliseconds.
struct QuickstartColumn
{
    std::string title;
    double roundRobin = 0;
    double leaderProxy = 0;
};

/// What the thesis calculated: accounting thesis, processing and the proxy's own latency left out.
/// @throws std::invalid_argument as MakeScenarioForm
QuickstartColumn ThesisArithmetic(const Scenario& baseline, const Scenario& optimised);

/// What was measured, from test/reference/etcd-3.4.23-seed-links.json. @throws as ReadReference
QuickstartColumn MeasuredColumn(const std::filesystem::path& reference);

/**
 * The quickstart's table, without the two columns in the middle:
 *
 *     |                                | thesis' arithmetic | … | real etcd 3.4.23 |
 *     |--------------------------------|--------------------|---|------------------|
 *     | round robin over three members | 343.3 ms           | … | 458.2 ms         |
 *     | leader proxy                   | 210 ms + proxy     | … | 215.6 ms         |
 *     | gain                           | 1.63               | … | 2.1              |
 *
 * Milliseconds with one decimal. Gains, round robin over proxy, have two, but measured ones one.
 */
std::string QuickstartTable(const QuickstartColumn& thesisArithmetic,
                            const QuickstartColumn& simulatedThesis,
                            const QuickstartColumn& simulatedEtcd,
                            const QuickstartColumn& measured);

} // namespace etcdlab
