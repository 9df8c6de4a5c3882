// What MessageStream does about losses: fast retransmission, timeouts, and giving up.
#include "model/base/clock.h"
#include "model/transport/message-stream.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

/// Take a burst apart: runs of segments that arrive, and runs that are lost.
void
MessageStream::Lose(const MessageBurstPtr& burst, const MessageLink::Passage& passage)
{
    const auto now = Now();
    const auto count = burst->packets;
    auto next = passage.lost.begin();
    for (std::uint32_t place = 0; place < count;)
    {
        const bool lost = next != passage.lost.end() && *next == place;
        auto last = place;
        while (last < count && (next != passage.lost.end() && *next == last) == lost)
        {
            next += lost ? 1 : 0;
            ++last;
        }
        const auto piece = last == count ? burst : burst->TakeFront(last - place, m_segment);
        lost ? KeepLost(piece)
             : ScheduleArrival(m_path, passage.arrival - now, ns3::PeekPointer(piece));
        place = last;
    }
}

void
MessageStream::KeepLost(const MessageBurstPtr& burst)
{
    if (m_dead)
    {
        return;
    }
    if (!burst->repetition)
    {
        burst->hop = 0;
        burst->known = false;
        m_lostBytes += burst->end - burst->start;
        burst->from =
            nullptr; // until it is sent again: what the stream keeps must not keep the stream
        m_lost.emplace(burst->start, burst);
    }
    ArmTimer();
}

/// Send again what is known to be lost, as the window allows. @param force a segment in any case
void
MessageStream::Resend(bool force)
{
    for (auto each = m_lost.begin(); each != m_lost.end();)
    {
        const auto burst = each->second;
        if (!burst->known)
        {
            ++each;
            continue;
        }
        const auto flight = Flight();
        const auto room = m_window.Bytes() > flight ? (m_window.Bytes() - flight) / m_segment : 0;
        const auto allowed = std::max<std::uint64_t>(room, force || flight == 0 ? 1 : 0);
        if (allowed == 0)
        {
            m_blocked = true;
            return;
        }
        force = false;
        burst->from = shared_from_this();
        const auto count =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(burst->packets, allowed));
        const auto piece = count == burst->packets ? burst : burst->TakeFront(count, m_segment);
        m_lostBytes -= piece->end - piece->start;
        each = m_lost.erase(each);
        if (piece != burst)
        {
            burst->from = nullptr;
            each = m_lost.emplace(burst->start, burst).first;
        }
        piece->again = true;
        m_lastSent = Now();
        Forward(piece); // it may be lost again, and is then behind what comes next
    }
}

/// Acknowledgements of segments behind a hole have come.
void
MessageStream::HolesReported(std::uint64_t upTo)
{
    if (m_dead)
    {
        return;
    }
    Settle(Now());
    bool any = false;
    for (auto& [start, burst] : m_lost)
    {
        if (start < upTo && !burst->again)
        {
            any = any || !burst->known;
            burst->known = true;
        }
    }
    if (!any)
    {
        return;
    }
    if (m_acknowledged >= m_recoveryEnd)
    {
        m_recoveryEnd = m_next;
        m_fastRecovery = true;
        m_window.Lost();
    }
    m_progress = Now();
    Resend(true);
    TrySend();
}

/// Something was lost: from now on it matters when the acknowledgement is given up.
void
MessageStream::ArmTimer()
{
    if (!m_dead && !m_timing && m_acknowledged < m_next)
    {
        m_timing = true;
        ns3::Simulator::Schedule(ToTime(std::max(Deadline() - Now(), Duration(0))),
                                 [self = shared_from_this()] {
                                     self->m_timing = false;
                                     if (!self->m_dead)
                                     {
                                         self->TimerExpired();
                                     }
                                 });
    }
}

Duration
MessageStream::Deadline() const
{
    return m_progress + m_timeout.Get(m_timeouts);
}

void
MessageStream::TimerExpired()
{
    const auto now = Now();
    Settle(now);
    if (m_acknowledged == m_next)
    {
        return;
    }
    if (Deadline() <= now)
    {
        TimedOut();
    }
    ArmTimer();
}

void
MessageStream::TimedOut()
{
    if (m_timeouts == m_context->config.dataRetries)
    {
        End(StreamEnd::RESET);
        return;
    }
    if (m_userTimeout > Duration(0) && !std::exchange(m_userTiming, true))
    {
        // The clock starts when the data were sent, which was one timeout ago.
        const auto left = std::max(m_userTimeout - m_timeout.Get(m_timeouts), Duration(0));
        ns3::Simulator::Schedule(ToTime(left), [self = shared_from_this(), at = m_acknowledged] {
            self->m_userTiming = false;
            if (!self->m_dead)
            {
                self->CheckUserTimeout(at);
            }
        });
    }
    ++m_timeouts;
    m_progress = Now();
    m_window.TimedOut();
    m_recoveryEnd = m_next;
    m_fastRecovery = false;
    for (auto& [start, burst] : m_lost)
    {
        burst->known = true;
        burst->again = false;
    }
    if (m_lost.empty() || m_lost.begin()->first > m_acknowledged)
    {
        Repeat();
    }
    else
    {
        Resend(true);
        TrySend();
    }
}

/// The first segment has arrived, it seems, but its acknowledgement has not.
void
MessageStream::Repeat()
{
    const auto burst = ns3::Create<MessageBurst>();
    burst->from = shared_from_this();
    burst->start = m_acknowledged;
    burst->end = m_acknowledged;
    burst->repetition = true;
    Forward(burst);
}

void
MessageStream::CheckUserTimeout(std::uint64_t unacknowledged)
{
    Settle(Now());
    if (!m_dead && m_acknowledged == unacknowledged && m_acknowledged < m_next)
    {
        End(StreamEnd::RESET);
    }
}

} // namespace etcdlab
