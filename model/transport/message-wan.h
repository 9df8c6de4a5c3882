// Links without packets: what a run of them would meet is computed when it is sent.
#pragma once

#include "model/transport/wan.h"

#include <ns3/random-variable-stream.h>

#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace etcdlab
{

/**
 * A link as WanLink is one: a device at either end that sends packets one after the other at its rate and queues
 * the others, a delay, jitter and loss on the way. Packets of one direction never overtake each other.
 *
 * A run of packets that are sent together passes as one: its arrival is that of its last packet. Of n packets that is
 * delayed by the longest of n jitters, which is drawn as one number.
 */
class MessageLink : public Link
{
  public:
    MessageLink(NodePair names, const LinkConfig& settings);

    void SetDelay(std::size_t direction, Duration delay) override;
    void SetJitter(std::size_t direction, Duration jitter) override;
    void SetLoss(std::size_t direction, double share) override;
    void SetRate(std::size_t direction, DataRate rate) override;
    void SetDown(std::size_t direction, bool down) override;
    LinkCount GetCount(std::size_t direction) const override;
    std::uint64_t Lost() const override;
    void AssignStreams(std::int64_t stream) override;

    /// Packets that are sent together.
    struct Packets
    {
        std::uint32_t count = 1;
        std::uint32_t bytes = 0; //!< at IP level, of all
    };

    /// What comes of them.
    struct Passage
    {
        Duration arrival{0};             //!< of the last
        std::vector<std::uint32_t> lost; //!< their places in the run, ascending
    };

    /// Send packets now. @param blocked lose them all
    Passage Pass(std::size_t direction, const Packets& packets, Duration now, bool blocked);

    /**
     * Pure acknowledgements that were sent at a time, which may be past or still to come: they find the device free
     * unless that time is now.
     * @return when the last arrives; nothing if it is lost
     */
    std::optional<Duration> PassAcknowledgements(
        std::size_t direction, std::uint32_t count, Duration at, Duration now, bool blocked);

    /// Whether what is sent now may be lost.
    bool MayLose(std::size_t direction) const;
    Duration Delay(std::size_t direction) const;
    /// Bits per second; 0: unlimited.
    std::uint64_t Rate(std::size_t direction) const;

  private:
    struct Direction
    {
        Duration delay{0};
        Duration jitter{0};
        double loss = 0;
        std::uint64_t rate = 0;
        Duration free{0};        //!< when the device will have sent what it has
        Duration lastArrival{0}; //!< of what was sent last
        Duration changed{0};     //!< when `down` became what it is
        bool down = false;
        LinkCount count;
        ns3::Ptr<ns3::UniformRandomVariable> random; //!< for loss
    };

    Duration Transmission(const Direction& direction, std::uint64_t bytes) const;
    Duration Jitter(const Direction& direction, std::uint32_t packets) const;
    /// How many of these packets the device's queue still takes.
    std::uint32_t Room(const Direction& direction, const Packets& packets, Duration now) const;
    void DrawLost(const Direction& direction, std::uint32_t packets, Passage& passage) const;

    std::array<Direction, 2> m_directions;
    ns3::Ptr<ns3::UniformRandomVariable> m_random; //!< for jitter
    std::uint64_t m_lost = 0;
};

/// The way from one node to another.
struct MessagePath
{
    struct Hop
    {
        MessageLink* link;
        std::size_t direction;
    };

    std::pair<std::size_t, std::size_t> ends; //!< numbers of the nodes
    std::uint32_t target = 0;                 //!< the last node's ns-3 id
    std::vector<Hop> hops;                    //!< none from a node to itself
    const MessagePath* back = nullptr;        //!< the way back; nullptr if there is none
};

/// A network of such links. Its nodes are ns-3's and have neither devices nor protocols.
class MessageWan : public Wan
{
  public:
    /// Fills in the routes.
    void Install() override;
    void Block(const std::string& from, const std::string& to) override;
    void Unblock(const std::string& from, const std::string& to) override;
    /// Always throws.
    void Capture(const std::filesystem::path& directory) override;

    /// nullptr if there is none, or the node is not one of these.
    const MessagePath* FindPath(const ns3::Ptr<ns3::Node>& from,
                                const ns3::Ptr<ns3::Node>& to) const;

    /// Whether what is sent this way is lost.
    bool IsBlocked(const MessagePath& path) const
    {
        return !m_blocked.empty() && m_blocked.contains(path.ends);
    }

  protected:
    std::unique_ptr<Link> MakeLink(const NodePair& ends, const LinkConfig& config) override;

  private:
    std::pair<std::size_t, std::size_t> Numbers(const std::string& from,
                                                const std::string& to) const;

    std::map<std::uint32_t, std::size_t> m_numbers; //!< by the node's ns-3 id
    std::map<std::pair<std::size_t, std::size_t>, MessagePath> m_paths;
    std::map<std::pair<std::size_t, std::size_t>, int> m_blocked; //!< by how many reasons
};

} // namespace etcdlab
