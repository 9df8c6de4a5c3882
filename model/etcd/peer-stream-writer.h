// The sending side of one stream between members (etcd 3.4.23 rafthttp/stream.go: streamWriter).
#pragma once

#include "model/etcd/pure/raft-wire.h"
#include "model/raft/types.h"
#include "model/transport/byte-stream.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace etcdlab
{

/// One flush of a stream.
struct RaftBatch : Message
{
    std::vector<raft::Message> messages;
};

/// Says nothing, but is counted by who receives it.
struct LinkHeartbeat : Message
{
};

/**
 * Frames messages onto the connection that the peer has dialled, as long as there is one. What the socket does not take
 * waits in a buffer of 4096 messages.
 */
class PeerStreamWriter
{
  public:
    explicit PeerStreamWriter(PeerStreamType type);

    /// The peer has dialled: the newest connection takes the place of another one.
    void Attach(const ByteStreamPtr& stream);
    /// Send what is queued, then close; or reset at once. Nothing happens if it is not up.
    void Close();
    void Abort();

    bool IsUp() const
    {
        return m_stream != nullptr;
    }

    /// Add to what goes with the next flush. @return false if it is not up, or its buffer is full: nothing happened
    bool Take(const raft::Message& message);

    /// @return bytes sent, framed and chunked
    std::uint64_t Flush();

    /// Send a link heartbeat, if it is up. @return bytes, framed and chunked
    std::uint64_t Heartbeat();

    /// Whether nothing has left for 5 s although there is something to send.
    bool IsStuck();

  private:
    void Update();

    PeerStreamType m_type;
    ByteStreamPtr m_stream; //!< nullptr while the peer has not dialled
    PeerStreamEncoder m_encoder;
    std::shared_ptr<RaftBatch> m_batch; //!< being filled
    std::uint64_t m_batchBytes = 0;

    /// Batches that the socket has not taken, by where they end on the stream, and the messages in them.
    std::deque<std::pair<std::uint64_t, std::size_t>> m_waiting;
    std::size_t m_waitingMessages = 0;
    std::uint64_t m_taken = 0; //!< bytes the socket had taken when last looked at
    Duration m_lastTaken{0};   //!< and when that had last become more, or nothing waited
};

} // namespace etcdlab
