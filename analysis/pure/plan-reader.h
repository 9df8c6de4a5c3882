// Reading plans: JSON files that say what to run and what to look at.
#pragma once

#include "helper/scenario/document.h"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace etcdlab
{

/// A plan's text. @throws ScenarioError with the system's reason if the file cannot be read
std::string ReadPlanFile(const std::filesystem::path& path);

/// One object of a plan; it knows where it stands. Everything throws ScenarioError with that place.
class PlanReader
{
  public:
    /// @param pointer the object's JSON pointer; "" is the whole document
    PlanReader(const Document& document, std::string pointer);

    /// There are no other keys than these.
    void Known(const std::vector<std::string>& keys) const;

    bool Has(const std::string& key) const;
    const nlohmann::json& Get(const std::string& key) const;
    std::string Text(const std::string& key) const;
    double Number(const std::string& key) const;
    bool Truth(const std::string& key) const;
    /// A whole number between two others.
    std::uint64_t Count(const std::string& key, std::uint64_t least, std::uint64_t most) const;
    /// An object below this one.
    PlanReader Object(const std::string& key) const;
    /// An object in a list of this one.
    PlanReader Element(const std::string& key, std::size_t index) const;

    template <class Parse>
    auto Quantity(const std::string& key, Parse parse) const
    {
        try
        {
            return parse(Text(key));
        }
        catch (const std::invalid_argument& error)
        {
            Fail(key, error.what());
        }
    }

    /// @param key what is wrong; "": the object itself
    [[noreturn]] void Fail(const std::string& key, const std::string& message) const;

    const nlohmann::json& Here() const;

  private:
    const Document& m_document;
    std::string m_pointer;
};

} // namespace etcdlab
