// etcd's defaults that several places must agree on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace etcdlab
{

/// The largest proposal, marshalled (etcd 3.4.23 embed/config.go: DefaultMaxRequestBytes, 1.5 MiB).
inline constexpr std::uint64_t MAX_REQUEST_BYTES = 3 * 1024 * 1024 / 2;

/// The longest gRPC message a member takes (v3rpc/grpc.go: MaxRequestBytes + grpcOverheadBytes) and a client sends
/// (clientv3/options.go: defaultMaxCallSendMsgSize).
inline constexpr std::uint64_t MAX_GRPC_MESSAGE_BYTES = 2 * 1024 * 1024;

/// Operations of a transaction (embed/config.go: DefaultMaxTxnOps).
inline constexpr std::size_t MAX_TXN_OPERATIONS = 128;

/// The size of the store above which puts are refused (etcdserver/quota.go: DefaultQuotaBytes).
inline constexpr std::uint64_t DEFAULT_QUOTA_BYTES = std::uint64_t{2} * 1024 * 1024 * 1024;

/// The ports of clients and of peers (embed/config.go: DefaultListenClientURLs, DefaultListenPeerURLs).
inline constexpr std::uint16_t ETCD_CLIENT_PORT = 2379;
/// kubeadm's choice for --listen-metrics-urls; etcd itself has none unless told.
inline constexpr std::uint16_t ETCD_METRICS_PORT = 2381;
inline constexpr std::uint16_t ETCD_PEER_PORT = 2380;

} // namespace etcdlab
