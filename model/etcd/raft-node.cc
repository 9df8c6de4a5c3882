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

RaftNode::RaftNode(raft::Config config, Disk& disk, Handlers handlers)
    : m_raft(std::move(config)),
      m_disk(disk),
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
        ns3::Simulator::Schedule(ToTime(done - Now()),
                                 [this, waiting = std::move(ready)]() mutable {
                                     if (!m_stopped)
                                     {
                                         Finish(waiting);
                                         Work();
                                     }
                                 });
    }
}

Duration
RaftNode::Persist(const raft::Ready& ready)
{
    for (const auto& entry : ready.entries)
    {
        m_wal.AppendEntry(raft::EntrySize(entry));
    }
    if (ready.hardState)
    {
        m_wal.AppendHardState(
            ready.hardState->term, ready.hardState->vote, ready.hardState->commit);
    }
    const auto start = Now();
    const auto bytes = m_wal.Flush(ready.mustSync);
    auto done = start;
    if (bytes > 0)
    {
        done = m_disk.Write(start, bytes, true);
        m_handlers.synced(bytes, done - start);
    }
    if (m_wal.TakeCut())
    {
        done = m_disk.Write(start, wal::SegmentHeadBytes(false), true);
    }
    return done;
}

void
RaftNode::Finish(raft::Ready& ready)
{
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
