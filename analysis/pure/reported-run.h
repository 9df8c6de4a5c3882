// What a report knows of a run, and the charts that it makes of that.
#pragma once

#include "analysis/pure/chart.h"
#include "analysis/pure/reference.h"
#include "analysis/pure/result-tables.h"
#include "analysis/pure/scenario-form.h"
#include "analysis/pure/summary.h"

#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// The files of a result directory; all but the summary may be missing.
struct ReportedRun
{
    Summary summary;
    std::optional<Scenario> scenario;    //!< the effective one
    std::vector<RequestRecord> requests; //!< by number
    std::vector<kube::PodCounts> pods;   //!< of a Kubernetes cluster; times count from its begin
    std::vector<std::vector<std::string>>
        targets;               //!< Prometheus' page, a header first; empty: no Prometheus
    MetricByInstance walBytes; //!< etcd_disk_wal_write_bytes_total
    std::vector<ReferenceGroup> references; //!< what was measured of this very scenario
    std::string ladder;                     //!< of one request, as SVG; empty: none
};

/// The closed form, where there is one: of clients that make calls one after the other, without faults.
std::optional<ScenarioForm> FormOf(const ReportedRun& run);

/// The form's mean latency of an operation through a member, or ALL_MEMBERS, in ms; nothing if it has no such calls.
std::optional<double> FormMean(const ScenarioForm& form,
                               const std::string& operation,
                               const std::string& member);

/// The share of an operation's answers that took no longer, by member; of several runs on one axis, labelled.
/// @param labels one for each run; a single run's may be empty
Chart LatencyDistribution(const std::vector<ReportedRun>& runs,
                          const std::vector<std::string>& labels,
                          const std::string& operation);

/// Each request's latency, at its start; failures have a series of their own. Of more than 5000 requests an even choice,
/// and every failure. Bands: faults of the list, times in which nothing worked; lines: elections.
Chart RequestsOverTime(const ReportedRun& run);

/// The hops of each form that has calls, one after the other, for the operations that occur.
Chart WhereTimeGoes(const ScenarioForm& form, const std::vector<std::string>& operations);

/// Bytes of WAL as Prometheus saw them, by member. Empty without a Prometheus.
Chart WalOverTime(const ReportedRun& run);

/// Bytes of requests and answers between API servers and each member so far, from the requests' table.
Chart TrafficOverTime(const ReportedRun& run);

/// Pods by phase. Empty without a Kubernetes cluster.
Chart PodsOverTime(const ReportedRun& run);

} // namespace etcdlab
