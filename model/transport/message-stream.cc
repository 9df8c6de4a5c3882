#include "model/transport/message-stream.h"

#include "model/base/clock.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

/// A burst takes at most this part of the round trip to be sent: so much later than TCP, whose acknowledgements come
/// while it still sends, does a window's next part leave.
constexpr std::uint64_t BURSTS_PER_ROUND_TRIP = 256;
constexpr std::uint64_t LEAST_BURST = 4; //!< segments

} // namespace

MessageStream::MessageStream(std::shared_ptr<const MessageContext> context,
                             const MessagePath& path,
                             const StreamOptions& options)
    : m_context(std::move(context)),
      m_path(path),
      m_segment(path.hops.empty() ? m_context->config.loopbackSegmentSize
                                  : m_context->config.segmentSize),
      m_nagle(options.nagle),
      m_userTimeout(options.userTimeout),
      m_window(m_context->config, m_segment),
      m_timeout(m_context->config)
{
}

void
MessageStream::SetPeer(const std::shared_ptr<MessageStream>& peer)
{
    m_peer = peer;
}

void
MessageStream::OnFirstData(std::function<void()> handler)
{
    m_firstData = std::move(handler);
}

void
MessageStream::Established(Duration roundTrip)
{
    m_timeout.Measured(roundTrip);
    m_firstData = nullptr;
}

void
MessageStream::Send(Chunk chunk)
{
    if (m_dead || m_closing)
    {
        return;
    }
    const auto now = Now();
    Settle(now);
    if (m_next == m_acknowledged && m_queued == 0 && m_lastSent >= Duration(0))
    {
        m_window.Idle(now - m_lastSent, m_timeout.Get());
    }
    m_bytesSent += chunk.bytes;
    m_queued += chunk.bytes;
    if (m_queued == chunk.bytes && MaySend() == m_queued && m_lost.empty())
    {
        m_queued = 0;
        Emit(std::move(chunk), false);
        return;
    }
    m_queue.push_back(std::move(chunk));
    TrySend();
}

void
MessageStream::Close()
{
    if (m_dead || m_closing)
    {
        return;
    }
    m_closing = true;
    m_receive = nullptr;
    m_end = nullptr;
    TrySend();
}

void
MessageStream::Abort()
{
    if (m_dead)
    {
        return;
    }
    Die();
    SendPacket(m_context->wan, m_path, TCP_HEADERS, [peer = m_peer] {
        if (const auto to = peer.lock())
        {
            to->WasReset();
        }
    });
}

std::uint64_t
MessageStream::Queued() const
{
    // The socket's buffer holds what was not acknowledged, too.
    const auto all = m_queued + (m_next - m_acknowledged);
    return m_queued == 0 || all <= m_context->config.sendBuffer
               ? 0
               : all - m_context->config.sendBuffer;
}

void
MessageStream::TrySend()
{
    Settle(Now());
    m_blocked = false;
    Resend(false);
    while (m_queued > 0)
    {
        const auto bytes = MaySend();
        if (bytes == 0)
        {
            m_blocked = true;
            break;
        }
        m_queued -= bytes;
        Emit(TakeQueued(bytes), m_closing && m_queued == 0);
    }
    if (m_closing && m_queued == 0 && !m_finSent)
    {
        Emit({}, true);
    }
    if (m_blocked)
    {
        ScheduleWake();
    }
}

/// Bytes on the way; the sender learns at once what has arrived early (RFC 6675 pipe).
std::uint64_t
MessageStream::Flight() const
{
    const auto peer = m_lost.empty() ? nullptr : m_peer.lock();
    const auto gone = m_lostBytes + (peer ? peer->m_earlyBytes : 0);
    const auto sent = m_next - m_acknowledged;
    return sent > gone ? sent - gone : 0;
}

std::uint64_t
MessageStream::MaySend() const
{
    const std::uint64_t window =
        std::min<std::uint64_t>(m_window.Bytes(), m_context->config.receiveBuffer);
    const auto flight = Flight();
    auto bytes = m_queued;
    if (const auto room = window > flight ? window - flight : 0; bytes > room)
    {
        bytes = room / m_segment *
                m_segment; // no small segment because of the window (RFC 1122 4.2.3.4)
    }
    else if (const auto tail = bytes % m_segment;
             m_nagle && tail > 0 && (m_next > m_acknowledged || bytes > tail))
    {
        bytes -= tail;
    }
    return bytes <= LEAST_BURST * m_segment ? bytes : std::min(bytes, LongestBurst());
}

std::uint64_t
MessageStream::LongestBurst() const
{
    Duration roundTrip{0};
    std::uint64_t rate = 0;
    for (const auto& [link, direction] : m_path.hops)
    {
        roundTrip += link->Delay(0) + link->Delay(1);
        if (const auto own = link->Rate(direction); own > 0)
        {
            rate = rate == 0 ? own : std::min(rate, own);
        }
    }
    if (rate == 0)
    {
        return std::uint64_t{m_context->config.receiveBuffer} / m_segment * m_segment;
    }
    const auto bytes = static_cast<double>(roundTrip.count()) / BURSTS_PER_ROUND_TRIP *
                       static_cast<double>(rate) / 8e9;
    return std::max(LEAST_BURST, static_cast<std::uint64_t>(bytes) / m_segment) * m_segment;
}

Chunk
MessageStream::TakeQueued(std::uint64_t bytes)
{
    Chunk taken;
    while (taken.bytes < bytes)
    {
        Chunk& first = m_queue.front();
        const auto missing = static_cast<std::uint32_t>(bytes - taken.bytes);
        if (first.bytes > missing)
        {
            taken.Append(first.TakeFront(missing));
            continue;
        }
        taken.Append(std::move(first));
        m_queue.pop_front();
    }
    return taken;
}

void
MessageStream::Emit(Chunk chunk, bool fin)
{
    const auto now = Now();
    const auto burst = ns3::Create<MessageBurst>();
    burst->from = shared_from_this();
    burst->start = m_next;
    burst->packets = std::max<std::uint32_t>(1, (chunk.bytes + m_segment - 1) / m_segment);
    m_next += chunk.bytes + (fin ? 1 : 0);
    burst->end = m_next;
    burst->chunk = std::move(chunk);
    burst->fin = fin;
    m_finSent = fin;
    m_lastSent = now;
    if (m_sent.empty())
    {
        m_progress = now;
    }
    m_sent.push_back({burst->start, m_next, now, false});
    m_window.Sent(m_next - m_acknowledged, m_acknowledged, m_next);
    Forward(burst);
}

/// Over the next link. At the first, what has been received is acknowledged with it.
void
MessageStream::Forward(const MessageBurstPtr& burst)
{
    const auto now = Now();
    if (burst->hop == 0)
    {
        if (m_acknowledgeAt >= Duration(0) && m_acknowledgeAt <= now)
        {
            if (const auto sender = m_peer.lock())
            {
                SettleDelayed(now, *sender);
            }
        }
        burst->acknowledged = m_received;
        m_unacknowledged = 0;
        m_acknowledgeAt = Duration(-1);
        m_rode = true;
    }
    if (m_path.hops.empty())
    {
        ++burst->hop;
        ScheduleArrival(m_path, Duration(0), ns3::PeekPointer(burst));
        return;
    }
    const auto& [link, direction] = m_path.hops[burst->hop++];
    const auto passage =
        link->Pass(direction,
                   {burst->packets, burst->chunk.bytes + burst->packets * TCP_HEADERS},
                   now,
                   m_context->wan.IsBlocked(m_path));
    if (!passage.lost.empty())
    {
        Lose(burst, passage);
        return;
    }
    ScheduleArrival(m_path, passage.arrival - now, ns3::PeekPointer(burst));
}

void
MessageStream::Travel(const MessageBurstPtr& burst)
{
    if (burst->hop < m_path.hops.size())
    {
        Forward(burst);
        return;
    }
    const auto to = m_peer.lock();
    if (to && !to->m_dead)
    {
        to->Receive(burst);
    }
    else if (!m_dead && burst->chunk.bytes > 0)
    {
        // Nobody knows this connection any more.
        SendPacket(m_context->wan, *m_path.back, REFUSAL_PACKET, [self = shared_from_this()] {
            self->WasReset();
        });
    }
    else if (burst->fin)
    {
        SendPacket(
            m_context->wan, *m_path.back, TCP_HEADERS, [] {}); // acknowledged by who closed first
    }
}

/// Kept from sending: an event for the next thing that may change it. What is still under way calls
/// ExpectAcknowledgement when it has arrived.
void
MessageStream::ScheduleWake()
{
    if (!m_acknowledgements.empty())
    {
        if (!std::exchange(m_waking, true))
        {
            ns3::Simulator::Schedule(ToTime(m_acknowledgements.front().arrival - Now()),
                                     [self = shared_from_this()] {
                                         self->m_waking = false;
                                         self->Wake();
                                     });
        }
        return;
    }
    if (const auto peer = m_peer.lock(); peer && peer->m_acknowledgeAt >= Duration(0))
    {
        ns3::Simulator::Schedule(
            ToTime(peer->m_acknowledgeAt - Now()),
            [self = shared_from_this(), peer] { peer->SettleDelayed(Now(), *self); });
    }
}

void
MessageStream::Wake()
{
    if (m_blocked && !m_dead)
    {
        TrySend();
    }
}

/// Look at what has been acknowledged so far.
void
MessageStream::Settle(Duration now)
{
    if (m_acknowledged == m_next)
    {
        m_acknowledgements.clear();
        return;
    }
    if (const auto peer = m_peer.lock())
    {
        peer->SettleDelayed(now, *this);
    }
    while (!m_acknowledgements.empty() && m_acknowledgements.front().arrival <= now)
    {
        const auto next = m_acknowledgements.front();
        m_acknowledgements.pop_front();
        Acknowledged(next.upTo, next.arrival);
    }
}

void
MessageStream::Acknowledged(std::uint64_t upTo, Duration at)
{
    if (upTo <= m_acknowledged)
    {
        return;
    }
    const auto bytes = upTo - m_acknowledged;
    const bool recovering = m_acknowledged < m_recoveryEnd;
    m_acknowledged = upTo;
    m_progress = at;
    m_timeouts = 0;
    if (!m_sent.empty() && !m_sent.front().measured && !recovering)
    {
        m_timeout.Measured(at - m_sent.front().at);
    }
    while (!m_sent.empty() && m_sent.front().end <= upTo)
    {
        m_sent.pop_front();
    }
    if (!m_sent.empty() && m_sent.front().start < upTo)
    {
        m_sent.front().measured = true;
    }
    if (!recovering || !m_fastRecovery)
    {
        m_window.Acknowledged(bytes, at);
    }
}

void
MessageStream::ExpectAcknowledgement(Duration arrival, std::uint64_t upTo)
{
    if (!m_acknowledgements.empty())
    {
        arrival = std::max(arrival, m_acknowledgements.back().arrival);
    }
    m_acknowledgements.push_back({arrival, upTo});
    if (m_blocked)
    {
        ScheduleWake();
    }
}

} // namespace etcdlab
