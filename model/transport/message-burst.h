// What travels over a MessageWan: segments that were sent together, and single packets of TCP's own.
#pragma once

#include "model/transport/byte-stream.h"
#include "model/transport/message-wan.h"

#include <ns3/event-impl.h>

#include <functional>
#include <memory>

namespace etcdlab
{

class MessageStream;

/// Segments of a stream, and the event of their arrival at the next node on the way.
struct MessageBurst final : ns3::EventImpl
{
    std::shared_ptr<MessageStream> from;
    std::uint64_t start = 0; //!< place in the stream
    std::uint64_t end = 0;   //!< the FIN counts as a byte
    std::uint64_t acknowledged = 0;
    Chunk chunk;
    std::uint32_t packets = 1;
    std::uint32_t hop = 0;   //!< links passed
    bool fin = false;        //!< the last segment has it
    bool again = false;      //!< sent before, and lost
    bool known = false;      //!< of a lost one: the sender knows
    bool repetition = false; //!< the other side has it already

    /// Cut off the first segments. @param count less than there are @param segment a full one's bytes
    ns3::Ptr<MessageBurst> TakeFront(std::uint32_t count, std::uint32_t segment);

  protected:
    void Notify() override;
};

using MessageBurstPtr = ns3::Ptr<MessageBurst>;

/// Run an event when it has passed a hop, or loopback, at a time that is not past.
void ScheduleArrival(const MessagePath& path, Duration delay, ns3::EventImpl* event);

/// Send a packet without data. @param bytes at IP level @param arrived called then; never if it is lost
void SendPacket(const MessageWan& wan,
                const MessagePath& path,
                std::uint32_t bytes,
                std::function<void()> arrived);

inline constexpr std::uint32_t TCP_HEADERS = 52; //!< IP 20, TCP 20, timestamps 12
inline constexpr std::uint32_t SYN_PACKET = 56;  //!< maximum segment size, window scale and so on
inline constexpr std::uint32_t REFUSAL_PACKET = 40; //!< by a node that knows no such connection

} // namespace etcdlab
