#include "model/transport/byte-stream.h"

#include <utility>

namespace etcdlab
{

Chunk::Chunk(std::uint32_t size, MessagePtr message)
    : bytes(size)
{
    marks.push_back({size, std::move(message)});
}

void
Chunk::Append(Chunk next)
{
    marks.reserve(marks.size() + next.marks.size());
    for (Mark& mark : next.marks)
    {
        marks.push_back({bytes + mark.end, std::move(mark.message)});
    }
    bytes += next.bytes;
}

void
ByteStream::OnReceive(ReceiveHandler handler)
{
    m_receive = std::move(handler);
}

void
ByteStream::OnEnd(EndHandler handler)
{
    m_end = std::move(handler);
}

std::uint64_t
ByteStream::BytesSent() const
{
    return m_bytesSent;
}

std::uint64_t
ByteStream::BytesReceived() const
{
    return m_bytesReceived;
}

} // namespace etcdlab
