// The applying half of EtcdServer: committed entries are carried out one at a time, in order (etcd 3.4.23
// etcdserver/server.go: applyEntries; apply.go).
#include "model/base/clock.h"
#include "model/etcd/etcd-server.h"
#include "model/etcd/pure/errors.h"

#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// etcdserver/api/v3rpc/rpctypes/error.go
constexpr const char* ERROR_FUTURE_REVISION =
    "etcdserver: mvcc: required revision is a future revision";

} // namespace

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
    while (!m_applying && !m_backend.IsLocked() && (!m_toApply.empty() || m_toInstall))
    {
        if (m_toInstall && (m_toApply.empty() || m_toApply.front().index > m_toInstall->index))
        {
            InstallNow(*std::exchange(m_toInstall, nullptr));
            continue;
        }
        const auto now = Now();
        const auto work = m_config.cpu.apply;
        if (m_scheduled == 0)
        {
            // One goroutine applies all there is without giving up its core (server.go: applyAll).
            m_scheduled = m_toApply.size();
            const auto count = static_cast<std::int64_t>(m_scheduled);
            m_nextApply =
                work > 0ns ? m_cpu.Run(now, work * count, "apply") - work * (count - 1) : now;
        }
        m_applying = true;
        if (m_nextApply > now)
        {
            ns3::Simulator::Schedule(ToTime(m_nextApply - now), [this, alive = m_alive] {
                if (*alive)
                {
                    m_applying = false;
                    ApplyNext();
                }
            });
            return;
        }
        const auto entry = std::move(m_toApply.front());
        m_toApply.pop_front();
        --m_scheduled;
        m_nextApply = now + work;
        ApplyEntry(entry);
        m_applying = false;
    }
}

void
EtcdServer::ApplyEntry(const raft::Entry& entry)
{
    m_appliedIndex = entry.index;
    m_appliedTerm = entry.term;
    if (m_onApplied)
    {
        m_onApplied(entry);
    }
    if (entry.type == raft::EntryType::CONF_CHANGE)
    {
        ApplyConfChange(raft::ConfChangeOf(entry));
    }
    else if (entry.payload)
    {
        const auto& proposal = static_cast<const Proposal&>(*entry.payload);
        const auto result = Execute(proposal.request);
        const auto* txn = std::get_if<TxnResponse>(&result.response);
        m_backend.Applied(txn == nullptr ? 1 : txn->responses.size(), entry.bytes);
        const auto* compaction = std::get_if<CompactionRequest>(&proposal.request);
        if (compaction != nullptr && result.code == GrpcCode::OK)
        {
            m_compaction.Begin(proposal.id, compaction->physical, result);
        }
        else
        {
            m_pending.Finish(proposal.id, result);
        }
        if (result.code == GrpcCode::RESOURCE_EXHAUSTED && m_alarms.empty())
        {
            RaiseAlarm(); // server.go: applyEntryNormal
        }
    }
    else if (entry.bytes == 0) // else a member has published itself
    {
        OnTermBegun();
    }
    m_reads.OnApplied();
    if (m_onStateChanged)
    {
        m_onStateChanged();
    }
}

/// The first entry of a term, an empty one, has been applied (server.go: applyEntryNormal).
void
EtcdServer::OnTermBegun()
{
    if (IsLeader())
    {
        m_lessor.Promote(Now(), m_config.electionTimeout); // all of earlier terms is applied
    }
    m_reads.OnTermBegun();
}

/// Change store and leases, and tell the watchers.
ServerResult
EtcdServer::Carry(const Request& request)
{
    if (!m_watchers.HasWatchers())
    {
        return ResultOf(etcdlab::Apply(m_store, m_lessor, request, Now(), nullptr));
    }
    std::vector<KeyValue> changes;
    auto applied = etcdlab::Apply(m_store, m_lessor, request, Now(), &changes);
    if (!changes.empty())
    {
        m_watchers.Notify(changes);
    }
    return ResultOf(std::move(applied));
}

ServerResult
EtcdServer::Execute(const Request& request)
{
    switch (m_store.Check(request))
    {
    case KvStore::Refusal::COMPACTED:
        return {GrpcCode::OUT_OF_RANGE, ERROR_COMPACTED, {}};
    case KvStore::Refusal::FUTURE_REVISION:
        return {GrpcCode::OUT_OF_RANGE, ERROR_FUTURE_REVISION, {}};
    case KvStore::Refusal::NONE:
        break;
    }
    if (!m_alarms.empty() && SpaceCost(request) > 0)
    {
        return {GrpcCode::RESOURCE_EXHAUSTED, ERROR_NO_SPACE, {}}; // apply.go: applierV3Capped
    }
    if (const auto* alarm = std::get_if<AlarmRequest>(&request))
    {
        if (alarm->activate)
        {
            m_alarms.insert(alarm->member);
        }
        else
        {
            m_alarms.erase(alarm->member);
        }
    }
    const bool room = HasRoomFor(request);
    if (const auto* compaction = std::get_if<CompactionRequest>(&request))
    {
        m_compaction.Add(m_store.Compact(compaction->revision));
        return {GrpcCode::OK, "", CompactionResponse{m_store.CurrentRevision()}};
    }
    auto result = Carry(request);
    if (result.code == GrpcCode::OK)
    {
        Count(request, result.response);
    }
    if (!room)
    {
        // apply.go: quotaApplierV3 carries it out and says that it did not: it was proposed in good faith, and all
        // members must come to the same store.
        result.code = GrpcCode::RESOURCE_EXHAUSTED;
        result.error = ERROR_NO_SPACE;
    }
    return result;
}

void
EtcdServer::Count(const Request& request, const Response& response)
{
    m_counters.store.Count(request, response);
    if (std::holds_alternative<LeaseGrantRequest>(request))
    {
        ++m_counters.leasesGranted;
        m_counters.leaseTtl.Observe(
            static_cast<double>(std::get<LeaseGrantResponse>(response).ttl));
    }
    else if (std::holds_alternative<LeaseRevokeRequest>(request))
    {
        ++m_counters.leasesRevoked;
    }
}

bool
EtcdServer::HasRoomFor(const Request& request) const
{
    const auto quota = m_config.quotaBackendBytes.bytes;
    const auto cost = quota == 0 ? 0 : SpaceCost(request);
    return cost == 0 || m_store.FileBytes() + cost < quota;
}

void
EtcdServer::RaiseAlarm()
{
    const Request alarm = AlarmRequest{true, m_id};
    const auto id = m_ids.Next();
    m_pending.Add(id, [](const ServerResult&) {});
    Offer({id,
           static_cast<std::uint32_t>(ProposalBytes(alarm, id)),
           std::make_shared<Proposal>(id, alarm),
           nullptr});
}

// etcdserver/server.go: applyConfChange
void
EtcdServer::ApplyConfChange(const raft::ConfChange& change)
{
    const auto& context = dynamic_cast<const MemberContext&>(*change.context);
    const auto error = ApplyIfValid(m_members, change);
    const bool valid = error == MembershipError::NONE;
    m_raft.ApplyConfChange(valid ? change : raft::ConfChange(change.type, raft::NO_NODE));
    if (valid && m_onMembersChanged)
    {
        m_onMembersChanged(&change);
    }
    m_pending.Finish(context.request, ResultOf(error));
}

// etcdserver/server.go: applySnapshot
void
EtcdServer::InstallNow(const raft::Snapshot& snapshot)
{
    const auto& state = static_cast<const MemberState&>(*snapshot.payload);
    m_store = state.store;
    m_lessor = state.lessor;
    m_lessor.Demote();
    m_watchers.Restored();
    m_members = state.members;
    m_alarms = state.alarms;
    m_appliedIndex = snapshot.index;
    m_appliedTerm = snapshot.term;
    if (m_onMembersChanged)
    {
        m_onMembersChanged(nullptr);
    }
    m_reads.OnApplied();
    if (m_onStateChanged)
    {
        m_onStateChanged();
    }
}

void
EtcdServer::Read(const Request& request, Done done)
{
    if (m_backend.IsLocked())
    {
        m_lockedReads.push_back({request, std::move(done)});
        return;
    }
    done(Execute(request));
}

void
EtcdServer::OnUnlocked()
{
    for (const auto& read : std::exchange(m_lockedReads, {}))
    {
        Read(read.request, read.done);
    }
    m_compaction.OnUnlocked();
    ApplyNext();
}

} // namespace etcdlab
