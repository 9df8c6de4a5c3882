// Prometheus' page Targets, for programs and for people.
#pragma once

#include "model/monitoring/pure/scrape.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// An array of objects: endpoint, state, labels, last_scrape (seconds of simulated time; null: none yet),
/// scrape_duration (seconds), error.
std::string TargetsJson(const std::vector<TargetStatus>& targets);

/// The same as a table.
std::string TargetsTable(const std::vector<TargetStatus>& targets);

} // namespace etcdlab
