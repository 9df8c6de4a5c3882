#include "analysis/pure/scenario-reference.h"

#include <nlohmann/json.hpp>

namespace etcdlab
{

namespace
{

using OrderedJson = nlohmann::ordered_json;
using nlohmann::literals::operator""_json_pointer;

/// What a schema stands for: references followed, "or null" left out.
const OrderedJson&
Resolved(const OrderedJson& root, const OrderedJson& schema)
{
    if (const auto reference = schema.find("$ref"); reference != schema.end())
    {
        return Resolved(
            root, root.at(OrderedJson::json_pointer(reference->get<std::string>().substr(1))));
    }
    if (const auto any = schema.find("anyOf"); any != schema.end())
    {
        return Resolved(root, any->front());
    }
    return schema;
}

/// Text for a cell of a table.
std::string
MarkdownCell(std::string text)
{
    for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    {
        text.insert(at, "\\");
    }
    return text;
}

std::string
Meaning(const OrderedJson& schema, const OrderedJson& resolved)
{
    auto text = schema.value("description", resolved.value("description", ""));
    if (const auto choices = resolved.find("enum"); choices != resolved.end())
    {
        std::string names;
        for (const auto& choice : *choices)
        {
            names += choice.is_null()
                         ? ""
                         : (names.empty() ? "`" : ", `") + choice.get<std::string>() + "`";
        }
        text += "; one of " + names;
    }
    return MarkdownCell(text);
}

/// A line for each key of an object; objects in it are gone into.
std::string
KeyRows(const OrderedJson& root, const OrderedJson& object, const std::string& path)
{
    std::string rows;
    for (const auto& [key, schema] : object.at("properties").items())
    {
        const auto& resolved = Resolved(root, schema);
        const auto name = path.empty() ? key : path + "." + key;
        const auto given = schema.find("default");
        const auto value = given == schema.end() ? "" : "`" + MarkdownCell(given->dump()) + "`";
        rows += "| `" + name + "` | " + value + " | " + Meaning(schema, resolved) + " |\n";
        if (resolved.contains("properties") && !path.empty())
        {
            rows += KeyRows(root, resolved, name);
        }
    }
    return rows;
}

constexpr const char* HEAD = "| key | default | meaning |\n|---|---|---|\n";

/// The keys of an object; of objects of several types those of each.
std::string
ObjectTables(const OrderedJson& root, const OrderedJson& schema, const std::string& path)
{
    const auto any = schema.find("anyOf");
    if (any == schema.end() || any->size() < 2 || !any->at(1).contains("properties"))
    {
        const auto& object = Resolved(root, schema);
        return object.contains("properties") ? HEAD + KeyRows(root, object, path) : "";
    }
    std::string tables;
    for (const auto& object : *any)
    {
        tables += "\nOf type `" +
                  object.at("/properties/type/enum/0"_json_pointer).get<std::string>() + "`:\n\n" +
                  HEAD + KeyRows(root, object, path);
    }
    return tables;
}

/// What is below a key: its value's keys, or those of each value in it.
std::string
TablesBelow(const OrderedJson& root, const OrderedJson& schema, const std::string& key)
{
    const auto& resolved = Resolved(root, schema);
    if (const auto items = resolved.find("items"); items != resolved.end())
    {
        return ObjectTables(root, *items, key + "[]");
    }
    if (const auto each = resolved.find("additionalProperties");
        each != resolved.end() && each->is_object())
    {
        return ObjectTables(root, *each, key + ".NAME");
    }
    return ObjectTables(root, resolved, key);
}

} // namespace

std::string
ScenarioReference(const std::string& schema)
{
    const auto root = OrderedJson::parse(schema);
    std::string page = "# Scenario reference\n"
                       "All keys of scenario files, from their schema: `etcdlab schema "
                       "--reference` prints this page.\n"
                       "[README.md](README.md) explains how scenarios are written. Quantities are "
                       "texts with a unit.\n\n";
    page += HEAD + KeyRows(root, root, "");
    for (const auto& [key, value] : root.at("properties").items())
    {
        const auto tables = TablesBelow(root, value, key);
        page += tables.empty() ? "" : "\n## " + key + "\n" + tables;
    }
    return page;
}

} // namespace etcdlab
