// Reads the tables that runs leave beside their summary.json.
#pragma once

#include "analysis/pure/result-error.h"
#include "model/kubernetes/pure/pod-counts.h"
#include "model/workload/request-record.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace etcdlab
{

/// What RequestsCsv wrote. @throws ResultError naming the line
std::vector<RequestRecord> ParseRequests(std::string_view text,
                                         const std::filesystem::path& origin);

/// What kube::PodsCsv wrote; times count from the run's begin. @throws ResultError naming the line
std::vector<kube::PodCounts> ParsePods(std::string_view text, const std::filesystem::path& origin);

/// Of one metric: by instance, seconds of simulated time and values.
using MetricByInstance = std::map<std::string, std::vector<std::pair<double, double>>>;

/**
 * A metric's samples in an OpenMetrics text, those of its instances that have no labels but `instance` and `job`.
 * @throws ResultError if one of its lines has no value or no time
 */
MetricByInstance ParseMetric(std::string_view openMetrics,
                             std::string_view metric,
                             const std::filesystem::path& origin);

} // namespace etcdlab
