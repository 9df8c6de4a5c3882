#include "model/etcd/etcd-server.h"

#include "model/base/clock.h"
#include "model/etcd/pure/limits.h"

#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/v3_server.go: maxGapBetweenApplyAndCommitIndex
constexpr raft::Index MAX_APPLY_GAP = 5000;
// etcdserver/v3_server.go: readIndexRetryTime (3.4.20 and later)
constexpr Duration READ_INDEX_RETRY = 500ms;

// etcdserver/api/v3rpc/rpctypes/error.go
constexpr const char* ERROR_TIMEOUT = "etcdserver: request timed out";
constexpr const char* ERROR_LEADER_CHANGED = "etcdserver: leader changed";
constexpr const char* ERROR_TOO_MANY_REQUESTS = "etcdserver: too many requests";
constexpr const char* ERROR_TOO_LARGE = "etcdserver: request is too large";
constexpr const char* ERROR_DROPPED = "raft proposal dropped";

} // namespace

EtcdServer::EtcdServer(const MemberConfig& config, raft::NodeId id, Cpu& cpu, RaftNode& raft)
    : m_config(config),
      m_cpu(cpu),
      m_raft(raft),
      m_ids(id)
{
}

EtcdServer::~EtcdServer()
{
    Stop();
}

void
EtcdServer::Stop()
{
    *m_alive = false;
    m_timeout.Cancel();
    m_readRetry.Cancel();
    m_waiters.clear();
}

void
EtcdServer::Restore(const std::vector<raft::Entry>& log, raft::Index applied)
{
    for (const auto& entry : log)
    {
        if (entry.index <= applied && entry.payload)
        {
            m_store.Apply(static_cast<const Proposal&>(*entry.payload).request);
        }
    }
    m_appliedIndex = applied;
}

void
EtcdServer::OnApplied(std::function<void(const raft::Entry&)> handler)
{
    m_onApplied = std::move(handler);
}

void
EtcdServer::Handle(const Request& request, Done done)
{
    if (IsSerializable(request))
    {
        done({GrpcCode::OK, "", m_store.Apply(request)});
    }
    else if (IsReadOnly(request))
    {
        LinearizableRead(request, std::move(done));
    }
    else
    {
        Propose(request, std::move(done));
    }
}

// --- Writes (v3_server.go: processInternalRaftRequestOnce) ---

void
EtcdServer::Propose(const Request& request, Done done)
{
    if (m_raft.Raft().GetCommitIndex() > m_appliedIndex + MAX_APPLY_GAP)
    {
        done({GrpcCode::UNKNOWN, ERROR_TOO_MANY_REQUESTS, {}});
        return;
    }
    const auto id = m_ids.Next();
    const auto bytes = ProposalBytes(request, id);
    if (bytes > MAX_REQUEST_BYTES)
    {
        done({GrpcCode::INVALID_ARGUMENT, ERROR_TOO_LARGE, {}});
        return;
    }
    m_waiters.emplace(id, std::move(done));
    AwaitTimeout(id);
    Offer({id, static_cast<std::uint32_t>(bytes), std::make_shared<Proposal>(id, request)});
}

void
EtcdServer::Offer(Blocked proposal)
{
    switch (m_raft.Propose(proposal.bytes, proposal.payload))
    {
    case raft::ProposeResult::ACCEPTED:
    case raft::ProposeResult::FORWARDED:
        return;
    case raft::ProposeResult::NO_LEADER:
        m_blocked.push_back(std::move(proposal));
        return;
    case raft::ProposeResult::DROPPED:
        Fail(proposal.id, GrpcCode::UNKNOWN, ERROR_DROPPED);
        return;
    }
}

void
EtcdServer::OnSoftState(const raft::SoftState& state)
{
    // etcdserver/raft.go: newLeader. To have lost the leader is not yet to have a new one.
    const bool newLeader = state.leader != raft::NO_NODE && state.leader != m_leader;
    m_leader = state.leader;
    if (!newLeader)
    {
        return;
    }
    if (m_roundIndex == 0) // a confirmed round only waits for the store
    {
        FailReads(GrpcCode::UNAVAILABLE, ERROR_LEADER_CHANGED);
    }
    if (m_blocked.empty())
    {
        return;
    }
    // Not from within the Ready that told of the leader.
    ns3::Simulator::ScheduleNow([this, alive = m_alive] {
        if (*alive)
        {
            for (auto& proposal : std::exchange(m_blocked, {}))
            {
                if (m_waiters.contains(proposal.id)) // else it has timed out
                {
                    Offer(std::move(proposal));
                }
            }
        }
    });
}

void
EtcdServer::Finish(std::uint64_t id, const ServerResult& result)
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
EtcdServer::Fail(std::uint64_t id, GrpcCode code, const char* error)
{
    Finish(id, {code, error, {}});
}

// --- Applying (etcdserver/server.go: applyEntries; one at a time, in order) ---

void
EtcdServer::Apply(std::vector<raft::Entry> entries)
{
    m_toApply.insert(m_toApply.end(),
                     std::make_move_iterator(entries.begin()),
                     std::make_move_iterator(entries.end()));
    ApplyNext();
}

void
EtcdServer::ApplyNext()
{
    while (!m_applying && !m_toApply.empty())
    {
        m_applying = true;
        const auto now = Now();
        const auto done = m_config.cpu.apply > 0ns ? m_cpu.Run(now, m_config.cpu.apply) : now;
        if (done > now)
        {
            ns3::Simulator::Schedule(ToTime(done - now), [this, alive = m_alive] {
                if (*alive)
                {
                    ApplyEntry(m_toApply.front());
                    m_toApply.pop_front();
                    m_applying = false;
                    ApplyNext();
                }
            });
            return;
        }
        const auto entry = std::move(m_toApply.front());
        m_toApply.pop_front();
        ApplyEntry(entry);
        m_applying = false;
    }
}

void
EtcdServer::ApplyEntry(const raft::Entry& entry)
{
    m_appliedIndex = entry.index;
    if (m_onApplied)
    {
        m_onApplied(entry);
    }
    if (entry.payload)
    {
        const auto& proposal = static_cast<const Proposal&>(*entry.payload);
        Finish(proposal.id, {GrpcCode::OK, "", m_store.Apply(proposal.request)});
    }
    else if (m_round != 0 && m_roundIndex == 0)
    {
        // The first commit of a term (v3_server.go: firstCommitInTermNotify): a request for the read index may
        // have come too early for the leader.
        ns3::Simulator::ScheduleNow([this, alive = m_alive, round = m_round] {
            if (*alive && m_round == round && m_roundIndex == 0)
            {
                m_raft.ReadIndex(round);
            }
        });
    }
    ReleaseReads();
}

// --- Linearizable reads (v3_server.go: linearizableReadLoop) ---

void
EtcdServer::LinearizableRead(const Request& request, Done done)
{
    const auto id = m_ids.Next();
    m_waiters.emplace(id, std::move(done));
    AwaitTimeout(id);
    m_nextReads.push_back({id, request});
    if (m_round == 0)
    {
        StartReadRound();
    }
}

void
EtcdServer::StartReadRound()
{
    m_roundReads = std::exchange(m_nextReads, {});
    m_round = m_ids.Next();
    m_roundIndex = 0;
    m_readRetry.Cancel();
    m_readRetry = ns3::Simulator::Schedule(
        ToTime(READ_INDEX_RETRY), &EtcdServer::RetryReadRound, this, m_round);
    m_roundDeadline = Now() + m_config.RequestTimeout();
    m_raft.ReadIndex(m_round);
}

void
EtcdServer::RetryReadRound(raft::Context round)
{
    if (m_round != round || m_roundIndex != 0)
    {
        return;
    }
    if (Now() >= m_roundDeadline)
    {
        FailReads(GrpcCode::UNAVAILABLE, ERROR_TIMEOUT);
        return;
    }
    m_readRetry = ns3::Simulator::Schedule(
        ToTime(READ_INDEX_RETRY), &EtcdServer::RetryReadRound, this, round);
    m_raft.ReadIndex(round);
}

void
EtcdServer::OnReadState(const raft::ReadState& state)
{
    if (state.context == m_round && m_round != 0)
    {
        m_roundIndex = state.index;
        ReleaseReads();
    }
}

void
EtcdServer::ReleaseReads()
{
    if (m_roundIndex == 0 || m_appliedIndex < m_roundIndex)
    {
        return;
    }
    m_readRetry.Cancel();
    m_round = 0;
    m_roundIndex = 0;
    for (const auto& read : std::exchange(m_roundReads, {}))
    {
        Finish(read.id, {GrpcCode::OK, "", m_store.Apply(read.request)});
    }
    if (m_round == 0 && !m_nextReads.empty())
    {
        StartReadRound();
    }
}

void
EtcdServer::FailReads(GrpcCode code, const char* error)
{
    m_readRetry.Cancel();
    m_round = 0;
    m_roundIndex = 0;
    for (const auto& read : std::exchange(m_roundReads, {}))
    {
        Fail(read.id, code, error);
    }
    if (m_round == 0 && !m_nextReads.empty())
    {
        StartReadRound();
    }
}

// --- Time-outs (config.go: ReqTimeout) ---

void
EtcdServer::AwaitTimeout(std::uint64_t id)
{
    m_deadlines.push_back({Now() + m_config.RequestTimeout(), id});
    if (!m_timeout.IsRunning())
    {
        m_timeout = ns3::Simulator::Schedule(
            ToTime(m_config.RequestTimeout()), &EtcdServer::CheckTimeouts, this);
    }
}

void
EtcdServer::CheckTimeouts()
{
    const auto now = Now();
    while (!m_deadlines.empty() && m_deadlines.front().when <= now)
    {
        const auto id = m_deadlines.front().id;
        m_deadlines.pop_front();
        Fail(id, GrpcCode::UNAVAILABLE, ERROR_TIMEOUT);
        while (!m_blocked.empty() && m_blocked.front().id <= id)
        {
            m_blocked.pop_front(); // nobody waits for it any more
        }
    }
    while (!m_deadlines.empty() && !m_waiters.contains(m_deadlines.front().id))
    {
        m_deadlines.pop_front(); // answered in time
    }
    if (!m_deadlines.empty())
    {
        m_timeout = ns3::Simulator::Schedule(
            ToTime(m_deadlines.front().when - now), &EtcdServer::CheckTimeouts, this);
    }
}

} // namespace etcdlab
