#include "model/transport/wan-link.h"

#include "model/base/clock.h"
#include "model/base/nearest.h"

#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/error-model.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-header.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4-static-routing.h>
#include <ns3/ipv4.h>
#include <ns3/mac48-address.h>
#include <ns3/point-to-point-helper.h>
#include <ns3/pointer.h>
#include <ns3/ppp-header.h>
#include <ns3/queue-size.h>
#include <ns3/simulator.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace etcdlab
{

using namespace ns3;

NS_OBJECT_ENSURE_REGISTERED(WanChannel);

TypeId
WanChannel::GetTypeId()
{
    static TypeId tid = TypeId("etcdlab::WanChannel")
                            .SetParent<PointToPointChannel>()
                            .SetGroupName("Etcdlab")
                            .AddConstructor<WanChannel>();
    return tid;
}

WanChannel::WanChannel()
    : m_random(CreateObject<UniformRandomVariable>())
{
}

void
WanChannel::SetDelay(std::size_t direction, Time delay)
{
    m_directions.at(direction).delay = delay;
    // The parent adds its own delay and reports it to NetAnim; it gets what both directions have at
    // least.
    m_base = std::min(m_directions[0].delay, m_directions[1].delay);
    SetAttribute("Delay", TimeValue(m_base));
}

Time
WanChannel::GetDirectionDelay(std::size_t direction) const
{
    return m_directions.at(direction).delay;
}

void
WanChannel::SetJitter(std::size_t direction, Time jitter)
{
    m_directions.at(direction).jitter = jitter;
}

void
WanChannel::SetBlocked(std::shared_ptr<const BlockedPairs> blocked)
{
    m_blocked = std::move(blocked);
}

void
WanChannel::SetDown(std::size_t direction, bool down)
{
    m_directions.at(direction).down = down;
}

bool
WanChannel::IsDown(std::size_t direction) const
{
    return m_directions.at(direction).down;
}

const LinkCount&
WanChannel::GetTraffic(std::size_t direction) const
{
    return m_directions.at(direction).traffic;
}

std::uint64_t
WanChannel::Lost() const
{
    return m_lost;
}

std::int64_t
WanChannel::AssignStreams(std::int64_t stream)
{
    m_random->SetStream(stream);
    return 1;
}

namespace
{

/// Whether a packet is one between blocked ends.
bool
IsBlocked(const Packet& packet, const BlockedPairs& blocked)
{
    const auto copy = packet.Copy();
    PppHeader ppp;
    Ipv4Header ip;
    copy->RemoveHeader(ppp);
    copy->PeekHeader(ip);
    return blocked.contains({ip.GetSource(), ip.GetDestination()});
}

} // namespace

bool
WanChannel::TransmitStart(Ptr<const Packet> packet, Ptr<PointToPointNetDevice> source, Time txTime)
{
    constexpr std::uint32_t PPP_HEADER = 2;
    Direction& direction = m_directions[source == GetSource(0) ? 0 : 1];
    ++direction.traffic.packets;
    direction.traffic.bytes += packet->GetSize() - PPP_HEADER;
    if (direction.down || (m_blocked && !m_blocked->empty() && IsBlocked(*packet, *m_blocked)))
    {
        ++m_lost;
        return true;
    }
    Time delay = direction.delay;
    if (direction.jitter.IsStrictlyPositive())
    {
        delay += NanoSeconds(
            static_cast<std::int64_t>(m_random->GetValue(0, direction.jitter.GetNanoSeconds())));
    }
    const Time now = Simulator::Now();
    const Time arrival = std::max(now + txTime + delay, direction.lastArrival);
    direction.lastArrival = arrival;
    // What the parent does not know of travels as transmission time.
    return PointToPointChannel::TransmitStart(packet, source, arrival - now - m_base);
}

namespace
{

ns3::DataRate
DeviceRate(DataRate rate)
{
    // Unlimited: so fast that a packet takes less than a nanosecond.
    return ns3::DataRate(rate.bitsPerSecond == 0 ? 1'000'000'000'000'000 : rate.bitsPerSecond);
}

/// One end of a link: a device with a queue of packets and an error model, and nothing above it
/// that queues.
Ptr<PointToPointNetDevice>
MakeDevice(const Ptr<Node>& node, const Ptr<WanChannel>& channel, const LinkConfig& config)
{
    auto queue = CreateObject<DropTailQueue<Packet>>();
    queue->SetMaxSize(QueueSize(QueueSizeUnit::PACKETS, static_cast<std::uint32_t>(config.queue)));

    auto errors = CreateObject<RateErrorModel>();
    errors->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);

    auto device = CreateObject<PointToPointNetDevice>();
    device->SetAddress(Mac48Address::Allocate());
    device->SetDataRate(DeviceRate(config.rate));
    device->SetQueue(queue);
    device->SetReceiveErrorModel(errors);
    node->AddDevice(device);
    device->Attach(channel);
    return device;
}

} // namespace

WanLink::WanLink(NodePair names,
                 const LinkConfig& settings,
                 const std::array<Ptr<Node>, 2>& nodes,
                 std::shared_ptr<const BlockedPairs> blocked)
    : Link(std::move(names), settings),
      channel(CreateObject<WanChannel>())
{
    for (const std::size_t end : {0, 1})
    {
        devices[end] = MakeDevice(nodes[end], channel, config);
        WanLink::SetDelay(end, config.DelayFrom(end == 0));
        WanLink::SetJitter(end, config.jitter);
    }
    channel->SetBlocked(std::move(blocked));
    SetLoss(config.loss.value);
}

void
WanLink::SetDelay(std::size_t direction, Duration delay)
{
    channel->SetDelay(direction, ToTime(delay));
}

void
WanLink::SetJitter(std::size_t direction, Duration jitter)
{
    channel->SetJitter(direction, ToTime(jitter));
}

void
WanLink::SetLoss(double share)
{
    WanLink::SetLoss(0, share);
    WanLink::SetLoss(1, share);
}

void
WanLink::SetLoss(std::size_t direction, double share)
{
    PointerValue value;
    devices.at(1 - direction)->GetAttribute("ReceiveErrorModel", value);
    value.Get<RateErrorModel>()->SetRate(share);
    share > 0 ? value.Get<RateErrorModel>()->Enable() : value.Get<RateErrorModel>()->Disable();
}

void
WanLink::SetRate(std::size_t direction, DataRate rate)
{
    devices.at(direction)->SetDataRate(DeviceRate(rate));
}

void
WanLink::SetDown(std::size_t direction, bool down)
{
    channel->SetDown(direction, down);
}

LinkCount
WanLink::GetCount(std::size_t direction) const
{
    return channel->GetTraffic(direction);
}

std::uint64_t
WanLink::Lost() const
{
    return channel->Lost();
}

void
WanLink::AssignStreams(std::int64_t stream)
{
    stream += channel->AssignStreams(stream);
    for (const auto& device : devices)
    {
        PointerValue value;
        device->GetAttribute("ReceiveErrorModel", value);
        stream += value.Get<RateErrorModel>()->AssignStreams(stream);
    }
}

std::unique_ptr<Link>
WanBuilder::MakeLink(const NodePair& ends, const LinkConfig& config)
{
    return std::make_unique<WanLink>(
        ends, config, std::array{GetNode(ends.first), GetNode(ends.second)}, m_blocked);
}

void
WanBuilder::Install()
{
    InternetStackHelper stack;
    stack.SetIpv6StackInstall(false);
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    for (std::size_t i = 0; i < Nodes().size(); ++i)
    {
        stack.Install(GetNode(Nodes()[i]));
        InstallAddress(i);
    }
    InstallRoutes(ComputeRoutes());
}

void
WanBuilder::InstallAddress(std::size_t index)
{
    const auto number = static_cast<std::uint32_t>(index + 1);
    const Ipv4Address address(0x0a000000 + number); // 10.0.x.y
    const auto node = GetNode(Nodes()[index]);
    const auto ipv4 = node->GetObject<Ipv4>();
    m_addresses[Nodes()[index]] = address;
    for (const auto& [ends, link] : Links())
    {
        for (const auto& device : static_cast<const WanLink&>(*link).devices)
        {
            if (device->GetNode() == node)
            {
                const std::uint32_t interface = ipv4->AddInterface(device);
                ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, Ipv4Mask::GetOnes()));
                ipv4->SetUp(interface);
            }
        }
    }
}

void
WanBuilder::InstallRoutes(const Routes& routes)
{
    for (const std::string& from : Nodes())
    {
        const auto ipv4 = GetNode(from)->GetObject<Ipv4>();
        const auto table = DynamicCast<Ipv4StaticRouting>(ipv4->GetRoutingProtocol());
        for (const std::string& to : Nodes())
        {
            if (const auto next = routes.NextHop(from, to))
            {
                table->AddHostRouteTo(m_addresses[to], InterfaceTo(from, *next));
            }
        }
    }
}

std::uint32_t
WanBuilder::InterfaceTo(const std::string& from, const std::string& neighbour) const
{
    const WanLink& link = GetLink(from, neighbour);
    const auto& device = link.devices[from == link.ends.first ? 0 : 1];
    return static_cast<std::uint32_t>(
        device->GetNode()->GetObject<Ipv4>()->GetInterfaceForDevice(device));
}

Ipv4Address
WanBuilder::GetAddress(const std::string& name) const
{
    const auto found = m_addresses.find(name);
    if (found == m_addresses.end())
    {
        throw std::invalid_argument(UnknownName(name, Nodes()));
    }
    return found->second;
}

WanLink&
WanBuilder::GetLink(const std::string& a, const std::string& b) const
{
    return static_cast<WanLink&>(Wan::GetLink(a, b)); // MakeLink makes no others
}

void
WanBuilder::Block(const std::string& from, const std::string& to)
{
    ++(*m_blocked)[{GetAddress(from), GetAddress(to)}];
}

void
WanBuilder::Unblock(const std::string& from, const std::string& to)
{
    const auto found = m_blocked->find({GetAddress(from), GetAddress(to)});
    if (found != m_blocked->end() && --found->second == 0)
    {
        m_blocked->erase(found);
    }
}

void
WanBuilder::Capture(const std::filesystem::path& directory)
{
    std::filesystem::create_directories(directory);
    for (const auto& [ends, link] : Links())
    {
        const auto path =
            directory / (ends.first + "." + ends.second + ".pcap"); // no name has a dot
        if (!std::ofstream(path))                                   // ns-3 would abort
        {
            throw std::filesystem::filesystem_error(
                "cannot write", path, std::error_code(errno, std::generic_category()));
        }
        PointToPointHelper().EnablePcap(
            path.string(), GetLink(ends.first, ends.second).devices[0], false, true);
    }
}

} // namespace etcdlab
