#include "model/kubernetes/leader-election.h"

namespace etcdlab::kube
{

namespace
{

// tools/leaderelection: JitterFactor
constexpr double JITTER = 1.2;
// stored, measured
constexpr std::uint32_t LEASE_BYTES = 450;
constexpr std::uint32_t ENDPOINTS_BYTES = 530;

/// Write who holds a lock into it.
void
Sign(Object& lock, const std::string& holder)
{
    if (auto* lease = std::get_if<LeaseBody>(&lock.body))
    {
        lease->holder = holder;
        ++lease->renewals;
        return;
    }
    auto& endpoints = std::get<EndpointsBody>(lock.body);
    endpoints.leader = holder;
    ++endpoints.renewals;
}

std::string
HolderOf(const Object& lock)
{
    if (const auto* lease = std::get_if<LeaseBody>(&lock.body))
    {
        return lease->holder;
    }
    const auto* endpoints = std::get_if<EndpointsBody>(&lock.body);
    return endpoints == nullptr ? "" : endpoints->leader;
}

} // namespace

LeaderElector::LeaderElector(ApiClient& client,
                             ElectionConfig config,
                             Random random,
                             Callbacks callbacks)
    : m_client(client),
      m_config(std::move(config)),
      m_random(std::move(random)),
      m_callbacks(std::move(callbacks))
{
}

void
LeaderElector::Start()
{
    m_tasks.Start(Run());
}

Task<>
LeaderElector::Run()
{
    co_await Acquire();
    m_leads = true;
    m_callbacks.started();
    co_await Renew();
    m_leads = false;
    m_callbacks.lost();
}

Task<>
LeaderElector::Acquire()
{
    while (true)
    {
        const bool acquired = co_await TryAcquireOrRenew();
        if (acquired)
        {
            co_return;
        }
        const auto wait = m_config.retryPeriod.count() * (1 + JITTER * m_random());
        co_await Sleep(Duration(static_cast<Duration::rep>(wait)));
    }
}

Task<>
LeaderElector::Renew()
{
    auto renewed = Now();
    while (true)
    {
        co_await Sleep(m_config.retryPeriod);
        const bool kept = co_await TryAcquireOrRenew();
        if (kept)
        {
            renewed = Now();
        }
        else if (Now() - renewed >= m_config.renewDeadline)
        {
            co_return;
        }
    }
}

Task<bool>
LeaderElector::TryAcquireOrRenew()
{
    const auto& leases = m_client.Types().Get("leases");
    const auto& endpoints = m_client.Types().Get("endpoints");
    const bool both = m_config.lock == LockType::ENDPOINTS_LEASES;
    const ObjectKey key{"kube-system", m_config.name};
    const ApiResult primary =
        co_await Get(m_client, both ? endpoints : leases, key, ReadFrom::ETCD);
    if (!primary.Ok() && primary.status != 404)
    {
        co_return false;
    }
    if (both)
    {
        const ApiResult secondary = co_await Get(m_client, leases, key, ReadFrom::ETCD);
        if (!secondary.Ok() && secondary.status != 404)
        {
            co_return false;
        }
    }
    Object lock;
    if (primary.Ok())
    {
        lock = *primary.object;
        if (!MayTake(HolderOf(lock), lock.resourceVersion))
        {
            co_return false;
        }
    }
    else
    {
        lock.type = both ? &endpoints : &leases;
        lock.key = key;
        lock.bytes = both ? ENDPOINTS_BYTES : LEASE_BYTES;
        lock.body = both ? Body(EndpointsBody{}) : Body(LeaseBody{});
    }
    const bool written = co_await Write(lock, primary.Ok());
    if (!written || !both)
    {
        co_return written;
    }
    // multilock.go: the secondary follows the primary
    const ApiResult secondary = co_await Get(m_client, leases, key, ReadFrom::ETCD);
    Object lease;
    lease.type = &leases;
    lease.key = key;
    lease.bytes = LEASE_BYTES;
    lease.body = LeaseBody{};
    if (secondary.Ok())
    {
        lease = *secondary.object;
    }
    const bool followed = co_await Write(lease, secondary.Ok());
    co_return followed;
}

Task<bool>
LeaderElector::Write(Object lock, bool exists)
{
    Sign(lock, m_config.identity);
    if (exists)
    {
        const ApiResult updated = co_await Update(m_client, lock);
        co_return updated.Ok();
    }
    const ApiResult created = co_await Create(m_client, lock);
    co_return created.Ok();
}

/// Another's lock is free when it has not changed for a lease duration, by this copy's clock.
bool
LeaderElector::MayTake(const std::string& holder, Revision version)
{
    if (version != m_observed)
    {
        m_observed = version;
        m_observedTime = Now();
    }
    return holder.empty() || holder == m_config.identity ||
           m_observedTime + m_config.leaseDuration <= Now();
}

} // namespace etcdlab::kube
