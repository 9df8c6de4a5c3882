#include "model/workload/lease-keeper.h"

#include "model/base/clock.h"

#include <utility>
#include <vector>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// clientv3/lease.go: retryConnWait is the send loop's interval as well as the wait before a stream is opened again;
// deadlineLoop looks as often
constexpr Duration RETRY_WAIT = 500ms;
// clientv3/lease.go: defaultTTL, if no dial timeout is set
constexpr Duration FIRST_ANSWER_TIMEOUT = 5s;

} // namespace

LeaseKeeper::LeaseKeeper(GrpcChannel& channel)
    : m_channel(channel)
{
}

LeaseKeeper::~LeaseKeeper()
{
    Stop();
}

void
LeaseKeeper::Stop()
{
    *m_alive = false;
    m_reopen.Cancel();
    m_send.Cancel();
    m_check.Cancel();
    m_kept.clear();
    if (const auto stream = std::exchange(m_stream, nullptr))
    {
        stream->Cancel();
    }
}

void
LeaseKeeper::Grant(std::int64_t ttl, Granted granted)
{
    m_channel.Call(MakeCall(LeaseGrantRequest{ttl, 0}),
                   [alive = m_alive, granted = std::move(granted)](const RpcResult& result) {
                       if (!*alive)
                       {
                           return;
                       }
                       const auto* reply = dynamic_cast<const KvReply*>(result.response.body.get());
                       if (result.Ok() && reply != nullptr)
                       {
                           granted(std::get<LeaseGrantResponse>(reply->response).id, "");
                           return;
                       }
                       granted(0, result.response.error);
                   });
}

void
LeaseKeeper::Revoke(LeaseId lease, std::function<void(const RpcResult&)> revoked)
{
    m_channel.Call(MakeCall(LeaseRevokeRequest{lease}),
                   [alive = m_alive, revoked = std::move(revoked)](const RpcResult& result) {
                       if (*alive)
                       {
                           revoked(result);
                       }
                   });
}

void
LeaseKeeper::KeepAlive(LeaseId lease, Handlers handlers)
{
    const auto now = Now();
    m_kept[lease] = {now, now + FIRST_ANSWER_TIMEOUT, {}, std::move(handlers)};
    if (!m_check.IsRunning())
    {
        m_check = ns3::Simulator::Schedule(ToTime(RETRY_WAIT), &LeaseKeeper::CheckDeadlines, this);
    }
    if (!m_stream && !m_reopen.IsRunning())
    {
        m_reopen = ns3::Simulator::ScheduleNow(&LeaseKeeper::Open, this);
    }
}

// clientv3/lease.go: resetRecv, recvKeepAliveLoop
void
LeaseKeeper::Open()
{
    m_queued = false;
    m_stream = m_channel.OpenStream(KEEP_ALIVE_METHOD);
    m_stream->OnMessage([this, alive = m_alive](const RpcMessage& message) {
        if (*alive)
        {
            Receive(static_cast<const KeepAliveReply&>(*message.body));
        }
    });
    m_stream->OnEnd([this, alive = m_alive](GrpcCode, const std::string&) {
        if (*alive)
        {
            m_stream = nullptr;
            m_send.Cancel();
            for (auto& [lease, kept] : m_kept)
            {
                kept.sent.clear();
            }
            m_reopen = ns3::Simulator::Schedule(ToTime(RETRY_WAIT), &LeaseKeeper::Open, this);
        }
    });
    Send();
}

// clientv3/lease.go: sendKeepAliveLoop
void
LeaseKeeper::Send()
{
    // While the stream waits for a connection, one round of requests waits with it.
    const bool waiting = m_stream->Endpoint() >= m_channel.Endpoints().size();
    for (auto& [lease, kept] : m_kept)
    {
        if (kept.next <= Now() && !m_queued)
        {
            kept.sent.push_back(Now());
            m_stream->Send(MakeKeepAliveMessage(lease));
        }
    }
    m_queued = waiting;
    m_send = ns3::Simulator::Schedule(ToTime(RETRY_WAIT), &LeaseKeeper::Send, this);
}

// clientv3/lease.go: recvKeepAlive
void
LeaseKeeper::Receive(const KeepAliveReply& reply)
{
    const auto found = m_kept.find(reply.lease);
    if (found == m_kept.end())
    {
        return;
    }
    if (reply.ttl <= 0)
    {
        Lose(reply.lease);
        return;
    }
    auto& kept = found->second;
    const Duration ttl = std::chrono::seconds(reply.ttl);
    kept.next = Now() + ttl / 3;
    kept.deadline = Now() + ttl;
    const auto sent = kept.sent.front(); // answers come in the order of the requests
    kept.sent.pop_front();
    if (kept.handlers.renewed)
    {
        kept.handlers.renewed(Now() - sent, reply.member);
    }
}

// clientv3/lease.go: deadlineLoop
void
LeaseKeeper::CheckDeadlines()
{
    std::vector<LeaseId> late;
    for (const auto& [lease, kept] : m_kept)
    {
        if (kept.deadline < Now())
        {
            late.push_back(lease);
        }
    }
    m_check = ns3::Simulator::Schedule(ToTime(RETRY_WAIT), &LeaseKeeper::CheckDeadlines, this);
    for (const auto lease : late)
    {
        Lose(lease);
    }
}

void
LeaseKeeper::Lose(LeaseId lease)
{
    const auto kept = m_kept.extract(lease);
    if (kept && kept.mapped().handlers.lost)
    {
        kept.mapped().handlers.lost();
    }
}

} // namespace etcdlab
