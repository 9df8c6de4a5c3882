// Reads a document into configuration structs, field by field as their Describe says.
#pragma once

#include "helper/scenario/leaf-reader.h"

#include <type_traits>

namespace etcdlab
{

/**
 * The visitor. One reads one object: `Describe(reader, config); reader.Finish();`.
 *
 * What is not given, or null, keeps the value the struct has.
 */
class JsonReader
{
  public:
    /// @param scenario the whole scenario: links look up the nodes in it
    JsonReader(const LeafReader& leaf,
               const nlohmann::json& object,
               std::string pointer,
               const Scenario& scenario)
        : m_leaf(leaf),
          m_object(object),
          m_pointer(std::move(pointer)),
          m_scenario(scenario)
    {
        if (!object.is_object())
        {
            m_leaf.document.Fail(m_pointer, "expected an object {...}, found " + Found(object));
        }
        if (m_pointer.empty())
        {
            m_known = {"extends", "$schema"}; // gone by now, but what somebody may have meant
        }
    }

    template <class T>
    void Field(const char* name, T& value, const Knob& knob)
    {
        if (const auto* j = Take(name))
        {
            m_leaf.Read(*j, Below(m_pointer, name), value, knob);
        }
    }

    template <class T>
    void Group(const char* name, T& config, const Knob&)
    {
        if (const auto* j = Take(name))
        {
            ReadGroup(*j, Below(m_pointer, name), config);
        }
        if constexpr (std::is_same_v<T, TopologyConfig>)
        {
            FinishTopology(config);
        }
    }

    template <class T>
    void Optional(const char* name, std::optional<T>& config, const Knob&)
    {
        if (const auto* j = Take(name))
        {
            ReadGroup(*j, Below(m_pointer, name), config.emplace());
        }
    }

    /// A list of objects, which replaces one that was there. Keys that an object's type does not take are refused.
    template <class T>
    void List(const char* name, std::vector<T>& list, const Knob&)
    {
        const auto* j = Take(name);
        if (!j)
        {
            return;
        }
        const auto at = Below(m_pointer, name);
        if (!j->is_array())
        {
            m_leaf.document.Fail(at, "expected a list of objects [{...}], found " + Found(*j));
        }
        list.clear();
        for (std::size_t i = 0; i < j->size(); ++i)
        {
            const auto below = Below(at, std::to_string(i));
            ReadGroup((*j)[i], below, list.emplace_back());
            CheckKeys((*j)[i], below, list.back());
        }
    }

    /// A profile's file or the profile itself, and the values of its parameters, which are used up.
    void Profile(const char* name,
                 const char* parametersName,
                 std::optional<kube::Profile>& profile,
                 std::map<std::string, std::string>& parameters,
                 const Knob& knob);

    void Links(const char* name, std::map<NodePair, LinkConfig>& links, const Knob& knob);

    void Overrides(const char* name,
                   std::map<std::string, MemberConfig>& overrides,
                   const MemberConfig& common,
                   const Knob& knob);

    /// @throws ScenarioError if the object has a key that no field asked for
    void Finish() const;

  private:
    /// The value of a key, or nullptr if it is absent or null.
    const nlohmann::json* Take(const char* name)
    {
        m_known.emplace_back(name);
        const auto found = m_object.find(name);
        return found == m_object.end() || found->is_null() ? nullptr : &*found;
    }

    template <class T>
    void ReadGroup(const nlohmann::json& j, const std::string& at, T& config)
    {
        const nlohmann::json* object = &j;
        if constexpr (std::is_same_v<T, DiskConfig>)
        {
            object = &m_leaf.StartFromProfile(j, at, config);
        }
        JsonReader reader(m_leaf, *object, at, m_scenario);
        Describe(reader, config);
        if constexpr (std::is_same_v<T, LinkConfig>)
        {
            reader.m_known.emplace_back("rtt");
            m_leaf.ReadRtt(j, at, config);
        }
        reader.Finish();
    }

    /// Refuses keys that a fault's type does not take, null included.
    void CheckKeys(const nlohmann::json& object,
                   const std::string& at,
                   const FaultConfig& fault) const;

    /// When stacked, there are no nodes for API servers alone.
    void FinishTopology(TopologyConfig& topology);

    const LeafReader& m_leaf;
    const nlohmann::json& m_object;
    std::string m_pointer;
    const Scenario& m_scenario;
    std::vector<std::string> m_known;
};

} // namespace etcdlab
