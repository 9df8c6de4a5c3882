#include "model/base/routes.h"

#include "model/base/nearest.h"

#include <set>
#include <stdexcept>
#include <tuple>

namespace etcdlab
{

NodePair
MakeNodePair(const std::string& a, const std::string& b)
{
    return a < b ? NodePair(a, b) : NodePair(b, a);
}

Routes::Routes(const std::vector<std::string>& nodes, const std::map<NodePair, Duration>& delays)
    : m_nodes(nodes)
{
    for (std::size_t i = 0; i < nodes.size(); ++i)
    {
        if (!m_index.emplace(nodes[i], i).second)
        {
            throw std::invalid_argument("node \"" + nodes[i] + "\" is given twice");
        }
    }
    std::vector<std::map<std::size_t, Duration>> neighbours(nodes.size());
    for (const auto& [ends, delay] : delays)
    {
        if (ends.first >= ends.second)
        {
            throw std::invalid_argument(
                "a link's ends must be two different nodes, the lesser first; found \"" +
                ends.first + "\", \"" + ends.second + "\"");
        }
        const std::size_t a = Index(ends.first);
        const std::size_t b = Index(ends.second);
        neighbours[a][b] = delay;
        neighbours[b][a] = delay;
    }
    m_routes.assign(nodes.size(), std::vector<Route>(nodes.size()));
    for (std::size_t to = 0; to < nodes.size(); ++to)
    {
        Compute(to, neighbours);
    }
}

void
Routes::Compute(std::size_t to, const std::vector<std::map<std::size_t, Duration>>& neighbours)
{
    std::vector<Route>& routes = m_routes[to];
    routes[to] = {to, Duration{0}};

    // Labels to settle: the direct links' ends at once, for they forward to nobody else.
    std::set<std::tuple<Duration, std::size_t>> frontier;
    for (const auto& [node, delay] : neighbours[to])
    {
        routes[node] = {to, delay};
        frontier.emplace(delay, node);
    }
    while (!frontier.empty())
    {
        const auto [label, via] = *frontier.begin();
        frontier.erase(frontier.begin());
        for (const auto& [node, delay] : neighbours[via])
        {
            if (node == to || neighbours[to].contains(node))
            {
                continue;
            }
            Route& route = routes[node];
            if (route.next == NOWHERE || label + delay < route.delay)
            {
                frontier.erase({route.delay, node});
                route = {via, label + delay};
                frontier.emplace(route.delay, node);
            }
        }
    }
}

std::size_t
Routes::Index(const std::string& node) const
{
    const auto found = m_index.find(node);
    if (found == m_index.end())
    {
        throw std::invalid_argument(UnknownName(node, m_nodes));
    }
    return found->second;
}

std::optional<Duration>
Routes::Delay(const std::string& from, const std::string& to) const
{
    const Route& route = m_routes[Index(to)][Index(from)];
    if (route.next == NOWHERE)
    {
        return std::nullopt;
    }
    return route.delay;
}

std::vector<std::string>
Routes::Path(const std::string& from, const std::string& to) const
{
    const std::size_t last = Index(to);
    std::size_t node = Index(from);
    if (m_routes[last][node].next == NOWHERE)
    {
        return {};
    }
    std::vector<std::string> path{from};
    while (node != last)
    {
        node = m_routes[last][node].next;
        path.push_back(m_nodes[node]);
    }
    return path;
}

std::optional<std::string>
Routes::NextHop(const std::string& from, const std::string& to) const
{
    const Route& route = m_routes[Index(to)][Index(from)];
    if (from == to || route.next == NOWHERE)
    {
        return std::nullopt;
    }
    return m_nodes[route.next];
}

std::vector<NodePair>
Routes::Unreachable() const
{
    std::set<NodePair> pairs;
    for (std::size_t to = 0; to < m_nodes.size(); ++to)
    {
        for (std::size_t from = 0; from < m_nodes.size(); ++from)
        {
            if (m_routes[to][from].next == NOWHERE)
            {
                pairs.insert(MakeNodePair(m_nodes[from], m_nodes[to]));
            }
        }
    }
    return {pairs.begin(), pairs.end()};
}

} // namespace etcdlab
