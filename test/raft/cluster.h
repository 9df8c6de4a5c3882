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

/// Entries 1, 2, 3, ... of these terms, each with a command of its own. The same (index, term)
/// gives the same Payload object in every call, as if all members had it from one leader.
std::vector<Entry> MakeLog(const std::vector<Term>& terms);

/// The terms of a log's entries: what most situations of the paper are drawn with.
std::vector<Term> Terms(const Log& log);
std::vector<Term> Terms(const std::vector<Entry>& entries);

/// A configuration of member 1 of `size`, whose random draws are 0: it campaigns after
/// electionTicks.
Config MakeConfig(std::size_t size = 3, NodeId id = 1);

using TermList = std::vector<Term>;

/// The same whose disk held MakeLog(terms) in `term`.
Config WithLog(const TermList& terms, Term term, Index commit = 0, std::size_t size = 3);

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
    HardState synced;   //!< what certainly survives…
    HardState buffered; //!< …and what a commit-only save has not forced down
    std::vector<Entry> log;

    void Save(const Ready& ready);
};

/// One member of a Cluster.
struct Node
{
    Config config; //!< without persisted state
    Disk disk;
    std::unique_ptr<Raft> raft; //!< null while crashed
    std::vector<Entry> applied; //!< since the last start
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

    /// Messages for which this says true never get on the wire.
    std::function<bool(const Message&)> lost;

    /// Nothing reaches or leaves `id` from now on.
    void Isolate(NodeId id);
    void Heal();

    std::deque<Message> wire;
    InvariantChecker checker;

  private:
    void Send(std::vector<Message> messages);

    Observers m_observers;
    std::map<NodeId, Node> m_nodes;
};

} // namespace etcdlab::raft::test
