// The JSON Schema of scenario files.
#include "helper/scenario/read-scenario.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <type_traits>

namespace etcdlab
{

namespace
{

using Json = nlohmann::ordered_json;

/// A schema or null, which everywhere means "not given".
Json
OrNull(Json schema)
{
    return {{"anyOf", Json::array({std::move(schema), {{"type", "null"}}})}};
}

/// Structs that occur in several places stand in $defs and are referred to.
template <class T>
constexpr const char* DEFINITION = nullptr;
template <>
constexpr const char* DEFINITION<LinkConfig> = "#/$defs/link";
template <>
constexpr const char* DEFINITION<MemberConfig> = "#/$defs/member";
template <>
constexpr const char* DEFINITION<DiskConfig> = "#/$defs/disk";

class SchemaWriter
{
  public:
    explicit SchemaWriter(const KnownNames& known)
        : m_known(known)
    {
    }

    /// The schema of an object with the fields of T.
    template <class T>
    Json ObjectOf() const
    {
        SchemaWriter writer(m_known);
        T fresh{};
        Describe(writer, fresh);
        return {{"type", "object"},
                {"properties", std::move(writer.m_properties)},
                {"additionalProperties", false}};
    }

    template <class T>
    void Field(const char* name, const T& fresh, const Knob& knob)
    {
        auto& property = m_properties[name] = Json::object();
        property["description"] = Description(fresh, knob);
        AddType(property, fresh, knob);
    }

    template <class T>
    void Group(const char* name, const T&, const Knob& knob)
    {
        auto& property = m_properties[name] = Json::object();
        property["description"] = knob.help;
        if constexpr (DEFINITION<T> != nullptr)
        {
            property.update(OrNull({{"$ref", DEFINITION<T>}}));
        }
        else
        {
            property.update(ObjectOf<T>());
            property["type"] = {"object", "null"};
        }
    }

    template <class T>
    void Optional(const char* name, const std::optional<T>&, const Knob& knob)
    {
        Group(name, T{}, knob);
        m_properties[name]["default"] = nullptr;
    }

    void Links(const char* name, const std::map<NodePair, LinkConfig>&, const Knob& knob)
    {
        AddMap(name, knob, DEFINITION<LinkConfig>);
        m_properties[name]["propertyNames"] = {{"pattern", "^.+-.+$"}};
    }

    void Overrides(const char* name,
                   const std::map<std::string, MemberConfig>&,
                   const MemberConfig&,
                   const Knob& knob)
    {
        AddMap(name, knob, DEFINITION<MemberConfig>);
    }

  private:
    void AddMap(const char* name, const Knob& knob, const char* definition)
    {
        m_properties[name] = {{"description", knob.help},
                              {"type", {"object", "null"}},
                              {"additionalProperties", OrNull({{"$ref", definition}})}};
    }

    template <class T>
    static std::string Description(const T& fresh, const Knob& knob)
    {
        auto text = knob.help;
        const auto bounds = Bounds(fresh, knob);
        text += bounds.empty() ? "" : " (" + bounds + ")";
        return knob.source.empty() ? text : text + ". Source: " + knob.source;
    }

    /// Bounds in words, for what a schema cannot compare.
    template <class T>
    static std::string Bounds(const T& fresh, const Knob& knob)
    {
        const auto format = [&](double bound) -> std::string {
            if constexpr (std::is_same_v<T, Duration>)
            {
                return Format(Duration(static_cast<Duration::rep>(bound)));
            }
            else if constexpr (std::is_same_v<T, DataRate> || std::is_same_v<T, ByteSize>)
            {
                return Format(T{static_cast<std::uint64_t>(bound)});
            }
            else if constexpr (std::is_same_v<T, Share>)
            {
                return Format(T{bound});
            }
            else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
            {
                return knob.unit.empty() ? "" : FormatNumber(bound, knob.unit);
            }
            else
            {
                return static_cast<void>(fresh), "";
            }
        };
        const auto min = format(knob.min);
        const bool bounded = knob.max < std::numeric_limits<double>::max();
        if (min.empty())
        {
            return "";
        }
        return bounded ? min + " to " + format(knob.max) : knob.min > 0 ? "at least " + min : "";
    }

    void AddType(Json& property, const std::string& fresh, const Knob& knob) const
    {
        const auto& names = knob.choices.empty() ? m_known.OfKind(knob.kind) : knob.choices;
        if (names.empty())
        {
            property["type"] = {"string", "null"};
        }
        else
        {
            AddChoices(property, names);
        }
        property["default"] = fresh;
    }

    static void AddChoices(Json& property, const std::vector<std::string>& names)
    {
        property["enum"] = names;
        property["enum"].push_back(nullptr);
    }

    static void AddType(Json& property, bool fresh, const Knob&)
    {
        property["type"] = {"boolean", "null"};
        property["default"] = fresh;
    }

    static void AddType(Json& property, const std::optional<bool>&, const Knob&)
    {
        property["type"] = {"boolean", "null"};
    }

    static void AddType(Json& property, std::uint64_t fresh, const Knob& knob)
    {
        if (!knob.unit.empty())
        {
            AddPattern(property, SyntaxOfCount(knob.unit).pattern);
            property["default"] = std::to_string(fresh) + knob.unit;
            return;
        }
        property["type"] = {"integer", "null"};
        property["minimum"] = static_cast<std::uint64_t>(knob.min);
        property["maximum"] = knob.max < std::numeric_limits<double>::max()
                                  ? static_cast<std::uint64_t>(knob.max)
                                  : std::numeric_limits<std::uint64_t>::max();
        property["default"] = fresh;
    }

    static void AddType(Json& property, double fresh, const Knob& knob)
    {
        if (!knob.unit.empty())
        {
            AddPattern(property, SyntaxOfNumber(knob.unit).pattern);
            property["default"] = FormatNumber(fresh, knob.unit);
            return;
        }
        property["type"] = {"number", "null"};
        property["minimum"] = static_cast<std::int64_t>(knob.min);
        property["maximum"] = static_cast<std::int64_t>(knob.max);
        property["default"] = static_cast<std::int64_t>(fresh);
    }

    static void AddType(Json& property, Accounting fresh, const Knob&)
    {
        AddChoices(property, {NameOf(Accounting::ETCD), NameOf(Accounting::THESIS)});
        property["default"] = NameOf(fresh);
    }

    static void AddType(Json& property, const std::vector<std::string>& fresh, const Knob& knob)
    {
        Json list = {
            {"type", {"array", "null"}}, {"items", {{"type", "string"}}}, {"uniqueItems", true}};
        if (knob.max < std::numeric_limits<double>::max())
        {
            list["minItems"] = static_cast<std::uint64_t>(knob.min);
            list["maxItems"] = static_cast<std::uint64_t>(knob.max);
        }
        if (knob.numbered)
        {
            list["items"]["pattern"] = "^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$";
            property["anyOf"] = {list,
                                 {{"type", "integer"},
                                  {"minimum", static_cast<std::uint64_t>(knob.min)},
                                  {"maximum", static_cast<std::uint64_t>(knob.max)}}};
        }
        else
        {
            property.update(list);
        }
        property["default"] = fresh;
    }

    template <class T>
    static void AddType(Json& property, const T& fresh, const Knob&)
    {
        AddPattern(property, SyntaxOf(fresh).pattern);
        property["default"] = Format(fresh);
    }

    static void AddPattern(Json& property, const std::string& pattern)
    {
        property["type"] = {"string", "null"};
        property["pattern"] = pattern;
    }

    const KnownNames& m_known;
    Json m_properties = Json::object();
};

/// A link gives its delay or its rtt, not both; which one may come from a scenario that is
/// extended.
Json
LinkSchema(const SchemaWriter& writer)
{
    auto link = writer.ObjectOf<LinkConfig>();
    auto rtt = link["properties"]["delay"];
    rtt["description"] = "round-trip time, twice the delay (or give delay)";
    rtt.erase("default");
    link["properties"]["delay"].erase("default");
    link["properties"]["rtt"] = rtt;
    const Json given = {{"type", "string"}};
    link["not"] = {{"required", {"delay", "rtt"}},
                   {"properties", {{"delay", given}, {"rtt", given}}}};
    return link;
}

/// A disk is a profile's name, or an object whose figures are by default those of its profile.
Json
DiskSchema(const SchemaWriter& writer, const KnownNames& known)
{
    auto object = writer.ObjectOf<DiskConfig>();
    for (const char* figure : {"sync_min", "sync_max", "bandwidth"})
    {
        object["properties"][figure].erase("default");
    }
    return {{"anyOf", {{{"enum", known.disks}}, std::move(object)}}};
}

} // namespace

std::string
ScenarioSchema(const KnownNames& known)
{
    const SchemaWriter writer(known);
    Json schema = {
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "etcdlab scenario"},
        {"description",
         "What a run depends on. Anything may be left out; null means the same as leaving it "
         "out, and takes back what a scenario that is extended says."}};
    schema.update(writer.ObjectOf<Scenario>());
    auto& properties = schema["properties"];
    properties["name"].erase("default");
    properties["$schema"] = {{"description", "for editors; not read"}};
    properties["extends"] = {{"description",
                              "a scenario file, relative to this one, which this one is laid over "
                              "(JSON Merge Patch, RFC 7396)"},
                             {"type", {"string", "null"}},
                             {"minLength", 1}};
    schema["$defs"] = {{"member", writer.ObjectOf<MemberConfig>()},
                       {"disk", DiskSchema(writer, known)},
                       {"link", LinkSchema(writer)}};
    return schema.dump(2) + "\n";
}

} // namespace etcdlab
