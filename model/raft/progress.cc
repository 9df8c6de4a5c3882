#include "model/raft/progress.h"

namespace etcdlab::raft
{

void
Inflights::Add(Index index)
{
    if (m_count == m_ring.size())
    {
        // Grow: straighten the ring first, so that the new places follow the last one.
        std::rotate(
            m_ring.begin(), m_ring.begin() + static_cast<std::ptrdiff_t>(m_start), m_ring.end());
        m_start = 0;
        m_ring.resize(std::min(m_capacity, std::max<std::size_t>(8, 2 * m_count)));
    }
    m_ring[(m_start + m_count) % m_ring.size()] = index;
    ++m_count;
}

void
Inflights::FreeUpTo(Index index)
{
    while (m_count > 0 && m_ring[m_start] <= index)
    {
        FreeOldest();
    }
}

void
Inflights::FreeOldest()
{
    if (m_count > 0)
    {
        m_start = (m_start + 1) % m_ring.size();
        --m_count;
    }
}

void
Inflights::Clear()
{
    m_start = 0;
    m_count = 0;
}

const char*
Name(ProgressState state)
{
    switch (state)
    {
    case ProgressState::PROBE:
        return "PROBE";
    case ProgressState::REPLICATE:
        return "REPLICATE";
    case ProgressState::SNAPSHOT:
        return "SNAPSHOT";
    }
    return "?";
}

void
Progress::ResetState(ProgressState state)
{
    m_state = state;
    m_probeSent = false;
    m_pendingSnapshot = 0;
    m_inflights.Clear();
}

void
Progress::BecomeProbe()
{
    // Behind a snapshot that has been sent: the follower is assumed to have it.
    m_next = std::max(m_match, m_pendingSnapshot) + 1;
    ResetState(ProgressState::PROBE);
}

void
Progress::BecomeReplicate()
{
    m_next = m_match + 1;
    ResetState(ProgressState::REPLICATE);
}

void
Progress::BecomeSnapshot(Index index)
{
    ResetState(ProgressState::SNAPSHOT);
    m_pendingSnapshot = index;
}

void
Progress::SnapshotReported(bool ok)
{
    if (m_state != ProgressState::SNAPSHOT)
    {
        return;
    }
    if (!ok)
    {
        m_pendingSnapshot = 0; // or what follows it would be probed for
    }
    BecomeProbe();
    m_probeSent = true;
}

bool
Progress::MaybeUpdate(Index index)
{
    const bool updated = index > m_match;
    if (updated)
    {
        m_match = index;
        m_probeSent = false;
        if (m_state == ProgressState::REPLICATE)
        {
            m_inflights.FreeUpTo(index);
        }
        else if (m_state == ProgressState::PROBE || m_match >= m_pendingSnapshot)
        {
            BecomeReplicate();
        }
    }
    m_next = std::max(m_next, index + 1);
    return updated;
}

bool
Progress::MaybeDecrease(Index rejected, Index hint)
{
    if (m_state == ProgressState::REPLICATE)
    {
        if (rejected <= m_match)
        {
            return false; // an old refusal: the follower has accepted more since
        }
        BecomeProbe();
        return true;
    }
    if (m_next - 1 != rejected)
    {
        return false; // not the answer to the present probe
    }
    m_next = std::max<Index>(std::min(rejected, hint + 1), 1);
    m_probeSent = false;
    return true;
}

void
Progress::Sent(Index last)
{
    if (m_state == ProgressState::REPLICATE)
    {
        m_next = last + 1;
        m_inflights.Add(last);
    }
    else
    {
        m_probeSent = true;
    }
}

void
Progress::HeartbeatAnswered()
{
    m_probeSent = false;
    if (m_state == ProgressState::REPLICATE && m_inflights.Full())
    {
        m_inflights.FreeOldest();
    }
}

} // namespace etcdlab::raft
