// The loop between consensus, disk, network and store (etcd 3.4.23 etcdserver/raft.go: raftNode).
#pragma once

#include "model/base/units.h"
#include "model/raft/raft.h"
#include "model/storage/member-storage.h"

#include <ns3/event-id.h>

#include <functional>
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
        /// A Ready's entries are on the disk: bytes written, and how long it took.
        std::function<void(std::uint64_t, Duration)> synced;
    };

    /// @param storage must outlive the node; `config` starts from what its log holds
    RaftNode(raft::Config config, MemberStorage& storage, Handlers handlers);

    /// Each of these passes the call on to Raft and then does what work has come up.
    void Tick();
    void AdvanceTicks(int ticks);
    void Step(const raft::Message& message);
    raft::ProposeResult Propose(std::uint32_t bytes, raft::PayloadPtr payload);
    void ReadIndex(raft::Context context);
    void Campaign();
    void TransferLeadership(raft::NodeId to);
    void ReportUnreachable(raft::NodeId peer);

    /// The process ends: a Ready that is being written is never finished.
    void Stop();

    const raft::Raft& Raft() const
    {
        return m_raft;
    }

  private:
    void Work();
    /// @return when the Ready's records are where they have to be
    Duration Persist(const raft::Ready& ready);
    void Finish(raft::Ready& ready);

    raft::Raft m_raft;
    MemberStorage& m_storage;
    Handlers m_handlers;
    std::vector<raft::Message> m_held; //!< forwarded proposals that wait for a leader
    ns3::EventId m_writing; //!< the end of the write in progress
    bool m_syncing = false; //!< the write in progress ends with a sync
    bool m_working = false;            //!< a Ready is being dealt with
    bool m_stopped = false;
};

} // namespace etcdlab
