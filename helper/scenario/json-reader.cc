#include "helper/scenario/json-reader.h"

#include "helper/scenario/checks.h"
#include "helper/scenario/read-profile.h"
#include "model/fault/fault-checks.h"

#include <algorithm>
#include <filesystem>

namespace etcdlab
{

using nlohmann::json;
namespace fs = std::filesystem;

void
JsonReader::Profile(const char* name,
                    const char* parametersName,
                    std::optional<kube::Profile>& profile,
                    std::map<std::string, std::string>& parameters,
                    const Knob&)
{
    const auto* given = Take(parametersName);
    const auto givenAt = Below(m_pointer, parametersName);
    if (given && !given->is_object())
    {
        m_leaf.document.Fail(givenAt,
                             "expected an object {\"name\": value}, found " + Found(*given));
    }
    static const json none = json::object();
    for (const auto& [key, value] : (given ? *given : none).items())
    {
        if (value.is_structured())
        {
            m_leaf.document.Fail(Below(givenAt, key),
                                 "expected a text, a number, true, false or null, found " +
                                     Found(value));
        }
        parameters[key] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    const auto* j = Take(name);
    const auto at = Below(m_pointer, name);
    if (!j)
    {
        if (!parameters.empty())
        {
            m_leaf.document.Fail(
                givenAt, std::string("parameters belong to a ") + name + ", and there is none");
        }
        return;
    }
    if (!j->is_string())
    {
        profile = ReadProfile(m_leaf.document.At(at), "profile", parameters);
    }
    else
    {
        const auto path =
            fs::path(m_leaf.document.FileOf(at)).parent_path() / j->get<std::string>();
        std::error_code ignored;
        if (!fs::is_regular_file(path, ignored))
        {
            m_leaf.document.Fail(
                at, "expected a profile's file, found none at " + Quoted(path.string()));
        }
        profile = ReadProfileFile(path, parameters);
    }
    parameters.clear();
}

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
        auto& read = links[pair];
        ReadGroup(link, below, read);
        if (read.returnDelay && key != pair.first + "-" + pair.second)
        {
            std::swap(read.delay, *read.returnDelay); // named the other way round
        }
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
    const auto members = m_scenario.AllMembers();
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
JsonReader::CheckKeys(const json& object, const std::string& at, const FaultConfig& fault) const
{
    if (fault.type.empty())
    {
        m_leaf.document.Fail(
            at, "a fault needs a type: expected one of " + Joined(m_leaf.known.faults));
    }
    const auto taken = FaultKeys(fault.type);
    for (const auto& [key, value] : object.items())
    {
        if (std::find(taken.begin(), taken.end(), key) == taken.end())
        {
            m_leaf.document.Fail(Below(at, key),
                                 "a fault of type \"" + fault.type + "\" takes no " + key +
                                     ": it takes " + Joined(taken));
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
