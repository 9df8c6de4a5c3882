// etcd's defaults that several places must agree on.
#pragma once

#include <cstdint>

namespace etcdlab
{

/// The largest proposal, marshalled (etcd 3.4.23 embed/config.go: DefaultMaxRequestBytes, 1.5 MiB).
inline constexpr std::uint64_t MAX_REQUEST_BYTES = 3 * 1024 * 1024 / 2;

/// The ports of clients and of peers (embed/config.go: DefaultListenClientURLs, DefaultListenPeerURLs).
inline constexpr std::uint16_t ETCD_CLIENT_PORT = 2379;
inline constexpr std::uint16_t ETCD_PEER_PORT = 2380;

} // namespace etcdlab
