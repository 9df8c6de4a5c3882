#include "model/transport/message-wan.h"

#include "model/base/clock.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace etcdlab
{

namespace
{

constexpr std::uint64_t PPP_HEADER = 2;
constexpr std::uint32_t FULL_PACKET = 1502;   //!< with it
constexpr std::uint32_t ACKNOWLEDGEMENT = 52; //!< IP 20, TCP 20, timestamps 12

} // namespace

MessageLink::MessageLink(NodePair names, const LinkConfig& settings)
    : Link(std::move(names), settings),
      m_random(ns3::CreateObject<ns3::UniformRandomVariable>())
{
    for (const std::size_t end : {0, 1})
    {
        Direction& direction = m_directions[end];
        direction.delay = config.DelayFrom(end == 0);
        direction.jitter = config.jitter;
        direction.loss = config.loss.value;
        direction.rate = config.rate.bitsPerSecond;
        direction.random = ns3::CreateObject<ns3::UniformRandomVariable>();
    }
}

void
MessageLink::SetDelay(std::size_t direction, Duration delay)
{
    m_directions.at(direction).delay = delay;
}

void
MessageLink::SetJitter(std::size_t direction, Duration jitter)
{
    m_directions.at(direction).jitter = jitter;
}

void
MessageLink::SetLoss(std::size_t direction, double share)
{
    m_directions.at(direction).loss = share;
}

void
MessageLink::SetRate(std::size_t direction, DataRate rate)
{
    m_directions.at(direction).rate = rate.bitsPerSecond;
}

void
MessageLink::SetDown(std::size_t direction, bool down)
{
    Direction& changed = m_directions.at(direction);
    if (changed.down != down)
    {
        changed.down = down;
        changed.changed = Now();
    }
}

LinkCount
MessageLink::GetCount(std::size_t direction) const
{
    return m_directions.at(direction).count;
}

std::uint64_t
MessageLink::Lost() const
{
    return m_lost;
}

void
MessageLink::AssignStreams(std::int64_t stream)
{
    m_random->SetStream(stream);
    m_directions[1].random->SetStream(stream + 1); // as WanLink's: what ends.first receives
    m_directions[0].random->SetStream(stream + 2);
}

bool
MessageLink::MayLose(std::size_t direction) const
{
    return m_directions[direction].down || m_directions[direction].loss > 0;
}

Duration
MessageLink::Delay(std::size_t direction) const
{
    return m_directions[direction].delay;
}

std::uint64_t
MessageLink::Rate(std::size_t direction) const
{
    return m_directions[direction].rate;
}

Duration
MessageLink::Transmission(const Direction& direction, std::uint64_t bytes) const
{
    return Duration(direction.rate == 0
                        ? 0
                        : static_cast<std::int64_t>(bytes * 8'000'000'000 / direction.rate));
}

Duration
MessageLink::Jitter(const Direction& direction, std::uint32_t packets) const
{
    if (direction.jitter == Duration(0))
    {
        return direction.jitter;
    }
    const double longest = std::pow(m_random->GetValue(0, 1), 1.0 / packets);
    return Duration(
        static_cast<std::int64_t>(longest * static_cast<double>(direction.jitter.count())));
}

std::uint32_t
MessageLink::Room(const Direction& direction, const Packets& packets, Duration now) const
{
    if (direction.free <= now)
    {
        return packets.count; // bursts are far shorter than queues, and the first leaves at once
    }
    const auto queued =
        static_cast<std::uint64_t>(static_cast<double>((direction.free - now).count()) *
                                   static_cast<double>(direction.rate) / (8e9 * FULL_PACKET));
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(packets.count, config.queue - std::min(queued, config.queue)));
}

void
MessageLink::DrawLost(const Direction& direction, std::uint32_t packets, Passage& passage) const
{
    for (std::uint32_t place = 0; direction.loss > 0 && place < packets; ++place)
    {
        if (direction.random->GetValue(0, 1) < direction.loss)
        {
            passage.lost.push_back(place);
        }
    }
}

MessageLink::Passage
MessageLink::Pass(std::size_t index, const Packets& packets, Duration now, bool blocked)
{
    Direction& direction = m_directions[index];
    Passage passage;
    Packets sent = packets;
    sent.count = Room(direction, packets, now);
    if (sent.count < packets.count)
    {
        sent.bytes = packets.bytes / packets.count * sent.count;
    }
    direction.count.packets += sent.count;
    direction.count.bytes += sent.bytes;
    direction.free = std::max(now, direction.free) +
                     Transmission(direction, sent.bytes + PPP_HEADER * sent.count);
    if (direction.down || blocked)
    {
        m_lost += sent.count;
        sent.count = 0;
    }
    else if (sent.count > 0)
    {
        direction.lastArrival =
            std::max(direction.free + direction.delay + Jitter(direction, sent.count),
                     direction.lastArrival);
        DrawLost(direction, sent.count, passage);
    }
    for (auto place = sent.count; place < packets.count; ++place)
    {
        passage.lost.push_back(place);
    }
    passage.arrival = direction.lastArrival;
    return passage;
}

std::optional<Duration>
MessageLink::PassAcknowledgements(
    std::size_t index, std::uint32_t count, Duration at, Duration now, bool blocked)
{
    Direction& direction = m_directions[index];
    direction.count.packets += count;
    direction.count.bytes += std::uint64_t{ACKNOWLEDGEMENT} * count;
    const bool down = at >= direction.changed ? direction.down : !direction.down;
    if (down || blocked)
    {
        m_lost += count;
        return {};
    }
    const auto start = at == now ? std::max(at, direction.free) : at;
    const auto sent = start + Transmission(direction, ACKNOWLEDGEMENT + PPP_HEADER);
    auto arrival = sent + direction.delay + Jitter(direction, count);
    if (at == now)
    {
        direction.free = sent;
        arrival = direction.lastArrival = std::max(arrival, direction.lastArrival);
    }
    if (direction.loss > 0 && direction.random->GetValue(0, 1) < direction.loss)
    {
        return {};
    }
    return arrival;
}

std::unique_ptr<Link>
MessageWan::MakeLink(const NodePair& ends, const LinkConfig& config)
{
    GetNode(ends.first); // refuses unknown names
    GetNode(ends.second);
    return std::make_unique<MessageLink>(ends, config);
}

void
MessageWan::Install()
{
    const auto routes = ComputeRoutes();
    for (const auto& name : Nodes())
    {
        m_numbers.emplace(GetNode(name)->GetId(), m_numbers.size());
    }
    for (const auto& from : Nodes())
    {
        for (const auto& to : Nodes())
        {
            const auto names = routes.Path(from, to);
            if (names.empty())
            {
                continue;
            }
            MessagePath path{Numbers(from, to), GetNode(to)->GetId(), {}, nullptr};
            for (std::size_t i = 0; i + 1 < names.size(); ++i)
            {
                auto& link = static_cast<MessageLink&>(GetLink(names[i], names[i + 1]));
                path.hops.push_back({&link, link.ends.first == names[i] ? 0U : 1U});
            }
            m_paths.emplace(path.ends, std::move(path));
        }
    }
    for (auto& [ends, path] : m_paths)
    {
        const auto back = m_paths.find({ends.second, ends.first});
        path.back = back == m_paths.end() ? nullptr : &back->second;
    }
}

std::pair<std::size_t, std::size_t>
MessageWan::Numbers(const std::string& from, const std::string& to) const
{
    return {m_numbers.at(GetNode(from)->GetId()), m_numbers.at(GetNode(to)->GetId())};
}

const MessagePath*
MessageWan::FindPath(const ns3::Ptr<ns3::Node>& from, const ns3::Ptr<ns3::Node>& to) const
{
    const auto first = m_numbers.find(from->GetId());
    const auto last = m_numbers.find(to->GetId());
    if (first == m_numbers.end() || last == m_numbers.end())
    {
        return nullptr;
    }
    const auto found = m_paths.find({first->second, last->second});
    return found == m_paths.end() || found->second.back == nullptr ? nullptr : &found->second;
}

void
MessageWan::Block(const std::string& from, const std::string& to)
{
    ++m_blocked[Numbers(from, to)];
}

void
MessageWan::Unblock(const std::string& from, const std::string& to)
{
    const auto found = m_blocked.find(Numbers(from, to));
    if (found != m_blocked.end() && --found->second == 0)
    {
        m_blocked.erase(found);
    }
}

void
MessageWan::Capture(const std::filesystem::path&)
{
    throw std::invalid_argument("the transport \"message\" sends no packets: expected \"tcp\"");
}

} // namespace etcdlab
