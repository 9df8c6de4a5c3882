// What a member's process counts for those who ask at /metrics, as plain numbers.
#pragma once

#include "model/base/histogram.h"
#include "model/etcd/pure/requests.h"

#include <cstdint>

namespace etcdlab
{

/// Operations on the store as this member has carried them out (etcd 3.4.23 mvcc/metrics_txn.go).
struct StoreCounters
{
    std::uint64_t puts = 0;
    std::uint64_t ranges = 0; //!< comparisons of a transaction among them
    std::uint64_t deletes = 0;
    std::uint64_t txns = 0; //!< with more than one operation, comparisons aside
    std::uint64_t putBytes = 0;

    /// @param response OK; decides which branch of a transaction was taken
    void Count(const Request& request, const Response& response);
};

/// Of EtcdServer, since the process began.
struct ServerCounters
{
    StoreCounters store;
    std::uint64_t proposalsFailed = 0; //!< refused by Raft or timed out
    std::uint64_t leasesGranted = 0;
    std::uint64_t leasesRevoked = 0;
    std::uint64_t leasesRenewed = 0; //!< as the leader
    std::uint64_t leasesExpired = 0; //!< likewise
    std::uint64_t watchEvents = 0;   //!< handed to clients' streams
    Histogram leaseTtl{LEASE_TTL_BUCKETS};
};

} // namespace etcdlab
