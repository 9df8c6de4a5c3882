// Writes scenarios with every default spelled out.
#include "helper/scenario/read-scenario.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace etcdlab
{

namespace
{

using Json = nlohmann::ordered_json;

/// The visitor; Describe's order is the order of the keys.
class JsonWriter
{
  public:
    template <class T>
    static Json Write(const T& config)
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
        m_object[name] = config ? Write(*config) : Json();
    }

    void Links(const char* name, const std::map<NodePair, LinkConfig>& links, const Knob&)
    {
        auto& object = m_object[name] = Json::object();
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
        auto& object = m_object[name] = Json::object();
        for (const auto& [member, config] : overrides)
        {
            object[member] = Write(config);
        }
    }

  private:
    static Json Leaf(const std::string& value, const Knob&)
    {
        return value;
    }

    static Json Leaf(bool value, const Knob&)
    {
        return value;
    }

    static Json Leaf(const std::optional<bool>& value, const Knob&)
    {
        return value ? Json(*value) : Json();
    }

    static Json Leaf(std::uint64_t value, const Knob& knob)
    {
        return knob.unit.empty() ? Json(value) : Json(std::to_string(value) + knob.unit);
    }

    static Json Leaf(double value, const Knob& knob)
    {
        constexpr double EXACT = 9007199254740992.0; // 2^53
        if (!knob.unit.empty())
        {
            return FormatNumber(value, knob.unit);
        }
        return std::floor(value) == value && value < EXACT ? Json(static_cast<std::uint64_t>(value))
                                                           : Json(value);
    }

    static Json Leaf(Accounting value, const Knob&)
    {
        return NameOf(value);
    }

    static Json Leaf(const std::vector<std::string>& value, const Knob&)
    {
        return value;
    }

    template <class T>
    static Json Leaf(const T& quantity, const Knob&)
    {
        return Format(quantity);
    }

    Json m_object = Json::object();
};

} // namespace

std::string
EffectiveScenario(const Scenario& scenario)
{
    return JsonWriter::Write(scenario).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace etcdlab
