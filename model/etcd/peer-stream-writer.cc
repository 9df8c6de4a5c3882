#include "model/etcd/peer-stream-writer.h"

#include "model/base/clock.h"
#include "model/etcd/pure/wire-size.h"

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// rafthttp/transport.go: ConnWriteTimeout
constexpr Duration WRITE_TIMEOUT = 5s;
// rafthttp/stream.go: streamBufSize
constexpr std::size_t SEND_BUFFER_MESSAGES = 4096;

} // namespace

PeerStreamWriter::PeerStreamWriter(PeerStreamType type)
    : m_type(type),
      m_encoder(type)
{
}

void
PeerStreamWriter::Attach(const ByteStreamPtr& stream)
{
    Close(); // the newest request wins (stream.go: streamWriter.run)
    *this = PeerStreamWriter(m_type);
    m_stream = stream;
    m_lastTaken = Now();
    stream->OnReceive([](const Chunk&) {});
    stream->OnEnd([this](StreamEnd) { m_stream = nullptr; });
}

void
PeerStreamWriter::Close()
{
    if (const auto stream = std::exchange(m_stream, nullptr))
    {
        stream->Close();
    }
}

void
PeerStreamWriter::Abort()
{
    if (const auto stream = std::exchange(m_stream, nullptr))
    {
        stream->Abort();
    }
}

/// Look at what the socket has taken.
void
PeerStreamWriter::Update()
{
    const auto queued = m_stream->Queued();
    const auto taken = m_stream->BytesSent() - queued;
    if (taken > m_taken || queued == 0)
    {
        m_taken = taken;
        m_lastTaken = Now();
    }
    while (!m_waiting.empty() && m_waiting.front().first <= taken)
    {
        m_waitingMessages -= m_waiting.front().second;
        m_waiting.pop_front();
    }
}

bool
PeerStreamWriter::Take(const raft::Message& message)
{
    if (!m_stream)
    {
        return false;
    }
    if (!m_batch)
    {
        Update();
        m_batch = std::make_shared<RaftBatch>();
    }
    if (m_waitingMessages + m_batch->messages.size() >= SEND_BUFFER_MESSAGES)
    {
        return false;
    }
    m_batchBytes += m_encoder.Encode(message);
    m_batch->messages.push_back(message);
    return true;
}

std::uint64_t
PeerStreamWriter::Flush()
{
    const auto batch = std::exchange(m_batch, nullptr);
    if (!batch || batch->messages.empty() || !m_stream)
    {
        return 0;
    }
    const auto bytes = ChunkedBytes(std::exchange(m_batchBytes, 0));
    m_stream->Send({static_cast<std::uint32_t>(bytes), batch});
    if (m_stream->Queued() > 0)
    {
        m_waiting.emplace_back(m_stream->BytesSent(), batch->messages.size());
        m_waitingMessages += batch->messages.size();
    }
    return bytes;
}

std::uint64_t
PeerStreamWriter::Heartbeat()
{
    if (!m_stream)
    {
        return 0;
    }
    const auto bytes = ChunkedBytes(m_encoder.LinkHeartbeat());
    static const auto heartbeat = std::make_shared<LinkHeartbeat>();
    m_stream->Send({static_cast<std::uint32_t>(bytes), heartbeat});
    return bytes;
}

bool
PeerStreamWriter::IsStuck()
{
    if (!m_stream)
    {
        return false;
    }
    Update();
    return Now() - m_lastTaken > WRITE_TIMEOUT;
}

} // namespace etcdlab
