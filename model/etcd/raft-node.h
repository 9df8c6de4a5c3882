// The loop between consensus, disk, network and store (etcd 3.4.23 etcdserver/raft.go: raftNode).
#pragma once

#include "model/base/units.h"
#include "model/raft/raft.h"
#include "model/storage/member-storage.h"

#include <ns3/event-id.h>

#include <functional>
#include <optional>
#include <vector>

namespace etcdlab
{

/**
 * Works off one Ready at a time: while its entries are being synced, messages and proposals go on being
 * stepped, but what follows from them waits for the next Ready. This is where group commit comes from,
 * and much of the latency under load.
 */
class RaftNode
{
  public:
    struct Handlers
    {
        std::function<void(const std::vector<raft::Message>&)> send;
        std::function<void(std::vector<raft::Entry>)> apply; //!< committed entries, in log order
        std::function<void(const raft::ReadState&)> readState;
        std::function<void(const raft::SoftState&)> softState;
        /// A SNAP message, which travels by itself; its outcome is to be told by ReportSnapshot.
        std::function<void(const raft::Message&)> sendSnapshot;
        /// A snapshot from the leader is on the disk and takes the place of the state machine.
        std::function<void(const raft::SnapshotPtr&)> applySnapshot;
        /// A Ready's entries are on the disk: bytes written, and how long it took.
        std::function<void(std::uint64_t, Duration)> synced;
        /// A write of the log begins, which takes a core too. @return when that is done with it
        std::function<Duration()> occupy;
        /// The log could not be written: the process is to end. Nothing follows; may be unset.
        std::function<void()> writeFailed = {};
    };

    /// @param storage must outlive the node; `config` starts from what its log holds
    RaftNode(raft::Config config, MemberStorage& storage, Handlers handlers);

    /// Each of these passes the call on to Raft and then does what work has come up.
    void Tick();
    void AdvanceTicks(int ticks);
    void Step(const raft::Message& message);
    raft::ProposeResult Propose(std::uint32_t bytes, raft::PayloadPtr payload);
    raft::ProposeResult ProposeConfChange(std::uint32_t bytes, raft::ConfChangePtr change);
    void ReadIndex(raft::Context context);
    void Campaign();
    void TransferLeadership(raft::NodeId to);
    void ReportUnreachable(raft::NodeId peer);
    void ReportSnapshot(raft::NodeId peer, bool ok);

    /// The state machine has come to a CONF_CHANGE entry; NO_NODE as the node if it refuses the change. To be called
    /// for each. The Ready that handed it out waits for it (etcdserver/raft.go: waitApply).
    void ApplyConfChange(const raft::ConfChange& change);

    /// Forget entries that a snapshot stands for, as far as they have been applied.
    void Compact(raft::Index index);

    /// The process ends: a Ready that is being written is never finished.
    void Stop();

    /// Messages are still stepped, but what follows from them waits until Resume.
    void Pause();
    void Resume();

    /// The disk is stuck or has recovered (Disk::SetStuck): the write in progress waits, or goes on.
    void OnDiskStuck();
    void OnDiskRecovered();

    const raft::Raft& Raft() const
    {
        return m_raft;
    }

  private:
    void Work();
    /// Wait for the write in progress.
    void AwaitWrite(Duration time);
    void Written();
    /// @return when the Ready's records are where they have to be
    Duration Persist(const raft::Ready& ready);
    void Finish(raft::Ready& ready);
    void Conclude(raft::Ready& ready);
    void Apply(raft::Ready& ready);
    void Send(const std::vector<raft::Message>& messages);

    raft::Raft m_raft;
    MemberStorage& m_storage;
    Handlers m_handlers;
    std::vector<raft::Message> m_held;   //!< forwarded proposals that wait for a leader
    raft::Ready m_ready;                 //!< being written
    ns3::EventId m_writing;              //!< the end of the write in progress
    std::optional<Duration> m_remaining; //!< of the write in progress, while the disk is stuck
    bool m_paused = false;
    bool m_writtenWhilePaused = false;
    bool m_syncing = false;                   //!< the write in progress ends with a sync
    std::uint64_t m_flushed = 0;              //!< records of the log that this sync makes safe
    std::size_t m_confChanges = 0;            //!< handed out and not yet applied
    std::optional<raft::Ready> m_unconcluded; //!< written, waits for those
    bool m_working = false;                   //!< a Ready is being dealt with
    bool m_stopped = false;
};

} // namespace etcdlab
