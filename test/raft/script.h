// Scripted conversations between members, with the text of what should happen.
#pragma once

#include "test/raft/cluster.h"

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace etcdlab::raft::test
{

/**
 * Runs one script. A script is a text of commands, each on a line that begins with "> ", followed
 * by what the command is expected to print and a blank line; lines that begin with "#" are for the
 * reader.
 *
 *     add-nodes N [prevote] [hints] [thesis] [no-checkquorum] [inflight=K]
 *                              a cluster of N members; hints: the term-aware rejections of 3.5
 *     restart ID [log=1,1,2] [commit=K] [term=T]
 *                              from its disk, or with this log (the entries' terms) and state
 *     crash ID                 what it had not synced is gone
 *     campaign ID              stand for election
 *     elect ID                 campaign and stabilize, printing only the status that results
 *     propose ID TEXT          a client of member ID
 *     read ID CONTEXT          a linearizable read at member ID
 *     change ID add|add-learner|remove NODE    propose a change of members at member ID
 *     join ID                  start a node that is no member yet
 *     snapshot ID [keep=K]     put what is applied into a snapshot; forget all but K entries of it
 *     no-snapshot ID           member ID has no snapshot to give for the time being
 *     report-snapshot ID PEER ok|failed        what the transport of ID says of the last SNAP
 *     state ID                 the commands that member ID has applied
 *     transfer ID TO           ask member ID to have leadership handed to TO
 *     unreachable ID PEER      the transport of ID reports PEER
 *     tick ID [N]              N ticks at one member
 *     process-ready [ID...]    one Ready each, of these or all that have one
 *     deliver [to=ID] [from=ID] [type=TYPE]    messages that are on the wire now, all or some
 *     drop [to=ID] [from=ID] [type=TYPE]       lose them
 *     stabilize                process-ready and deliver in turns until nothing is left to do
 *     isolate ID / heal        messages from and to ID are lost from now on / no longer
 *     status                   each member: role, term, leader, log
 *     progress ID              how the leader ID sees the others
 *
 * Printed: what the members do, as it happens (term, vote, roles, appended, removed, committed and
 * applied entries, confirmed reads), "sends" and "sends after sync" when a Ready lets messages go,
 * and messages as they arrive. A message reads: from->to TYPE, its fields that are not 0,
 * [term/index command].
 */
class Script : private Observer
{
  public:
    /// The text with every expectation replaced by what really was printed.
    std::string Run(const std::string& text);

  private:
    using Arguments = std::vector<std::string>;

    void Execute(const std::string& line);
    void AddNodes(const Arguments& arguments);
    void RestartNode(const Arguments& arguments);
    void ProcessReady(NodeId id);
    void ProcessReadyOf(const Arguments& arguments);
    void Deliver(const Arguments& arguments, bool lose);
    void Stabilize();
    void PrintStatus();
    void PrintProgress(NodeId leader);
    bool ExecuteMembership(const std::string& command, const Arguments& arguments);
    NodeId Number(const Arguments& arguments, std::size_t at) const;

    void OnTermOrVote(NodeId, Term, NodeId) override;
    void OnBecomeFollower(NodeId, Term, NodeId) override;
    void OnBecomeLeader(NodeId, Term, const Log&) override;
    void OnAppend(NodeId, const Entry&, Term) override;
    void OnTruncate(NodeId, Index) override;
    void OnCommit(NodeId, Index, Term) override;
    void OnApply(NodeId, const Entry&) override;
    void OnCompact(NodeId, Index) override;
    void OnRestore(NodeId, const Snapshot&) override;
    void OnApplySnapshot(NodeId, const Snapshot&) override;
    void OnConfChange(NodeId, const ConfState&) override;

    std::unique_ptr<Cluster> m_cluster;
    std::ostringstream m_out;
};

} // namespace etcdlab::raft::test
