#include "model/etcd/pure/raft-wire.h"

#include "model/etcd/pure/wire-size.h"

#include <bit>

namespace etcdlab
{

PeerStreamType
StreamOf(const raft::Message& message)
{
    return message.type == raft::MessageType::APP ? PeerStreamType::MSG_APP
                                                  : PeerStreamType::MESSAGE;
}

std::uint64_t
PeerStreamEncoder::Encode(const raft::Message& message)
{
    if (m_type == PeerStreamType::MESSAGE)
    {
        return 8 + RaftMessageBytes(message); // length, message
    }
    if (message.index == m_index && message.logTerm == m_term && message.logTerm == message.term)
    {
        std::uint64_t bytes = 1 + 8 + 8; // type, number of entries, commit index
        for (const auto& entry : message.entries)
        {
            bytes += 8 + raft::EntrySize(entry);
        }
        m_index += message.entries.size();
        return bytes;
    }
    m_term = message.term;
    m_index = message.entries.empty() ? message.index : message.entries.back().index;
    return 1 + 8 + RaftMessageBytes(message); // type, length, message
}

std::uint64_t
PeerStreamEncoder::LinkHeartbeat() const
{
    return m_type == PeerStreamType::MSG_APP ? 1 : 8 + LINK_HEARTBEAT_BYTES;
}

std::uint64_t
ChunkedBytes(std::uint64_t bytes)
{
    const auto chunk = [](std::uint64_t size) {
        const auto digits = static_cast<std::uint64_t>((std::bit_width(size | 1) + 3) / 4);
        return digits + 4 + size;
    };
    const std::uint64_t buffer = 2048;
    const std::uint64_t tail = 8; // the commit index, written last
    if (bytes <= buffer + tail)
    {
        return bytes <= buffer ? chunk(bytes) : chunk(buffer) + chunk(bytes - buffer);
    }
    return chunk(buffer) + chunk(bytes - buffer - tail) + chunk(tail);
}

} // namespace etcdlab
