#include "model/raft/types.h"

namespace etcdlab::raft
{

const char*
Name(MessageType type)
{
    switch (type)
    {
    case MessageType::PROP:
        return "PROP";
    case MessageType::APP:
        return "APP";
    case MessageType::APP_RESP:
        return "APP_RESP";
    case MessageType::SNAP:
        return "SNAP";
    case MessageType::VOTE:
        return "VOTE";
    case MessageType::VOTE_RESP:
        return "VOTE_RESP";
    case MessageType::PRE_VOTE:
        return "PRE_VOTE";
    case MessageType::PRE_VOTE_RESP:
        return "PRE_VOTE_RESP";
    case MessageType::HEARTBEAT:
        return "HEARTBEAT";
    case MessageType::HEARTBEAT_RESP:
        return "HEARTBEAT_RESP";
    case MessageType::READ_INDEX:
        return "READ_INDEX";
    case MessageType::READ_INDEX_RESP:
        return "READ_INDEX_RESP";
    case MessageType::TIMEOUT_NOW:
        return "TIMEOUT_NOW";
    case MessageType::TRANSFER_LEADER:
        return "TRANSFER_LEADER";
    }
    return "?";
}

const char*
Name(Role role)
{
    switch (role)
    {
    case Role::FOLLOWER:
        return "FOLLOWER";
    case Role::PRE_CANDIDATE:
        return "PRE_CANDIDATE";
    case Role::CANDIDATE:
        return "CANDIDATE";
    case Role::LEADER:
        return "LEADER";
    }
    return "?";
}

const char*
Name(ProposeResult result)
{
    switch (result)
    {
    case ProposeResult::ACCEPTED:
        return "ACCEPTED";
    case ProposeResult::FORWARDED:
        return "FORWARDED";
    case ProposeResult::NO_LEADER:
        return "NO_LEADER";
    case ProposeResult::DROPPED:
        return "DROPPED";
    }
    return "?";
}

std::string
ConfChange::Describe() const
{
    switch (type)
    {
    case ConfChangeType::ADD_NODE:
        return "add " + std::to_string(node);
    case ConfChangeType::REMOVE_NODE:
        return "remove " + std::to_string(node);
    case ConfChangeType::ADD_LEARNER_NODE:
        return "add learner " + std::to_string(node);
    }
    return "?";
}

const ConfChange&
ConfChangeOf(const Entry& entry)
{
    const auto* change = dynamic_cast<const ConfChange*>(entry.payload.get());
    if (entry.type != EntryType::CONF_CHANGE || !change)
    {
        throw std::logic_error("expected an entry that changes the members, found " +
                               Describe(entry));
    }
    return *change;
}

std::string
Describe(const ConfState& conf)
{
    std::string text;
    const auto add = [&text](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
    for (const NodeId id : conf.voters)
    {
        add(std::to_string(id));
    }
    if (!conf.learners.empty())
    {
        add("learners");
    }
    for (const NodeId id : conf.learners)
    {
        add(std::to_string(id));
    }
    return text;
}

std::string
Describe(const Snapshot& snapshot)
{
    return "snapshot " + std::to_string(snapshot.term) + "/" + std::to_string(snapshot.index) +
           " of " + Describe(snapshot.conf);
}

std::string
Describe(const Entry& entry)
{
    const std::string what = entry.payload ? entry.payload->Describe() : "empty";
    return std::to_string(entry.term) + "/" + std::to_string(entry.index) + " " + what;
}

std::string
Describe(const Message& m)
{
    std::string text = std::to_string(m.from) + "->" + std::to_string(m.to) + " " + Name(m.type);
    const auto field = [&text](const char* name, std::uint64_t value) {
        if (value != 0)
        {
            text += std::string(" ") + name + " " + std::to_string(value);
        }
    };
    field("term", m.term);
    if (m.type == MessageType::APP || m.type == MessageType::VOTE ||
        m.type == MessageType::PRE_VOTE)
    {
        text += " log " + std::to_string(m.logTerm) + "/" + std::to_string(m.index);
    }
    else
    {
        field("index", m.index);
    }
    field("commit", m.commit);
    if (m.reject)
    {
        text += " reject";
        if (m.type == MessageType::APP_RESP)
        {
            text += " hint " + (m.logTerm ? std::to_string(m.logTerm) + "/" : std::string()) +
                    std::to_string(m.rejectHint);
        }
    }
    field("context", m.context);
    if (m.transfer)
    {
        text += " transfer";
    }
    for (const Entry& entry : m.entries)
    {
        text += " [" + Describe(entry) + "]";
    }
    if (m.snapshot)
    {
        text += " [" + Describe(*m.snapshot) + "]";
    }
    return text;
}

} // namespace etcdlab::raft
