// What a run leaves behind: one record per request, and what was counted at the members and between
// them. Plain data, filled by the simulation, written by summary.h.
#pragma once

#include "analysis/pure/outcomes.h"
#include "helper/scenario/scenario.h"
#include "model/base/units.h"
#include "model/kubernetes/pure/pod-counts.h"
#include "model/kubernetes/pure/release-result.h"
#include "model/kubernetes/pure/request-log.h"
#include "model/monitoring/pure/scrape.h"
#include "model/workload/request-record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

/// What was counted at one member over the whole run, warm-up included.
struct MemberResult
{
    std::string name;
    std::uint64_t walBytes = 0;  //!< frames written to the log, segment heads included
    std::uint64_t walFsyncs = 0; //!< fdatasync calls on the log
    std::uint64_t appliedIndex = 0;
    std::uint64_t revision = 0; //!< of the key-value store
    // Client traffic. The first two are what etcd_network_client_grpc_{received,sent}_bytes_total
    // count.
    std::uint64_t clientReceivedBytes = 0;     //!< protobuf messages
    std::uint64_t clientSentBytes = 0;         //!< protobuf messages
    std::uint64_t clientReceivedWireBytes = 0; //!< TCP payload: with gRPC and HTTP/2 framing
    std::uint64_t clientSentWireBytes = 0;     //!< likewise
    bool operator==(const MemberResult&) const = default;
};

/// What one member sent another.
struct PeerTraffic
{
    std::string from;
    std::string to;
    std::uint64_t messages = 0;      //!< Raft messages and link heartbeats
    std::uint64_t protobufBytes = 0; //!< as etcd_network_peer_sent_bytes_total counts them
    std::uint64_t wireBytes = 0;     //!< TCP payload: stream framing and HTTP chunks included
    bool operator==(const PeerTraffic&) const = default;
};

/// What was sent over a link in one direction, at IP level, lost packets included.
struct LinkTraffic
{
    std::string from;
    std::string to;
    std::uint64_t packets = 0;
    std::uint64_t ipBytes = 0; //!< IP and TCP headers included, the link layer's not
    bool operator==(const LinkTraffic&) const = default;
};

/// What is true of a run as a whole.
struct RunFacts
{
    std::string scenario; //!< its name
    std::string version;  //!< etcdlab's
    std::uint64_t seed = 0;
    Accounting accounting = Accounting::ETCD;
    std::string transport = "tcp";
    Duration simulatedTime{0};
    std::string leader;                //!< at the end; empty: none
    std::vector<MemberResult> members; //!< in the scenario's order
    std::vector<PeerTraffic> peers;    //!< ordered by from, then to, in the scenario's order
    std::vector<LinkTraffic> links;    //!< both directions of each link, ordered by from, then to
    std::optional<Outcomes> outcomes;  //!< of runs with faults
    bool operator==(const RunFacts&) const = default;
};

/// How long events took to a client's watches: from the moment at which the first member had applied the change.
struct WatchDelays
{
    std::string client;
    std::vector<Duration> delays;
};

/// What a Prometheus server has seen of the run.
struct MonitoringResult
{
    std::vector<TargetStatus> targets; //!< as of the end
    std::string openMetrics;           //!< RecordedSeries::OpenMetrics
};

/// What became of a Kubernetes cluster; times are those of the simulation.
struct KubernetesResult
{
    Duration begin{0}; //!< when the run began, and the releases
    std::vector<kube::EtcdRequest> etcd;
    std::vector<kube::ApiRequest> api;
    std::vector<kube::ReleaseResult> releases; //!< in the scenario's order
    std::vector<kube::PodCounts> pods;
    std::vector<std::pair<std::string, std::uint64_t>> connections; //!< to each member at the end
    std::uint64_t watches = 0; //!< of etcd, of all API servers at the end
};

struct RunResult
{
    RunFacts facts;
    std::vector<WatchDelays> watchDelays;       //!< of clients that watch, in the scenario's order
    std::optional<MonitoringResult> monitoring; //!< of scenarios with a Prometheus
    std::vector<RequestRecord> requests;        //!< in the order in which they are to be listed
    std::optional<KubernetesResult> kubernetes;
};

} // namespace etcdlab
