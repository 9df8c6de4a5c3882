#include "model/transport/byte-stream.h"

#include <algorithm>
#include <iterator>
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

Chunk
Chunk::TakeFront(std::uint32_t count)
{
    Chunk front;
    front.bytes = count;
    const auto rest = std::find_if(
        marks.begin(), marks.end(), [count](const Mark& mark) { return mark.end > count; });
    front.marks.assign(std::make_move_iterator(marks.begin()), std::make_move_iterator(rest));
    marks.erase(marks.begin(), rest);
    bytes -= count;
    for (auto& mark : marks)
    {
        mark.end -= count;
    }
    return front;
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
