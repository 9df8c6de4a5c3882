#include "model/etcd/raft-node.h"

#include "model/base/clock.h"
#include "model/raft/ready.h"

#include <algorithm>
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

raft::ProposeResult
RaftNode::ProposeConfChange(std::uint32_t bytes, raft::ConfChangePtr change)
{
    const auto result = m_raft.ProposeConfChange(bytes, std::move(change));
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
RaftNode::ReportSnapshot(raft::NodeId peer, bool ok)
{
    m_raft.ReportSnapshot(peer, ok);
    Work();
}

void
RaftNode::ApplyConfChange(const raft::ConfChange& change)
{
    m_raft.ApplyConfChange(change);
    if (--m_confChanges == 0 && m_unconcluded)
    {
        auto ready = std::move(*m_unconcluded);
        m_unconcluded.reset();
        Conclude(ready);
    }
    Work();
}

void
RaftNode::Compact(raft::Index index)
{
    m_raft.Compact(std::min(index, m_raft.GetAppliedIndex()));
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
    while (!m_working && !m_stopped && !m_paused && m_raft.HasReady())
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
            Apply(ready);
        }
        if (!ready.messages.empty())
        {
            Send(ready.messages);
        }
        const auto done = Persist(ready);
        if (m_stopped)
        {
            m_handlers.writeFailed();
            return;
        }
        const bool stuck = m_syncing && m_storage.disk.IsStuck();
        if (done <= Now() && !stuck)
        {
            Finish(ready);
            continue;
        }
        m_ready = std::move(ready);
        if (stuck)
        {
            m_remaining = done - Now();
        }
        else
        {
            AwaitWrite(done - Now());
        }
    }
}

void
RaftNode::AwaitWrite(Duration time)
{
    m_writing = ns3::Simulator::Schedule(ToTime(time), &RaftNode::Written, this);
}

void
RaftNode::Written()
{
    if (m_paused)
    {
        m_writtenWhilePaused = true;
        return;
    }
    Finish(m_ready);
    Work();
}

void
RaftNode::Pause()
{
    m_paused = true;
}

void
RaftNode::Resume()
{
    m_paused = false;
    if (std::exchange(m_writtenWhilePaused, false))
    {
        Finish(m_ready);
    }
    Work();
}

void
RaftNode::OnDiskStuck()
{
    if (m_syncing && m_writing.IsRunning())
    {
        m_remaining = ToDuration(ns3::Simulator::GetDelayLeft(m_writing));
        m_writing.Cancel();
    }
}

void
RaftNode::OnDiskRecovered()
{
    if (m_remaining)
    {
        AwaitWrite(*std::exchange(m_remaining, std::nullopt));
    }
}

Duration
RaftNode::Persist(const raft::Ready& ready)
{
    const auto start = Now();
    auto done = ready.snapshot ? m_storage.SaveSnapshot(start, ready.snapshot, true) : start;
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
    const auto bytes = m_storage.wal.Flush(ready.mustSync);
    m_syncing = bytes > 0 || ready.snapshot;
    m_flushed = m_storage.log.Written();
    if (m_syncing && m_storage.disk.IsFull())
    {
        m_stopped =
            true; // etcdserver/raft.go: "failed to save Raft hard state and entries" is fatal
        return done;
    }
    if (bytes > 0)
    {
        done = std::max(m_storage.disk.Write(start, bytes, true), m_handlers.occupy());
        ++m_storage.walSyncs;
        m_handlers.synced(bytes, done - start);
    }
    if (m_storage.wal.TakeCut())
    {
        done = m_storage.disk.Write(start, wal::SegmentHeadBytes(false), true);
        ++m_storage.walSyncs;
    }
    return done;
}

void
RaftNode::Finish(raft::Ready& ready)
{
    if (m_syncing)
    {
        m_storage.log.Sync(m_flushed);
    }
    if (ready.snapshot)
    {
        m_handlers.applySnapshot(ready.snapshot);
    }
    if (!ready.committedEntries.empty())
    {
        Apply(ready);
    }
    if (m_confChanges > 0)
    {
        m_unconcluded = std::move(ready);
        return;
    }
    Conclude(ready);
}

void
RaftNode::Conclude(raft::Ready& ready)
{
    if (!ready.messagesAfterSync.empty())
    {
        raft::DropSupersededResponses(ready.messagesAfterSync);
        Send(ready.messagesAfterSync);
    }
    m_raft.Advance();
    m_working = false;
}

void
RaftNode::Apply(raft::Ready& ready)
{
    m_confChanges += static_cast<std::size_t>(std::count_if(
        ready.committedEntries.begin(), ready.committedEntries.end(), [](const raft::Entry& entry) {
            return entry.type == raft::EntryType::CONF_CHANGE;
        }));
    m_handlers.apply(std::move(ready.committedEntries));
    ready.committedEntries.clear();
}

void
RaftNode::Send(const std::vector<raft::Message>& messages)
{
    const auto isSnapshot = [](const raft::Message& message) {
        return message.type == raft::MessageType::SNAP;
    };
    if (std::none_of(messages.begin(), messages.end(), isSnapshot))
    {
        m_handlers.send(messages);
        return;
    }
    std::vector<raft::Message> others;
    for (const auto& message : messages)
    {
        isSnapshot(message) ? m_handlers.sendSnapshot(message) : others.push_back(message);
    }
    m_handlers.send(others);
}

} // namespace etcdlab
