// From a proposal to its commit: Raft paper, sections 5.3 and 5.4.2; etcd 3.4.23 raft/raft.go.
#include "model/raft/raft.h"

#include <algorithm>
#include <array>
#include <functional>

namespace etcdlab::raft
{

ProposeResult
Raft::Propose(std::uint32_t bytes, PayloadPtr payload)
{
    return Propose(Entry{0, 0, bytes, std::move(payload)});
}

ProposeResult
Raft::ProposeConfChange(std::uint32_t bytes, ConfChangePtr change)
{
    return Propose(Entry{0, 0, bytes, std::move(change), EntryType::CONF_CHANGE});
}

ProposeResult
Raft::Propose(Entry entry)
{
    if (m_leader == NO_NODE)
    {
        return ProposeResult::NO_LEADER;
    }
    if (m_role == Role::LEADER)
    {
        return LeaderPropose({&entry, 1}, m_self) ? ProposeResult::ACCEPTED
                                                  : ProposeResult::DROPPED;
    }
    Message forward;
    forward.type = MessageType::PROP;
    forward.to = m_leader;
    forward.entries.push_back(std::move(entry));
    Send(std::move(forward));
    return ProposeResult::FORWARDED;
}

bool
Raft::LeaderPropose(std::span<Entry> entries, std::size_t from)
{
    if (m_self == NO_POSITION || m_transferee != NO_NODE)
    {
        return false; // has removed itself; or the transferee would never catch up
    }
    Index index = m_log.LastIndex();
    for (Entry& entry : entries)
    {
        ++index;
        if (entry.type == EntryType::CONF_CHANGE && !AdmitConfChange(index))
        {
            entry = Entry();
        }
    }
    if (m_config.accounting == Accounting::THESIS && from != NO_POSITION)
    {
        m_members[from].progress.Credit(index);
    }
    AppendEntries(entries);
    BroadcastAppend();
    return true;
}

void
Raft::AppendEntries(std::span<Entry> entries)
{
    Index index = m_log.LastIndex();
    for (Entry& entry : entries)
    {
        entry.term = m_term;
        entry.index = ++index;
    }
    m_log.Append(entries);
    m_members[m_self].progress.MaybeUpdate(index);
    if (MaybeCommit()) // a single member's, or with a follower's credit; the caller broadcasts
    {
        ReleasePostponedReads();
    }
}

bool
Raft::MaybeCommit()
{
    std::array<Index, 64> acknowledged;
    std::size_t n = 0;
    for (const Member& member : m_members)
    {
        if (!member.learner)
        {
            acknowledged[n++] = member.progress.Acknowledged();
        }
    }
    // The q-th largest: that many voters hold at least so much.
    const auto quorumth = acknowledged.begin() + static_cast<std::ptrdiff_t>(Quorum() - 1);
    std::nth_element(acknowledged.begin(),
                     quorumth,
                     acknowledged.begin() + static_cast<std::ptrdiff_t>(n),
                     std::greater<>());
    // Entries of earlier terms are committed only by one of this term after them (paper, 5.4.2).
    if (*quorumth <= m_log.GetCommitted() || m_log.TermAt(*quorumth) != m_term)
    {
        return false;
    }
    m_log.CommitTo(*quorumth);
    return true;
}

void
Raft::BroadcastAppend()
{
    for (std::size_t i = 0; i < m_members.size(); ++i)
    {
        if (i != m_self)
        {
            SendAppend(i);
        }
    }
}

void
Raft::SendAppend(std::size_t position)
{
    MaybeSendAppend(position, true);
}

bool
Raft::MaybeSendAppend(std::size_t position, bool sendIfEmpty)
{
    Progress& progress = m_members[position].progress;
    if (progress.IsPaused())
    {
        return false;
    }
    const Index next = progress.GetNext();
    if (next < m_log.FirstIndex())
    {
        return sendIfEmpty && MaybeSendSnapshot(position);
    }
    if (next > m_log.LastIndex() && !sendIfEmpty)
    {
        return false;
    }
    Message append;
    append.type = MessageType::APP;
    append.to = m_members[position].id;
    append.index = next - 1;
    append.logTerm = m_log.TermAt(next - 1);
    append.commit = m_log.GetCommitted();
    append.entries = m_log.Slice(next, m_log.LastIndex(), m_config.maxBytesPerMessage);
    if (!append.entries.empty())
    {
        progress.Sent(append.entries.back().index);
    }
    Send(std::move(append));
    return true;
}

void
Raft::BroadcastHeartbeat()
{
    // Whatever read waits asks again this way, should its own round have been lost.
    BroadcastHeartbeat(m_reads.LastContext());
}

void
Raft::BroadcastHeartbeat(Context context)
{
    for (std::size_t i = 0; i < m_members.size(); ++i)
    {
        if (i == m_self)
        {
            continue;
        }
        Message heartbeat;
        heartbeat.type = MessageType::HEARTBEAT;
        heartbeat.to = m_members[i].id;
        // Not beyond what the follower is known to hold: it cannot check whether its log matches.
        heartbeat.commit = std::min(m_members[i].progress.GetMatch(), m_log.GetCommitted());
        heartbeat.context = context;
        Send(std::move(heartbeat));
    }
}

void
Raft::HandleAppend(Message& message)
{
    Message response;
    response.type = MessageType::APP_RESP;
    response.to = message.from;
    if (message.index < m_log.GetCommitted())
    {
        response.index = m_log.GetCommitted(); // an old message; the logs agree up to here anyway
    }
    else if (const auto last =
                 m_log.MaybeAppend(message.index, message.logTerm, message.commit, message.entries))
    {
        response.index = *last;
    }
    else
    {
        response.index = message.index;
        response.reject = true;
        response.rejectHint = m_log.LastIndex();
        if (m_config.termAwareReject)
        {
            // 3.5: entries of a later term than the leader's at this place cannot be the leader's.
            response.rejectHint = m_log.FindConflictByTerm(
                std::min(message.index, m_log.LastIndex()), message.logTerm);
            response.logTerm = m_log.TermAt(response.rejectHint);
        }
    }
    Send(std::move(response));
}

void
Raft::HandleHeartbeat(const Message& message)
{
    m_log.CommitTo(message.commit);
    Message response;
    response.type = MessageType::HEARTBEAT_RESP;
    response.to = message.from;
    response.context = message.context;
    Send(std::move(response));
}

void
Raft::HandleAppendResponse(const Message& message, std::size_t position)
{
    Progress& progress = m_members[position].progress;
    progress.recentActive = true;
    if (message.reject)
    {
        Index hint = message.rejectHint;
        if (m_config.termAwareReject && message.logTerm > 0)
        {
            // Neither can the follower's entries of a later term than the follower's at the hint.
            hint = m_log.FindConflictByTerm(hint, message.logTerm);
        }
        if (progress.MaybeDecrease(message.index, hint))
        {
            SendAppend(position);
        }
        return;
    }
    const bool wasPaused = progress.IsPaused();
    if (!progress.MaybeUpdate(message.index))
    {
        return;
    }
    if (MaybeCommit())
    {
        ReleasePostponedReads();
        BroadcastAppend(); // followers learn of a commit at once, not with the next heartbeat
    }
    else if (wasPaused)
    {
        SendAppend(position);
    }
    while (MaybeSendAppend(position, false))
    {
    }
    if (message.from == m_transferee && progress.GetMatch() == m_log.LastIndex())
    {
        SendTimeoutNow(message.from);
    }
}

void
Raft::HandleHeartbeatResponse(const Message& message, std::size_t position)
{
    Progress& progress = m_members[position].progress;
    progress.recentActive = true;
    progress.HeartbeatAnswered();
    if (progress.GetMatch() < m_log.LastIndex())
    {
        SendAppend(position);
    }
    if (message.context != 0)
    {
        AcknowledgeRead(position, message.context);
    }
}

void
Raft::ReportUnreachable(NodeId peer)
{
    const std::size_t position = Position(peer);
    // What has been sent optimistically may be lost: find out where the follower stands.
    if (m_role == Role::LEADER && position != NO_POSITION && position != m_self &&
        m_members[position].progress.GetState() == ProgressState::REPLICATE)
    {
        m_members[position].progress.BecomeProbe();
    }
}

void
Raft::ReportSnapshot(NodeId peer, bool ok)
{
    const std::size_t position = Position(peer);
    if (m_role == Role::LEADER && position != NO_POSITION)
    {
        m_members[position].progress.SnapshotReported(ok);
    }
}

} // namespace etcdlab::raft
