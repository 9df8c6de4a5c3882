// Writes scenarios with every default spelled out.
#include "helper/scenario/read-scenario.h"
#include "model/kubernetes/pure/profile-knobs.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace etcdlab
{

namespace
{

using OrderedJson = nlohmann::ordered_json;

/// The visitor; Describe's order is the order of the keys.
class JsonWriter
{
  public:
    template <class T>
    static OrderedJson Write(const T& config)
    {
        JsonWriter writer;
        T copy = config; // Describe serves readers, too, and so takes what can be changed
        Describe(writer, copy);
        return std::move(writer.m_object);
    }

    template <class T>
    void Field(const char* name, const T& value, const Knob& knob)
    {
        m_object[name] = Leaf(value, knob);
    }

    template <class T>
    void Group(const char* name, const T& config, const Knob&)
    {
        m_object[name] = Write(config);
    }

    template <class T>
    void Optional(const char* name, const std::optional<T>& config, const Knob&)
    {
        m_object[name] = config ? Write(*config) : OrderedJson();
    }

    template <class T>
    void List(const char* name, const std::vector<T>& list, const Knob&)
    {
        m_object[name] = Element(list);
    }

    template <class T>
    void Map(const char* name, const std::map<std::string, T>& map, const Knob&)
    {
        auto& object = m_object[name] = OrderedJson::object();
        for (const auto& [key, value] : map)
        {
            object[key] = Element(value);
        }
    }

    /// The profile itself: who runs this needs no other file.
    void Profile(const char* name,
                 const char*,
                 const std::optional<kube::Profile>& profile,
                 const std::map<std::string, std::string>&,
                 const Knob&)
    {
        m_object[name] = profile ? Element(*profile) : OrderedJson();
    }

    void Links(const char* name, const std::map<NodePair, LinkConfig>& links, const Knob&)
    {
        auto& object = m_object[name] = OrderedJson::object();
        for (const auto& [pair, link] : links)
        {
            object[pair.first + "-" + pair.second] = Write(link);
        }
    }

    void Overrides(const char* name,
                   const std::map<std::string, MemberConfig>& overrides,
                   const MemberConfig&,
                   const Knob&)
    {
        auto& object = m_object[name] = OrderedJson::object();
        for (const auto& [member, config] : overrides)
        {
            object[member] = Write(config);
        }
    }

  private:
    /// What stands in a list or under a name. Objects there say only what they are given: most settings mean nothing
    /// to most types.
    template <class T>
    static OrderedJson Element(const T& item)
    {
        auto object = OrderedJson::object();
        const auto all = Write(item);
        for (const auto& [key, value] : all.items())
        {
            if (!IsEmpty(value) && Takes(item, key))
            {
                object[key] = value;
            }
        }
        return object;
    }

    static OrderedJson Element(const std::string& text)
    {
        return text;
    }

    template <class T>
    static OrderedJson Element(const std::vector<T>& list)
    {
        auto array = OrderedJson::array();
        for (const auto& item : list)
        {
            array.push_back(Element(item));
        }
        return array;
    }

    template <class T>
    static bool Takes(const T&, const std::string&)
    {
        return true;
    }

    static bool Takes(const kube::StepConfig& step, const std::string& key)
    {
        const auto& keys = kube::TakenKeys(step.verb);
        const auto in = [&key](const auto& list) {
            return std::find(list.begin(), list.end(), key) != list.end();
        };
        return key == "do" || in(keys.needed) || in(keys.others);
    }

    static OrderedJson Leaf(const std::string& value, const Knob&)
    {
        return value;
    }

    static OrderedJson Leaf(bool value, const Knob&)
    {
        return value;
    }

    template <class T>
    static OrderedJson Leaf(const std::optional<T>& value, const Knob& knob)
    {
        return value ? Leaf(*value, knob) : OrderedJson();
    }

    static OrderedJson Leaf(std::uint64_t value, const Knob& knob)
    {
        return knob.unit.empty() ? OrderedJson(value)
                                 : OrderedJson(std::to_string(value) + knob.unit);
    }

    static OrderedJson Leaf(double value, const Knob& knob)
    {
        constexpr double EXACT = 9007199254740992.0; // 2^53
        if (!knob.unit.empty())
        {
            return FormatNumber(value, knob.unit);
        }
        return std::floor(value) == value && value < EXACT
                   ? OrderedJson(static_cast<std::uint64_t>(value))
                   : OrderedJson(value);
    }

    static OrderedJson Leaf(Accounting value, const Knob&)
    {
        return NameOf(value);
    }

    static OrderedJson Leaf(const std::vector<std::string>& value, const Knob&)
    {
        return value;
    }

    static OrderedJson Leaf(const NodeGroups& value, const Knob&)
    {
        return value;
    }

    static bool IsEmpty(const OrderedJson& value)
    {
        return value.is_null() || value == "" || value == OrderedJson::array() ||
               value == OrderedJson::object();
    }

    template <class T>
    static OrderedJson Leaf(const T& quantity, const Knob&)
    {
        return Format(quantity);
    }

    OrderedJson m_object = OrderedJson::object();
};

} // namespace

std::string
EffectiveScenario(const Scenario& scenario)
{
    return JsonWriter::Write(scenario).dump(2, ' ', false, OrderedJson::error_handler_t::replace) +
           "\n";
}

} // namespace etcdlab
