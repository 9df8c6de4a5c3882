// Wide-area links: ns-3 point-to-point devices on a channel with jitter and faults, and the builder
// that joins nodes by them, installs TCP/IP and fills in the routes.
#pragma once

#include "model/base/routes.h"
#include "model/transport/link-config.h"

#include <ns3/ipv4-address.h>
#include <ns3/node.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/random-variable-stream.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace etcdlab
{

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

    /// Extra delay of each packet, uniform in [0, jitter], of both directions.
    void SetJitter(ns3::Time jitter);

    /// A direction that is down loses every packet sent from now on; those under way still arrive.
    void SetDown(std::size_t direction, bool down);
    bool IsDown(std::size_t direction) const;

    /// Packets lost because their direction was down.
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
        ns3::Time lastArrival; //!< of the last packet sent
        bool down = false;
    };

    std::array<Direction, 2> m_directions;
    ns3::Time m_base; //!< what the parent class adds: the lesser of the two delays
    ns3::Time m_jitter;
    ns3::Ptr<ns3::UniformRandomVariable> m_random;
    std::uint64_t m_lost = 0;
};

/// A link that was built, with what is needed to change it while the simulation runs.
struct WanLink
{
    NodePair ends;
    LinkConfig config;
    ns3::Ptr<WanChannel> channel;                                //!< direction 0 is first -> second
    std::array<ns3::Ptr<ns3::PointToPointNetDevice>, 2> devices; //!< of ends.first, of ends.second

    /// Chance of each packet to be lost, in both directions, from now on.
    void SetLoss(double share);
};

/**
 * Builds a network of named nodes. Use: AddNode for each, AddLink for each, Install once.
 *
 * Every node has one IPv4 address, 10.0.x.y, on all its interfaces (the links are unnumbered), and
 * a host route to every node that can be reached; see Routes for which way. The only queue on the
 * way of a packet is the device's, `queue` packets long: no queue disc is installed. A node also
 * has its loopback interface, which takes no time.
 */
class WanBuilder
{
  public:
    /// Create a node. @throws std::invalid_argument if the name is taken
    ns3::Ptr<ns3::Node> AddNode(const std::string& name);

    /// Join two nodes.
    /// @throws std::invalid_argument if a name is unknown, both are the same, or they are joined
    /// already
    void AddLink(const std::string& a, const std::string& b, const LinkConfig& config);

    /// Install TCP/IP on all nodes, give addresses, fill in the routes. Call once, after everything
    /// was added.
    void Install();

    /**
     * Give fixed random streams to the links: three for every two nodes (jitter, loss at either end), joined or
     * not, so that a link keeps its numbers when others come or go. After Install.
     * @return the number of streams reserved
     */
    std::int64_t AssignStreams(std::int64_t stream);

    ns3::Ptr<ns3::Node> GetNode(const std::string& name) const;
    ns3::Ipv4Address GetAddress(const std::string& name) const;

    /// The link between two nodes, in either order. @throws std::invalid_argument if there is none
    WanLink& GetLink(const std::string& a, const std::string& b);

    const std::vector<std::string>& Nodes() const; //!< in the order they were added
    const std::map<NodePair, WanLink>& Links() const;

    /// The routes, from the delays that the links were declared with.
    Routes ComputeRoutes() const;

  private:
    void InstallAddress(std::size_t index);
    void InstallRoutes(const Routes& routes);
    std::uint32_t InterfaceTo(const std::string& from, const std::string& neighbour) const;

    std::vector<std::string> m_names;
    std::map<std::string, ns3::Ptr<ns3::Node>> m_nodes;
    std::map<std::string, ns3::Ipv4Address> m_addresses;
    std::map<NodePair, WanLink> m_links;
};

} // namespace etcdlab
