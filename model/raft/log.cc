#include "model/raft/log.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace etcdlab::raft
{

Log::Log(NodeId node,
         Observer* observer,
         std::vector<Entry> entries,
         Index committed,
         Index applied,
         Index before,
         Term beforeTerm)
    : m_node(node),
      m_observer(observer),
      m_before(before),
      m_beforeTerm(beforeTerm),
      m_entries(std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end())),
      m_stable(LastIndex()),
      m_committed(committed),
      m_applied(std::max(applied, before))
{
    Term previous = beforeTerm;
    for (Index index = FirstIndex(); index <= LastIndex(); ++index)
    {
        const Entry& entry = At(index);
        if (entry.index != index || entry.term == 0 || entry.term < previous)
        {
            throw std::invalid_argument(
                "the stored log has entry " + raft::Describe(entry) + " where index " +
                std::to_string(index) +
                " of a term >= " + std::to_string(std::max<Term>(previous, 1)) + " is expected");
        }
        previous = entry.term;
    }
    if (before > committed)
    {
        throw std::invalid_argument("expected a snapshot of what is committed, found one of " +
                                    std::to_string(before) + " entries, committed " +
                                    std::to_string(committed));
    }
    if (applied > committed || committed > LastIndex())
    {
        throw std::invalid_argument(
            "expected applied <= committed <= last index in what is stored, found applied " +
            std::to_string(applied) + ", committed " + std::to_string(committed) + ", last index " +
            std::to_string(LastIndex()));
    }
}

Index
Log::FindConflictByTerm(Index index, Term term) const
{
    if (index > LastIndex())
    {
        return index;
    }
    while (index > 0 && TermAt(index) > term)
    {
        --index;
    }
    return index;
}

std::deque<Entry>::const_iterator
Log::Iterator(Index index) const
{
    return m_entries.begin() + static_cast<std::ptrdiff_t>(index - FirstIndex());
}

std::optional<Index>
Log::MaybeAppend(Index index, Term logTerm, Index leaderCommit, std::span<Entry> entries)
{
    if (!Matches(index, logTerm))
    {
        return std::nullopt;
    }
    const Index lastNew = index + entries.size();
    // What is here already stays, even if the message knows less: it may be an old one (paper,
    // 5.3).
    const auto fresh = std::find_if(entries.begin(), entries.end(), [this](const Entry& entry) {
        return !Matches(entry.index, entry.term);
    });
    if (fresh != entries.end())
    {
        Append(entries.subspan(static_cast<std::size_t>(fresh - entries.begin())));
    }
    CommitTo(std::min(leaderCommit, lastNew));
    return lastNew;
}

void
Log::Append(std::span<Entry> entries)
{
    if (entries.empty())
    {
        return;
    }
    if (entries.front().index <= LastIndex())
    {
        Truncate(entries.front().index);
    }
    for (Entry& entry : entries)
    {
        const Term previous = LastTerm();
        m_entries.push_back(std::move(entry));
        if (m_observer)
        {
            m_observer->OnAppend(m_node, m_entries.back(), previous);
        }
    }
}

void
Log::Truncate(Index first)
{
    if (first <= m_committed)
    {
        throw InvariantViolation("state machine safety (paper, section 5.4.3): node " +
                                 std::to_string(m_node) + " is told to replace entry " +
                                 Describe(At(first)) + ", but has committed up to " +
                                 std::to_string(m_committed));
    }
    m_entries.erase(Iterator(first), m_entries.end());
    m_stable = std::min(m_stable, first - 1);
    if (m_observer)
    {
        m_observer->OnTruncate(m_node, first);
    }
}

void
Log::CommitTo(Index index)
{
    if (index <= m_committed)
    {
        return;
    }
    if (index > LastIndex())
    {
        throw InvariantViolation("node " + std::to_string(m_node) + " is told to commit up to " +
                                 std::to_string(index) + ", but its log ends at " +
                                 std::to_string(LastIndex()) +
                                 ": it has lost entries that it had acknowledged");
    }
    m_committed = index;
}

std::vector<Entry>
Log::Slice(Index first, Index last, std::uint64_t maxBytes) const
{
    std::vector<Entry> result;
    if (first > last)
    {
        return result;
    }
    std::uint64_t bytes = EntrySize(At(first));
    Index end = first + 1;
    for (; end <= last; ++end)
    {
        bytes += EntrySize(At(end));
        if (bytes > maxBytes)
        {
            break;
        }
    }
    result.assign(Iterator(first), Iterator(end));
    return result;
}

std::vector<Entry>
Log::Unstable() const
{
    return {Iterator(m_stable + 1), m_entries.end()};
}

void
Log::StableTo(Index index, Term term)
{
    if (index > m_stable && Matches(index, term))
    {
        m_stable = index;
    }
}

void
Log::AppliedTo(Index index)
{
    m_applied = std::max(m_applied, index);
}

void
Log::Compact(Index index)
{
    if (index <= m_before)
    {
        return;
    }
    if (index > m_applied)
    {
        throw std::invalid_argument(
            "compaction: expected an index that has been applied, at most " +
            std::to_string(m_applied) + ", found " + std::to_string(index));
    }
    m_beforeTerm = TermAt(index);
    m_entries.erase(m_entries.begin(), Iterator(index + 1));
    m_before = index;
    // What has been applied has been written, even if a replaced entry after it hid that.
    m_stable = std::max(m_stable, index);
    if (m_observer)
    {
        m_observer->OnCompact(m_node, index);
    }
}

void
Log::Restore(SnapshotPtr snapshot)
{
    if (snapshot->index <= m_committed)
    {
        throw InvariantViolation("node " + std::to_string(m_node) + " is to restore " +
                                 raft::Describe(*snapshot) + ", but has committed up to " +
                                 std::to_string(m_committed));
    }
    m_entries.clear();
    m_before = m_stable = m_committed = snapshot->index;
    m_beforeTerm = snapshot->term;
    m_unstableSnapshot = std::move(snapshot);
    if (m_observer)
    {
        m_observer->OnRestore(m_node, *m_unstableSnapshot);
    }
}

void
Log::SnapshotStableTo(Index index)
{
    if (m_unstableSnapshot && m_unstableSnapshot->index == index)
    {
        m_unstableSnapshot = nullptr;
    }
}

} // namespace etcdlab::raft
