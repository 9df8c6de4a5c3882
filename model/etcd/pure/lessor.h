// Leases: keys that go when nobody keeps them alive (etcd 3.4.23 lease/lessor.go).
#pragma once

#include "model/base/units.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace etcdlab
{

/// A lease's id, chosen by the member that takes the request; 0 stands for none.
using LeaseId = std::int64_t;

/**
 * The leases of a member. Which there are, how long they last and which keys they hold is the same on every
 * member that has applied the same requests, and is copied with the object; when they expire is known to the
 * leader alone, the primary, and counted from anew by each new one: Demote a copy of another member's.
 */
class Lessor
{
  public:
    /// lease/lessor.go: MaxLeaseTTL, leaseRevokeRate / 2, expiredLeaseRetryInterval, runLoop
    static constexpr std::int64_t MAX_TTL = 9'000'000'000;
    static constexpr std::size_t MAX_EXPIRED_PER_PASS = 500;
    static constexpr Duration REVOKE_RETRY{3'000'000'000};
    static constexpr Duration EXPIRY_INTERVAL{500'000'000};

    struct Lease
    {
        std::int64_t ttl = 0; //!< seconds
        std::set<std::string> keys;
        std::optional<Duration> expiry; //!< of the primary; simulated time
        Duration revokeAgain{0};        //!< not asked to be revoked before
    };

    /// @param electionTimeout decides the least time to live: what three halves of it are in whole seconds,
    /// rounded up (etcdserver/server.go: NewServer)
    explicit Lessor(Duration electionTimeout = std::chrono::seconds(1));

    // --- The state machine: the same on all members ---

    /// @param ttl seconds; raised to the least possible
    /// @return false if the id exists
    bool Grant(LeaseId id, std::int64_t ttl, Duration now);

    /// @return the keys it held, in ascending order; nothing if there is no such lease
    std::optional<std::vector<std::string>> Revoke(LeaseId id);

    /// A key was put with a lease, or, if that is 0, without: it leaves the one it had.
    void Attach(const std::string& key, LeaseId lease);
    /// A key was deleted.
    void Detach(const std::string& key);

    // --- The primary's part ---

    /// This member leads and has applied all of earlier terms: every lease begins anew, and lasts longer by `extend`.
    void Promote(Duration now, Duration extend);
    /// It leads no more: leases do not expire here.
    void Demote();

    bool IsPrimary() const
    {
        return m_primary;
    }

    /// True if the lease is over and only waits to be revoked.
    bool IsExpired(LeaseId id, Duration now) const;

    /// Keep a lease alive. @return its time to live in seconds; nothing if there is no such lease
    std::optional<std::int64_t> Renew(LeaseId id, Duration now);

    /// Leases to revoke now; those not revoked are named again after REVOKE_RETRY. In the order in which they expired.
    std::vector<LeaseId> TakeExpired(Duration now);

    const Lease* Find(LeaseId id) const;

    const std::map<LeaseId, Lease>& Leases() const
    {
        return m_leases;
    }

    std::int64_t MinTtl() const
    {
        return m_minTtl;
    }

  private:
    std::int64_t m_minTtl;
    bool m_primary = false;
    std::map<LeaseId, Lease> m_leases;
    std::map<std::string, LeaseId> m_holders; //!< by key
};

} // namespace etcdlab
