#include "model/transport/wan-link.h"

#include "model/base/nearest.h"

#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/error-model.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4-static-routing.h>
#include <ns3/ipv4.h>
#include <ns3/mac48-address.h>
#include <ns3/pointer.h>
#include <ns3/queue-size.h>
#include <ns3/simulator.h>

#include <algorithm>
#include <stdexcept>
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
WanChannel::SetJitter(Time jitter)
{
    m_jitter = jitter;
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

bool
WanChannel::TransmitStart(Ptr<const Packet> packet, Ptr<PointToPointNetDevice> source, Time txTime)
{
    Direction& direction = m_directions[source == GetSource(0) ? 0 : 1];
    if (direction.down)
    {
        ++m_lost;
        return true;
    }
    Time delay = direction.delay;
    if (m_jitter.IsStrictlyPositive())
    {
        delay += NanoSeconds(
            static_cast<std::int64_t>(m_random->GetValue(0, m_jitter.GetNanoSeconds())));
    }
    const Time now = Simulator::Now();
    const Time arrival = std::max(now + txTime + delay, direction.lastArrival);
    direction.lastArrival = arrival;
    // What the parent does not know of travels as transmission time.
    return PointToPointChannel::TransmitStart(packet, source, arrival - now - m_base);
}

void
WanLink::SetLoss(double share)
{
    for (const auto& device : devices)
    {
        PointerValue value;
        device->GetAttribute("ReceiveErrorModel", value);
        value.Get<RateErrorModel>()->SetRate(share);
        share > 0 ? value.Get<RateErrorModel>()->Enable() : value.Get<RateErrorModel>()->Disable();
    }
}

namespace
{

/// Jitter, and loss at either end.
constexpr std::int64_t STREAMS_PER_LINK = 3;

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
    // Unlimited: so fast that a packet takes less than a nanosecond.
    const std::uint64_t rate =
        config.rate.bitsPerSecond == 0 ? 1'000'000'000'000'000 : config.rate.bitsPerSecond;
    device->SetDataRate(ns3::DataRate(rate));
    device->SetQueue(queue);
    device->SetReceiveErrorModel(errors);
    node->AddDevice(device);
    device->Attach(channel);
    return device;
}

} // namespace

Ptr<Node>
WanBuilder::AddNode(const std::string& name)
{
    if (m_nodes.contains(name))
    {
        throw std::invalid_argument("node \"" + name + "\" exists already");
    }
    auto node = CreateObject<Node>();
    m_names.push_back(name);
    m_nodes[name] = node;
    return node;
}

void
WanBuilder::AddLink(const std::string& a, const std::string& b, const LinkConfig& config)
{
    if (a == b)
    {
        throw std::invalid_argument("a link joins two different nodes; both ends are \"" + a +
                                    "\"");
    }
    WanLink link{MakeNodePair(a, b), config, CreateObject<WanChannel>(), {}};
    if (m_links.contains(link.ends))
    {
        throw std::invalid_argument("\"" + a + "\" and \"" + b + "\" are joined already");
    }
    link.devices[0] = MakeDevice(GetNode(link.ends.first), link.channel, config);
    link.devices[1] = MakeDevice(GetNode(link.ends.second), link.channel, config);
    link.channel->SetDelay(0, NanoSeconds(config.delay.count()));
    link.channel->SetDelay(1, NanoSeconds(config.delay.count()));
    link.channel->SetJitter(NanoSeconds(config.jitter.count()));
    link.SetLoss(config.loss.value);
    m_links.emplace(link.ends, link);
}

void
WanBuilder::Install()
{
    InternetStackHelper stack;
    stack.SetIpv6StackInstall(false);
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    for (std::size_t i = 0; i < m_names.size(); ++i)
    {
        stack.Install(m_nodes[m_names[i]]);
        InstallAddress(i);
    }
    InstallRoutes(ComputeRoutes());
}

void
WanBuilder::InstallAddress(std::size_t index)
{
    const auto number = static_cast<std::uint32_t>(index + 1);
    const Ipv4Address address(0x0a000000 + number); // 10.0.x.y
    const auto ipv4 = m_nodes[m_names[index]]->GetObject<Ipv4>();
    m_addresses[m_names[index]] = address;
    for (const auto& [ends, link] : m_links)
    {
        for (const auto& device : link.devices)
        {
            if (device->GetNode() == m_nodes[m_names[index]])
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
    for (const std::string& from : m_names)
    {
        const auto ipv4 = m_nodes[from]->GetObject<Ipv4>();
        const auto table = DynamicCast<Ipv4StaticRouting>(ipv4->GetRoutingProtocol());
        for (const std::string& to : m_names)
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
    const WanLink& link = m_links.at(MakeNodePair(from, neighbour));
    const auto& device = link.devices[from == link.ends.first ? 0 : 1];
    return static_cast<std::uint32_t>(
        device->GetNode()->GetObject<Ipv4>()->GetInterfaceForDevice(device));
}

std::int64_t
WanBuilder::AssignStreams(std::int64_t stream)
{
    const auto number = [this](const std::string& name) {
        return std::find(m_names.begin(), m_names.end(), name) - m_names.begin();
    };
    for (auto& [ends, link] : m_links)
    {
        // By the nodes' places, the later one first: neither another link nor another node changes them.
        const auto [low, high] = std::minmax({number(ends.first), number(ends.second)});
        auto next = stream + STREAMS_PER_LINK * (high * (high - 1) / 2 + low);
        next += link.channel->AssignStreams(next);
        for (const auto& device : link.devices)
        {
            PointerValue value;
            device->GetAttribute("ReceiveErrorModel", value);
            next += value.Get<RateErrorModel>()->AssignStreams(next);
        }
    }
    const auto nodes = static_cast<std::int64_t>(m_names.size());
    return STREAMS_PER_LINK * (nodes * (nodes - 1) / 2);
}

Ptr<Node>
WanBuilder::GetNode(const std::string& name) const
{
    const auto found = m_nodes.find(name);
    if (found == m_nodes.end())
    {
        throw std::invalid_argument(UnknownName(name, m_names));
    }
    return found->second;
}

Ipv4Address
WanBuilder::GetAddress(const std::string& name) const
{
    const auto found = m_addresses.find(name);
    if (found == m_addresses.end())
    {
        throw std::invalid_argument(UnknownName(name, m_names));
    }
    return found->second;
}

WanLink&
WanBuilder::GetLink(const std::string& a, const std::string& b)
{
    const auto found = m_links.find(MakeNodePair(a, b));
    if (found == m_links.end())
    {
        throw std::invalid_argument("no link joins \"" + a + "\" and \"" + b + "\"");
    }
    return found->second;
}

const std::vector<std::string>&
WanBuilder::Nodes() const
{
    return m_names;
}

const std::map<NodePair, WanLink>&
WanBuilder::Links() const
{
    return m_links;
}

Routes
WanBuilder::ComputeRoutes() const
{
    std::map<NodePair, Duration> delays;
    for (const auto& [ends, link] : m_links)
    {
        delays[ends] = link.config.delay;
    }
    return Routes(m_names, delays);
}

} // namespace etcdlab
