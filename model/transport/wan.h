// Named nodes and the links that join them, whatever carries what they send.
#pragma once

#include "model/base/routes.h"
#include "model/transport/link-config.h"

#include <ns3/node.h>
#include <ns3/ptr.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/// What a link has carried in one direction, at IP level, lost or not.
struct LinkCount
{
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0; //!< of IP packets, headers included
};

/// A link that was built, with what is needed to change it while the simulation runs. Direction 0 is that from
/// ends.first to ends.second; changes hold for what is sent from then on.
class Link
{
  public:
    virtual ~Link() = default;

    virtual void SetDelay(std::size_t direction, Duration delay) = 0;
    /// Extra delay of each packet, uniform in [0, jitter].
    virtual void SetJitter(std::size_t direction, Duration jitter) = 0;
    /// Chance of each packet to be lost.
    virtual void SetLoss(std::size_t direction, double share) = 0;
    virtual void SetRate(std::size_t direction, DataRate rate) = 0;
    /// A direction that is down loses all that is sent; what is under way still arrives.
    virtual void SetDown(std::size_t direction, bool down) = 0;

    virtual LinkCount GetCount(std::size_t direction) const = 0;
    /// Packets lost because their direction was down, or their ends blocked.
    virtual std::uint64_t Lost() const = 0;
    /// At most three streams: jitter, and loss at either end.
    virtual void AssignStreams(std::int64_t stream) = 0;

    NodePair ends;
    LinkConfig config;

  protected:
    Link(NodePair names, const LinkConfig& settings)
        : ends(std::move(names)),
          config(settings)
    {
    }
};

/**
 * A network of named nodes. Use: AddNode for each, AddLink for each, Install once.
 *
 * Two implementations: WanBuilder (wan-link.h), of ns-3's devices and TCP/IP, and MessageWan (message-wan.h).
 */
class Wan
{
  public:
    virtual ~Wan() = default;
    Wan() = default;
    Wan(const Wan&) = delete;
    Wan& operator=(const Wan&) = delete;

    /// Create a node. @throws std::invalid_argument if the name is taken
    ns3::Ptr<ns3::Node> AddNode(const std::string& name);

    /// Join two nodes; config.delay is that from `a` to `b`.
    /// @throws std::invalid_argument if a name is unknown, both are the same, or they are joined
    /// already
    void AddLink(const std::string& a, const std::string& b, LinkConfig config);

    /// Fill in the routes, and whatever else is needed. Call once, after everything was added.
    virtual void Install() = 0;

    /**
     * Give fixed random streams to the links: three for every two nodes (jitter, loss at either end), joined or
     * not, so that a link keeps its numbers when others come or go. After Install.
     * @return the number of streams reserved
     */
    std::int64_t AssignStreams(std::int64_t stream);

    ns3::Ptr<ns3::Node> GetNode(const std::string& name) const;

    /// The link between two nodes, in either order. @throws std::invalid_argument if there is none
    Link& GetLink(const std::string& a, const std::string& b) const;

    /// Lose what one node sends to another, whatever way it goes; those under way still arrive. Call after Install.
    virtual void Block(const std::string& from, const std::string& to) = 0;
    /// Takes back one call of Block.
    virtual void Unblock(const std::string& from, const std::string& to) = 0;

    /**
     * From now on write what passes each link into a file of the directory, "api.e1.pcap", as its first node sees it: packets
     * of PPP, IP and TCP with all their headers; what TCP carries is zeros, as many as there would be bytes. Call after Install.
     *
     * @throws std::invalid_argument if there are no packets
     * @throws std::filesystem::filesystem_error if there can be no such files
     */
    virtual void Capture(const std::filesystem::path& directory) = 0;

    const std::vector<std::string>& Nodes() const; //!< in the order they were added
    const std::map<NodePair, std::unique_ptr<Link>>& Links() const;

    /// The routes, from the mean delays that the links were declared with.
    Routes ComputeRoutes() const;

  protected:
    virtual std::unique_ptr<Link> MakeLink(const NodePair& ends, const LinkConfig& config) = 0;

  private:
    std::vector<std::string> m_names;
    std::map<std::string, ns3::Ptr<ns3::Node>> m_nodes;
    std::map<NodePair, std::unique_ptr<Link>> m_links;
};

} // namespace etcdlab
