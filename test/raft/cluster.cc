#include "test/raft/cluster.h"

#include "model/raft/ready.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace etcdlab::raft::test
{

ConfChangePtr
MakeChange(ConfChangeType type, NodeId node)
{
    return std::make_shared<ConfChange>(type, node);
}

SnapshotPtr
MakeSnapshot(Index index, Term term, std::vector<NodeId> voters, std::vector<NodeId> learners)
{
    auto state = std::make_shared<State>();
    for (Index i = 1; i <= index; ++i)
    {
        state->commands.push_back("c" + std::to_string(i));
    }
    return std::make_shared<Snapshot>(
        Snapshot{index, term, {std::move(voters), std::move(learners)}, 100, state});
}

std::vector<Entry>
MakeLog(const std::vector<Term>& terms)
{
    static std::map<std::pair<Index, Term>, PayloadPtr> commands;
    std::vector<Entry> log;
    for (const Term term : terms)
    {
        const Index index = log.size() + 1;
        PayloadPtr& command = commands[{index, term}];
        if (!command)
        {
            command = MakeText("c" + std::to_string(index));
        }
        log.push_back({term, index, 2, command});
    }
    return log;
}

std::vector<Term>
Terms(const std::vector<Entry>& entries)
{
    std::vector<Term> terms;
    for (const Entry& entry : entries)
    {
        terms.push_back(entry.term);
    }
    return terms;
}

std::vector<Term>
Terms(const Log& log)
{
    std::vector<Term> terms;
    for (Index i = log.FirstIndex(); i <= log.LastIndex(); ++i)
    {
        terms.push_back(log.TermAt(i));
    }
    return terms;
}

Config
MakeConfig(std::size_t size, NodeId id)
{
    Config config;
    config.id = id;
    for (NodeId voter = 1; voter <= size; ++voter)
    {
        config.voters.push_back(voter);
    }
    config.random = [](int) { return 0; };
    return config;
}

std::vector<Message>
Drain(Raft& raft)
{
    std::vector<Message> sent;
    while (raft.HasReady())
    {
        Ready ready = raft.TakeReady();
        for (auto* messages : {&ready.messages, &ready.messagesAfterSync})
        {
            for (Message& message : *messages)
            {
                sent.push_back(std::move(message));
            }
        }
        raft.Advance();
    }
    return sent;
}

Config
WithLog(const TermList& terms, Term term, Index commit, std::size_t size)
{
    Config config = MakeConfig(size);
    config.log = MakeLog(terms);
    config.hardState = {term, NO_NODE, commit};
    config.applied = commit;
    return config;
}

Config
WithSnapshot(const TermList& terms, Term term, Index snapshot)
{
    Config config = WithLog(terms, term, snapshot);
    config.log = After(snapshot, terms);
    config.snapshot = MakeSnapshot(snapshot, terms[snapshot - 1]);
    return config;
}

std::vector<Entry>
After(Index index, const TermList& terms)
{
    auto log = MakeLog(terms);
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(index));
    return log;
}

Message
Answer(Raft& raft, Message request)
{
    raft.Step(std::move(request));
    const auto sent = Drain(raft);
    EXPECT_EQ(sent.size(), 1u);
    return sent.empty() ? Message() : sent.front();
}

Message
MakeMessage(MessageType type, NodeId from, NodeId to, Term term)
{
    Message message;
    message.type = type;
    message.from = from;
    message.to = to;
    message.term = term;
    return message;
}

Message
MakeAppend(NodeId from,
           NodeId to,
           Term term,
           Index index,
           Term logTerm,
           Index commit,
           std::vector<Entry> entries)
{
    Message message = MakeMessage(MessageType::APP, from, to, term);
    message.index = index;
    message.logTerm = logTerm;
    message.commit = commit;
    message.entries = std::move(entries);
    return message;
}

std::vector<Message>
Of(MessageType type, const std::vector<Message>& messages)
{
    std::vector<Message> some;
    for (const Message& message : messages)
    {
        if (message.type == type)
        {
            some.push_back(message);
        }
    }
    return some;
}

void
Elect(Raft& raft)
{
    raft.Campaign();
    for (const Message& request : Drain(raft))
    {
        raft.Step(MakeMessage(MessageType::VOTE_RESP, request.to, request.from, request.term));
    }
    Drain(raft);
}

void
Disk::Save(const Ready& ready)
{
    if (ready.snapshot)
    {
        snapshot = ready.snapshot;
        log.clear();
    }
    const Index before = snapshot ? snapshot->index : 0;
    for (const Entry& entry : ready.entries)
    {
        if (entry.index > before) // or it is part of the snapshot already
        {
            log.resize(entry.index - before - 1);
            log.push_back(entry);
        }
    }
    if (ready.hardState)
    {
        buffered = *ready.hardState;
    }
    if (ready.mustSync)
    {
        synced = buffered;
    }
}

void
Disk::Save(SnapshotPtr made)
{
    const Index before = snapshot ? snapshot->index : 0;
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(made->index - before));
    snapshot = std::move(made);
    synced = buffered; // wal.go:SaveSnapshot syncs all that is before it
}

Config
Disk::Restarted(Config config) const
{
    config.hardState = synced;
    config.log = log;
    config.snapshot = snapshot;
    if (snapshot)
    {
        config.voters.clear();
        config.learners.clear();
    }
    return config;
}

Cluster::Cluster(std::size_t size, Config base, Observer* trace)
    : checker(base.accounting),
      m_base(std::move(base))
{
    m_observers.all.push_back(&checker);
    if (trace)
    {
        m_observers.all.push_back(trace);
    }
    m_base.voters = MakeConfig(size).voters;
    m_base.observer = &m_observers;
    for (const NodeId id : m_base.voters)
    {
        Config config = m_base;
        config.id = id;
        Start(std::move(config));
    }
}

void
Cluster::Start(Config config)
{
    const NodeId id = config.id;
    config.random = [id](int n) { return static_cast<int>(id - 1) % n; };
    config.currentSnapshot = [this, id] { return At(id).current; };
    m_nodes[id].config = std::move(config);
    Restart(id);
}

void
Cluster::Join(NodeId id)
{
    Config config = m_base;
    config.id = id;
    config.joining = true;
    Start(std::move(config));
}

void
Cluster::TakeSnapshot(NodeId id, Index keep)
{
    Node& node = At(id);
    node.current = SnapshotOf(node);
    node.disk.Save(node.current);
    node.raft->Compact(node.current->index - std::min(node.current->index, keep));
}

SnapshotPtr
Cluster::SnapshotOf(Node& node)
{
    const Index index = node.raft->GetAppliedIndex();
    auto state = std::make_shared<State>();
    state->commands = node.state;
    return std::make_shared<Snapshot>(Snapshot{index,
                                               node.raft->GetLog().TermAt(index),
                                               node.raft->GetConfState(),
                                               100,
                                               std::move(state)});
}

void
Cluster::Prepare(Message& message)
{
    if (message.type == MessageType::SNAP)
    {
        message.snapshot = SnapshotOf(At(message.from));
    }
}

void
Cluster::Apply(Node& node, const Ready& ready)
{
    if (ready.snapshot)
    {
        node.current = ready.snapshot;
        node.state = dynamic_cast<const State&>(*ready.snapshot->payload).commands;
    }
    for (const Entry& entry : ready.committedEntries)
    {
        node.applied.push_back(entry);
        if (entry.type == EntryType::CONF_CHANGE)
        {
            node.raft->ApplyConfChange(ConfChangeOf(entry));
        }
        else if (entry.payload)
        {
            node.state.push_back(entry.payload->Describe());
        }
    }
}

void
Cluster::Restart(NodeId id)
{
    Node& node = At(id);
    node.applied.clear();
    node.current = node.disk.snapshot;
    node.state.clear();
    if (node.current)
    {
        node.state = dynamic_cast<const State&>(*node.current->payload).commands;
    }
    node.raft = std::make_unique<Raft>(node.disk.Restarted(node.config));
}

void
Cluster::Crash(NodeId id)
{
    Node& node = At(id);
    node.disk.buffered = node.disk.synced;
    node.raft.reset();
}

Ready
Cluster::ProcessReady(NodeId id)
{
    Node& node = At(id);
    Ready ready = node.raft->TakeReady();
    Send(std::exchange(ready.messages, {}));
    node.disk.Save(ready);
    Apply(node, ready);
    node.reads.insert(node.reads.end(), ready.readStates.begin(), ready.readStates.end());
    DropSupersededResponses(ready.messagesAfterSync);
    Send(std::exchange(ready.messagesAfterSync, {}));
    node.raft->Advance();
    return ready;
}

void
Cluster::Send(std::vector<Message> messages)
{
    for (Message& message : messages)
    {
        if (!lost || !lost(message))
        {
            Prepare(message);
            wire.push_back(std::move(message));
        }
    }
}

void
Cluster::DeliverOne()
{
    Message message = std::move(wire.front());
    wire.pop_front();
    if (IsUp(message.to))
    {
        (*this)[message.to].Step(std::move(message));
    }
}

void
Cluster::Stabilize()
{
    for (bool busy = true; busy;)
    {
        busy = !wire.empty();
        while (!wire.empty())
        {
            DeliverOne();
        }
        for (auto& [id, node] : m_nodes)
        {
            while (node.raft && node.raft->HasReady())
            {
                ProcessReady(id);
                busy = true;
            }
        }
    }
}

void
Cluster::Tick(NodeId id, int count)
{
    for (int i = 0; i < count; ++i)
    {
        (*this)[id].Tick();
    }
}

void
Cluster::Isolate(NodeId id)
{
    std::erase_if(wire, [id](const Message& m) { return m.from == id || m.to == id; });
    lost = [id, before = lost](const Message& m) {
        return m.from == id || m.to == id || (before && before(m));
    };
}

void
Cluster::Heal()
{
    lost = nullptr;
}

} // namespace etcdlab::raft::test
