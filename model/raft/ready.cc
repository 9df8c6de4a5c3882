// Handing out work: etcd raft/node.go (newReady, MustSync), raft/rawnode.go (Ready, Advance).
#include "model/raft/ready.h"

#include "model/raft/raft.h"

#include <algorithm>

namespace etcdlab::raft
{

bool
Raft::HasReady() const
{
    if (m_readyOutstanding)
    {
        return false;
    }
    return !m_outbox.empty() || m_log.HasUnstable() || m_log.UnstableSnapshot() ||
           m_log.HasNextToApply() || !m_readStates.empty() || GetHardState() != m_lastHardState ||
           SoftState{m_leader, m_role} != m_lastSoftState;
}

Ready
Raft::TakeReady()
{
    if (m_readyOutstanding)
    {
        throw std::logic_error("TakeReady: the previous Ready has not been answered by Advance");
    }
    m_readyOutstanding = true;
    Ready ready;
    if (const SoftState soft{m_leader, m_role}; soft != m_lastSoftState)
    {
        ready.softState = m_lastSoftState = soft;
    }
    const HardState hard = GetHardState();
    if (m_log.HasUnstable())
    {
        ready.entries = m_log.Unstable();
        m_handedOutIndex = ready.entries.back().index;
        m_handedOutTerm = ready.entries.back().term;
    }
    ready.snapshot = m_log.UnstableSnapshot();
    m_handedOutSnapshot = ready.snapshot ? ready.snapshot->index : 0;
    // A snapshot also syncs the commit index, or the log would end before it after a crash
    // (etcdserver/raft.go:start).
    ready.mustSync = !ready.entries.empty() || ready.snapshot ||
                     hard.term != m_lastHardState.term || hard.vote != m_lastHardState.vote;
    if (m_config.observer && hard.commit > m_lastHardState.commit)
    {
        // Not before: a leader counts its own copy of an entry at once, but tells nobody of the commit until its
        // previous Ready, and with it that copy, has been synced.
        m_config.observer->OnCommit(m_config.id, hard.commit, m_log.TermAt(hard.commit));
    }
    if (hard != m_lastHardState)
    {
        ready.hardState = m_lastHardState = hard;
    }
    m_applyingIndex = m_handedOutSnapshot;
    ready.committedEntries =
        m_log.Slice(m_log.NextToApply(), m_log.GetCommitted(), m_config.maxCommittedBytesPerReady);
    if (!ready.committedEntries.empty())
    {
        m_applyingIndex = ready.committedEntries.back().index;
        ready.applyAfterSync = ready.snapshot || (!ready.entries.empty() &&
                                                  m_applyingIndex >= ready.entries.front().index);
    }
    for (const Entry& entry : ready.committedEntries)
    {
        if (entry.type == EntryType::CONF_CHANGE)
        {
            m_confChanges.push_back(entry.index);
        }
    }
    (m_role == Role::LEADER ? ready.messages : ready.messagesAfterSync) = std::move(m_outbox);
    m_outbox.clear();
    ready.readStates = std::move(m_readStates);
    m_readStates.clear();
    if (m_config.observer)
    {
        if (ready.snapshot)
        {
            m_config.observer->OnApplySnapshot(m_config.id, *ready.snapshot);
        }
        for (const Entry& entry : ready.committedEntries)
        {
            m_config.observer->OnApply(m_config.id, entry);
        }
    }
    return ready;
}

void
Raft::Advance()
{
    if (!m_readyOutstanding)
    {
        throw std::logic_error("Advance: no Ready is outstanding");
    }
    m_readyOutstanding = false;
    if (m_handedOutIndex != 0)
    {
        m_log.StableTo(m_handedOutIndex, m_handedOutTerm);
        m_handedOutIndex = 0;
    }
    if (m_handedOutSnapshot != 0)
    {
        m_log.SnapshotStableTo(m_handedOutSnapshot);
        m_handedOutSnapshot = 0;
    }
    if (m_applyingIndex != 0)
    {
        m_log.AppliedTo(m_applyingIndex);
        m_applyingIndex = 0;
    }
}

void
DropSupersededResponses(std::vector<Message>& messages)
{
    const auto isResponse = [](const Message& m) { return m.type == MessageType::APP_RESP; };
    const auto last = std::find_if(messages.rbegin(), messages.rend(), isResponse);
    if (last == messages.rend())
    {
        return;
    }
    const auto keep = std::prev(last.base());
    const auto end = std::remove_if(messages.begin(), keep, isResponse);
    messages.erase(end, keep);
}

} // namespace etcdlab::raft
