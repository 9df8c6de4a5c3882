#include "model/transport/flow-control.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

constexpr std::uint32_t PREFIX = 5; //!< of a gRPC message: compression flag and length

} // namespace

ConnectionReceiveWindow::ConnectionReceiveWindow(std::uint32_t limit)
    : m_limit(limit)
{
}

std::uint32_t
ConnectionReceiveWindow::OnData(std::uint32_t bytes)
{
    m_unacknowledged += bytes;
    return m_unacknowledged >= m_limit / 4 ? Reset() : 0;
}

std::uint32_t
ConnectionReceiveWindow::Reset()
{
    return std::exchange(m_unacknowledged, 0);
}

std::uint32_t
ConnectionReceiveWindow::Grow(std::uint32_t limit)
{
    return limit - std::exchange(m_limit, limit);
}

StreamReceiveWindow::StreamReceiveWindow(std::uint32_t limit)
    : m_limit(limit)
{
}

StreamReceiveWindow::Updates
StreamReceiveWindow::OnFrame(std::uint32_t bytes, std::uint32_t message)
{
    m_pending += bytes;
    Updates updates;
    if (message > 0)
    {
        const std::uint32_t prefix = std::min(bytes, PREFIX);
        updates.read = Read(prefix);
        updates.widen = Widen(message - prefix);
        bytes -= prefix;
    }
    updates.read += Read(bytes);
    return updates;
}

void
StreamReceiveWindow::SetLimit(std::uint32_t limit)
{
    m_limit = limit;
}

/// flowcontrol.go:inFlow.maybeAdjust
std::uint32_t
StreamReceiveWindow::Widen(std::uint32_t rest)
{
    const std::int64_t senderQuota = std::int64_t{m_limit} - m_pending - m_update;
    const std::int64_t untransmitted = std::int64_t{rest} - m_pending;
    if (untransmitted <= senderQuota)
    {
        return 0;
    }
    m_delta = rest;
    return rest;
}

/// flowcontrol.go:inFlow.onRead
std::uint32_t
StreamReceiveWindow::Read(std::uint32_t bytes)
{
    m_pending -= bytes;
    const std::uint32_t advanced = std::min(bytes, m_delta);
    m_delta -= advanced;
    m_update += bytes - advanced;
    return m_update >= m_limit / 4 ? std::exchange(m_update, 0) : 0;
}

SendScheduler::SendScheduler(std::uint32_t window)
    : m_streamWindow(window),
      m_quota(window)
{
}

bool
SendScheduler::TakeWhole(std::uint32_t bytes)
{
    if (!m_round.empty() || bytes > m_quota || bytes > m_streamWindow)
    {
        return false;
    }
    m_quota -= bytes;
    return true;
}

void
SendScheduler::Open(std::uint32_t stream)
{
    m_streams[stream].open = true;
}

void
SendScheduler::Finish(std::uint32_t stream)
{
    const auto found = m_streams.find(stream);
    if (found != m_streams.end())
    {
        found->second.open = false;
        if (found->second.items.empty())
        {
            m_streams.erase(found);
        }
    }
}

void
SendScheduler::Close(std::uint32_t stream)
{
    m_streams.erase(stream);
    std::erase(m_round, stream);
}

bool
SendScheduler::MaySend(const Stream& stream) const
{
    return !stream.items.empty() &&
           (!stream.items.front().data || stream.outstanding < m_streamWindow);
}

void
SendScheduler::Activate(std::uint32_t id, Stream& stream)
{
    if (!stream.active && MaySend(stream))
    {
        stream.active = true;
        // What ends a stream follows its data at once.
        stream.items.front().data ? m_round.push_back(id) : m_round.push_front(id);
    }
}

void
SendScheduler::Data(std::uint32_t stream, std::uint32_t bytes, Payload payload)
{
    Stream& queue = m_streams[stream];
    const std::uint32_t head = std::min(bytes, MAX_FRAME);
    queue.items.push_back({head, bytes - head, bytes, true, std::move(payload)});
    queue.queued += bytes;
    queue.full = queue.queued >= WRITE_QUOTA;
    Activate(stream, queue);
}

void
SendScheduler::Uncounted(std::uint32_t stream, std::uint32_t bytes, Payload payload)
{
    Stream& queue = m_streams[stream];
    queue.items.push_back({bytes, 0, 0, false, std::move(payload)});
    Activate(stream, queue);
}

std::optional<SendScheduler::Frame>
SendScheduler::Next()
{
    if (m_round.empty())
    {
        return std::nullopt;
    }
    const std::uint32_t id = m_round.front();
    const auto found = m_streams.find(id);
    Stream& stream = found->second;
    if (m_quota == 0 && stream.items.front().data)
    {
        return std::nullopt;
    }
    m_round.pop_front();
    stream.active = false;
    Frame frame = TakeFrame(id, stream);
    if (stream.items.empty() && !stream.open)
    {
        m_streams.erase(found);
        return frame;
    }
    Activate(id, stream);
    return frame;
}

SendScheduler::Frame
SendScheduler::TakeFrame(std::uint32_t id, Stream& stream)
{
    Item& item = stream.items.front();
    Frame frame;
    frame.stream = id;
    frame.data = item.data;
    frame.message = std::exchange(item.message, 0);
    if (!item.data)
    {
        frame.bytes = item.head;
        item.head = 0;
    }
    else
    {
        std::uint32_t& part = item.head > 0 ? item.head : item.rest;
        const auto left = static_cast<std::uint64_t>(m_streamWindow - stream.outstanding);
        frame.bytes = static_cast<std::uint32_t>(
            std::min({std::uint64_t{std::min(part, MAX_FRAME)}, left, m_quota}));
        part -= frame.bytes;
        m_quota -= frame.bytes;
        stream.outstanding += frame.bytes;
        stream.queued -= frame.bytes;
        if (stream.full && stream.queued < WRITE_QUOTA)
        {
            stream.full = false;
            m_writable.push_back(id);
        }
    }
    if (item.head == 0 && item.rest == 0)
    {
        frame.payload = std::move(item.payload);
        stream.items.pop_front();
    }
    return frame;
}

void
SendScheduler::AddToConnection(std::uint32_t bytes)
{
    m_quota += bytes;
}

void
SendScheduler::AddToStream(std::uint32_t stream, std::uint32_t bytes)
{
    const auto found = m_streams.find(stream);
    if (found != m_streams.end())
    {
        found->second.outstanding -= bytes;
        Activate(stream, found->second);
    }
}

void
SendScheduler::SetStreamWindow(std::uint32_t window)
{
    m_streamWindow = window;
    for (auto& [id, stream] : m_streams)
    {
        Activate(id, stream);
    }
}

std::uint64_t
SendScheduler::Queued(std::uint32_t stream) const
{
    const auto found = m_streams.find(stream);
    return found == m_streams.end() ? 0 : found->second.queued;
}

bool
SendScheduler::Empty() const
{
    return m_round.empty() && std::all_of(m_streams.begin(), m_streams.end(), [](const auto& s) {
               return s.second.items.empty();
           });
}

std::vector<std::uint32_t>
SendScheduler::TakeWritable()
{
    return std::exchange(m_writable, {});
}

} // namespace etcdlab
