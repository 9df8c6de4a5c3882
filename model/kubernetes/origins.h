// Why the API server asks etcd on its own account: the names that the measured request log uses.
#pragma once

#include <string_view>

namespace etcdlab::kube
{

inline constexpr std::string_view ORIGIN_PROBE = "apiserver: readyz/livez probe";
inline constexpr std::string_view ORIGIN_COUNTS = "apiserver: object-count metrics (60 s/type)";
inline constexpr std::string_view ORIGIN_RECONCILER =
    "apiserver: master endpoint reconciler + system ns";
inline constexpr std::string_view ORIGIN_SIZE = "apiserver: db-size Status (30 s/endpoint)";
inline constexpr std::string_view ORIGIN_PRIORITY = "apiserver: APF bootstrap (1.20 only)";
inline constexpr std::string_view ORIGIN_COMPACTION = "apiserver: compaction";
inline constexpr std::string_view ORIGIN_REPAIR = "apiserver: service IP and node port repair";
inline constexpr std::string_view ORIGIN_BOOTSTRAP = "apiserver: bootstrap";
inline constexpr std::string_view ORIGIN_CACHER = "apiserver: watch cache list";
inline constexpr std::string_view ORIGIN_CUSTOM_CACHER = "CR cacher init list";
inline constexpr std::string_view ORIGIN_LEASE =
    "lease: grant (events <=1/60 s; masterlease 1/10 s)";
inline constexpr std::string_view ORIGIN_ADMISSION = "admission live list (30 s/ns)";
inline constexpr std::string_view ORIGIN_DEFINITIONS = "CRD status controllers";
inline constexpr std::string_view ORIGIN_API_SERVICES = "CRD -> APIService autoregister";

} // namespace etcdlab::kube
