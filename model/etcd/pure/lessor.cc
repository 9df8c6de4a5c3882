#include "model/etcd/pure/lessor.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

// lease/lessor.go: leaseRevokeRate
constexpr std::size_t REVOKE_RATE = 1000;

Duration
Seconds(std::int64_t seconds)
{
    return std::chrono::seconds(seconds);
}

} // namespace

Lessor::Lessor(Duration electionTimeout)
    : m_minTtl((3 * electionTimeout / 2 + Seconds(1) - Duration(1)) / Seconds(1))
{
}

bool
Lessor::Grant(LeaseId id, std::int64_t ttl, Duration now)
{
    Lease lease;
    lease.ttl = std::max(ttl, m_minTtl);
    if (m_primary)
    {
        lease.expiry = now + Seconds(lease.ttl);
    }
    return m_leases.emplace(id, std::move(lease)).second;
}

std::optional<std::vector<std::string>>
Lessor::Revoke(LeaseId id)
{
    const auto lease = m_leases.extract(id);
    if (!lease)
    {
        return std::nullopt;
    }
    const auto& keys = lease.mapped().keys;
    for (const auto& key : keys)
    {
        m_holders.erase(key);
    }
    return std::vector<std::string>(keys.begin(), keys.end());
}

void
Lessor::Attach(const std::string& key, LeaseId lease)
{
    Detach(key);
    const auto found = m_leases.find(lease);
    if (found != m_leases.end())
    {
        found->second.keys.insert(key);
        m_holders[key] = lease;
    }
}

void
Lessor::Detach(const std::string& key)
{
    const auto holder = m_holders.find(key);
    if (holder != m_holders.end())
    {
        m_leases.at(holder->second).keys.erase(key);
        m_holders.erase(holder);
    }
}

void
Lessor::Promote(Duration now, Duration extend)
{
    m_primary = true;
    std::vector<Lease*> byExpiry;
    for (auto& [id, lease] : m_leases)
    {
        lease.expiry = now + Seconds(lease.ttl) + extend;
        byExpiry.push_back(&lease);
    }
    if (byExpiry.size() < REVOKE_RATE)
    {
        return;
    }
    // So many that they could expire faster than they can be revoked are spread out (lessor.Promote): of those that
    // fall into one second, no more than three quarters of the rate.
    std::stable_sort(byExpiry.begin(), byExpiry.end(), [](const Lease* a, const Lease* b) {
        return *a->expiry < *b->expiry;
    });
    const std::int64_t perSecond = 3 * REVOKE_RATE / 4;
    auto base = *byExpiry.front()->expiry - now;
    auto window = base + Seconds(1);
    std::int64_t inWindow = 0;
    for (auto* lease : byExpiry)
    {
        const auto remaining = *lease->expiry - now;
        if (remaining > window)
        {
            base = remaining;
            window = base + Seconds(1);
            inWindow = 1;
            continue;
        }
        if (++inWindow <= perSecond)
        {
            continue;
        }
        const auto delay = Seconds(1) * inWindow / perSecond - (remaining - base);
        window = base + delay;
        lease->expiry = *lease->expiry + delay;
    }
}

void
Lessor::Demote()
{
    m_primary = false;
    for (auto& [id, lease] : m_leases)
    {
        lease.expiry.reset();
        lease.revokeAgain = Duration(0);
    }
}

bool
Lessor::IsExpired(LeaseId id, Duration now) const
{
    const auto* lease = Find(id);
    return lease != nullptr && lease->expiry && *lease->expiry <= now;
}

std::optional<std::int64_t>
Lessor::Renew(LeaseId id, Duration now)
{
    const auto found = m_leases.find(id);
    if (found == m_leases.end())
    {
        return std::nullopt;
    }
    found->second.expiry = now + Seconds(found->second.ttl);
    found->second.revokeAgain = Duration(0);
    return found->second.ttl;
}

std::vector<LeaseId>
Lessor::TakeExpired(Duration now)
{
    std::vector<std::pair<Duration, LeaseId>> expired;
    if (!m_primary)
    {
        return {};
    }
    for (const auto& [id, lease] : m_leases)
    {
        if (lease.expiry && *lease.expiry <= now && lease.revokeAgain <= now)
        {
            expired.emplace_back(*lease.expiry, id);
        }
    }
    std::sort(expired.begin(), expired.end());
    expired.resize(std::min(expired.size(), MAX_EXPIRED_PER_PASS));
    std::vector<LeaseId> ids;
    for (const auto& [when, id] : expired)
    {
        m_leases.at(id).revokeAgain = now + REVOKE_RETRY;
        ids.push_back(id);
    }
    return ids;
}

const Lessor::Lease*
Lessor::Find(LeaseId id) const
{
    const auto found = m_leases.find(id);
    return found == m_leases.end() ? nullptr : &found->second;
}

} // namespace etcdlab
