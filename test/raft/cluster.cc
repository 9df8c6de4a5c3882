#include "test/raft/cluster.h"

#include "model/raft/ready.h"

#include <gtest/gtest.h>

#include <utility>

namespace etcdlab::raft::test
{

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
    for (Index i = 1; i <= log.LastIndex(); ++i)
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
    if (!ready.entries.empty())
    {
        log.resize(ready.entries.front().index - 1);
        log.insert(log.end(), ready.entries.begin(), ready.entries.end());
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

Cluster::Cluster(std::size_t size, Config base, Observer* trace)
    : checker(base.accounting)
{
    m_observers.all.push_back(&checker);
    if (trace)
    {
        m_observers.all.push_back(trace);
    }
    const std::vector<NodeId> voters = MakeConfig(size).voters;
    for (const NodeId id : voters)
    {
        Config config = base;
        config.id = id;
        config.voters = voters;
        config.observer = &m_observers;
        config.random = [id](int n) { return static_cast<int>(id - 1) % n; };
        m_nodes[id].config = std::move(config);
        Restart(id);
    }
}

void
Cluster::Restart(NodeId id)
{
    Node& node = At(id);
    Config config = node.config;
    config.hardState = node.disk.synced;
    config.log = node.disk.log;
    node.applied.clear();
    node.raft = std::make_unique<Raft>(std::move(config));
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
    node.applied.insert(
        node.applied.end(), ready.committedEntries.begin(), ready.committedEntries.end());
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
