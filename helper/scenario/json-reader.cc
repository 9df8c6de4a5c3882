#include "helper/scenario/json-reader.h"

#include "helper/scenario/checks.h"

#include <algorithm>

namespace etcdlab
{

using nlohmann::json;

void
JsonReader::Links(const char* name, std::map<NodePair, LinkConfig>& links, const Knob&)
{
    const auto* j = Take(name);
    if (!j)
    {
        return;
    }
    const auto at = Below(m_pointer, name);
    if (!j->is_object())
    {
        m_leaf.document.Fail(at, "expected an object {\"a-b\": {...}}, found " + Found(*j));
    }
    std::map<NodePair, std::string> first;
    for (const auto& [key, link] : j->items())
    {
        if (link.is_null())
        {
            continue;
        }
        const auto below = Below(at, key);
        const auto pair = m_leaf.ReadPair(key, below, m_scenario.Nodes());
        // The effective scenario writes the name in alphabetical order, which must have one
        // reading, too.
        m_leaf.ReadPair(pair.first + "-" + pair.second, below, m_scenario.Nodes());
        if (const auto [before, added] = first.emplace(pair, key); !added)
        {
            m_leaf.document.Fail(below,
                                 "the same link as \"" + before->second + "\" at " +
                                     m_leaf.document.PlaceOf(Below(at, before->second)).where);
        }
        ReadGroup(link, below, links[pair]);
    }
}

void
JsonReader::Overrides(const char* name,
                      std::map<std::string, MemberConfig>& overrides,
                      const MemberConfig& common,
                      const Knob&)
{
    const auto* j = Take(name);
    if (!j)
    {
        return;
    }
    const auto at = Below(m_pointer, name);
    if (!j->is_object())
    {
        m_leaf.document.Fail(at, "expected an object {\"member\": {...}}, found " + Found(*j));
    }
    const auto& members = m_scenario.topology.members;
    for (const auto& [member, settings] : j->items())
    {
        if (settings.is_null())
        {
            continue;
        }
        const auto below = Below(at, member);
        if (std::find(members.begin(), members.end(), member) == members.end())
        {
            m_leaf.document.Fail(below, Unknown("member", member, members));
        }
        ReadGroup(settings, below, overrides.emplace(member, common).first->second);
    }
}

void
JsonReader::Finish() const
{
    for (const auto& [key, value] : m_object.items())
    {
        if (std::find(m_known.begin(), m_known.end(), key) == m_known.end())
        {
            m_leaf.document.Fail(Below(m_pointer, key), Unknown("key", key, m_known));
        }
    }
}

void
JsonReader::FinishTopology(TopologyConfig& topology)
{
    const auto at = Below(m_pointer, "topology");
    if (topology.type == "stacked")
    {
        const json::json_pointer given("/topology/api_servers");
        if (m_object.contains(given) && !m_object.at(given).is_null() &&
            !topology.apiServers.empty())
        {
            m_leaf.document.Fail(Below(at, "api_servers"),
                                 "when stacked, the members' nodes are the API servers: expected "
                                 "none, found " +
                                     Found(m_object.at(given)));
        }
        topology.apiServers.clear();
    }
    CheckNodes(topology, m_leaf.document);
}

} // namespace etcdlab
