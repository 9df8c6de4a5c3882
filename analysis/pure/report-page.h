// Results as one page of HTML that needs no network.
#pragma once

#include "analysis/pure/reported-run.h"

#include <string>
#include <vector>

namespace etcdlab
{

/**
 * Results side by side, or a single one.
 *
 * The facts of each run. For each operation: a bar per member and run on one axis, mean latency with a tick at the 99th
 * percentile; the distribution; and the table, with the figures of summary.json and the closed form where there is one.
 * Scenarios that were each run with the same seeds, two or more of them: CompareReplications. Of each run its topology, hops, pods,
 * what was measured of real systems, requests, traffic and WAL, Prometheus' targets; a single run's stand first. The same results
 * give the same bytes.
 *
 * Charts are drawn by a script in the page; their texts and all tables are there without it.
 *
 * @throws std::invalid_argument if there is no run
 */
std::string ReportPage(const std::vector<ReportedRun>& runs);

} // namespace etcdlab
