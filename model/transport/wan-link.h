// Wide-area links: ns-3 point-to-point devices on a channel with jitter and faults, and the builder
// that joins nodes by them, installs TCP/IP and fills in the routes.
#pragma once

#include "model/transport/wan.h"

#include <ns3/ipv4-address.h>
#include <ns3/node.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/random-variable-stream.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/// Source and destination addresses between which packets are lost, and by how many reasons.
using BlockedPairs = std::map<std::pair<ns3::Ipv4Address, ns3::Ipv4Address>, int>;

/**
 * A point-to-point channel whose directions have delays of their own, jitter, and a switch.
 *
 * A direction is named by the index of the device that sends (0 or 1, in the order of attachment).
 * Packets of one direction never overtake each other: one that would arrive before its predecessor
 * (because of jitter, or because the delay was reduced) arrives at the same instant, after it.
 */
class WanChannel : public ns3::PointToPointChannel
{
  public:
    static ns3::TypeId GetTypeId();
    WanChannel();

    /// One-way delay of a direction, from the next packet on.
    void SetDelay(std::size_t direction, ns3::Time delay);
    ns3::Time GetDirectionDelay(std::size_t direction) const;

    /// Extra delay of each packet, uniform in [0, jitter].
    void SetJitter(std::size_t direction, ns3::Time jitter);

    /// A direction that is down loses every packet sent from now on; those under way still arrive.
    void SetDown(std::size_t direction, bool down);
    bool IsDown(std::size_t direction) const;

    const LinkCount& GetTraffic(std::size_t direction) const;

    /// Lose packets between these pairs of addresses, too; shared by the channels of a network.
    void SetBlocked(std::shared_ptr<const BlockedPairs> blocked);

    /// Packets lost because their direction was down, or their ends blocked.
    std::uint64_t Lost() const;

    /// @return the number of streams used (1)
    std::int64_t AssignStreams(std::int64_t stream);

    bool TransmitStart(ns3::Ptr<const ns3::Packet> packet,
                       ns3::Ptr<ns3::PointToPointNetDevice> source,
                       ns3::Time txTime) override;

  private:
    struct Direction
    {
        ns3::Time delay;
        ns3::Time jitter;
        ns3::Time lastArrival; //!< of the last packet sent
        bool down = false;
        LinkCount traffic;
    };

    std::array<Direction, 2> m_directions;
    ns3::Time m_base; //!< what the parent class adds: the lesser of the two delays
    std::shared_ptr<const BlockedPairs> m_blocked;
    ns3::Ptr<ns3::UniformRandomVariable> m_random;
    std::uint64_t m_lost = 0;
};

/// A link of the two.
class WanLink : public Link
{
  public:
    /// Makes the devices, too.
    WanLink(NodePair names,
            const LinkConfig& settings,
            const std::array<ns3::Ptr<ns3::Node>, 2>& nodes,
            std::shared_ptr<const BlockedPairs> blocked);

    void SetDelay(std::size_t direction, Duration delay) override;
    void SetJitter(std::size_t direction, Duration jitter) override;
    void SetLoss(std::size_t direction, double share) override;
    /// The same in both directions.
    void SetLoss(double share);
    void SetRate(std::size_t direction, DataRate rate) override;
    void SetDown(std::size_t direction, bool down) override;
    LinkCount GetCount(std::size_t direction) const override;
    std::uint64_t Lost() const override;
    void AssignStreams(std::int64_t stream) override;

    ns3::Ptr<WanChannel> channel;
    std::array<ns3::Ptr<ns3::PointToPointNetDevice>, 2> devices; //!< of ends.first, of ends.second
};

/**
 * Builds a network of ns-3's devices and TCP/IP.
 *
 * Every node has one IPv4 address, 10.0.x.y, on all its interfaces (the links are unnumbered), and
 * a host route to every node that can be reached; see Routes for which way. The only queue on the
 * way of a packet is the device's, `queue` packets long: no queue disc is installed. A node also
 * has its loopback interface, which takes no time.
 */
class WanBuilder : public Wan
{
  public:
    /// Install TCP/IP on all nodes, give addresses, fill in the routes.
    void Install() override;

    ns3::Ipv4Address GetAddress(const std::string& name) const;

    /// As Wan's.
    WanLink& GetLink(const std::string& a, const std::string& b) const;

    void Block(const std::string& from, const std::string& to) override;
    void Unblock(const std::string& from, const std::string& to) override;
    void Capture(const std::filesystem::path& directory) override;

  protected:
    std::unique_ptr<Link> MakeLink(const NodePair& ends, const LinkConfig& config) override;

  private:
    void InstallAddress(std::size_t index);
    void InstallRoutes(const Routes& routes);
    std::uint32_t InterfaceTo(const std::string& from, const std::string& neighbour) const;

    std::map<std::string, ns3::Ipv4Address> m_addresses;
    std::shared_ptr<BlockedPairs> m_blocked = std::make_shared<BlockedPairs>();
};

} // namespace etcdlab
