// Which way packets go between nodes that are joined by links, and how long that takes.
#pragma once

#include "model/base/units.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

/// Two nodes joined by a link, the lesser name first.
using NodePair = std::pair<std::string, std::string>;

/// The pair of two names in the order NodePair has.
NodePair MakeNodePair(const std::string& a, const std::string& b);

/**
 * Routes from every node to every other.
 *
 * A direct link is always used between its two ends, whatever its delay: a link that a scenario
 * declares between two nodes is how they talk. Other pairs are reached over their neighbours by the
 * least total delay. Every node forwards by destination alone, so for each destination the
 * neighbours' labels are fixed at their direct links and the others' follow by Dijkstra's
 * algorithm; this is loop-free at every hop. Because of the first rule the way there and the way
 * back may differ where neither is direct. Ties are broken by the order of the nodes.
 */
class Routes
{
  public:
    /**
     * @param nodes the names, each once
     * @param delays one-way delay of each link, the mean of both directions
     * @throws std::invalid_argument if a name comes twice, or a link's end is not a node, is not
     * the lesser one, or both ends are the same
     */
    Routes(const std::vector<std::string>& nodes, const std::map<NodePair, Duration>& delays);

    /// Sum of the one-way delays from one node to another; 0 to itself; nothing if there is no way.
    std::optional<Duration> Delay(const std::string& from, const std::string& to) const;

    /// The nodes on the way, both ends included (one name to itself); empty if there is no way.
    std::vector<std::string> Path(const std::string& from, const std::string& to) const;

    /// The first node on the way after `from`; nothing to itself or if there is no way.
    std::optional<std::string> NextHop(const std::string& from, const std::string& to) const;

    /// The pairs without a way between them, ordered.
    std::vector<NodePair> Unreachable() const;

  private:
    static constexpr std::size_t NOWHERE = static_cast<std::size_t>(-1);

    /// What one node knows about one destination.
    struct Route
    {
        std::size_t next = NOWHERE; //!< index of the next hop
        Duration delay{0};          //!< total one-way delay; meaningless if `next` is NOWHERE
    };

    /// Fill in the routes of all nodes to one destination.
    void Compute(std::size_t to, const std::vector<std::map<std::size_t, Duration>>& neighbours);

    /// @throws std::invalid_argument naming the nearest name if there is no such node
    std::size_t Index(const std::string& node) const;

    std::vector<std::string> m_nodes;
    std::map<std::string, std::size_t> m_index;
    std::vector<std::vector<Route>> m_routes; //!< [destination][from]
};

} // namespace etcdlab
