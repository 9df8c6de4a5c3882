#include "test/raft/script.h"

#include "model/raft/ready.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

namespace etcdlab::raft::test
{

namespace
{

/// The value of "key=value" among the arguments, or "".
std::string
Option(const std::vector<std::string>& arguments, const std::string& key)
{
    for (const std::string& argument : arguments)
    {
        if (argument.starts_with(key + "="))
        {
            return argument.substr(key.size() + 1);
        }
    }
    return "";
}

std::vector<std::string>
Words(const std::string& line)
{
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;)
    {
        words.push_back(word);
    }
    return words;
}

} // namespace

std::string
Script::Run(const std::string& text)
{
    std::istringstream in(text);
    std::string result;
    bool skipping = false; // the old expectation of the last command
    for (std::string line; std::getline(in, line);)
    {
        if (line.starts_with("> "))
        {
            m_out.str("");
            Execute(line.substr(2));
            result += line + "\n" + m_out.str() + "\n";
            skipping = true;
        }
        else if (line.empty())
        {
            if (!skipping)
            {
                result += "\n";
            }
            skipping = false;
        }
        else if (line.starts_with("#"))
        {
            skipping = false;
            result += line + "\n";
        }
        else if (!skipping)
        {
            throw std::runtime_error("expected a command, a comment or a blank line, found: " +
                                     line);
        }
    }
    return result;
}

NodeId
Script::Number(const Arguments& arguments, std::size_t at) const
{
    return std::stoull(arguments.at(at));
}

void
Script::Execute(const std::string& line)
{
    Arguments arguments = Words(line);
    const std::string command = arguments.at(0);
    arguments.erase(arguments.begin());
    if (command == "add-nodes")
    {
        AddNodes(arguments);
    }
    else if (command == "restart")
    {
        RestartNode(arguments);
    }
    else if (command == "crash")
    {
        m_cluster->Crash(Number(arguments, 0));
    }
    else if (command == "campaign")
    {
        (*m_cluster)[Number(arguments, 0)].Campaign();
    }
    else if (command == "elect")
    {
        (*m_cluster)[Number(arguments, 0)].Campaign();
        Stabilize();
        m_out.str(""); // the election has scripts of its own
        PrintStatus();
    }
    else if (command == "propose")
    {
        const std::string text = arguments.at(1);
        const auto result = (*m_cluster)[Number(arguments, 0)].Propose(
            static_cast<std::uint32_t>(text.size()), MakeText(text));
        m_out << Name(result) << "\n";
    }
    else if (command == "read")
    {
        (*m_cluster)[Number(arguments, 0)].ReadIndex(Number(arguments, 1));
    }
    else if (command == "transfer")
    {
        (*m_cluster)[Number(arguments, 0)].TransferLeadership(Number(arguments, 1));
    }
    else if (command == "unreachable")
    {
        (*m_cluster)[Number(arguments, 0)].ReportUnreachable(Number(arguments, 1));
    }
    else if (command == "tick")
    {
        const auto count = arguments.size() > 1 ? Number(arguments, 1) : 1;
        (*m_cluster)[Number(arguments, 0)].AdvanceTicks(static_cast<int>(count));
    }
    else if (command == "process-ready")
    {
        ProcessReadyOf(arguments);
    }
    else if (command == "deliver" || command == "drop")
    {
        Deliver(arguments, command == "drop");
    }
    else if (command == "stabilize")
    {
        Stabilize();
    }
    else if (command == "isolate")
    {
        m_cluster->Isolate(Number(arguments, 0));
    }
    else if (command == "heal")
    {
        m_cluster->Heal();
    }
    else if (command == "status")
    {
        PrintStatus();
    }
    else if (command == "progress")
    {
        PrintProgress(Number(arguments, 0));
    }
    else if (!ExecuteMembership(command, arguments))
    {
        throw std::runtime_error("unknown script command: " + line);
    }
}

bool
Script::ExecuteMembership(const std::string& command, const Arguments& arguments)
{
    if (arguments.empty())
    {
        return false;
    }
    const NodeId id = Number(arguments, 0);
    if (command == "change")
    {
        const std::map<std::string, ConfChangeType> types = {
            {"add", ConfChangeType::ADD_NODE},
            {"add-learner", ConfChangeType::ADD_LEARNER_NODE},
            {"remove", ConfChangeType::REMOVE_NODE}};
        const auto change = MakeChange(types.at(arguments.at(1)), Number(arguments, 2));
        m_out << Name((*m_cluster)[id].ProposeConfChange(10, change)) << "\n";
    }
    else if (command == "join")
    {
        m_cluster->Join(id);
    }
    else if (command == "snapshot")
    {
        const std::string keep = Option(arguments, "keep");
        m_cluster->TakeSnapshot(id, keep.empty() ? 0 : std::stoull(keep));
    }
    else if (command == "no-snapshot")
    {
        m_cluster->At(id).current = nullptr;
    }
    else if (command == "report-snapshot")
    {
        (*m_cluster)[id].ReportSnapshot(Number(arguments, 1), arguments.at(2) == "ok");
    }
    else if (command == "state")
    {
        m_out << id << ":";
        for (const std::string& text : m_cluster->At(id).state)
        {
            m_out << " " << text;
        }
        m_out << "\n";
    }
    else
    {
        return false;
    }
    return true;
}

void
Script::AddNodes(const Arguments& arguments)
{
    Config config = MakeConfig();
    for (const std::string& word : arguments)
    {
        config.preVote |= word == "prevote";
        config.termAwareReject |= word == "hints";
        config.checkQuorum &= word != "no-checkquorum";
        if (word == "thesis")
        {
            config.accounting = Accounting::THESIS;
        }
    }
    if (const std::string inflight = Option(arguments, "inflight"); !inflight.empty())
    {
        config.maxInflight = std::stoull(inflight);
    }
    m_cluster =
        std::make_unique<Cluster>(Number(arguments, 0), config, static_cast<Observer*>(this));
    m_out.str(""); // that everybody starts as a follower is no news
}

void
Script::RestartNode(const Arguments& arguments)
{
    const NodeId id = Number(arguments, 0);
    Node& node = m_cluster->At(id);
    if (const std::string list = Option(arguments, "log"); !list.empty())
    {
        std::vector<Term> terms;
        std::istringstream in(list);
        for (std::string term; std::getline(in, term, ',');)
        {
            terms.push_back(std::stoull(term));
        }
        node.disk.log = MakeLog(terms);
        node.disk.synced = {terms.back(), NO_NODE, 0};
    }
    if (const std::string commit = Option(arguments, "commit"); !commit.empty())
    {
        node.disk.synced.commit = std::stoull(commit);
    }
    if (const std::string term = Option(arguments, "term"); !term.empty())
    {
        node.disk.synced.term = std::stoull(term);
    }
    node.disk.buffered = node.disk.synced;
    m_cluster->Restart(id);
}

void
Script::ProcessReady(NodeId id)
{
    Node& node = m_cluster->At(id);
    Ready ready = node.raft->TakeReady();
    const auto send = [&](const char* how, std::vector<Message>& messages) {
        DropSupersededResponses(messages);
        for (Message& message : messages)
        {
            m_cluster->Prepare(message);
            const bool lost = m_cluster->lost && m_cluster->lost(message);
            m_out << id << ": " << how << " " << Describe(message) << (lost ? "  (lost)" : "")
                  << "\n";
            if (!lost)
            {
                m_cluster->wire.push_back(std::move(message));
            }
        }
    };
    send("sends", ready.messages);
    if (ready.mustSync)
    {
        m_out << id << ": syncs\n";
    }
    node.disk.Save(ready);
    m_cluster->Apply(node, ready);
    send("sends after sync", ready.messagesAfterSync);
    for (const ReadState& read : ready.readStates)
    {
        m_out << id << ": read " << read.context << " may be served at " << read.index << "\n";
    }
    node.raft->Advance();
}

void
Script::ProcessReadyOf(const Arguments& arguments)
{
    for (NodeId id = 1; id <= m_cluster->Size(); ++id)
    {
        const bool wanted =
            arguments.empty() ||
            std::find(arguments.begin(), arguments.end(), std::to_string(id)) != arguments.end();
        if (wanted && m_cluster->IsUp(id) && (*m_cluster)[id].HasReady())
        {
            ProcessReady(id);
        }
    }
}

void
Script::Deliver(const Arguments& arguments, bool lose)
{
    const std::string to = Option(arguments, "to");
    const std::string from = Option(arguments, "from");
    const std::string type = Option(arguments, "type");
    std::deque<Message> now = std::exchange(m_cluster->wire, {});
    for (Message& m : now)
    {
        if ((!to.empty() && to != std::to_string(m.to)) ||
            (!from.empty() && from != std::to_string(m.from)) ||
            (!type.empty() && type != Name(m.type)))
        {
            m_cluster->wire.push_back(std::move(m));
            continue;
        }
        const bool down = !m_cluster->IsUp(m.to);
        m_out << (lose || down ? "lost " : "") << Describe(m) << "\n";
        if (!lose && !down)
        {
            (*m_cluster)[m.to].Step(std::move(m));
        }
    }
}

void
Script::Stabilize()
{
    for (bool busy = true; busy;)
    {
        busy = !m_cluster->wire.empty();
        Deliver({}, false);
        for (NodeId id = 1; id <= m_cluster->Size(); ++id)
        {
            if (m_cluster->IsUp(id) && (*m_cluster)[id].HasReady())
            {
                ProcessReady(id);
                busy = true;
            }
        }
    }
}

void
Script::PrintStatus()
{
    for (NodeId id = 1; id <= m_cluster->Size(); ++id)
    {
        m_out << id << ": ";
        if (!m_cluster->IsUp(id))
        {
            m_out << "down\n";
            continue;
        }
        const Raft& raft = (*m_cluster)[id];
        m_out << Name(raft.GetRole()) << " term " << raft.GetTerm() << " leader "
              << raft.GetLeader() << " commit " << raft.GetCommitIndex() << " log";
        if (const Index before = raft.GetLog().FirstIndex() - 1; before > 0)
        {
            m_out << " (" << before << ")"; // in a snapshot
        }
        for (const Term term : Terms(raft.GetLog()))
        {
            m_out << " " << term;
        }
        m_out << "\n";
    }
}

void
Script::PrintProgress(NodeId leader)
{
    for (NodeId id = 1; id <= m_cluster->Size(); ++id)
    {
        if (!(*m_cluster)[leader].GetConfState().IsMember(id))
        {
            continue;
        }
        const ProgressView view = (*m_cluster)[leader].GetProgress(id);
        m_out << id << ": " << Name(view.state) << " match " << view.match << " next " << view.next
              << (view.inflight ? " inflight " + std::to_string(view.inflight) : std::string())
              << (view.paused ? " paused" : "")
              << (view.pendingSnapshot ? " snapshot " + std::to_string(view.pendingSnapshot)
                                       : std::string())
              << (view.learner ? " learner" : "") << "\n";
    }
}

void
Script::OnTermOrVote(NodeId node, Term term, NodeId vote)
{
    m_out << node << ": term " << term;
    if (vote != NO_NODE)
    {
        m_out << ", votes for " << vote;
    }
    m_out << "\n";
}

void
Script::OnBecomeFollower(NodeId node, Term term, NodeId leader)
{
    m_out << node << ": follows ";
    if (leader == NO_NODE)
    {
        m_out << "nobody yet";
    }
    else
    {
        m_out << leader;
    }
    m_out << " in term " << term << "\n";
}

void
Script::OnBecomeLeader(NodeId node, Term term, const Log&)
{
    m_out << node << ": leads term " << term << "\n";
}

void
Script::OnAppend(NodeId node, const Entry& entry, Term)
{
    m_out << node << ": appends " << Describe(entry) << "\n";
}

void
Script::OnTruncate(NodeId node, Index first)
{
    m_out << node << ": removes from " << first << "\n";
}

void
Script::OnCommit(NodeId node, Index index, Term)
{
    m_out << node << ": commits up to " << index << "\n";
}

void
Script::OnApply(NodeId node, const Entry& entry)
{
    m_out << node << ": applies " << Describe(entry) << "\n";
}

void
Script::OnCompact(NodeId node, Index index)
{
    m_out << node << ": forgets up to " << index << "\n";
}

void
Script::OnRestore(NodeId node, const Snapshot& snapshot)
{
    m_out << node << ": log replaced by " << Describe(snapshot) << "\n";
}

void
Script::OnApplySnapshot(NodeId node, const Snapshot& snapshot)
{
    m_out << node << ": applies " << Describe(snapshot) << "\n";
}

void
Script::OnConfChange(NodeId node, const ConfState& conf)
{
    m_out << node << ": members " << Describe(conf) << "\n";
}

} // namespace etcdlab::raft::test
