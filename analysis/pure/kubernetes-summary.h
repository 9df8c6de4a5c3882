// What summary.json says of a Kubernetes cluster.
#pragma once

#include "analysis/pure/json-node.h"
#include "analysis/pure/request-record.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// The requests to etcd that one component caused.
struct OriginTraffic
{
    std::uint64_t reads = 0;         //!< Range
    std::uint64_t writes = 0;        //!< Txn
    std::uint64_t others = 0;        //!< LeaseGrant, Status, Compact
    std::uint64_t requestBytes = 0;  //!< protobuf
    std::uint64_t responseBytes = 0; //!< protobuf; watches are not among them
    bool operator==(const OriginTraffic&) const = default;
};

/// Times count from the run's begin.
struct KubernetesSummary
{
    /// From the begin to the end of the last release; nothing if there was none, or one failed.
    std::optional<Duration> wall;
    std::vector<kube::ReleaseResult> releases;
    std::map<std::string, OriginTraffic> origins;
    std::vector<std::pair<std::string, std::uint64_t>> connections; //!< to each member at the end
    std::uint64_t watches = 0;
    std::map<std::string, std::uint64_t> pods; //!< at the end, by phase; only phases with any
    bool operator==(const KubernetesSummary&) const = default;
};

KubernetesSummary MakeKubernetesSummary(const KubernetesResult& result);

/**
 *     {
 *       "wall_s": 122.4 | null, "connections": {"<member>": 83, …}, "watches": 75,
 *       "releases": {"<release>": {"wall_s", "error", "requests",
 *                                  "phases": {"<phase>": {"start_s", "duration_s", "requests", "refused", "retried"}, …}}, …},
 *       "etcd_requests": {"<origin>": {"reads", "writes", "others", "request_bytes", "response_bytes"}, …},
 *       "pods": {"<phase>": 14, …}
 *     }
 */
nlohmann::ordered_json KubernetesJson(const KubernetesSummary& summary);

/// What KubernetesJson made. @throws ResultError
KubernetesSummary ReadKubernetes(const JsonNode& node);

/// For terminals: a line for each release, with its longest phases.
std::string ReleasesText(const KubernetesSummary& summary);

} // namespace etcdlab
