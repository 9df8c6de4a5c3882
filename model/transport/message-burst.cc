#include "model/transport/message-burst.h"

#include "model/base/clock.h"
#include "model/transport/message-stream.h"

#include <utility>

namespace etcdlab
{

namespace
{

/// A packet without data, and the event of its arrival at the next node.
struct LonePacket final : ns3::EventImpl
{
    const MessageWan& wan;
    const MessagePath& path;
    std::uint32_t bytes;
    std::function<void()> arrived;
    std::size_t hop = 0;

    LonePacket(const MessageWan& w, const MessagePath& p, std::uint32_t b, std::function<void()> a)
        : wan(w),
          path(p),
          bytes(b),
          arrived(std::move(a))
    {
    }

    void Forward()
    {
        if (path.hops.empty())
        {
            ScheduleArrival(path, Duration(0), this);
            return;
        }
        const auto& [link, direction] = path.hops[hop++];
        const auto now = Now();
        const auto passage = link->Pass(direction, {1, bytes}, now, wan.IsBlocked(path));
        if (passage.lost.empty())
        {
            ScheduleArrival(path, passage.arrival - now, this);
        }
    }

  protected:
    void Notify() override
    {
        hop < path.hops.size() ? Forward() : arrived();
    }
};

} // namespace

MessageBurstPtr
MessageBurst::TakeFront(std::uint32_t count, std::uint32_t segment)
{
    const auto front = ns3::Create<MessageBurst>();
    front->from = from;
    front->start = start;
    front->end = start + std::uint64_t{count} * segment;
    front->acknowledged = acknowledged;
    front->chunk = chunk.TakeFront(count * segment);
    front->packets = count;
    front->hop = hop;
    front->again = again;
    front->known = known;
    start = front->end;
    packets -= count;
    return front;
}

void
MessageBurst::Notify()
{
    const auto stream = from; // which lets go of it if it is lost
    stream->Travel(MessageBurstPtr(this));
}

void
ScheduleArrival(const MessagePath& path, Duration delay, ns3::EventImpl* event)
{
    event->Ref(); // the simulator takes it over
    ns3::Simulator::ScheduleWithContext(path.target, ToTime(delay), event);
}

void
SendPacket(const MessageWan& wan,
           const MessagePath& path,
           std::uint32_t bytes,
           std::function<void()> arrived)
{
    ns3::Create<LonePacket>(wan, path, bytes, std::move(arrived))->Forward();
}

} // namespace etcdlab
