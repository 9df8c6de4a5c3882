// Who wants to watch a Raft at work: checkers, traces, statistics.
#pragma once

#include "model/raft/types.h"

namespace etcdlab::raft
{

class Log;

/**
 * Told about every change of a member's state, in the order the changes happen and after each took
 * effect. Must not call back into the Raft. One observer may serve all members of a cluster.
 */
class Observer
{
  public:
    virtual ~Observer() = default;

    /// A member has been created, for the first time or from what its disk held after a crash.
    virtual void OnStart(NodeId, const HardState&, const Log&) {}

    /// The term, the vote or both are new.
    virtual void OnTermOrVote(NodeId, Term, NodeId /* vote */) {}

    /// The member follows from now on, or follows another leader (NO_NODE: none known yet).
    virtual void OnBecomeFollower(NodeId, Term, NodeId /* leader */) {}

    /// The member has won the election of `term`; the log is as it was while it stood for it.
    virtual void OnBecomeLeader(NodeId, Term, const Log&) {}

    /// The log has a new last entry; `previousTerm` is the term of the entry before it, 0 if there
    /// is none.
    virtual void OnAppend(NodeId, const Entry&, Term /* previousTerm */) {}

    /// The entries from `first` on are gone.
    virtual void OnTruncate(NodeId, Index /* first */) {}

    /// The commit index has risen to `index`, where the log has an entry of `term`: told when a Ready makes it known,
    /// by when a leader has synced what it counted of its own.
    virtual void OnCommit(NodeId, Index, Term) {}

    /// The entry is handed out in a Ready, for the member's state machine.
    virtual void OnApply(NodeId, const Entry&) {}

    /// The entries up to `index`, all of them applied, are no longer in the log.
    virtual void OnCompact(NodeId, Index) {}

    /// A follower's log is gone altogether, and the leader's snapshot stands in its place.
    virtual void OnRestore(NodeId, const Snapshot&) {}

    /// The snapshot is handed out in a Ready, in place of the member's state machine.
    virtual void OnApplySnapshot(NodeId, const Snapshot&) {}

    /// The owner has applied the next of the CONF_CHANGE entries handed out; these are the members
    /// now.
    virtual void OnConfChange(NodeId, const ConfState&) {}
};

} // namespace etcdlab::raft
