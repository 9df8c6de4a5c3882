// Raft messages on etcd's peer streams: framing and chunking (etcd 3.4.23 etcdserver/api/rafthttp).
#pragma once

#include "model/raft/types.h"

#include <cstdint>

namespace etcdlab
{

/// The two streams a member keeps to each peer (rafthttp/stream.go: streamType).
enum class PeerStreamType
{
    MSG_APP, //!< msgAppV2: append requests only
    MESSAGE, //!< everything else
};

/// Which stream a message goes by.
PeerStreamType StreamOf(const raft::Message& message);

/**
 * The encoder of one stream (rafthttp/msgappv2_codec.go: msgAppV2Encoder; message.go: messageEncoder).
 * An append request that continues the one before needs neither ids nor log position.
 */
class PeerStreamEncoder
{
  public:
    explicit PeerStreamEncoder(PeerStreamType type)
        : m_type(type)
    {
    }

    /// Bytes of a message before chunking.
    std::uint64_t Encode(const raft::Message& message);

    /// Bytes of the keep-alive that each stream writer sends every 5/3 s, before chunking.
    std::uint64_t LinkHeartbeat() const;

  private:
    PeerStreamType m_type;
    std::uint64_t m_term = 0;  //!< of the last entry sent
    std::uint64_t m_index = 0; //!< of the last entry sent
};

/// Protobuf size of a link heartbeat, as the byte metrics count it.
inline constexpr std::uint64_t LINK_HEARTBEAT_BYTES = 30;

/// Bytes of so many when flushed through an HTTP/1.1 chunked response: the length in hexadecimal and two
/// line ends; more than Go's 2048-byte chunk buffer leaves in several chunks.
std::uint64_t ChunkedBytes(std::uint64_t bytes);

} // namespace etcdlab
