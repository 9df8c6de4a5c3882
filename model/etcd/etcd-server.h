// What a member does with requests: propose, read, apply, answer (etcd 3.4.23 etcdserver/v3_server.go,
// apply.go, server.go).
#pragma once

#include "model/base/cpu.h"
#include "model/etcd/backend-compaction.h"
#include "model/etcd/backend-writer.h"
#include "model/etcd/linearizable-reads.h"
#include "model/etcd/pending-requests.h"
#include "model/etcd/pure/apply.h"
#include "model/etcd/pure/kv-store.h"
#include "model/etcd/pure/lessor.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/pure/membership.h"
#include "model/etcd/pure/server-counters.h"
#include "model/etcd/pure/watchable-store.h"
#include "model/etcd/pure/wire-size.h"
#include "model/etcd/raft-node.h"
#include "model/etcd/server-result.h"
#include "model/transport/grpc-connection.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace etcdlab
{

/// A proposal as it stands in the log: etcdserverpb.InternalRaftRequest.
struct Proposal : raft::Payload
{
    Proposal(std::uint64_t proposalId, Request proposedRequest)
        : id(proposalId),
          request(std::move(proposedRequest))
    {
    }

    std::uint64_t id;
    Request request;
};

/// What a snapshot of a member holds. Immutable, and shared by all who have it.
struct MemberState : raft::Payload
{
    KvStore store;
    Lessor lessor;
    Membership members;
    std::set<raft::NodeId> alarms; //!< members that ran out of space
};

/**
 * The server between gRPC and Raft. A write is answered by the member that took it, when that member
 * itself applies it; a linearizable read after one read-index round, of which a member has one in flight.
 */
class EtcdServer
{
  public:
    using Done = PendingRequests::Done;

    EtcdServer(
        const MemberConfig& config, raft::NodeId id, ProcessCpu& cpu, Disk& disk, RaftNode& raft);
    ~EtcdServer();

    EtcdServer(const EtcdServer&) = delete;
    EtcdServer& operator=(const EtcdServer&) = delete;

    /// Begin to commit the backend. @param phase of its timer
    void Start(Duration phase);

    /// The disk completes nothing any more, or goes on.
    void OnDiskStuck();
    void OnDiskRecovered();

    /// Rebuild the state from a snapshot, if there is one, and the log's entries up to an index, as a member does when
    /// it starts: they were applied before it went down.
    /// @param members before the first entry of the log; of no interest if there is a snapshot
    void Restore(Membership members,
                 const raft::SnapshotPtr& snapshot,
                 const std::vector<raft::Entry>& log,
                 raft::Index applied);

    /// Who belongs after a snapshot, if there is one, and the log's entries up to an index.
    static Membership MembersAfter(Membership members,
                                   const raft::SnapshotPtr& snapshot,
                                   const std::vector<raft::Entry>& log,
                                   raft::Index applied);

    /// The state as it is now; its size is that of the database's file.
    raft::SnapshotPtr MakeSnapshot() const;

    /// A snapshot from the leader: it takes the state's place when all entries handed over before are applied.
    void Install(raft::SnapshotPtr snapshot);

    /// Propose a change of members; `done` is called when this member applies it.
    /// @param member of a removal or promotion, only its id counts
    void ChangeMembers(raft::ConfChangeType type, MemberInfo member, bool promote, Done done);

    const Membership& Members() const
    {
        return m_members;
    }

    /// Called after a change of members was applied, and without one when a snapshot was installed.
    void OnMembersChanged(std::function<void(const raft::ConfChange*)> handler);

    /// Carry out a request; `done` is called once, possibly before this returns.
    void Handle(const Request& request, Done done);

    /// Committed entries, in log order: RaftNode's handler.
    void Apply(std::vector<raft::Entry> entries);
    void OnReadState(const raft::ReadState& state);
    void OnSoftState(const raft::SoftState& state);

    /// The member is going down: nothing is answered any more.
    void Stop();

    /// Called with each entry as it is applied.
    void OnApplied(std::function<void(const raft::Entry&)> handler);

    /// Called when an entry has been carried out, or the member has become leader or follower: of interest to
    /// whoever serves watches and leases.
    void OnStateChanged(std::function<void()> handler);

    raft::Index AppliedIndex() const
    {
        return m_appliedIndex;
    }

    const KvStore& Store() const
    {
        return m_store;
    }

    /// The leader as last told by Raft; raft::NO_NODE if there is none.
    raft::NodeId Leader() const
    {
        return m_leader;
    }

    bool IsLeader() const
    {
        return m_leader == m_id;
    }

    /// The store's watchers, and the leases: for those who serve them.
    WatchableStore& Watchers()
    {
        return m_watchers;
    }

    Lessor& Leases()
    {
        return m_lessor;
    }

    /// Members for which the alarm NOSPACE is raised; while there is one, puts are refused by all.
    const std::set<raft::NodeId>& Alarms() const
    {
        return m_alarms;
    }

    /// Write the backend's file anew without its free pages (Maintenance.Defragment), at once: the time that takes
    /// is not modelled.
    void Defragment()
    {
        m_store.Defragment();
    }

    const Backend& GetBackend() const
    {
        return m_backend.GetBackend();
    }

    const BackendCompaction& GetCompaction() const
    {
        return m_compaction;
    }

    const LinearizableReads& GetReads() const
    {
        return m_reads;
    }

    /// Those who serve leases and watches count here, too.
    ServerCounters& Counters()
    {
        return m_counters;
    }

    /// Proposals of this member's clients that it has not applied yet; reads whose time was over may be missing.
    std::size_t PendingProposals() const
    {
        return m_pending.Size() - std::min(m_pending.Size(), m_reads.Waiting());
    }

  private:
    struct Blocked
    {
        std::uint64_t id;
        std::uint32_t bytes;
        raft::PayloadPtr payload;
        raft::ConfChangePtr change; //!< instead of a payload
    };

    void Propose(const Request& request, Done done);
    /// The quota (apply.go, quota.go): room for what a request may add.
    bool HasRoomFor(const Request& request) const;
    void RaiseAlarm();
    ServerResult Execute(const Request& request);
    void Offer(Blocked proposal);
    void Unblock(std::uint64_t id);
    /// What has been carried out, for those who ask at /metrics.
    void Count(const Request& request, const Response& response);

    /// Read from the store as soon as no commit of the backend is in the way.
    void Read(const Request& request, Done done);
    void OnUnlocked();

    void ApplyNext();
    void ApplyEntry(const raft::Entry& entry);
    ServerResult Carry(const Request& request);
    void OnTermBegun();
    void ApplyConfChange(const raft::ConfChange& change);
    void InstallNow(const raft::Snapshot& snapshot);
    const MemberConfig& m_config;
    ProcessCpu& m_cpu;
    RaftNode& m_raft;
    BackendWriter m_backend;
    BackendCompaction m_compaction;
    KvStore m_store;
    Lessor m_lessor;
    WatchableStore m_watchers{m_store};
    RequestIds m_ids;
    raft::NodeId m_id;
    ServerCounters m_counters;
    std::set<raft::NodeId> m_alarms;
    raft::NodeId m_leader = raft::NO_NODE;
    Membership m_members;
    raft::Index m_appliedIndex = 0;
    raft::Term m_appliedTerm = 0;
    std::function<void(const raft::Entry&)> m_onApplied;
    std::function<void()> m_onStateChanged;

    std::deque<Blocked> m_blocked; //!< proposals made while no leader was known; ids ascend

    std::function<void(const raft::ConfChange*)> m_onMembersChanged;

    std::deque<raft::Entry> m_toApply;
    bool m_applying = false;     //!< the next entry is waited for or being applied
    std::size_t m_scheduled = 0; //!< so many of those to apply have had their turn on a core
    Duration m_nextApply{0};     //!< when the first of them is done

    struct LockedRead
    {
        Request request;
        Done done;
    };

    std::vector<LockedRead> m_lockedReads; //!< wait for the end of a commit
    raft::SnapshotPtr m_toInstall;         //!< its turn comes before the entries after its index

    PendingRequests m_pending;
    LinearizableReads m_reads;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
