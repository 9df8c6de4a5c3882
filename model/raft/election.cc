// How leaders come and go: Raft paper, sections 5.2 and 5.4.1; dissertation, 3.10 (transfer), 6.2
// (CheckQuorum), 9.6 (PreVote); etcd 3.4.23 raft/raft.go.
#include "model/raft/raft.h"

#include <algorithm>
#include <utility>

namespace etcdlab::raft
{

void
Raft::TickElection()
{
    ++m_electionElapsed;
    if (IsPromotable() && m_electionElapsed >= m_randomizedElectionTimeout)
    {
        m_electionElapsed = 0;
        Campaign();
    }
}

void
Raft::TickHeartbeat()
{
    ++m_heartbeatElapsed;
    ++m_electionElapsed;
    if (m_electionElapsed >= m_config.electionTicks)
    {
        m_electionElapsed = 0;
        if (m_config.checkQuorum)
        {
            CheckQuorumActive();
        }
        m_transferee = NO_NODE; // who could not take over in an election timeout will not
    }
    if (m_role == Role::LEADER && m_heartbeatElapsed >= m_config.heartbeatTicks)
    {
        m_heartbeatElapsed = 0;
        BroadcastHeartbeat();
    }
}

void
Raft::CheckQuorumActive()
{
    std::size_t active = 0;
    for (std::size_t i = 0; i < m_members.size(); ++i)
    {
        Member& member = m_members[i];
        const bool heard = std::exchange(member.progress.recentActive, false) || i == m_self;
        active += heard && !member.learner ? 1 : 0;
    }
    if (active < Quorum())
    {
        BecomeFollower(m_term, NO_NODE);
    }
}

void
Raft::Campaign()
{
    if (m_role != Role::LEADER && IsPromotable() && !HasConfChangeToApply())
    {
        Campaign(m_config.preVote ? Campaigning::PRE_ELECTION : Campaigning::ELECTION);
    }
}

void
Raft::Campaign(Campaigning kind)
{
    const bool preElection = kind == Campaigning::PRE_ELECTION;
    if (preElection)
    {
        BecomePreCandidate();
    }
    else
    {
        BecomeCandidate();
    }
    m_members[m_self].ballot = Ballot::GRANTED;
    if (Quorum() > 1)
    {
        RequestVotes(kind, preElection ? m_term + 1 : m_term);
    }
    else if (preElection)
    {
        Campaign(Campaigning::ELECTION);
    }
    else
    {
        BecomeLeader();
    }
}

void
Raft::RequestVotes(Campaigning kind, Term term)
{
    for (const NodeId voter : m_conf.voters)
    {
        if (voter == m_config.id)
        {
            continue;
        }
        Message request;
        request.type =
            kind == Campaigning::PRE_ELECTION ? MessageType::PRE_VOTE : MessageType::VOTE;
        request.to = voter;
        request.term = term;
        request.index = m_log.LastIndex();
        request.logTerm = m_log.LastTerm();
        request.transfer = kind == Campaigning::TRANSFER;
        Send(std::move(request));
    }
}

void
Raft::BecomePreCandidate()
{
    // Neither term nor vote nor timers change: if nobody answers, nothing has happened.
    ClearBallots();
    m_role = Role::PRE_CANDIDATE;
    m_leader = NO_NODE;
}

void
Raft::BecomeCandidate()
{
    Reset(m_term + 1);
    SetTermAndVote(m_term, m_config.id);
    m_role = Role::CANDIDATE;
}

void
Raft::BecomeLeader()
{
    if (m_config.observer)
    {
        m_config.observer->OnBecomeLeader(m_config.id, m_term, m_log);
    }
    Reset(m_term);
    m_role = Role::LEADER;
    m_leader = m_config.id;
    for (Member& member : m_members)
    {
        member.progress = Progress(m_log.LastIndex() + 1, m_config.maxInflight);
    }
    Progress& own = m_members[m_self].progress;
    own.MaybeUpdate(m_log.LastIndex());
    own.BecomeReplicate();
    // There may be a change of members among what has not been applied. Waiting for all of it is
    // safe, and spares the search.
    m_pendingConfIndex = m_log.LastIndex();
    // Only an entry of its own term tells a leader what is committed (paper, 5.4.2 and section 8).
    Entry empty;
    AppendEntries({&empty, 1});
}

void
Raft::ClearBallots()
{
    for (Member& member : m_members)
    {
        member.ballot = Ballot::OPEN;
    }
}

// Whether the candidate or this member is a voter is not asked: what makes it one may not have
// reached this log, and only a candidate that has all that is committed can win (raft.go:Step).
void
Raft::HandleVoteRequest(const Message& message)
{
    const bool pre = message.type == MessageType::PRE_VOTE;
    const bool mayVote = m_vote == message.from || // again: the answer may have been lost
                         (m_vote == NO_NODE && m_leader == NO_NODE) ||
                         (pre && message.term > m_term);
    Message response;
    response.to = message.from;
    response.type = pre ? MessageType::PRE_VOTE_RESP : MessageType::VOTE_RESP;
    if (!mayVote || !m_log.IsUpToDate(message.index, message.logTerm))
    {
        response.term = m_term;
        response.reject = true;
        Send(std::move(response));
        return;
    }
    // The term asked about: for a PRE_VOTE not this member's own, or the answer would be taken for
    // old.
    response.term = message.term;
    Send(std::move(response));
    if (!pre)
    {
        m_electionElapsed = 0;
        if (m_vote != message.from)
        {
            SetTermAndVote(m_term, message.from);
        }
    }
}

void
Raft::HandleVoteResponse(const Message& message)
{
    if (!IsPromotable())
    {
        return; // has been removed while it stood for election
    }
    Ballot& ballot = m_members[Position(message.from)].ballot;
    if (ballot == Ballot::OPEN)
    {
        ballot = message.reject ? Ballot::REFUSED : Ballot::GRANTED;
    }
    const auto count = [this](Ballot kind) {
        return static_cast<std::size_t>(
            std::count_if(m_members.begin(), m_members.end(), [kind](const Member& member) {
                return !member.learner && member.ballot == kind;
            }));
    };
    if (count(Ballot::GRANTED) >= Quorum())
    {
        if (m_role == Role::PRE_CANDIDATE)
        {
            Campaign(Campaigning::ELECTION);
        }
        else
        {
            BecomeLeader();
            BroadcastAppend();
        }
    }
    else if (m_conf.voters.size() - count(Ballot::REFUSED) < Quorum())
    {
        BecomeFollower(m_term, NO_NODE); // lost; not the term of a pre-vote, which is to come
    }
}

void
Raft::TransferLeadership(NodeId transferee)
{
    Message request;
    request.type = MessageType::TRANSFER_LEADER;
    request.from = transferee;
    Step(std::move(request));
}

void
Raft::HandleTransferRequest(const Message& message, std::size_t transferee)
{
    if (transferee == NO_POSITION || m_members[transferee].learner || transferee == m_self ||
        m_transferee == message.from)
    {
        return;
    }
    m_transferee = message.from; // in place of another, if one was pending
    m_electionElapsed = 0;       // the transfer has an election timeout from now on
    if (m_members[transferee].progress.GetMatch() == m_log.LastIndex())
    {
        SendTimeoutNow(message.from);
    }
    else
    {
        SendAppend(transferee); // TIMEOUT_NOW follows when it has caught up
    }
}

void
Raft::SendTimeoutNow(NodeId to)
{
    Message message;
    message.type = MessageType::TIMEOUT_NOW;
    message.to = to;
    Send(std::move(message));
}

} // namespace etcdlab::raft
