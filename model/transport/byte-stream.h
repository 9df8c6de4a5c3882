// Reliable byte streams between nodes, whatever carries them.
//
// A stream transports bytes by number, not by value, and hands over an object, the message, when the last
// byte of it arrives: what the bytes would have said. Relays forward bytes and messages without
// looking at either. TCP on ns-3 sockets (tcp-network.h) is one implementation of this interface.
#pragma once

#include "model/base/units.h"

#include <ns3/node.h>
#include <ns3/ptr.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace etcdlab
{

/// What travels: sent by one end, handed to the other when its last byte has arrived. Immutable.
class Message
{
  public:
    virtual ~Message() = default;
};

using MessagePtr = std::shared_ptr<const Message>;

/// A run of bytes of a stream, and the messages that end in it.
struct Chunk
{
    struct Mark
    {
        std::uint32_t
            end; //!< bytes from the start of the chunk to just behind the message's last byte
        MessagePtr message;
    };

    std::uint32_t bytes = 0;
    std::vector<Mark> marks; //!< by ascending `end`, each in (0, bytes]

    Chunk() = default;

    /// A whole message of so many bytes.
    Chunk(std::uint32_t size, MessagePtr message);

    /// Append what follows this chunk on the stream.
    void Append(Chunk next);

    /// Cut off the first bytes, with the messages that end in them. @param count at most `bytes`
    Chunk TakeFront(std::uint32_t count);
};

/// Why a stream ended.
enum class StreamEnd
{
    CLOSED, //!< the other side closed it in order (FIN); everything it sent has been delivered
    RESET,  //!< it was torn down: reset by the other side, or given up after retransmissions
};

/// One end of an established (or connecting) stream.
class ByteStream
{
  public:
    using ReceiveHandler = std::function<void(Chunk)>;
    using EndHandler = std::function<void(StreamEnd)>;

    virtual ~ByteStream() = default;

    /// Queue bytes; they leave as the transport's window allows. There is no limit to what is queued.
    virtual void Send(Chunk chunk) = 0;

    /// Send what is queued, then end the stream in order.
    virtual void Close() = 0;

    /// End the stream at once; what is queued is lost, the other side sees a reset.
    virtual void Abort() = 0;

    /// Bytes accepted by Send and not yet taken over by the transport (its socket buffer).
    virtual std::uint64_t Queued() const = 0;

    void OnReceive(ReceiveHandler handler);
    /// Called at most once, and never after Close or Abort at this end.
    void OnEnd(EndHandler handler);

    std::uint64_t BytesSent() const;     //!< handed to Send
    std::uint64_t BytesReceived() const; //!< handed to OnReceive's handler

  protected:
    ReceiveHandler m_receive;
    EndHandler m_end;
    std::uint64_t m_bytesSent = 0;
    std::uint64_t m_bytesReceived = 0;
};

using ByteStreamPtr = std::shared_ptr<ByteStream>;

/// Options of a stream's end.
struct StreamOptions
{
    bool nagle =
        false; //!< hold back a small segment while one is unacknowledged (RFC 896); Go switches it off
    /// Give the stream up when data stay unacknowledged for so long (RFC 5482); 0: as long as the
    /// transport tries.
    Duration userTimeout{0};
};

/// Where streams come from. One per simulation; it knows the nodes and how they reach each other.
class Network
{
  public:
    using AcceptHandler = std::function<void(ByteStreamPtr)>;
    /// The stream, or nullptr if the connection was refused or timed out.
    using ConnectHandler = std::function<void(ByteStreamPtr)>;

    virtual ~Network() = default;

    /// Accept streams at a node's port until StopListening.
    virtual void Listen(ns3::Ptr<ns3::Node> node,
                        std::uint16_t port,
                        StreamOptions options,
                        AcceptHandler accept) = 0;
    virtual void StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port) = 0;

    /// Open a stream; `from` and `to` may be the same node. The handler is called once, later. A connection attempt
    /// cannot be called off; who has lost interest ignores the answer and closes the stream.
    virtual void Connect(ns3::Ptr<ns3::Node> from,
                         ns3::Ptr<ns3::Node> to,
                         std::uint16_t port,
                         StreamOptions options,
                         ConnectHandler connected) = 0;
};

} // namespace etcdlab
