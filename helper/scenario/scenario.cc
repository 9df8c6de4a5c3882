#include "helper/scenario/scenario.h"

#include "helper/topology/topology.h"

#include <algorithm>
#include <cmath>

namespace etcdlab
{

std::vector<std::string>
Scenario::Nodes() const
{
    auto nodes = topology.apiServers;
    const auto members = AllMembers();
    nodes.insert(nodes.end(), members.begin(), members.end());
    if (prometheus && std::find(nodes.begin(), nodes.end(), prometheus->node) == nodes.end())
    {
        nodes.push_back(prometheus->node);
    }
    return nodes;
}

std::vector<std::string>
Scenario::AllMembers() const
{
    auto all = topology.members;
    all.insert(all.end(), topology.joining.begin(), topology.joining.end());
    return all;
}

std::vector<std::string>
Scenario::ClientNodes() const
{
    return TopologyRegistry::Make(topology.type)->ClientNodes(topology);
}

const MemberConfig&
Scenario::Member(const std::string& memberName) const
{
    const auto found = memberOverrides.find(memberName);
    return found == memberOverrides.end() ? member : found->second;
}

std::map<NodePair, LinkConfig>
Scenario::AllLinks() const
{
    const auto longer = [this](Duration delay) {
        return Duration(std::llround(static_cast<double>(delay.count()) * delayFactor));
    };
    auto all = links;
    if (defaultLink)
    {
        const auto nodes = Nodes();
        for (std::size_t i = 0; i < nodes.size(); ++i)
        {
            for (std::size_t j = i + 1; j < nodes.size(); ++j)
            {
                all.emplace(MakeNodePair(nodes[i], nodes[j]), *defaultLink);
            }
        }
    }
    for (auto& [ends, link] : all)
    {
        link.delay = longer(link.delay);
        if (link.returnDelay)
        {
            link.returnDelay = longer(*link.returnDelay);
        }
    }
    return all;
}

std::vector<std::string>
Scenario::ProxyNodes() const
{
    if (!proxy)
    {
        return {};
    }
    return proxy->listenAddress == "localhost" ? ClientNodes() : std::vector{proxy->listenAddress};
}

FaultScope
Scenario::Faultable() const
{
    return {Nodes(), topology.members, ProxyNodes(), AllLinks(), topology.joining};
}

std::string
Scenario::Endpoints() const
{
    if (client.endpoints != "auto")
    {
        return client.endpoints;
    }
    return proxy                                                      ? "proxy"
           : TopologyRegistry::Make(topology.type)->MembersAreLocal() ? "local"
                                                                      : "all";
}

std::vector<std::string>
NumberedMembers(std::uint64_t count)
{
    std::vector<std::string> names;
    for (std::uint64_t i = 1; i <= count; ++i)
    {
        names.push_back("e" + std::to_string(i));
    }
    return names;
}

std::vector<std::string>
NumberedApiServers(std::uint64_t count)
{
    std::vector<std::string> names;
    for (std::uint64_t i = 1; i <= count; ++i)
    {
        names.push_back(count == 1 ? "api" : "api" + std::to_string(i));
    }
    return names;
}

} // namespace etcdlab
