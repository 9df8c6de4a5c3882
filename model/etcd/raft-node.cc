#include "model/etcd/raft-node.h"

#include "model/base/clock.h"
#include "model/raft/ready.h"

#include <utility>

namespace etcdlab
{

namespace
{

// rafthttp/peer.go: maxPendingProposals
constexpr std::size_t MAX_HELD_PROPOSALS = 4096;

} // namespace

RaftNode::RaftNode(raft::Config config, MemberStorage& storage, Handlers handlers)
    : m_raft(std::move(config)),
      m_storage(storage),
      m_handlers(std::move(handlers))
{
}

void
RaftNode::Tick()
{
    m_raft.Tick();
    Work();
}

void
RaftNode::AdvanceTicks(int ticks)
{
    m_raft.AdvanceTicks(ticks);
    Work();
}

void
RaftNode::Step(const raft::Message& message)
{
    if (message.type == raft::MessageType::PROP && m_raft.GetLeader() == raft::NO_NODE)
    {
        // rafthttp/peer.go: a forwarded proposal waits in a buffer of its own while there is no leader.
        if (m_held.size() < MAX_HELD_PROPOSALS)
        {
            m_held.push_back(message);
        }
        return;
    }
    m_raft.Step(message);
    Work();
}

raft::ProposeResult
RaftNode::Propose(std::uint32_t bytes, raft::PayloadPtr payload)
{
    const auto result = m_raft.Propose(bytes, std::move(payload));
    Work();
    return result;
}

void
RaftNode::ReadIndex(raft::Context context)
{
    m_raft.ReadIndex(context);
    Work();
}

void
RaftNode::Campaign()
{
    m_raft.Campaign();
    Work();
}

void
RaftNode::TransferLeadership(raft::NodeId to)
{
    m_raft.TransferLeadership(to);
    Work();
}

void
RaftNode::ReportUnreachable(raft::NodeId peer)
{
    m_raft.ReportUnreachable(peer); // seen by the next Ready; may be called from within Work
}

void
RaftNode::Stop()
{
    m_stopped = true;
    m_writing.Cancel();
    m_storage.log.Lose();
}

void
RaftNode::Work()
{
    while (!m_working && !m_stopped && m_raft.HasReady())
    {
        m_working = true;
        auto ready = m_raft.TakeReady();
        if (ready.softState)
        {
            m_handlers.softState(*ready.softState);
            if (ready.softState->leader != raft::NO_NODE)
            {
                for (const auto& proposal : std::exchange(m_held, {}))
                {
                    m_raft.Step(proposal);
                }
            }
        }
        for (const auto& readState : ready.readStates)
        {
            m_handlers.readState(readState);
        }
        if (!ready.applyAfterSync && !ready.committedEntries.empty())
        {
            m_handlers.apply(std::move(ready.committedEntries));
            ready.committedEntries.clear();
        }
        if (!ready.messages.empty())
        {
            m_handlers.send(ready.messages);
        }
        const auto done = Persist(ready);
        if (done <= Now())
        {
            Finish(ready);
            continue;
        }
        m_writing = ns3::Simulator::Schedule(ToTime(done - Now()),
                                             [this, waiting = std::move(ready)]() mutable {
                                                 Finish(waiting);
                                                 Work();
                                             });
    }
}

Duration
RaftNode::Persist(const raft::Ready& ready)
{
    for (const auto& entry : ready.entries)
    {
        m_storage.wal.AppendEntry(raft::EntrySize(entry));
    }
    if (ready.hardState)
    {
        m_storage.wal.AppendHardState(
            ready.hardState->term, ready.hardState->vote, ready.hardState->commit);
    }
    m_storage.log.Write(ready.entries, ready.hardState);
    const auto start = Now();
    const auto bytes = m_storage.wal.Flush(ready.mustSync);
    m_syncing = bytes > 0;
    auto done = start;
    if (bytes > 0)
    {
        done = m_storage.disk.Write(start, bytes, true);
        m_handlers.synced(bytes, done - start);
    }
    if (m_storage.wal.TakeCut())
    {
        done = m_storage.disk.Write(start, wal::SegmentHeadBytes(false), true);
    }
    return done;
}

void
RaftNode::Finish(raft::Ready& ready)
{
    if (m_syncing)
    {
        m_storage.log.Sync();
    }
    if (!ready.committedEntries.empty())
    {
        m_handlers.apply(std::move(ready.committedEntries));
    }
    if (!ready.messagesAfterSync.empty())
    {
        raft::DropSupersededResponses(ready.messagesAfterSync);
        m_handlers.send(ready.messagesAfterSync);
    }
    m_raft.Advance();
    m_working = false;
}

} // namespace etcdlab
