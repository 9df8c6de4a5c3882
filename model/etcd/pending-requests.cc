#include "model/etcd/pending-requests.h"

#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"

#include <utility>

namespace etcdlab
{

PendingRequests::PendingRequests(const MemberConfig& config,
                                 std::function<void(std::uint64_t, bool)> timedOut)
    : m_config(config),
      m_timedOut(std::move(timedOut))
{
}

PendingRequests::~PendingRequests()
{
    Stop();
}

void
PendingRequests::Stop()
{
    m_timeout.Cancel();
    m_waiters.clear();
}

void
PendingRequests::Add(std::uint64_t id, Done done)
{
    m_waiters.emplace(id, std::move(done));
    m_deadlines.push_back({Now() + m_config.RequestTimeout(), id});
    if (!m_timeout.IsRunning())
    {
        m_timeout = ns3::Simulator::Schedule(
            ToTime(m_config.RequestTimeout()), &PendingRequests::CheckTimeouts, this);
    }
}

bool
PendingRequests::Contains(std::uint64_t id) const
{
    return m_waiters.contains(id);
}

void
PendingRequests::Finish(std::uint64_t id, const ServerResult& result)
{
    const auto found = m_waiters.find(id);
    if (found == m_waiters.end())
    {
        return;
    }
    const auto done = std::move(found->second);
    m_waiters.erase(found);
    done(result);
}

void
PendingRequests::Fail(std::uint64_t id, GrpcCode code, const char* error)
{
    Finish(id, {code, error, {}});
}

void
PendingRequests::CheckTimeouts()
{
    const auto now = Now();
    while (!m_deadlines.empty() && m_deadlines.front().when <= now)
    {
        const auto id = m_deadlines.front().id;
        m_deadlines.pop_front();
        const bool waited = Contains(id);
        Fail(id, GrpcCode::UNAVAILABLE, ERROR_TIMEOUT);
        m_timedOut(id, waited);
    }
    while (!m_deadlines.empty() && !m_waiters.contains(m_deadlines.front().id))
    {
        m_deadlines.pop_front(); // answered in time
    }
    if (!m_deadlines.empty())
    {
        m_timeout = ns3::Simulator::Schedule(
            ToTime(m_deadlines.front().when - now), &PendingRequests::CheckTimeouts, this);
    }
}

} // namespace etcdlab
