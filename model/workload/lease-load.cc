#include "model/workload/lease-load.h"

#include "model/base/clock.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// After a grant that failed.
constexpr Duration GRANT_PAUSE = 1s;

} // namespace

LeaseLoad::LeaseLoad(GrpcChannel& channel, std::uint64_t count, std::int64_t ttl)
    : m_keeper(channel),
      m_ttl(ttl),
      m_leases(count),
      m_again(count)
{
}

void
LeaseLoad::Start()
{
    for (std::size_t number = 0; number < m_leases.size(); ++number)
    {
        Grant(number);
    }
}

void
LeaseLoad::Stop()
{
    for (auto& again : m_again)
    {
        again.Cancel();
    }
    m_keeper.Stop();
}

bool
LeaseLoad::IsReady() const
{
    return std::find(m_leases.begin(), m_leases.end(), 0) == m_leases.end();
}

void
LeaseLoad::Grant(std::size_t number)
{
    m_keeper.Grant(m_ttl, [this, number](LeaseId lease, const std::string&) {
        m_leases[number] = lease;
        if (lease == 0)
        {
            m_again[number] =
                ns3::Simulator::Schedule(ToTime(GRANT_PAUSE), &LeaseLoad::Grant, this, number);
            return;
        }
        LeaseKeeper::Handlers handlers;
        handlers.lost = [this, number] {
            m_leases[number] = 0;
            Grant(number);
        };
        m_keeper.KeepAlive(lease, std::move(handlers));
    });
}

void
LeaseLoad::Attach(Request& request)
{
    const auto lease = m_leases[m_next++ % m_leases.size()];
    if (auto* put = std::get_if<PutRequest>(&request))
    {
        put->lease = lease;
    }
    else if (auto* txn = std::get_if<TxnRequest>(&request))
    {
        for (auto& operation : txn->success)
        {
            if (auto* inner = std::get_if<PutRequest>(&operation))
            {
                inner->lease = lease;
            }
        }
    }
}

} // namespace etcdlab
