// A member's log, and how far it is stored, committed and applied.
#pragma once

#include "model/raft/observer.h"
#include "model/raft/types.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace etcdlab::raft
{

/**
 * The log of one member (etcd raft/log.go and log_unstable.go in one).
 *
 *     first ......... applied ......... committed ......... last
 *     first ................. stable ...................... last
 *
 * `stable` is how far the owner is known to have written. It may lie before `committed`: what a
 * quorum has stored is committed, whether or not this member is part of it.
 *
 * Of what lies before `first` a snapshot tells. Only the term of the entry just before it is known,
 * so that entries can be matched there (storage.go: the dummy entry of MemoryStorage). After Restore,
 * `applied` lies even before that until the snapshot has been handed out.
 */
class Log
{
  public:
    /// @param node, observer whom to tell about changes, and in whose name; the observer may be
    /// null.
    /// @param before, beforeTerm the entry before the first one, 0 if that is entry 1.
    /// @param applied less than `before` means `before`.
    /// @throws std::invalid_argument if the entries are not numbered before+1, before+2, ... with
    ///         terms that never fall, or before <= committed, applied <= committed <= last does not
    ///         hold.
    Log(NodeId node,
        Observer* observer,
        std::vector<Entry> entries,
        Index committed,
        Index applied,
        Index before = 0,
        Term beforeTerm = 0);

    /// The first entry that is here; LastIndex() + 1 if there is none.
    Index FirstIndex() const
    {
        return m_before + 1;
    }

    Index LastIndex() const
    {
        return m_before + m_entries.size();
    }

    Term LastTerm() const
    {
        return m_entries.empty() ? m_beforeTerm : m_entries.back().term;
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

    /// The term of the entry at `index`; 0 for index 0, beyond the end, and where it is no longer
    /// known.
    Term TermAt(Index index) const
    {
        if (index <= m_before)
        {
            return index == m_before ? m_beforeTerm : 0;
        }
        return index > LastIndex() ? 0 : m_entries[index - FirstIndex()].term;
    }

    /// The entry at `index`, which must exist.
    const Entry& At(Index index) const
    {
        return m_entries[index - FirstIndex()];
    }

    /// True if an entry of `term` is known to stand at `index`; for (0, 0) if nothing is missing.
    bool Matches(Index index, Term term) const
    {
        return index >= m_before && index <= LastIndex() && TermAt(index) == term;
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

    /// The first entry that has not been applied and is not part of a snapshot.
    Index NextToApply() const
    {
        return std::max(m_applied, m_before) + 1;
    }

    bool HasNextToApply() const
    {
        return NextToApply() <= m_committed;
    }

    void AppliedTo(Index index);

    /// Forget the entries up to `index` (storage.go:Compact); nothing happens if they are gone
    /// already. @throws std::invalid_argument if not all of them have been applied.
    void Compact(Index index);

    /// Forget everything; `snapshot` stands in its place, committed and not yet written
    /// (log.go:restore). @throws InvariantViolation if it tells less than what is committed.
    void Restore(SnapshotPtr snapshot);

    /// A snapshot that the owner has not written yet, null if there is none.
    const SnapshotPtr& UnstableSnapshot() const
    {
        return m_unstableSnapshot;
    }

    /// The snapshot at `index` has been written. Ignored if a later one has come meanwhile.
    void SnapshotStableTo(Index index);

  private:
    void Truncate(Index first);
    std::deque<Entry>::const_iterator Iterator(Index index) const;

    NodeId m_node;
    Observer* m_observer;
    Index m_before; //!< the entry before the first: all up to it are in a snapshot
    Term m_beforeTerm;
    std::deque<Entry> m_entries; //!< place i holds index m_before + 1 + i
    SnapshotPtr m_unstableSnapshot;
    Index m_stable;
    Index m_committed;
    Index m_applied;
};

} // namespace etcdlab::raft
