// Members, their disks and a wire between them, all in the hands of a test.
#pragma once

#include "model/raft/invariants.h"
#include "model/raft/raft.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab::raft::test
{

/// A command that is its own text.
struct Text : Payload
{
    explicit Text(std::string t)
        : text(std::move(t))
    {
    }

    std::string Describe() const override
    {
        return text;
    }

    std::string text;
};

inline PayloadPtr
MakeText(std::string text)
{
    return std::make_shared<Text>(std::move(text));
}

/// The change of members `change`, as a payload.
ConfChangePtr MakeChange(ConfChangeType type, NodeId node);

/// What a state machine of tests holds: the commands it has applied, oldest first.
struct State : Payload
{
    std::vector<std::string> commands;
};

/// A snapshot of the first `index` entries of MakeLog, the last of which is of `term`.
SnapshotPtr MakeSnapshot(Index index,
                         Term term,
                         std::vector<NodeId> voters = {1, 2, 3},
                         std::vector<NodeId> learners = {});

/// Entries 1, 2, 3, ... of these terms, each with a command of its own. The same (index, term)
/// gives the same Payload object in every call, as if all members had it from one leader.
std::vector<Entry> MakeLog(const std::vector<Term>& terms);

/// The terms of the entries that a log still has: what most situations of the paper are drawn with.
std::vector<Term> Terms(const Log& log);
std::vector<Term> Terms(const std::vector<Entry>& entries);

/// A configuration of member 1 of `size`, whose random draws are 0: it campaigns after
/// electionTicks.
Config MakeConfig(std::size_t size = 3, NodeId id = 1);

using TermList = std::vector<Term>;

/// The same whose disk held MakeLog(terms) in `term`.
Config WithLog(const TermList& terms, Term term, Index commit = 0, std::size_t size = 3);

/// The same, restarted from a snapshot of its first `snapshot` entries, which are committed.
Config WithSnapshot(const TermList& terms, Term term, Index snapshot);

/// The part of MakeLog(terms) after `index`.
std::vector<Entry> After(Index index, const TermList& terms);

/// The one message that `raft` sends in answer to `request`; anything else fails the test.
Message Answer(Raft& raft, Message request);

/// Do everything a Raft asks for, on a disk that nobody reads; return what it wants sent.
std::vector<Message> Drain(Raft& raft);

/// Shorthand for messages to member `to`.
Message MakeMessage(MessageType type, NodeId from, NodeId to, Term term);
Message MakeAppend(NodeId from,
                   NodeId to,
                   Term term,
                   Index index,
                   Term logTerm,
                   Index commit,
                   std::vector<Entry> entries = {});

/// Those of one type.
std::vector<Message> Of(MessageType type, const std::vector<Message>& messages);

/// Make a fresh Raft the leader of the next term by granting it every vote. Its first messages are
/// gone.
void Elect(Raft& raft);

/// Passes events on to several observers.
class Observers : public Observer
{
  public:
    std::vector<Observer*> all;

    void OnStart(NodeId n, const HardState& s, const Log& l) override
    {
        Each([&](Observer& o) { o.OnStart(n, s, l); });
    }

    void OnTermOrVote(NodeId n, Term t, NodeId v) override
    {
        Each([&](Observer& o) { o.OnTermOrVote(n, t, v); });
    }

    void OnBecomeFollower(NodeId n, Term t, NodeId l) override
    {
        Each([&](Observer& o) { o.OnBecomeFollower(n, t, l); });
    }

    void OnBecomeLeader(NodeId n, Term t, const Log& l) override
    {
        Each([&](Observer& o) { o.OnBecomeLeader(n, t, l); });
    }

    void OnAppend(NodeId n, const Entry& e, Term p) override
    {
        Each([&](Observer& o) { o.OnAppend(n, e, p); });
    }

    void OnTruncate(NodeId n, Index f) override
    {
        Each([&](Observer& o) { o.OnTruncate(n, f); });
    }

    void OnCommit(NodeId n, Index i, Term t) override
    {
        Each([&](Observer& o) { o.OnCommit(n, i, t); });
    }

    void OnApply(NodeId n, const Entry& e) override
    {
        Each([&](Observer& o) { o.OnApply(n, e); });
    }

    void OnCompact(NodeId n, Index i) override
    {
        Each([&](Observer& o) { o.OnCompact(n, i); });
    }

    void OnRestore(NodeId n, const Snapshot& s) override
    {
        Each([&](Observer& o) { o.OnRestore(n, s); });
    }

    void OnApplySnapshot(NodeId n, const Snapshot& s) override
    {
        Each([&](Observer& o) { o.OnApplySnapshot(n, s); });
    }

    void OnConfChange(NodeId n, const ConfState& c) override
    {
        Each([&](Observer& o) { o.OnConfChange(n, c); });
    }

  private:
    template <class F>
    void Each(F f)
    {
        for (Observer* o : all)
        {
            f(*o);
        }
    }
};

/// What a crash leaves behind.
struct Disk
{
    HardState synced;       //!< what certainly survives…
    HardState buffered;     //!< …and what a commit-only save has not forced down
    SnapshotPtr snapshot;   //!< null if there is none yet
    std::vector<Entry> log; //!< what follows it

    void Save(const Ready& ready);

    /// The owner has made a snapshot of what it has applied.
    void Save(SnapshotPtr made);

    /// What a member is made from that starts with this disk: `config` is that of its first start.
    Config Restarted(Config config) const;
};

/// One member of a Cluster.
struct Node
{
    Config config; //!< without persisted state
    Disk disk;
    std::unique_ptr<Raft> raft;     //!< null while crashed
    std::vector<Entry> applied;     //!< since the last start
    std::vector<std::string> state; //!< the state machine: all commands ever applied
    SnapshotPtr current; //!< what it gives to slow followers, null while there is none to give
    std::vector<ReadState> reads;
};

/**
 * A cluster whose every step the test decides. Everything that happens goes through an
 * InvariantChecker. Messages wait on `wire` in the order sent.
 */
class Cluster
{
  public:
    /// `base` for all, with ids 1..size. Member i draws i-1 of every election timeout: 1 is the
    /// first.
    explicit Cluster(std::size_t size, Config base = MakeConfig(), Observer* trace = nullptr);

    Raft& operator[](NodeId id)
    {
        return *At(id).raft;
    }

    Node& At(NodeId id)
    {
        return m_nodes.at(id);
    }

    bool IsUp(NodeId id)
    {
        return At(id).raft != nullptr;
    }

    std::size_t Size() const
    {
        return m_nodes.size();
    }

    /// Take one Ready, save, apply, send, advance. @return what it was, emptied of messages.
    Ready ProcessReady(NodeId id);

    /// Hand the oldest message on the wire to its receiver; lost if that one is down.
    void DeliverOne();

    /// Ready and deliver, in turns, until nothing is left to do.
    void Stabilize();

    /// Tick one member, or all in turn, `count` times; nothing else.
    void Tick(NodeId id, int count = 1);

    void Crash(NodeId id);
    void Restart(NodeId id);

    /// Start a node that is no member yet, and knows who the members were at the beginning.
    void Join(NodeId id);

    /// Put what `id` has applied into a snapshot, and forget all but the last `keep` entries of it.
    void TakeSnapshot(NodeId id, Index keep = 0);

    /// What comes after writing: the state machine's part of a Ready.
    void Apply(Node& node, const Ready& ready);

    /// What the owner does to a message before it leaves: a SNAP gets a snapshot of the present
    /// state (etcdserver/snapshot_merge.go).
    void Prepare(Message& message);

    /// Messages for which this says true never get on the wire.
    std::function<bool(const Message&)> lost;

    /// Nothing reaches or leaves `id` from now on.
    void Isolate(NodeId id);
    void Heal();

    std::deque<Message> wire;
    InvariantChecker checker;

  private:
    void Send(std::vector<Message> messages);
    void Start(Config config);
    SnapshotPtr SnapshotOf(Node& node);

    Config m_base; //!< of all, with the first members
    Observers m_observers;
    std::map<NodeId, Node> m_nodes;
};

} // namespace etcdlab::raft::test
