#include "analysis/pure/plan-reader.h"

#include "analysis/pure/summary.h"

#include <algorithm>

namespace etcdlab
{

using Json = nlohmann::json;

std::string
ReadPlanFile(const std::filesystem::path& path)
{
    try
    {
        return ReadResultFile(path);
    }
    catch (const ResultError& error)
    {
        throw ScenarioError(error.what());
    }
}

PlanReader::PlanReader(const Document& document, std::string pointer)
    : m_document(document),
      m_pointer(std::move(pointer))
{
    if (!document.value.contains(Json::json_pointer(m_pointer)))
    {
        // Pointers show control characters as question marks.
        Fail("", "expected a name without control characters");
    }
    if (!Here().is_object())
    {
        Fail("", "expected an object {...}, found " + Found(Here()));
    }
}

void
PlanReader::Known(const std::vector<std::string>& keys) const
{
    for (const auto& [key, value] : Here().items())
    {
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
        {
            Fail(key, Unknown("key", key, keys));
        }
    }
}

bool
PlanReader::Has(const std::string& key) const
{
    return Here().contains(key);
}

const Json&
PlanReader::Get(const std::string& key) const
{
    if (!Has(key))
    {
        Fail("", "expected \"" + key + "\", which is not there");
    }
    return Here().at(key);
}

std::string
PlanReader::Text(const std::string& key) const
{
    const auto& value = Get(key);
    if (!value.is_string() || value.get<std::string>().empty())
    {
        Fail(key, "expected a text, found " + Found(value));
    }
    return value;
}

double
PlanReader::Number(const std::string& key) const
{
    const auto& value = Get(key);
    if (!value.is_number())
    {
        Fail(key, "expected a number, found " + Found(value));
    }
    return value;
}

bool
PlanReader::Truth(const std::string& key) const
{
    const auto& value = Get(key);
    if (!value.is_boolean())
    {
        Fail(key, "expected true or false, found " + Found(value));
    }
    return value;
}

std::uint64_t
PlanReader::Count(const std::string& key, std::uint64_t least, std::uint64_t most) const
{
    const auto& value = Get(key);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least ||
        value.get<std::uint64_t>() > most)
    {
        Fail(key,
             "expected a whole number from " + std::to_string(least) + " to " +
                 std::to_string(most) + ", found " + Found(value));
    }
    return value;
}

PlanReader
PlanReader::Object(const std::string& key) const
{
    Get(key);
    return {m_document, Below(m_pointer, key)};
}

PlanReader
PlanReader::Element(const std::string& key, std::size_t index) const
{
    return {m_document, Below(Below(m_pointer, key), std::to_string(index))};
}

void
PlanReader::Fail(const std::string& key, const std::string& message) const
{
    m_document.Fail(key.empty() ? m_pointer : Below(m_pointer, key), message);
}

const Json&
PlanReader::Here() const
{
    return m_document.value.at(Json::json_pointer(m_pointer));
}

} // namespace etcdlab
