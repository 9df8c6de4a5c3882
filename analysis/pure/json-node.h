// Reads JSON that etcdlab has written, and says what is wrong with it if somebody else has changed it.
#pragma once

#include "analysis/pure/result-error.h"
#include "model/base/units.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

/// A value in a result file, and where it stands, for the message if it is not what it should be.
class JsonNode
{
  public:
    JsonNode(const nlohmann::ordered_json& json,
             std::string where,
             const std::filesystem::path& origin)
        : m_json(json),
          m_where(std::move(where)),
          m_origin(origin)
    {
    }

    JsonNode At(const std::string& key) const
    {
        Expect(m_json.is_object(), "an object");
        const auto found = m_json.find(key);
        if (found == m_json.end())
        {
            throw ResultError(m_origin, "no key " + m_where + "/" + key);
        }
        return {*found, m_where + "/" + key, m_origin};
    }

    bool IsNull() const
    {
        return m_json.is_null();
    }

    bool Has(const std::string& key) const
    {
        return m_json.is_object() && m_json.contains(key);
    }

    /// The members of an object, in the file's order.
    std::vector<std::pair<std::string, JsonNode>> Items() const
    {
        Expect(m_json.is_object(), "an object");
        std::vector<std::pair<std::string, JsonNode>> items;
        for (const auto& [key, value] : m_json.items())
        {
            items.emplace_back(key, JsonNode(value, m_where + "/" + key, m_origin));
        }
        return items;
    }

    /// The elements of an array.
    std::vector<JsonNode> Elements() const
    {
        Expect(m_json.is_array(), "an array");
        std::vector<JsonNode> elements;
        for (std::size_t i = 0; i < m_json.size(); ++i)
        {
            elements.emplace_back(m_json[i], m_where + "/" + std::to_string(i), m_origin);
        }
        return elements;
    }

    Duration FromMilliseconds() const
    {
        Expect(m_json.is_number() && Number() >= 0 && Number() < 9e12, "milliseconds");
        return Duration{std::llround(Number() * 1e6)};
    }

    Duration FromSeconds() const
    {
        Expect(m_json.is_number() && Number() >= 0 && Number() < 9e9, "seconds");
        return Duration{std::llround(Number() * 1e9)};
    }

    std::string Text() const
    {
        Expect(m_json.is_string(), "a string");
        return m_json.get<std::string>();
    }

    double Number() const
    {
        Expect(m_json.is_number(), "a number");
        return m_json.get<double>();
    }

    std::uint64_t Count() const
    {
        Expect(m_json.is_number_unsigned(), "a count");
        return m_json.get<std::uint64_t>();
    }

    void Expect(bool holds, const std::string& what) const
    {
        if (!holds)
        {
            throw ResultError(
                m_origin,
                (m_where.empty() ? "" : m_where + ": ") + "expected " + what + ", found " +
                    m_json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)
                        .substr(0, 40));
        }
    }

  private:
    const nlohmann::ordered_json& m_json;
    std::string m_where;
    const std::filesystem::path& m_origin;
};

} // namespace etcdlab
