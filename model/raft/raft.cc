// Terms, roles and who handles what: Raft paper, section 5.1; etcd 3.4.23 raft/raft.go (newRaft,
// Step, reset, send, stepFollower, stepCandidate, stepLeader).
#include "model/raft/raft.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace etcdlab::raft
{

namespace
{

/// @throws std::invalid_argument saying what is wrong.
Config
Checked(Config config)
{
    const auto refuse = [](const std::string& what) {
        throw std::invalid_argument("raft configuration: " + what);
    };
    if (config.snapshot && config.voters.empty() && config.learners.empty())
    {
        config.voters = config.snapshot->conf.voters;
        config.learners = config.snapshot->conf.learners;
    }
    std::vector<NodeId> all = config.voters;
    all.insert(all.end(), config.learners.begin(), config.learners.end());
    std::sort(all.begin(), all.end());
    const std::string voters = config.learners.empty() ? "voters" : "voters and learners";
    if (std::adjacent_find(all.begin(), all.end()) != all.end())
    {
        refuse("expected " + voters + " that differ, found one twice");
    }
    if (config.id == NO_NODE || (!config.joining && !config.snapshot &&
                                 !std::binary_search(all.begin(), all.end(), config.id)))
    {
        refuse("expected an id other than 0 that is one of the " + voters + ", found " +
               std::to_string(config.id));
    }
    if (config.voters.empty())
    {
        refuse("expected at least one voter, found none");
    }
    if (all.front() == NO_NODE || all.size() > 64)
    {
        refuse("expected at most 64 " + voters + ", none of them 0, found " +
               std::to_string(all.size()));
    }
    if (config.snapshot && config.snapshot->index == 0)
    {
        refuse("expected a snapshot of at least one entry, found one of none");
    }
    if (config.heartbeatTicks < 1 || config.electionTicks <= config.heartbeatTicks)
    {
        refuse("expected 1 <= heartbeatTicks < electionTicks, found " +
               std::to_string(config.heartbeatTicks) + " and " +
               std::to_string(config.electionTicks));
    }
    if (config.maxInflight < 1)
    {
        refuse("expected maxInflight >= 1, found 0");
    }
    if (!config.random)
    {
        refuse("expected a source of random numbers, found none");
    }
    return config;
}

} // namespace

Raft::Raft(Config config)
    : m_config(Checked(std::move(config))),
      m_log(m_config.id,
            m_config.observer,
            std::exchange(m_config.log, {}),
            m_config.hardState.commit,
            m_config.applied,
            m_config.snapshot ? m_config.snapshot->index : 0,
            m_config.snapshot ? m_config.snapshot->term : 0),
      m_term(m_config.hardState.term),
      m_vote(m_config.hardState.vote)
{
    SwitchTo({m_config.voters, m_config.learners});
    m_config.snapshot = nullptr; // its data are the owner's
    if (m_log.LastTerm() > m_term)
    {
        throw std::invalid_argument("raft configuration: expected a stored term of at least " +
                                    std::to_string(m_log.LastTerm()) +
                                    ", that of the last entry, found " + std::to_string(m_term));
    }
    m_lastHardState = GetHardState();
    if (m_config.observer)
    {
        m_config.observer->OnStart(m_config.id, m_lastHardState, m_log);
    }
    BecomeFollower(m_term, NO_NODE);
}

std::size_t
Raft::Position(NodeId id) const
{
    // They are few: faster than bisection.
    const auto found = std::find_if(
        m_members.begin(), m_members.end(), [id](const Member& member) { return member.id == id; });
    return found == m_members.end() ? NO_POSITION
                                    : static_cast<std::size_t>(found - m_members.begin());
}

ProgressView
Raft::GetProgress(NodeId id) const
{
    const std::size_t position = Position(id);
    if (position == NO_POSITION)
    {
        throw std::invalid_argument("expected one of the members " + Describe(m_conf) + ", found " +
                                    std::to_string(id));
    }
    const Progress& p = m_members[position].progress;
    return {id,
            p.GetState(),
            p.GetMatch(),
            p.GetNext(),
            p.GetInflights().Count(),
            p.IsPaused(),
            p.recentActive,
            m_members[position].learner,
            p.GetPendingSnapshot()};
}

void
Raft::Tick()
{
    if (m_role == Role::LEADER)
    {
        TickHeartbeat();
    }
    else
    {
        TickElection();
    }
}

void
Raft::AdvanceTicks(int ticks)
{
    for (int i = 0; i < ticks; ++i)
    {
        Tick();
    }
}

void
Raft::Send(Message message)
{
    if (message.from == NO_NODE)
    {
        message.from = m_config.id;
    }
    switch (message.type)
    {
    case MessageType::PROP:
    case MessageType::READ_INDEX:
        // On behalf of a client, valid in any term: forwarding must not make a leader step down.
        break;
    case MessageType::VOTE:
    case MessageType::VOTE_RESP:
    case MessageType::PRE_VOTE:
    case MessageType::PRE_VOTE_RESP:
        break; // their term is part of what they say
    default:
        message.term = m_term;
    }
    m_outbox.push_back(std::move(message));
}

void
Raft::Reset(Term term)
{
    if (term != m_term)
    {
        SetTermAndVote(term, NO_NODE);
    }
    m_leader = NO_NODE;
    m_electionElapsed = 0;
    m_heartbeatElapsed = 0;
    m_randomizedElectionTimeout = m_config.electionTicks + m_config.random(m_config.electionTicks);
    m_transferee = NO_NODE;
    ClearBallots();
    m_pendingConfIndex = 0;
    m_reads.Clear();
}

void
Raft::SetTermAndVote(Term term, NodeId vote)
{
    m_term = term;
    m_vote = vote;
    if (m_config.observer)
    {
        m_config.observer->OnTermOrVote(m_config.id, term, vote);
    }
}

void
Raft::BecomeFollower(Term term, NodeId leader)
{
    Reset(term);
    m_role = Role::FOLLOWER;
    m_leader = leader;
    if (m_config.observer)
    {
        m_config.observer->OnBecomeFollower(m_config.id, term, leader);
    }
}

void
Raft::Step(Message message)
{
    const bool isResponse =
        message.type == MessageType::APP_RESP || message.type == MessageType::VOTE_RESP ||
        message.type == MessageType::PRE_VOTE_RESP || message.type == MessageType::HEARTBEAT_RESP;
    if ((isResponse && Position(message.from) == NO_POSITION) || !AdmitTerm(message))
    {
        return;
    }
    if (message.type == MessageType::VOTE || message.type == MessageType::PRE_VOTE)
    {
        HandleVoteRequest(message);
        return;
    }
    switch (m_role)
    {
    case Role::FOLLOWER:
        StepFollower(message);
        break;
    case Role::PRE_CANDIDATE:
    case Role::CANDIDATE:
        StepCandidate(message);
        break;
    case Role::LEADER:
        StepLeader(message);
        break;
    }
}

bool
Raft::AdmitTerm(const Message& message)
{
    if (message.term == 0 || message.term == m_term)
    {
        return true;
    }
    if (message.term > m_term)
    {
        return AdmitHigherTerm(message);
    }
    AnswerLowerTerm(message);
    return false;
}

bool
Raft::AdmitHigherTerm(const Message& message)
{
    switch (message.type)
    {
    case MessageType::VOTE:
    case MessageType::PRE_VOTE:
        // The lease: who has heard from a leader within an election timeout ignores candidates
        // altogether (paper, section 6, third issue; dissertation, 4.2.3), unless the leader itself
        // has sent them.
        if (!message.transfer && m_config.checkQuorum && m_leader != NO_NODE &&
            m_electionElapsed < m_config.electionTicks)
        {
            return false;
        }
        if (message.type == MessageType::VOTE)
        {
            BecomeFollower(message.term, NO_NODE);
        }
        return true; // a PRE_VOTE speaks of a term to come: it changes none
    case MessageType::PRE_VOTE_RESP:
        if (message.reject)
        {
            BecomeFollower(message.term, NO_NODE);
        }
        return true; // if granted it carries the term that this member asked about
    case MessageType::APP:
    case MessageType::SNAP:
    case MessageType::HEARTBEAT:
        BecomeFollower(message.term, message.from);
        return true;
    default:
        BecomeFollower(message.term, NO_NODE);
        return true;
    }
}

void
Raft::AnswerLowerTerm(const Message& message)
{
    Message response;
    response.to = message.from;
    switch (message.type)
    {
    case MessageType::APP:
    case MessageType::HEARTBEAT:
        // With leases a member that was cut off and has raised its term cannot win votes, and would
        // never listen to the leader again. So it tells the leader, which steps down and makes way
        // for an election in a higher term: the disruption that PreVote avoids (raft.go:Step).
        if (m_config.checkQuorum || m_config.preVote)
        {
            response.type = MessageType::APP_RESP;
            Send(std::move(response));
        }
        break;
    case MessageType::PRE_VOTE:
        // Without an answer, members with different terms and logs could wait for each other for
        // ever.
        response.type = MessageType::PRE_VOTE_RESP;
        response.term = m_term;
        response.reject = true;
        Send(std::move(response));
        break;
    default:
        break; // paper, 5.1: a request of an older term is refused; etcd refuses by silence
    }
}

void
Raft::StepFollower(Message& message)
{
    switch (message.type)
    {
    case MessageType::PROP:
    case MessageType::READ_INDEX:
    case MessageType::TRANSFER_LEADER:
        if (m_leader != NO_NODE)
        {
            message.to = m_leader;
            Send(std::move(message));
        }
        break;
    case MessageType::APP:
        m_electionElapsed = 0;
        m_leader = message.from;
        HandleAppend(message);
        break;
    case MessageType::SNAP:
        m_electionElapsed = 0;
        m_leader = message.from;
        HandleSnapshot(message);
        break;
    case MessageType::HEARTBEAT:
        m_electionElapsed = 0;
        m_leader = message.from;
        HandleHeartbeat(message);
        break;
    case MessageType::READ_INDEX_RESP:
        m_readStates.push_back({message.context, message.index});
        break;
    case MessageType::TIMEOUT_NOW:
        if (IsPromotable() && !HasConfChangeToApply())
        {
            Campaign(Campaigning::TRANSFER);
        }
        break;
    default:
        break; // answers to a leader or candidate that this member no longer is
    }
}

void
Raft::StepCandidate(Message& message)
{
    const bool preCandidate = m_role == Role::PRE_CANDIDATE;
    switch (message.type)
    {
    case MessageType::APP:
        BecomeFollower(message.term,
                       message.from); // same term: somebody else has won it (paper, 5.2)
        HandleAppend(message);
        break;
    case MessageType::SNAP:
        BecomeFollower(message.term, message.from);
        HandleSnapshot(message);
        break;
    case MessageType::HEARTBEAT:
        BecomeFollower(message.term, message.from);
        HandleHeartbeat(message);
        break;
    case MessageType::PRE_VOTE_RESP:
        if (preCandidate)
        {
            HandleVoteResponse(message);
        }
        break;
    case MessageType::VOTE_RESP:
        if (!preCandidate)
        {
            HandleVoteResponse(message);
        }
        break;
    default:
        break; // proposals and reads are dropped: there is no leader to send them to
    }
}

void
Raft::StepLeader(Message& message)
{
    const std::size_t from = Position(message.from);
    switch (message.type)
    {
    case MessageType::PROP:
        LeaderPropose(message.entries, from);
        break;
    case MessageType::READ_INDEX:
        LeaderReadIndex(message);
        break;
    case MessageType::APP_RESP: // from a member, or Step would not have let it pass
        HandleAppendResponse(message, from);
        break;
    case MessageType::HEARTBEAT_RESP:
        HandleHeartbeatResponse(message, from);
        break;
    case MessageType::TRANSFER_LEADER:
        HandleTransferRequest(message, from);
        break;
    default:
        break;
    }
}

} // namespace etcdlab::raft
