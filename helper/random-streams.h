// Which ns-3 random streams belong to whom.
//
// Every kind of thing has a block of its own, so that adding a link changes no member's numbers, and two
// scenarios that differ in one part draw the same numbers in all others (common random numbers).
#pragma once

#include <cstdint>

namespace etcdlab
{

inline constexpr std::int64_t LINK_STREAMS = 1'000'000;
inline constexpr std::int64_t MEMBER_STREAMS = 2'000'000;
inline constexpr std::int64_t PROXY_STREAMS = 3'000'000;
inline constexpr std::int64_t CLIENT_STREAMS = 4'000'000;
inline constexpr std::int64_t KUBERNETES_STREAMS = 5'000'000;
/// Between two API servers: each has a stream for every etcd client.
inline constexpr std::int64_t KUBERNETES_STRIDE = 10'000;
/// Kubelets, controllers and programs.
inline constexpr std::int64_t CLUSTER_STREAM = 6'000'000;
inline constexpr std::int64_t FAULT_STREAMS = 9'000'000;

/// Between two things of one kind.
inline constexpr std::int64_t STREAM_STRIDE = 100;

} // namespace etcdlab
