// The receiving side of MessageStream: order, acknowledgements, and the stream's end.
#include "model/base/clock.h"
#include "model/transport/message-stream.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

/// Duplicate acknowledgements by which a loss is known (RFC 5681 section 3.2).
constexpr std::uint32_t DUPLICATES = 3;

} // namespace

void
MessageStream::Receive(const MessageBurstPtr& burst)
{
    const auto self = shared_from_this();
    MessageStream& sender = *burst->from;
    const auto now = Now();
    if (m_firstData)
    {
        std::exchange(m_firstData, nullptr)();
    }
    SettleDelayed(now, sender);
    Acknowledged(burst->acknowledged, now);
    if (m_blocked && !m_dead)
    {
        TrySend();
    }
    if (burst->repetition || burst->end <= m_received)
    {
        SendAcknowledgements(1, m_received, now, sender);
    }
    else if (burst->start > m_received)
    {
        ReceiveEarly(burst, sender);
    }
    else
    {
        Deliver(burst);
    }
}

void
MessageStream::ReceiveEarly(const MessageBurstPtr& burst, MessageStream& sender)
{
    if (!m_early.emplace(burst->start, burst).second)
    {
        return;
    }
    m_earlyBytes += burst->end - burst->start;
    m_duplicates += burst->packets;
    const auto now = Now();
    const auto arrival = PassAcknowledgements(burst->packets, now);
    if (arrival && m_duplicates >= DUPLICATES)
    {
        ns3::Simulator::Schedule(ToTime(*arrival - now), [from = burst->from, upTo = burst->end] {
            from->HolesReported(upTo);
        });
    }
    sender.ArmTimer();
}

/// What comes next in order, and what it has been waiting for.
void
MessageStream::Deliver(const MessageBurstPtr& burst)
{
    MessageStream& sender = *burst->from;
    const bool filled = !m_early.empty();
    const auto before = m_unacknowledged;
    m_rode = false;
    m_received = burst->end;
    HandOver(std::move(burst->chunk));
    bool fin = burst->fin;
    while (!m_early.empty() && m_early.begin()->first <= m_received && !m_dead)
    {
        const auto next = m_early.begin()->second;
        m_early.erase(m_early.begin());
        m_earlyBytes -= next->end - next->start;
        m_received = std::max(m_received, next->end);
        fin = fin || next->fin;
        HandOver(std::move(next->chunk));
    }
    if (m_dead)
    {
        return;
    }
    if (filled || fin)
    {
        m_duplicates = 0;
        m_acknowledgeAt = Duration(-1);
        m_unacknowledged = 0;
        SendAcknowledgements(burst->packets, m_received, Now(), sender);
    }
    else
    {
        Acknowledge(*burst, before, sender);
    }
    if (fin)
    {
        End(StreamEnd::CLOSED);
    }
}

void
MessageStream::HandOver(Chunk chunk)
{
    m_bytesReceived += chunk.bytes;
    if (chunk.bytes == 0 || !m_receive)
    {
        return;
    }
    // The handler may replace itself, or end the stream. It is not copied, because that costs an allocation.
    auto receive = std::exchange(m_receive, nullptr);
    receive(std::move(chunk));
    if (!m_receive && !m_closing && !m_dead)
    {
        m_receive = std::move(receive);
    }
}

/// Pure acknowledgements after a burst in order (ns-3 TcpSocketBase::ReceivedData). What the program sent while it was
/// handed the last segment has left after that was counted, and carries what was still to be acknowledged.
/// @param before segments that were not acknowledged when it came
void
MessageStream::Acknowledge(const MessageBurst& burst, std::uint32_t before, MessageStream& sender)
{
    const auto every = m_context->config.ackEvery;
    const auto now = Now();
    const auto counted = before + burst.packets;
    const auto last = burst.end - std::max<std::uint64_t>(burst.end - burst.start, 1) % m_segment;
    const auto previous = last == burst.end ? burst.end - m_segment : std::max(last, burst.start);
    const auto rest = counted % every;
    if (const auto full = counted / every; full > 0)
    {
        SendAcknowledgements(full, rest > 0 ? previous : burst.end, now, sender);
        m_acknowledgeAt = Duration(-1);
    }
    m_unacknowledged = m_rode ? 0 : rest;
    if (m_unacknowledged > 0 && m_acknowledgeAt < Duration(0))
    {
        DelayAcknowledgement(now, sender);
    }
}

void
MessageStream::DelayAcknowledgement(Duration now, MessageStream& sender)
{
    m_acknowledgeAt = now + m_context->config.delayedAck;
    if (sender.m_blocked)
    {
        sender.ScheduleWake();
    }
    bool unsure = m_context->wan.IsBlocked(m_path);
    for (const auto& [link, direction] : m_path.hops)
    {
        unsure = unsure || link->MayLose(direction);
    }
    if (unsure)
    {
        // If it is lost, the sender's timer must run.
        ns3::Simulator::Schedule(ToTime(m_context->config.delayedAck),
                                 [self = shared_from_this(), from = sender.shared_from_this()] {
                                     self->SettleDelayed(Now(), *from);
                                 });
    }
}

/// Make up for a delayed acknowledgement whose time has come.
void
MessageStream::SettleDelayed(Duration now, MessageStream& sender)
{
    if (m_acknowledgeAt < Duration(0) || m_acknowledgeAt > now)
    {
        return;
    }
    const auto at = std::exchange(m_acknowledgeAt, Duration(-1));
    m_unacknowledged = 0;
    SendAcknowledgements(1, m_received, at, sender);
}

void
MessageStream::SendAcknowledgements(std::uint32_t count,
                                    std::uint64_t upTo,
                                    Duration at,
                                    MessageStream& sender)
{
    if (const auto arrival = PassAcknowledgements(count, at))
    {
        sender.ExpectAcknowledgement(*arrival, upTo);
    }
    else
    {
        sender.ArmTimer();
    }
}

/// @return when the last arrives, unless it is lost
std::optional<Duration>
MessageStream::PassAcknowledgements(std::uint32_t count, Duration at) const
{
    const auto now = Now();
    const bool blocked = m_context->wan.IsBlocked(m_path);
    for (const auto& [link, direction] : m_path.hops)
    {
        const auto arrival = link->PassAcknowledgements(direction, count, at, now, blocked);
        if (!arrival)
        {
            return {};
        }
        at = *arrival;
    }
    return at;
}

void
MessageStream::WasReset()
{
    if (!m_dead)
    {
        End(StreamEnd::RESET);
    }
}

/// Nothing is sent or handed over any more.
void
MessageStream::Die()
{
    m_dead = true;
    m_receive = nullptr;
    m_end = nullptr;
    m_firstData = nullptr;
    m_queue.clear();
    m_queued = 0;
    m_lost.clear();
    m_lostBytes = 0;
    m_early.clear();
    m_earlyBytes = 0;
}

void
MessageStream::End(StreamEnd how)
{
    const auto keep = shared_from_this();
    const auto handler = std::exchange(m_end, nullptr);
    if (how == StreamEnd::RESET)
    {
        Die();
    }
    if (handler)
    {
        handler(how);
    }
    Close();
}

} // namespace etcdlab
