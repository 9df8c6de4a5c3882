// Snapshots of a member's state: taken now and then, sent to who fell behind, received from the leader (etcd 3.4.23
// etcdserver/server.go: triggerSnapshot, snapshot, sendMergedSnap; rafthttp/snapshot_sender.go, http.go).
#pragma once

#include "model/etcd/etcd-server.h"
#include "model/etcd/peer-http.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/raft-node.h"
#include "model/storage/member-storage.h"

#include <functional>
#include <map>
#include <memory>

namespace etcdlab
{

/// POST /raft/snapshot: the message, then the database.
struct SnapshotPost : Message
{
    explicit SnapshotPost(raft::Message snapMessage)
        : message(std::move(snapMessage))
    {
    }

    raft::Message message;
};

struct SnapshotCounters
{
    std::uint64_t taken = 0;
    std::uint64_t sent = 0; //!< and answered
    std::uint64_t sendFailures = 0;
    std::uint64_t received = 0;
    std::uint64_t sentBytes = 0; //!< of databases, whatever became of them
    // The same by member.
    std::map<raft::NodeId, std::uint64_t> sentTo;
    std::map<raft::NodeId, std::uint64_t> failedTo;
    std::map<raft::NodeId, std::uint64_t> receivedFrom;
};

/**
 * Every `snapshot_count` applied entries the state is noted and, once a small file and a record in the log are on the
 * disk, Raft's log is cut down to `snapshot_catchup_entries` before it. Not while a snapshot is on its way to
 * somebody, nor for 30 s after it has arrived.
 *
 * The state that a snapshot holds is copied when it is taken or sent, not before.
 */
class Snapshots
{
  public:
    using FindNode = std::function<ns3::Ptr<ns3::Node>(raft::NodeId)>;

    /// All of them must outlive this object.
    Snapshots(const MemberConfig& config,
              MemberStorage& storage,
              RaftNode& raft,
              EtcdServer& server,
              PeerHttpClient& posts,
              FindNode findNode);
    ~Snapshots();
    Snapshots(const Snapshots&) = delete;
    Snapshots& operator=(const Snapshots&) = delete;

    void Stop();

    /// An entry is being applied: perhaps it is time.
    void OnApplied(raft::Index index);

    /// The newest: raft::Config::currentSnapshot.
    const raft::SnapshotPtr& Current() const
    {
        return m_current;
    }

    /// RaftNode's handlers. The message sent is brought up to date first.
    void Send(raft::Message message);
    void Apply(const raft::SnapshotPtr& snapshot);

    /// One has come from the leader: it is written to the disk, then Raft hears of it.
    void Receive(std::shared_ptr<const SnapshotPost> post, PeerHttpResponder respond);

    const SnapshotCounters& Counters() const
    {
        return m_counters;
    }

  private:
    void Take();
    void Taken(std::uint64_t written);
    void Sent(raft::NodeId to, bool ok);

    const MemberConfig& m_config;
    MemberStorage& m_storage;
    RaftNode& m_raft;
    EtcdServer& m_server;
    PeerHttpClient& m_posts;
    FindNode m_findNode;
    raft::SnapshotPtr m_current;
    bool m_taking = false;      //!< it is about to be taken, or being written
    std::size_t m_inFlight = 0; //!< on their way or less than 30 s ago
    SnapshotCounters m_counters;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab
