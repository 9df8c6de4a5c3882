// The JSON Schema of scenario files.
#include "helper/scenario/read-profile.h"
#include "helper/scenario/read-scenario.h"
#include "model/kubernetes/pure/profile-knobs.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <type_traits>

namespace etcdlab
{

namespace
{

using OrderedJson = nlohmann::ordered_json;

/// A schema or null, which everywhere means "not given".
OrderedJson
OrNull(OrderedJson schema)
{
    return {{"anyOf", OrderedJson::array({std::move(schema), {{"type", "null"}}})}};
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
template <>
constexpr const char* DEFINITION<kube::StepConfig> = "#/$defs/step";

class SchemaWriter
{
  public:
    explicit SchemaWriter(const KnownNames& known)
        : m_known(known)
    {
    }

    /// The schema of an object with the fields of T.
    template <class T>
    OrderedJson ObjectOf() const
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
        auto& property = m_properties[name] = OrderedJson::object();
        property["description"] = Description(fresh, knob);
        AddType(property, fresh, knob);
    }

    template <class T>
    void Group(const char* name, const T&, const Knob& knob)
    {
        auto& property = m_properties[name] = OrderedJson::object();
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

    /// A list of objects, each with the keys that its type takes.
    void List(const char* name, const std::vector<FaultConfig>&, const Knob& knob)
    {
        auto& property = m_properties[name];
        property = {{"description", knob.help}, {"type", {"array", "null"}}};
        auto& kinds = property["items"]["anyOf"] = OrderedJson::array();
        const auto all = ObjectOf<FaultConfig>()["properties"];
        for (const auto& type : m_known.faults)
        {
            kinds.push_back(FaultSchema(type, all));
        }
        property["default"] = OrderedJson::array();
    }

    template <class T>
    void List(const char* name, const std::vector<T>&, const Knob& knob)
    {
        m_properties[name] = ListOf<T>();
        m_properties[name]["type"] = {"array", "null"};
        m_properties[name]["description"] = knob.help;
    }

    /// An object whose keys are names.
    template <class T>
    void Map(const char* name, const std::map<std::string, T>&, const Knob& knob)
    {
        m_properties[name] = {{"description", knob.help}, {"type", {"object", "null"}}};
        m_properties[name]["additionalProperties"] = ElementOf<T>();
    }

    void Profile(const char* name,
                 const char* parametersName,
                 const std::optional<kube::Profile>&,
                 const std::map<std::string, std::string>&,
                 const Knob& knob)
    {
        m_properties[parametersName] = ParametersSchema("values for the profile's parameters");
        m_properties[name] = {
            {"description", knob.help},
            {"anyOf", {{{"type", {"string", "null"}}}, {{"$ref", "profiles/profile.schema.json"}}}},
            {"default", nullptr}};
    }

    static OrderedJson ParametersSchema(const char* help)
    {
        return {{"description", help},
                {"type", {"object", "null"}},
                {"additionalProperties", {{"type", {"string", "number", "boolean", "null"}}}}};
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
    template <class T>
    OrderedJson ListOf() const
    {
        return {{"type", "array"}, {"items", ElementOf<T>()}};
    }

    /// What stands in a list or under a name.
    template <class T>
    OrderedJson ElementOf() const
    {
        if constexpr (std::is_same_v<T, std::string>)
        {
            return {{"type", "string"}};
        }
        else if constexpr (std::is_same_v<T, std::vector<kube::ObjectConfig>>)
        {
            return ListOf<kube::ObjectConfig>();
        }
        else if constexpr (DEFINITION<T> != nullptr)
        {
            return {{"$ref", DEFINITION<T>}};
        }
        else
        {
            return ObjectOf<T>();
        }
    }

    static OrderedJson FaultSchema(const std::string& type, const OrderedJson& all)
    {
        OrderedJson schema = {
            {"type", "object"}, {"required", {"type"}}, {"additionalProperties", false}};
        auto& properties = schema["properties"];
        properties["type"] = {{"description", all["type"]["description"]}, {"enum", {type}}};
        properties["at"] = all["at"];
        for (const auto& key : FaultRegistry::Make(type)->Keys())
        {
            auto& property = properties[key.name] = all[key.name];
            property.erase("default");
            if (key.needed)
            {
                property["type"].erase(property["type"].size() - 1); // null
                schema["required"].push_back(key.name);
            }
        }
        return schema;
    }

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
    static std::string Bounds(const std::optional<T>&, const Knob& knob)
    {
        return Bounds(T{}, knob);
    }

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

    void AddType(OrderedJson& property, const std::string& fresh, const Knob& knob) const
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

    static void AddChoices(OrderedJson& property, const std::vector<std::string>& names)
    {
        property["enum"] = names;
        property["enum"].push_back(nullptr);
    }

    static void AddType(OrderedJson& property, bool fresh, const Knob&)
    {
        property["type"] = {"boolean", "null"};
        property["default"] = fresh;
    }

    /// Unset by default.
    template <class T>
    void AddType(OrderedJson& property, const std::optional<T>&, const Knob& knob) const
    {
        AddType(property, T{}, knob);
        property.erase("default");
    }

    static void AddType(OrderedJson& property, const NodeGroups&, const Knob&)
    {
        property["type"] = {"array", "null"};
        property["minItems"] = 1;
        property["items"] = {{"type", "array"},
                             {"items", {{"type", "string"}}},
                             {"minItems", 1},
                             {"uniqueItems", true}};
    }

    static void AddType(OrderedJson& property, std::uint64_t fresh, const Knob& knob)
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

    static void AddType(OrderedJson& property, double fresh, const Knob& knob)
    {
        if (!knob.unit.empty())
        {
            AddPattern(property, SyntaxOfNumber(knob.unit).pattern);
            property["default"] = FormatNumber(fresh, knob.unit);
            return;
        }
        property["type"] = {"number", "null"};
        const auto plain = [](double number) {
            const auto whole = static_cast<std::int64_t>(number);
            return static_cast<double>(whole) == number ? OrderedJson(whole) : OrderedJson(number);
        };
        property["minimum"] = plain(knob.min);
        property["maximum"] = plain(knob.max);
        property["default"] = plain(fresh);
    }

    static void AddType(OrderedJson& property, Accounting fresh, const Knob&)
    {
        AddChoices(property, {NameOf(Accounting::ETCD), NameOf(Accounting::THESIS)});
        property["default"] = NameOf(fresh);
    }

    void AddType(OrderedJson& property,
                 const std::vector<std::string>& fresh,
                 const Knob& knob) const
    {
        OrderedJson list = {
            {"type", {"array", "null"}}, {"items", {{"type", "string"}}}, {"uniqueItems", true}};
        if (knob.max < std::numeric_limits<double>::max())
        {
            list["minItems"] = static_cast<std::uint64_t>(knob.min);
            list["maxItems"] = static_cast<std::uint64_t>(knob.max);
        }
        if (const auto& names = m_known.OfKind(knob.kind); !names.empty())
        {
            list["items"]["enum"] = names;
        }
        if (knob.numbered || knob.kind == "member")
        {
            list["items"]["pattern"] = "^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$";
        }
        if (knob.numbered)
        {
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
    static void AddType(OrderedJson& property, const T& fresh, const Knob&)
    {
        AddPattern(property, SyntaxOf(fresh).pattern);
        property["default"] = Format(fresh);
    }

    static void AddPattern(OrderedJson& property, const std::string& pattern)
    {
        property["type"] = {"string", "null"};
        property["pattern"] = pattern;
    }

    const KnownNames& m_known;
    OrderedJson m_properties = OrderedJson::object();
};

/// A link gives its delay (and perhaps return_delay) or its rtt, not both; which one may come from a scenario that is
/// extended.
OrderedJson
LinkSchema(const SchemaWriter& writer)
{
    auto link = writer.ObjectOf<LinkConfig>();
    auto rtt = link["properties"]["delay"];
    rtt["description"] = "round-trip time, twice the delay (or give delay)";
    rtt.erase("default");
    link["properties"]["delay"].erase("default");
    link["properties"]["rtt"] = rtt;
    const OrderedJson given = {{"type", "string"}};
    link["not"] = {{"required", {"rtt"}},
                   {"properties", {{"rtt", given}}},
                   {"anyOf",
                    {{{"required", {"delay"}}, {"properties", {{"delay", given}}}},
                     {{"required", {"return_delay"}}, {"properties", {{"return_delay", given}}}}}}};
    return link;
}

/// A disk is a profile's name, or an object whose figures are by default those of its profile.
OrderedJson
DiskSchema(const SchemaWriter& writer, const KnownNames& known)
{
    auto object = writer.ObjectOf<DiskConfig>();
    for (const char* figure : {"sync_min", "sync_max", "bandwidth"})
    {
        object["properties"][figure].erase("default");
    }
    return {{"anyOf", {{{"enum", known.disks}}, std::move(object)}}};
}

/// A step of each verb, with the keys that it takes.
OrderedJson
StepSchema(const SchemaWriter& writer)
{
    const auto all = writer.ObjectOf<kube::StepConfig>()["properties"];
    OrderedJson kinds = OrderedJson::array();
    for (const auto& verb : kube::StepVerbs())
    {
        OrderedJson schema = {
            {"type", "object"}, {"required", {"do"}}, {"additionalProperties", false}};
        schema["properties"]["do"] = {{"const", verb}};
        const auto& taken = kube::TakenKeys(verb);
        for (const auto& key : taken.needed)
        {
            schema["properties"][key] = all[key];
            schema["required"].push_back(key);
        }
        for (const auto& key : taken.others)
        {
            schema["properties"][key] = all[key];
        }
        kinds.push_back(std::move(schema));
    }
    return {{"anyOf", std::move(kinds)}};
}

/// Everywhere but in lists and objects, "${parameter}" may stand instead of a value.
void
AllowParameters(OrderedJson& schema)
{
    if (schema.is_object() && schema.contains("properties"))
    {
        for (auto& property : schema["properties"])
        {
            AllowParameters(property);
            if (property.contains("type") &&
                (property.contains("pattern") || property.contains("minimum") ||
                 property["type"] == OrderedJson({"boolean", "null"})))
            {
                OrderedJson either = {
                    {"anyOf", {property, {{"type", "string"}, {"pattern", "^\\$\\{[^}]+\\}$"}}}}};
                property = std::move(either);
            }
        }
    }
    for (const char* key : {"items", "additionalProperties"})
    {
        if (schema.is_object() && schema.contains(key) && schema[key].is_object())
        {
            AllowParameters(schema[key]);
        }
    }
    if (schema.is_object() && schema.contains("anyOf"))
    {
        for (auto& one : schema["anyOf"])
        {
            AllowParameters(one);
        }
    }
}

} // namespace

std::string
ProfileSchema()
{
    const KnownNames known;
    const SchemaWriter writer(known);
    OrderedJson schema = {
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "etcdlab workload profile"},
        {"description",
         "What a client asks of the API server. Anything that has a default may be left out; null "
         "means the same as leaving it out."}};
    schema.update(writer.ObjectOf<kube::Profile>());
    auto& properties = schema["properties"];
    properties["name"].erase("default");
    properties["$schema"] = {{"description", "for editors; not read"}};
    schema["$defs"]["step"] = StepSchema(writer);
    AllowParameters(schema);
    AllowParameters(schema["$defs"]["step"]);
    properties["parameters"] = SchemaWriter::ParametersSchema(
        "values that a scenario may set otherwise; \"${name}\" alone stands for one");
    schema["required"] = {"phases"};
    return schema.dump(2) + "\n";
}

std::string
ScenarioSchema(const KnownNames& known)
{
    const SchemaWriter writer(known);
    OrderedJson schema = {
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
