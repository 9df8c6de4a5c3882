// The JSON Schema and the reader say the same.

// GCC 12 takes parts of std::regex for uninitialised when sanitizers are on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "helper/scenario/read-profile.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace etcdlab
{

namespace
{

using nlohmann::json;
namespace fs = std::filesystem;

/// An object's member that is an object, or an empty one.
const json&
Part(const json& object, const char* key)
{
    static const json none = json::object();
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

/// As much of a JSON Schema validator (draft 2020-12) as the schema uses; any other keyword is a
/// failure.
class Validator
{
  public:
    explicit Validator(json root)
        : m_root(std::move(root))
    {
    }

    bool Valid(const json& value) const
    {
        return Valid(m_root, value);
    }

    /// Every property anywhere in a schema, as a path of keys with "*" for any.
    void Paths(const json& schema, const std::string& at, std::vector<std::string>& paths) const
    {
        if (schema.contains("$ref") && IsOwn(schema))
        {
            Paths(Resolve(schema), at, paths);
        }
        for (const auto& alternative : schema.value("anyOf", json::array()))
        {
            Paths(alternative, at, paths);
        }
        for (const auto& [key, property] : Part(schema, "properties").items())
        {
            paths.push_back(at + "/" + key);
            Paths(property, at + "/" + key, paths);
        }
        if (schema.contains("items") &&
            schema["items"].contains("anyOf")) // each kind of object once
        {
            const auto& kinds = schema["items"]["anyOf"];
            for (std::size_t i = 0; i < kinds.size(); ++i)
            {
                Paths(kinds[i], at + "/" + std::to_string(i), paths);
            }
        }
        if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object())
        {
            Paths(schema["additionalProperties"], at + "/*", paths);
        }
    }

    const json& Root() const
    {
        return m_root;
    }

  private:
    /// Whether a reference is to a part of this schema, not to the profiles' one.
    static bool IsOwn(const json& schema)
    {
        return schema.at("$ref").get<std::string>().starts_with('#');
    }

    bool ValidByReference(const json& schema, const json& value) const
    {
        static const Validator profiles(json::parse(ProfileSchema()));
        return IsOwn(schema) ? Valid(Resolve(schema), value) : profiles.Valid(value);
    }

    const json& Resolve(const json& schema) const
    {
        return m_root.at(json::json_pointer(schema.at("$ref").get<std::string>().substr(1)));
    }

    bool Valid(const json& schema, const json& value) const
    {
        return std::all_of(schema.items().begin(), schema.items().end(), [&](const auto& item) {
            return Holds(schema, item.key(), item.value(), value);
        });
    }

    static bool HasType(const json& value, const std::string& type)
    {
        return (type == "null" && value.is_null()) || (type == "boolean" && value.is_boolean()) ||
               (type == "string" && value.is_string()) || (type == "array" && value.is_array()) ||
               (type == "object" && value.is_object()) || (type == "number" && value.is_number()) ||
               (type == "integer" && (value.is_number_integer() ||
                                      (value.is_number_float() &&
                                       std::floor(value.get<double>()) == value.get<double>())));
    }

    static bool HasOneOf(const json& value, const json& types)
    {
        return types.is_string() ? HasType(value, types)
                                 : std::any_of(types.begin(), types.end(), [&](const json& type) {
                                       return HasType(value, type);
                                   });
    }

    bool ValidForAny(const json& schemas, const json& value) const
    {
        return std::any_of(
            schemas.begin(), schemas.end(), [&](const json& s) { return Valid(s, value); });
    }

    bool Holds(const json& schema,
               const std::string& keyword,
               const json& k,
               const json& value) const
    {
        static const std::vector<std::string> prose = {
            "$schema", "$defs", "title", "description", "default", "items", "properties"};
        if (keyword == "items" && value.is_array())
        {
            return std::all_of(
                value.begin(), value.end(), [&](const json& v) { return Valid(k, v); });
        }
        if (keyword == "properties" && value.is_object())
        {
            return std::all_of(k.items().begin(), k.items().end(), [&](const auto& p) {
                return !value.contains(p.key()) || Valid(p.value(), value[p.key()]);
            });
        }
        if (std::find(prose.begin(), prose.end(), keyword) != prose.end())
        {
            return true;
        }
        return keyword == "type"      ? HasOneOf(value, k)
               : keyword == "enum"    ? std::find(k.begin(), k.end(), value) != k.end()
               : keyword == "const"   ? value == k
               : keyword == "$ref"    ? ValidByReference(schema, value)
               : keyword == "anyOf"   ? ValidForAny(k, value)
               : keyword == "not"     ? !Valid(k, value)
               : value.is_object()    ? HoldsOfObject(schema, keyword, k, value)
               : value.is_array()     ? HoldsOfArray(keyword, k, value)
               : value.is_string()    ? HoldsOfString(keyword, k, value)
               : keyword == "minimum" ? !value.is_number() || value.get<double>() >= k.get<double>()
               : keyword == "maximum" ? !value.is_number() || value.get<double>() <= k.get<double>()
                                      : Known(keyword);
    }

    bool HoldsOfObject(const json& schema,
                       const std::string& keyword,
                       const json& k,
                       const json& value) const
    {
        if (keyword == "required")
        {
            return std::all_of(k.begin(), k.end(), [&](const json& key) {
                return value.contains(key.get<std::string>());
            });
        }
        const auto& properties = Part(schema, "properties");
        for (const auto& [key, member] : value.items())
        {
            if (keyword == "propertyNames" && !Valid(k, key))
            {
                return false;
            }
            if (keyword == "additionalProperties" && !properties.contains(key) &&
                (k.is_boolean() ? !k.get<bool>() : !Valid(k, member)))
            {
                return false;
            }
        }
        return Known(keyword);
    }

    static bool HoldsOfArray(const std::string& keyword, const json& k, const json& value)
    {
        if (keyword == "uniqueItems")
        {
            std::vector<json> items = value;
            std::sort(items.begin(), items.end());
            return std::adjacent_find(items.begin(), items.end()) == items.end();
        }
        return keyword == "minItems"   ? value.size() >= k
               : keyword == "maxItems" ? value.size() <= k
                                       : Known(keyword);
    }

    static const std::regex& Regex(const std::string& pattern)
    {
        static std::map<std::string, std::regex> compiled;
        const auto found = compiled.find(pattern);
        return found == compiled.end() ? compiled.emplace(pattern, pattern).first->second
                                       : found->second;
    }

    static bool HoldsOfString(const std::string& keyword, const json& k, const json& value)
    {
        const std::string text = value;
        return keyword == "pattern"     ? std::regex_search(text, Regex(k))
               : keyword == "minLength" ? text.size() >= k
                                        : Known(keyword);
    }

    /// Keywords that say nothing of values of another type.
    static bool Known(const std::string& keyword)
    {
        static const std::vector<std::string> keywords = {"pattern",
                                                          "minLength",
                                                          "minimum",
                                                          "maximum",
                                                          "minItems",
                                                          "maxItems",
                                                          "uniqueItems",
                                                          "required",
                                                          "propertyNames",
                                                          "additionalProperties"};
        EXPECT_NE(std::find(keywords.begin(), keywords.end(), keyword), keywords.end()) << keyword;
        return true;
    }

    json m_root;
};

const Validator&
Schema()
{
    static const Validator schema(json::parse(ScenarioSchema()));
    return schema;
}

std::string
MessageOf(const json& scenario)
{
    try
    {
        ReadScenarioText(scenario.dump(), "x.json");
        return "(none)";
    }
    catch (const ScenarioError& e)
    {
        return e.what();
    }
}

/// A scenario in which every key can be given, all of them sound.
json
Complete()
{
    auto scenario = json::parse(EffectiveScenario(ReadScenarioText(
        R"({"default_link": {"rtt": "1ms"}, "links": {"api-e1": {"rtt": "2ms"}}, "proxy": {}, "prometheus": {}, "kubernetes": {},
            "member_overrides": {"e1": {}}, "random_faults": {}, "topology": {"joining": ["e4"]}, "faults": [
            {"type": "add-member", "for": "1s", "target": "e4", "learner": true},
            {"type": "clock-drift", "for": "1s", "target": "e1", "clock_rate": 2},
            {"type": "crash", "for": "1s", "target": "e1"},
            {"type": "full-disk", "for": "1s", "target": "e1"},
            {"type": "graceful-stop", "for": "1s", "target": "e1"},
            {"type": "link-change", "for": "1s", "link": "e1-e2", "delay": "1ms", "jitter": "1ms", "loss": "1%",
             "rate": "1Mbps"},
            {"type": "link-down", "for": "1s", "link": "e1-e2"},
            {"type": "move-leader", "target": "e1"},
            {"type": "partition", "for": "1s", "groups": [["e1"]], "one_way": true},
            {"type": "pause", "for": "1s", "target": "e1"},
            {"type": "promote-member", "for": "1s", "target": "e4"},
            {"type": "remove-member", "for": "1s", "target": "e3"},
            {"type": "restart", "target": "e1"},
            {"type": "slow-disk", "for": "1s", "target": "e1", "factor": 2, "latency": "1ms"},
            {"type": "stuck-disk", "for": "1s", "target": "e1"}]})",
        "x.json")));
    scenario["$schema"] = "./etcdlab.schema.json";
    return scenario;
}

TEST(Schema, TheCommittedOneIsTheReaders)
{
    std::ifstream file(fs::path(ETCDLAB_SOURCE_DIR) / "scenarios/etcdlab.schema.json");
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), ScenarioSchema()) << "write it anew with etcdlab's option for it";
}

TEST(Schema, ShippedAndEffectiveScenariosAreValid)
{
    for (const auto& entry : fs::directory_iterator(fs::path(ETCDLAB_SOURCE_DIR) / "scenarios"))
    {
        const auto name = entry.path().filename().string();
        if (entry.path().extension() != ".json" || name.ends_with(".schema.json"))
        {
            continue;
        }
        std::ifstream file(entry.path());
        EXPECT_TRUE(Schema().Valid(json::parse(file, nullptr, true, true))) << name;
        EXPECT_TRUE(Schema().Valid(json::parse(EffectiveScenario(ReadScenarioFile(entry.path())))))
            << name;
    }
}

// What the schema knows, the effective scenario has (but for rtt, which it writes as delay, and a
// profile's parameters, which it has filled in), and so the reader reads; a key that only the reader
// knew would be missing here.
TEST(Schema, KeysAreThoseOfTheEffectiveScenario)
{
    std::vector<std::string> ofSchema;
    Schema().Paths(Schema().Root(), "", ofSchema);
    std::vector<std::string> ofWriter;
    const auto walk = [&](const auto& self, const json& value, const std::string& at) -> void {
        for (const auto& [key, child] : value.items())
        {
            const bool inList = value.is_array();
            if (inList && !child.is_object())
            {
                continue;
            }
            const bool named = at == "/links" || at == "/member_overrides" || inList;
            const auto below = at + "/" + (named && !inList ? "*" : key);
            if (!named)
            {
                ofWriter.push_back(below);
            }
            if (child.is_structured())
            {
                self(self, child, below);
            }
        }
    };
    walk(walk, Complete(), "");
    for (const char* other :
         {"/extends", "/links/*/rtt", "/default_link/rtt", "/kubernetes/parameters"})
    {
        ofWriter.emplace_back(other);
    }
    std::sort(ofSchema.begin(), ofSchema.end());
    std::sort(ofWriter.begin(), ofWriter.end());
    EXPECT_EQ(ofSchema, ofWriter);
}

/// Values of every kind, to be put into every key.
const std::vector<json> VALUES = {nullptr,
                                  true,
                                  0,
                                  1,
                                  -1,
                                  1.5,
                                  3.0,
                                  70000,
                                  1e300,
                                  "",
                                  "x",
                                  "1ms",
                                  "1.5s",
                                  "5s",
                                  "250",
                                  "-1ms",
                                  "1Gbps",
                                  "1MB",
                                  "1KiB",
                                  "1%",
                                  "1p",
                                  "1.5p",
                                  "100/s",
                                  "ssd",
                                  "3.5",
                                  "round-robin",
                                  "leader",
                                  "stacked",
                                  "thesis",
                                  "mix",
                                  "keep",
                                  "local",
                                  json::array(),
                                  {"e1"},
                                  {"e1", "e1"},
                                  {"e 1"},
                                  {1, 2},
                                  json::object(),
                                  {{"no_such_key", 1}}};

/// Messages of what a schema cannot say: bounds of quantities, names of nodes, relations between
/// settings.
bool
IsBeyondSchemas(const std::string& message)
{
    static const std::regex beyond(
        "expected at (least|most) [^ ]*(bps|B|s|m|%|p), found \"|finer than|unknown "
        "(member|node|target|link)|"
        "above sync_max|above the scrape interval|expected a node's name|above for_max|no way "
        "between|has neither delay nor rtt|is both|refuses|whole "
        "milliseconds|weights|"
        "from the start|at this time|nobody can be|means nothing|needs a|need at least|at port|at "
        "least one API server|no node can be called|"
        "without slashes|expected a profile's file|belong to a profile|is not after|expected the "
        "member|half of it|when stacked|a default link has|cannot read|nothing to choose|nothing "
        "to remove");
    return std::regex_search(message, beyond);
}

TEST(Schema, AgreesWithTheReaderOnEveryKindOfValueInEveryKey)
{
    const auto complete = Complete();
    std::vector<std::string> paths;
    Schema().Paths(Schema().Root(), "", paths);
    std::size_t accepted = 0;
    std::size_t refused = 0;
    std::size_t beyond = 0;
    for (auto path : paths)
    {
        if (path == "/$schema")
        {
            continue; // anything goes: it is not read
        }
        if (const auto star = path.find('*'); star != std::string::npos)
        {
            path.replace(star, 1, path.starts_with("/links") ? "api-e1" : "e1");
        }
        for (const auto& value : VALUES)
        {
            auto scenario = complete;
            if (path.ends_with("/rtt"))
            {
                scenario[json::json_pointer(path.substr(0, path.size() - 4))].erase("delay");
            }
            scenario[json::json_pointer(path)] = value;
            const auto message = MessageOf(scenario);
            const bool read = message == "(none)";
            const bool valid = Schema().Valid(scenario);
            accepted += read ? 1 : 0;
            refused += read || valid ? 0 : 1;
            beyond += !read && valid ? 1 : 0;
            EXPECT_TRUE(valid == read || (valid && IsBeyondSchemas(message)))
                << path << " = " << value << "\nschema: " << (valid ? "valid" : "invalid")
                << "\nreader: " << message;
        }
    }
    // The comparison is worth something only if all three happen often.
    EXPECT_GT(accepted, 200U);
    EXPECT_GT(refused, 1000U);
    EXPECT_LT(beyond, refused / 4);
}

TEST(Schema, DelayAndRttExcludeEachOther)
{
    const auto link = [](const char* text) {
        return json{{"links", {{"api-e1", json::parse(text)}}}};
    };
    EXPECT_FALSE(Schema().Valid(link(R"({"delay": "1ms", "rtt": "2ms"})")));
    EXPECT_TRUE(Schema().Valid(link(R"({"delay": null, "rtt": "2ms"})")));
    EXPECT_FALSE(Schema().Valid(link(R"({"rtt": "2ms", "return_delay": "2ms"})")));
    EXPECT_TRUE(Schema().Valid(link(R"({"delay": "1ms", "return_delay": "2ms"})")));
    EXPECT_TRUE(
        Schema().Valid(link(R"({"loss": "1%"})"))); // may extend a scenario that has the delay
    EXPECT_FALSE(Schema().Valid(json::parse(R"({"links": {"api": {"rtt": "1ms"}}})")));
}

TEST(Schema, AFaultTakesTheKeysOfItsType)
{
    const auto faults = [](const char* text) { return json{{"faults", {json::parse(text)}}}; };
    EXPECT_TRUE(Schema().Valid(faults(R"({"type": "crash", "target": "e1", "for": "1s"})")));
    EXPECT_FALSE(Schema().Valid(faults(R"({"type": "crash"})")));
    EXPECT_FALSE(Schema().Valid(faults(R"({"type": "crash", "target": null})")));
    EXPECT_FALSE(Schema().Valid(faults(R"({"type": "crash", "target": "e1", "link": null})")));
    EXPECT_FALSE(Schema().Valid(faults(R"({"type": "move-leader", "target": "e1", "for": "1s"})")));
    EXPECT_FALSE(Schema().Valid(faults(R"({"type": "crsh", "target": "e1"})")));
}

TEST(Schema, EverySettingIsDescribed)
{
    const auto walk = [](const auto& self, const json& schema, const std::string& at) -> void {
        for (const auto& [key, property] : Part(schema, "properties").items())
        {
            EXPECT_GT(property.value("description", "").size(), 10U) << at << "/" << key;
            self(self, property, at + "/" + key);
        }
        for (const auto& [name, definition] : Part(schema, "$defs").items())
        {
            self(self, definition, at + "/" + name);
        }
        for (const auto& alternative : schema.value("anyOf", json::array()))
        {
            self(self, alternative, at);
        }
    };
    walk(walk, Schema().Root(), "");
}

} // namespace

} // namespace etcdlab
