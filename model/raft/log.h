// A member's log, and how far it is stored, committed and applied.
#pragma once

#include "model/raft/observer.h"
#include "model/raft/types.h"

#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace etcdlab::raft
{

/**
 * The log of one member (etcd raft/log.go and log_unstable.go in one).
 *
 *     1 ......... applied ......... committed ......... last
 *     1 ................. stable ...................... last
 *
 * `stable` is how far the owner is known to have written. It may lie before `committed`: what a
 * quorum has stored is committed, whether or not this member is part of it.
 *
 * All entries are kept in memory, from index 1. (When snapshots come, the front goes.)
 */
class Log
{
  public:
    /// @param node, observer whom to tell about changes, and in whose name; the observer may be
    /// null.
    /// @throws std::invalid_argument if the entries are not numbered 1, 2, 3, ... with terms that
    ///         never fall, or applied <= committed <= last does not hold.
    Log(NodeId node,
        Observer* observer,
        std::vector<Entry> entries,
        Index committed,
        Index applied);

    Index LastIndex() const
    {
        return m_entries.size();
    }

    Term LastTerm() const
    {
        return m_entries.empty() ? 0 : m_entries.back().term;
    }

    Index GetCommitted() const
    {
        return m_committed;
    }

    Index GetApplied() const
    {
        return m_applied;
    }

    Index GetStable() const
    {
        return m_stable;
    }

    /// The term of the entry at `index`; 0 for index 0 and beyond the end.
    Term TermAt(Index index) const
    {
        return index == 0 || index > LastIndex() ? 0 : m_entries[index - 1].term;
    }

    /// The entry at `index`, which must exist.
    const Entry& At(Index index) const
    {
        return m_entries[index - 1];
    }

    /// True if an entry of `term` stands at `index`; always for (0, 0).
    bool Matches(Index index, Term term) const
    {
        return index <= LastIndex() && TermAt(index) == term;
    }

    /// Raft paper, section 5.4.1: a log that ends so is at least as up to date as this one.
    bool IsUpToDate(Index lastIndex, Term lastTerm) const
    {
        return lastTerm > LastTerm() || (lastTerm == LastTerm() && lastIndex >= LastIndex());
    }

    /// The greatest index <= `index` whose term is <= `term` (log.go:findConflictByTerm, 3.5).
    /// An index beyond the end is returned as it is.
    Index FindConflictByTerm(Index index, Term term) const;

    /**
     * A follower's part of AppendEntries: if the log matches at (index, logTerm), drop what
     * conflicts with `entries`, append what is new, and advance the commit index as far as the
     * leader's and the message go.
     * @return the index of the last of `entries`; nothing if the log does not match.
     * @throws InvariantViolation if a committed entry would have to go.
     */
    std::optional<Index> MaybeAppend(Index index,
                                     Term logTerm,
                                     Index leaderCommit,
                                     std::span<Entry> entries);

    /// Append entries that carry their term and index, moving from them; a first index within the
    /// log replaces what is there and after it. @throws InvariantViolation if a committed entry
    /// would have to go.
    void Append(std::span<Entry> entries);

    /// Raise the commit index; a lower one is ignored.
    /// @throws InvariantViolation beyond the end: a member has lost entries that it had
    /// acknowledged.
    void CommitTo(Index index);

    /// The entries from `first` up to `last`, limited to `maxBytes` (EntrySize), but at least one
    /// if any.
    std::vector<Entry> Slice(Index first, Index last, std::uint64_t maxBytes) const;

    /// Entries that the owner has not written yet.
    bool HasUnstable() const
    {
        return m_stable < LastIndex();
    }

    std::vector<Entry> Unstable() const;

    /// Everything up to `index` has been written, as it was when its last entry had `term`. Ignored
    /// if that entry has been replaced meanwhile (log_unstable.go:stableTo).
    void StableTo(Index index, Term term);

    bool HasNextToApply() const
    {
        return m_applied < m_committed;
    }

    void AppliedTo(Index index);

  private:
    void Truncate(Index first);

    NodeId m_node;
    Observer* m_observer;
    std::deque<Entry> m_entries; //!< place i holds index i + 1
    Index m_stable;
    Index m_committed;
    Index m_applied;
};

} // namespace etcdlab::raft
