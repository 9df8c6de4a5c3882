// ReadIndex in safe mode: dissertation, section 6.4; etcd 3.4.23 raft/raft.go:stepLeader
// (MsgReadIndex).
#include "model/raft/read-index.h"

#include "model/raft/raft.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace etcdlab::raft
{

std::deque<PendingRead>::iterator
ReadIndexQueue::Find(Context context)
{
    const auto reverse =
        std::find_if(m_reads.rbegin(), m_reads.rend(), [context](const auto& read) {
            return read.context == context;
        });
    return reverse == m_reads.rend() ? m_reads.end() : std::prev(reverse.base());
}

void
ReadIndexQueue::Add(Context context, NodeId from, Index index)
{
    if (Find(context) == m_reads.end())
    {
        m_reads.push_back({context, from, index, 0});
    }
}

std::size_t
ReadIndexQueue::Acknowledge(std::size_t position, Context context, std::uint64_t voters)
{
    const auto read = Find(context);
    if (read == m_reads.end())
    {
        return 0;
    }
    read->acknowledged |= std::uint64_t{1} << position;
    return static_cast<std::size_t>(std::popcount(read->acknowledged & voters));
}

void
ReadIndexQueue::Renumber(const std::vector<std::size_t>& newPlaces)
{
    for (PendingRead& read : m_reads)
    {
        const std::uint64_t before = std::exchange(read.acknowledged, 0);
        for (std::size_t place = 0; place < newPlaces.size(); ++place)
        {
            if (newPlaces[place] < 64 && (before >> place & 1) != 0)
            {
                read.acknowledged |= std::uint64_t{1} << newPlaces[place];
            }
        }
    }
}

std::vector<PendingRead>
ReadIndexQueue::ReleaseUpTo(Context context)
{
    const auto read = Find(context);
    if (read == m_reads.end())
    {
        return {};
    }
    std::vector<PendingRead> released(m_reads.begin(), std::next(read));
    m_reads.erase(m_reads.begin(), std::next(read));
    return released;
}

void
Raft::ReadIndex(Context context)
{
    Message request;
    request.type = MessageType::READ_INDEX;
    request.from = m_config.id;
    request.context = context;
    Step(std::move(request));
}

bool
Raft::CommittedInCurrentTerm() const
{
    return m_log.TermAt(m_log.GetCommitted()) == m_term;
}

void
Raft::LeaderReadIndex(const Message& message)
{
    if (Quorum() == 1) // etcd does not ask whether that voter is this one (tracker.go:IsSingleton)
    {
        RespondToRead({message.context, message.from}, m_log.GetCommitted());
    }
    else if (!CommittedInCurrentTerm())
    {
        // The log may hold entries that an earlier leader has committed and this one does not know
        // to be: dissertation, 6.4, step 1. (Postponed since 3.4.20; dropped before.)
        m_postponedReads.push_back(message);
    }
    else
    {
        ServeRead(message);
    }
}

void
Raft::ServeRead(const Message& message)
{
    m_reads.Add(message.context, message.from, m_log.GetCommitted());
    AcknowledgeRead(m_self, message.context);
    if (m_config.accounting == Accounting::THESIS && message.from != m_config.id &&
        AcknowledgeRead(Position(message.from), message.context))
    {
        return; // those two were the quorum; there is nobody left to ask
    }
    BroadcastHeartbeat(message.context);
}

bool
Raft::AcknowledgeRead(std::size_t position, Context context)
{
    if (position == NO_POSITION || m_reads.Acknowledge(position, context, m_voterBits) < Quorum())
    {
        return false;
    }
    for (const PendingRead& read : m_reads.ReleaseUpTo(context))
    {
        RespondToRead(read, read.index);
    }
    return true;
}

void
Raft::RespondToRead(const PendingRead& read, Index index)
{
    if (read.from == m_config.id)
    {
        m_readStates.push_back({read.context, index});
        return;
    }
    Message response;
    response.type = MessageType::READ_INDEX_RESP;
    response.to = read.from;
    response.index = index;
    response.context = read.context;
    Send(std::move(response));
}

void
Raft::ReleasePostponedReads()
{
    if (m_postponedReads.empty() || !CommittedInCurrentTerm())
    {
        return;
    }
    // As in etcd they survive a loss of leadership: whoever asked will ignore a late answer.
    const std::vector<Message> reads = std::move(m_postponedReads);
    m_postponedReads.clear();
    for (const Message& read : reads)
    {
        ServeRead(read);
    }
}

} // namespace etcdlab::raft
