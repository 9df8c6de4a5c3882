// JSON text as a tree whose values know where they stand.
#pragma once

#include "helper/scenario/read-scenario.h"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace etcdlab
{

/// Where a value comes from.
struct Place
{
    std::string where;              //!< "scenarios/mine.json:7" or "--set leader=e2"
    std::optional<std::string> raw; //!< of a setting: the text behind the "="
};

/// A tree of JSON values with the place of each, by JSON pointer (RFC 6901; "" is the root).
struct Document
{
    nlohmann::json value = nlohmann::json::object();
    std::map<std::string, Place> places;

    /// The place of the value, or of the nearest one around it if there is none.
    const Place& PlaceOf(std::string_view pointer) const;

    /// A value as a document of its own, its places kept.
    Document At(std::string_view pointer) const;

    /// The file that a value stands in; empty if it comes from a setting.
    std::string FileOf(std::string_view pointer) const;

    /// @throws ScenarioError "where: pointer: message"
    [[noreturn]] void Fail(std::string_view pointer, const std::string& message) const;
};

/// `pointer` extended by a key or an index.
std::string Below(std::string_view pointer, std::string_view key);

/// A pointer's keys.
std::vector<std::string> Keys(std::string_view pointer);

/// Text in quotes as it can stand in a one-line message: control characters escaped, cut after 60
/// bytes.
std::string Quoted(std::string_view text);

/// What a value is, for messages: `the number 250`, `"abc"`, `a list of 2`.
std::string Found(const nlohmann::json& value);

/// `unknown KIND "x": did you mean "y"? Known: y, z`
std::string Unknown(const std::string& kind,
                    std::string_view name,
                    const std::vector<std::string>& known);

/**
 * Parse JSON with comments.
 *
 * @param text UTF-8, with or without byte order mark
 * @param label the file's name, or a setting
 * @param setting the text is a setting's value: places have no line
 * @throws ScenarioError for everything that is no JSON, for a key that is given twice, for more
 * than 20 levels
 */
Document ParseDocument(std::string_view text, const std::string& label, bool setting = false);

} // namespace etcdlab
