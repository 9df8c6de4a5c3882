#include "model/transport/wan.h"

#include "model/base/nearest.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace etcdlab
{

namespace
{

/// Jitter, and loss at either end.
constexpr std::int64_t STREAMS_PER_LINK = 3;

} // namespace

ns3::Ptr<ns3::Node>
Wan::AddNode(const std::string& name)
{
    if (m_nodes.contains(name))
    {
        throw std::invalid_argument("node \"" + name + "\" exists already");
    }
    auto node = ns3::CreateObject<ns3::Node>();
    m_names.push_back(name);
    m_nodes[name] = node;
    return node;
}

void
Wan::AddLink(const std::string& a, const std::string& b, LinkConfig config)
{
    if (a == b)
    {
        throw std::invalid_argument("a link joins two different nodes; both ends are \"" + a +
                                    "\"");
    }
    const auto ends = MakeNodePair(a, b);
    if (m_links.contains(ends))
    {
        throw std::invalid_argument("\"" + a + "\" and \"" + b + "\" are joined already");
    }
    if (a != ends.first && config.returnDelay)
    {
        std::swap(config.delay, *config.returnDelay);
    }
    m_links.emplace(ends, MakeLink(ends, config));
}

std::int64_t
Wan::AssignStreams(std::int64_t stream)
{
    const auto number = [this](const std::string& name) {
        return std::find(m_names.begin(), m_names.end(), name) - m_names.begin();
    };
    for (const auto& [ends, link] : m_links)
    {
        // By the nodes' places, the later one first: neither another link nor another node changes them.
        const auto [low, high] = std::minmax({number(ends.first), number(ends.second)});
        link->AssignStreams(stream + STREAMS_PER_LINK * (high * (high - 1) / 2 + low));
    }
    const auto nodes = static_cast<std::int64_t>(m_names.size());
    return STREAMS_PER_LINK * (nodes * (nodes - 1) / 2);
}

ns3::Ptr<ns3::Node>
Wan::GetNode(const std::string& name) const
{
    const auto found = m_nodes.find(name);
    if (found == m_nodes.end())
    {
        throw std::invalid_argument(UnknownName(name, m_names));
    }
    return found->second;
}

Link&
Wan::GetLink(const std::string& a, const std::string& b) const
{
    const auto found = m_links.find(MakeNodePair(a, b));
    if (found == m_links.end())
    {
        throw std::invalid_argument("no link joins \"" + a + "\" and \"" + b + "\"");
    }
    return *found->second;
}

const std::vector<std::string>&
Wan::Nodes() const
{
    return m_names;
}

const std::map<NodePair, std::unique_ptr<Link>>&
Wan::Links() const
{
    return m_links;
}

Routes
Wan::ComputeRoutes() const
{
    std::map<NodePair, Duration> delays;
    for (const auto& [ends, link] : m_links)
    {
        delays[ends] = link->config.MeanDelay();
    }
    return Routes(m_names, delays);
}

} // namespace etcdlab
