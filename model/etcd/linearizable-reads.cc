#include "model/etcd/linearizable-reads.h"

#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/v3_server.go: readIndexRetryTime (3.4.20 and later)
constexpr Duration READ_INDEX_RETRY = 500ms;
// etcdserver/api/v3rpc/rpctypes/error.go
constexpr const char* ERROR_LEADER_CHANGED = "etcdserver: leader changed";

} // namespace

LinearizableReads::LinearizableReads(const MemberConfig& config,
                                     RaftNode& raft,
                                     RequestIds& ids,
                                     PendingRequests& pending,
                                     const raft::Index& applied,
                                     Serve serve)
    : m_config(config),
      m_raft(raft),
      m_ids(ids),
      m_pending(pending),
      m_applied(applied),
      m_serve(std::move(serve))
{
}

LinearizableReads::~LinearizableReads()
{
    Stop();
}

void
LinearizableReads::Stop()
{
    *m_alive = false;
    m_retry.Cancel();
}

void
LinearizableReads::Add(std::uint64_t id, const Request& request)
{
    m_nextReads.push_back({id, request});
    if (m_round == 0)
    {
        StartRound();
    }
}

void
LinearizableReads::OnApplied()
{
    Release();
}

void
LinearizableReads::OnTermBegun()
{
    if (m_round != 0 && m_roundIndex == 0)
    {
        ns3::Simulator::ScheduleNow([this, alive = m_alive, round = m_round] {
            if (*alive && m_round == round && m_roundIndex == 0)
            {
                m_raft.ReadIndex(round);
            }
        });
    }
}

void
LinearizableReads::OnNewLeader()
{
    if (m_roundIndex == 0)
    {
        m_failedRounds += m_round != 0 ? 1 : 0;
        FailRound(GrpcCode::UNAVAILABLE, ERROR_LEADER_CHANGED);
    }
}

bool
LinearizableReads::Holds(std::uint64_t id) const
{
    const auto has = [id](const std::vector<PendingRead>& reads) {
        return std::any_of(
            reads.begin(), reads.end(), [id](const PendingRead& read) { return read.id == id; });
    };
    return has(m_nextReads) || has(m_roundReads);
}

void
LinearizableReads::StartRound()
{
    m_roundReads = std::exchange(m_nextReads, {});
    m_round = m_ids.Next();
    m_roundIndex = 0;
    m_retry.Cancel();
    m_retry = ns3::Simulator::Schedule(
        ToTime(READ_INDEX_RETRY), &LinearizableReads::Retry, this, m_round);
    m_roundDeadline = Now() + m_config.RequestTimeout();
    m_raft.ReadIndex(m_round);
}

void
LinearizableReads::Retry(raft::Context round)
{
    if (m_round != round || m_roundIndex != 0)
    {
        return;
    }
    if (Now() >= m_roundDeadline)
    {
        ++m_slowRounds;
        FailRound(GrpcCode::UNAVAILABLE, ERROR_TIMEOUT);
        return;
    }
    m_retry =
        ns3::Simulator::Schedule(ToTime(READ_INDEX_RETRY), &LinearizableReads::Retry, this, round);
    m_raft.ReadIndex(round);
}

void
LinearizableReads::OnReadState(const raft::ReadState& state)
{
    if (state.context == m_round && m_round != 0)
    {
        m_roundIndex = state.index;
        Release();
    }
}

void
LinearizableReads::Release()
{
    if (m_roundIndex == 0 || m_applied < m_roundIndex)
    {
        return;
    }
    m_retry.Cancel();
    m_round = 0;
    m_roundIndex = 0;
    for (const auto& read : std::exchange(m_roundReads, {}))
    {
        m_serve(read.id, read.request);
    }
    if (m_round == 0 && !m_nextReads.empty())
    {
        StartRound();
    }
}

void
LinearizableReads::FailRound(GrpcCode code, const char* error)
{
    m_retry.Cancel();
    m_round = 0;
    m_roundIndex = 0;
    for (const auto& read : std::exchange(m_roundReads, {}))
    {
        m_pending.Fail(read.id, code, error);
    }
    if (m_round == 0 && !m_nextReads.empty())
    {
        StartRound();
    }
}

} // namespace etcdlab
