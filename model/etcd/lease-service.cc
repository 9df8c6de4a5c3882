#include "model/etcd/lease-service.h"

#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;
using Status = LeaseRenewResult::Status;

// etcdserver/v3_server.go, lease/leasehttp/http.go: applyTimeout
constexpr Duration APPLY_TIMEOUT = 1s;
// etcdserver/v3_server.go: LeaseRenew, between two requests to the leader
constexpr Duration FORWARD_PAUSE = 50ms;
// etcdserver/server.go: maxPendingRevokes
constexpr std::size_t MAX_PENDING_REVOKES = 16;

// etcdserver/api/v3rpc/rpctypes/error.go
constexpr const char* ERROR_APPLIED_INDEX =
    "etcdserver: request timed out, waiting for the applied index took too long";

} // namespace

/// One LeaseKeepAlive stream: works off its requests one after the other.
struct LeaseService::Session
{
    GrpcServerStreamPtr stream;
    std::deque<LeaseId> requests;
    bool busy = false;
};

LeaseService::LeaseService(const MemberConfig& config,
                           EtcdServer& server,
                           const RaftNode& raft,
                           Context context)
    : m_config(config),
      m_server(server),
      m_raft(raft),
      m_context(std::move(context)),
      m_start(Now())
{
}

LeaseService::~LeaseService()
{
    Stop();
}

void
LeaseService::Stop()
{
    *m_alive = false;
    m_expire.Cancel();
    for (auto& [number, waiter] : std::exchange(m_applyWaiters, {}))
    {
        waiter.timeout.Cancel();
    }
    m_revokeWaiters.clear();
    m_sessions.clear();
}

void
LeaseService::Close()
{
    m_sessions.clear();
}

// --- Keep-alive streams (v3rpc/lease.go: leaseKeepAlive) ---

void
LeaseService::Open(const GrpcServerStreamPtr& stream)
{
    const auto session = std::make_shared<Session>(Session{stream, {}, false});
    m_sessions.push_back(session);
    const std::weak_ptr<Session> weak = session;
    stream->OnMessage([this, alive = m_alive, weak](const RpcMessage& message) {
        const auto self = weak.lock();
        if (*alive && self)
        {
            self->requests.push_back(static_cast<const KeepAliveCall&>(*message.body).lease);
            Serve(self);
        }
    });
    stream->OnEnd([this, alive = m_alive, weak] {
        if (*alive)
        {
            std::erase(m_sessions, weak.lock());
        }
    });
}

void
LeaseService::Serve(const SessionPtr& session)
{
    if (session->busy || session->requests.empty())
    {
        return;
    }
    session->busy = true;
    const auto lease = session->requests.front();
    session->requests.pop_front();
    m_context.work([this, alive = m_alive, session, lease] {
        if (!*alive)
        {
            return;
        }
        // The header says how far this member was before, so that no later revocation hides behind it.
        const auto header =
            HeaderFieldBytes(m_context.header(), m_server.Store().CurrentRevision());
        const auto deadline = Now() + m_config.RequestTimeout();
        Renew(lease, deadline, [this, session, lease, header](const Renewed& renewed) {
            session->busy = false;
            if (renewed.error != nullptr)
            {
                std::erase(m_sessions, session);
                session->stream->End(GrpcCode::UNAVAILABLE, renewed.error);
                return;
            }
            const auto bytes = header + KeepAliveResponseBytes(lease, renewed.ttl);
            session->stream->Send(
                {static_cast<std::uint32_t>(bytes),
                 std::make_shared<KeepAliveReply>(lease, renewed.ttl, m_context.member)});
            Serve(session);
        });
    });
}

// --- Renewal (v3_server.go: LeaseRenew, waitLeader) ---

void
LeaseService::Renew(LeaseId lease, Duration deadline, RenewDone done)
{
    const auto leader = m_server.Leader();
    if (Now() >= deadline)
    {
        done({0, leader == raft::NO_NODE ? ERROR_NO_LEADER : ERROR_TIMEOUT});
        return;
    }
    if (leader == raft::NO_NODE)
    {
        RenewLater(lease, deadline, m_config.electionTimeout, std::move(done));
        return;
    }
    if (m_server.IsLeader())
    {
        RenewHere(lease, [this, lease, deadline, done](const LeaseRenewResult& result) {
            if (result.status == Status::TIMED_OUT)
            {
                done({0, ERROR_APPLIED_INDEX});
                return;
            }
            Renewal(lease, deadline, done, result);
        });
        return;
    }
    // Whichever comes first: the leader's answer or the deadline.
    const auto answered = std::make_shared<bool>(false);
    ns3::EventId timeout =
        ns3::Simulator::Schedule(ToTime(deadline - Now()), [alive = m_alive, answered, done] {
            if (*alive && !std::exchange(*answered, true))
            {
                done({0, ERROR_TIMEOUT});
            }
        });
    m_context.forward(
        leader,
        lease,
        [this, lease, deadline, done, answered, timeout](const LeaseRenewResult& result) mutable {
            if (!std::exchange(*answered, true))
            {
                timeout.Cancel();
                Renewal(lease, deadline, done, result);
            }
        });
}

void
LeaseService::Renewal(LeaseId lease,
                      Duration deadline,
                      const RenewDone& done,
                      const LeaseRenewResult& result)
{
    if (result.status == Status::OK || result.status == Status::NOT_FOUND)
    {
        done({result.ttl, nullptr});
        return;
    }
    RenewLater(lease, deadline, FORWARD_PAUSE, done);
}

void
LeaseService::RenewLater(LeaseId lease, Duration deadline, Duration delay, RenewDone done)
{
    const auto wait = std::min(delay, deadline - Now());
    ns3::Simulator::Schedule(
        ToTime(wait), [this, alive = m_alive, lease, deadline, done = std::move(done)]() mutable {
            if (*alive)
            {
                Renew(lease, deadline, std::move(done));
            }
        });
}

void
LeaseService::RenewHere(LeaseId lease, LeaseForwarder::Done done)
{
    AwaitApplied([this, lease, done = std::move(done)](bool applied) {
        if (!applied)
        {
            done({Status::TIMED_OUT, 0});
            return;
        }
        RenewApplied(lease, done);
    });
}

void
LeaseService::RenewApplied(LeaseId lease, const LeaseForwarder::Done& done)
{
    auto& lessor = m_server.Leases();
    if (!lessor.IsPrimary())
    {
        done({Status::NOT_PRIMARY, 0});
        return;
    }
    if (lessor.IsExpired(lease, Now()))
    {
        m_revokeWaiters.push_back({lease, done}); // too late: answered when it has been revoked
        return;
    }
    const auto ttl = lessor.Renew(lease, Now());
    m_server.Counters().leasesRenewed += ttl ? 1 : 0;
    done(ttl ? LeaseRenewResult{Status::OK, *ttl} : LeaseRenewResult{Status::NOT_FOUND, 0});
}

void
LeaseService::AwaitApplied(std::function<void(bool)> done)
{
    const auto index = m_raft.Raft().GetCommitIndex();
    if (m_server.AppliedIndex() >= index)
    {
        done(true);
        return;
    }
    const auto number = m_nextWaiter++;
    const auto timeout =
        ns3::Simulator::Schedule(ToTime(APPLY_TIMEOUT), [this, alive = m_alive, number] {
            if (*alive)
            {
                const auto waiter = m_applyWaiters.extract(number);
                waiter.mapped().done(false);
            }
        });
    m_applyWaiters.emplace(number, ApplyWaiter{index, std::move(done), timeout});
}

void
LeaseService::ReleaseWaiters()
{
    while (!m_applyWaiters.empty() &&
           m_applyWaiters.begin()->second.index <= m_server.AppliedIndex())
    {
        auto waiter = m_applyWaiters.extract(m_applyWaiters.begin());
        waiter.mapped().timeout.Cancel();
        waiter.mapped().done(true);
    }
    auto& lessor = m_server.Leases();
    for (auto& waiter : std::exchange(m_revokeWaiters, {}))
    {
        if (!lessor.IsPrimary())
        {
            waiter.done({Status::NOT_PRIMARY, 0});
        }
        else if (lessor.Find(waiter.lease) == nullptr)
        {
            waiter.done({Status::NOT_FOUND, 0});
        }
        else
        {
            m_revokeWaiters.push_back(std::move(waiter));
        }
    }
}

// --- Expiry (lease/lessor.go: runLoop; server.go: run) ---

void
LeaseService::OnStateChanged()
{
    if (!m_applyWaiters.empty() || !m_revokeWaiters.empty())
    {
        ReleaseWaiters();
    }
    const auto& lessor = m_server.Leases();
    if (lessor.IsPrimary() && !lessor.Leases().empty() && !m_expire.IsRunning())
    {
        // The loop runs from the start of the process on, but events are spent on it only while there are leases.
        const auto elapsed = (Now() - m_start) % Lessor::EXPIRY_INTERVAL;
        m_expire = ns3::Simulator::Schedule(
            ToTime(Lessor::EXPIRY_INTERVAL - elapsed), &LeaseService::ExpireLeases, this);
    }
}

void
LeaseService::ExpireLeases()
{
    for (const auto lease : m_server.Leases().TakeExpired(Now()))
    {
        m_toRevoke.push_back(lease);
    }
    Revoke();
    OnStateChanged();
}

void
LeaseService::Revoke()
{
    while (m_revoking < MAX_PENDING_REVOKES && !m_toRevoke.empty())
    {
        const auto lease = m_toRevoke.front();
        m_toRevoke.pop_front();
        ++m_revoking;
        m_server.Handle(
            LeaseRevokeRequest{lease}, [this, alive = m_alive](const ServerResult& result) {
                if (*alive)
                {
                    m_server.Counters().leasesExpired += result.code == GrpcCode::OK ? 1 : 0;
                }
                if (*alive && m_revoking-- == MAX_PENDING_REVOKES)
                {
                    // Not from within the apply.
                    ns3::Simulator::ScheduleNow([this, alive] {
                        if (*alive)
                        {
                            Revoke();
                        }
                    });
                }
            });
    }
}

} // namespace etcdlab
