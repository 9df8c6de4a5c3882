#include "model/etcd/etcd-server.h"

#include "model/base/clock.h"
#include "model/etcd/pure/errors.h"
#include "model/etcd/pure/limits.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/v3_server.go: maxGapBetweenApplyAndCommitIndex
constexpr raft::Index MAX_APPLY_GAP = 5000;

// etcdserver/api/v3rpc/rpctypes/error.go
constexpr const char* ERROR_TOO_MANY_REQUESTS = "etcdserver: too many requests";
constexpr const char* ERROR_TOO_LARGE = "etcdserver: request is too large";
constexpr const char* ERROR_DROPPED = "raft proposal dropped";
constexpr const char* ERROR_TOO_MANY_OPERATIONS = "etcdserver: too many operations in txn request";

/// v3rpc/key.go: checkTxnRequest
bool
HasTooManyOperations(const Request& request)
{
    const auto* txn = std::get_if<TxnRequest>(&request);
    return txn != nullptr &&
           (txn->compare.size() > MAX_TXN_OPERATIONS || txn->success.size() > MAX_TXN_OPERATIONS ||
            txn->failure.size() > MAX_TXN_OPERATIONS);
}

} // namespace

EtcdServer::EtcdServer(
    const MemberConfig& config, raft::NodeId id, ProcessCpu& cpu, Disk& disk, RaftNode& raft)
    : m_config(config),
      m_cpu(cpu),
      m_raft(raft),
      m_backend(config.backend, config.version, disk, [this] { OnUnlocked(); }),
      m_compaction(m_backend,
                   [this](auto request, const auto& result) { m_pending.Finish(request, result); }),
      m_lessor(config.electionTimeout),
      // Not those of before a restart, whose proposals may still be committed.
      m_ids(id, static_cast<std::uint64_t>(Now() / 1ms)),
      m_id(id),
      m_pending(config,
                [this](auto request, bool waited) {
                    m_counters.proposalsFailed += waited && !m_reads.Holds(request) ? 1 : 0;
                    Unblock(request);
                }),
      m_reads(
          config, raft, m_ids, m_pending, m_appliedIndex, [this](auto request, const auto& read) {
              Read(read, [this, request](const ServerResult& result) {
                  m_pending.Finish(request, result);
              });
          })
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
    m_reads.Stop();
    m_compaction.Stop();
    m_backend.Stop();
    m_pending.Stop();
}

void
EtcdServer::Start(Duration phase)
{
    m_backend.Start(phase);
}

void
EtcdServer::OnDiskStuck()
{
    m_backend.OnDiskStuck();
}

void
EtcdServer::OnDiskRecovered()
{
    m_backend.OnDiskRecovered();
}

Membership
EtcdServer::MembersAfter(Membership members,
                         const raft::SnapshotPtr& snapshot,
                         const std::vector<raft::Entry>& log,
                         raft::Index applied)
{
    if (snapshot)
    {
        members = static_cast<const MemberState&>(*snapshot->payload).members;
    }
    for (const auto& entry : log)
    {
        if (entry.type == raft::EntryType::CONF_CHANGE && entry.index <= applied)
        {
            ApplyIfValid(members, raft::ConfChangeOf(entry));
        }
    }
    return members;
}

void
EtcdServer::Restore(Membership members,
                    const raft::SnapshotPtr& snapshot,
                    const std::vector<raft::Entry>& log,
                    raft::Index applied)
{
    m_members = MembersAfter(std::move(members), snapshot, log, applied);
    if (snapshot)
    {
        const auto& state = static_cast<const MemberState&>(*snapshot->payload);
        m_store = state.store;
        m_lessor = state.lessor;
        m_lessor.Demote();
        m_alarms = state.alarms;
        m_appliedTerm = snapshot->term;
    }
    for (const auto& entry : log)
    {
        if (entry.index > applied)
        {
            break;
        }
        m_appliedTerm = entry.term;
        if (entry.payload && entry.type == raft::EntryType::NORMAL)
        {
            Execute(static_cast<const Proposal&>(*entry.payload).request);
        }
    }
    m_compaction.Forget();
    m_appliedIndex = applied;
    m_counters = {}; // the process has only begun
}

raft::SnapshotPtr
EtcdServer::MakeSnapshot() const
{
    auto state = std::make_shared<MemberState>();
    state->store = m_store;
    state->lessor = m_lessor;
    state->members = m_members;
    state->alarms = m_alarms;
    return std::make_shared<raft::Snapshot>(raft::Snapshot{
        m_appliedIndex, m_appliedTerm, m_members.Conf(), m_store.FileBytes(), std::move(state)});
}

void
EtcdServer::Install(raft::SnapshotPtr snapshot)
{
    m_toInstall = std::move(snapshot);
    ApplyNext();
}

void
EtcdServer::OnMembersChanged(std::function<void(const raft::ConfChange*)> handler)
{
    m_onMembersChanged = std::move(handler);
}

void
EtcdServer::OnApplied(std::function<void(const raft::Entry&)> handler)
{
    m_onApplied = std::move(handler);
}

void
EtcdServer::OnStateChanged(std::function<void()> handler)
{
    m_onStateChanged = std::move(handler);
}

void
EtcdServer::Handle(const Request& request, Done done)
{
    const auto* grant = std::get_if<LeaseGrantRequest>(&request);
    if (grant != nullptr && grant->id == 0)
    {
        // v3_server.go: LeaseGrant; ids are positive
        const auto id = static_cast<LeaseId>(m_ids.Next() & ~(1ULL << 63));
        Propose(LeaseGrantRequest{grant->ttl, id}, std::move(done));
        return;
    }
    if (HasTooManyOperations(request))
    {
        done({GrpcCode::INVALID_ARGUMENT, ERROR_TOO_MANY_OPERATIONS, {}});
    }
    else if (IsSerializable(request))
    {
        Read(request, std::move(done));
    }
    else if (IsReadOnly(request))
    {
        const auto id = m_ids.Next();
        m_pending.Add(id, std::move(done));
        m_reads.Add(id, request);
    }
    else if (!HasRoomFor(request))
    {
        // v3rpc/quota.go: refused here, before it is proposed, and everybody is told.
        RaiseAlarm();
        done({GrpcCode::RESOURCE_EXHAUSTED, ERROR_NO_SPACE, {}});
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
    m_pending.Add(id, std::move(done));
    Offer(
        {id, static_cast<std::uint32_t>(bytes), std::make_shared<Proposal>(id, request), nullptr});
}

void
EtcdServer::ChangeMembers(raft::ConfChangeType type, MemberInfo member, bool promote, Done done)
{
    const auto id = m_ids.Next();
    auto context = std::make_shared<MemberContext>();
    context->request = id;
    context->member = std::move(member);
    context->promote = promote;
    const auto node = context->member.id;
    auto change = std::make_shared<raft::ConfChange>(type, node, std::move(context));
    const auto bytes = static_cast<std::uint32_t>(ConfChangeBytes(*change));
    m_pending.Add(id, std::move(done));
    Offer({id, bytes, nullptr, std::move(change)});
}

void
EtcdServer::Offer(Blocked proposal)
{
    switch (proposal.change ? m_raft.ProposeConfChange(proposal.bytes, proposal.change)
                            : m_raft.Propose(proposal.bytes, proposal.payload))
    {
    case raft::ProposeResult::ACCEPTED:
    case raft::ProposeResult::FORWARDED:
        return;
    case raft::ProposeResult::NO_LEADER:
        m_blocked.push_back(std::move(proposal));
        return;
    case raft::ProposeResult::DROPPED:
        ++m_counters.proposalsFailed;
        m_pending.Fail(proposal.id, GrpcCode::UNKNOWN, ERROR_DROPPED);
        return;
    }
}

/// Nobody waits any more for proposals up to an id.
void
EtcdServer::Unblock(std::uint64_t id)
{
    while (!m_blocked.empty() && m_blocked.front().id <= id)
    {
        m_blocked.pop_front();
    }
}

void
EtcdServer::OnReadState(const raft::ReadState& state)
{
    m_reads.OnReadState(state);
}

void
EtcdServer::OnSoftState(const raft::SoftState& state)
{
    // etcdserver/raft.go: newLeader. To have lost the leader is not yet to have a new one.
    const bool newLeader = state.leader != raft::NO_NODE && state.leader != m_leader;
    m_leader = state.leader;
    if (!IsLeader() && m_lessor.IsPrimary())
    {
        m_lessor.Demote();
    }
    if (m_onStateChanged)
    {
        m_onStateChanged();
    }
    if (!newLeader)
    {
        return;
    }
    m_reads.OnNewLeader();
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
                if (m_pending.Contains(proposal.id)) // else it has timed out
                {
                    Offer(std::move(proposal));
                }
            }
        }
    });
}

} // namespace etcdlab
