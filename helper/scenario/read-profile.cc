#include "helper/scenario/read-profile.h"

#include "helper/scenario/leaf-reader.h"
#include "helper/scenario/profile-checks.h"
#include "model/kubernetes/pure/profile-knobs.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <type_traits>

namespace etcdlab
{

namespace
{

using nlohmann::json;

/// The visitor: one reads one object, as JsonReader does for scenarios.
class ProfileReader
{
  public:
    ProfileReader(const LeafReader& leaf, const json& object, std::string pointer)
        : m_leaf(leaf),
          m_object(object),
          m_pointer(std::move(pointer))
    {
        if (!object.is_object())
        {
            Fail(m_pointer, "expected an object {...}, found " + Found(object));
        }
        if (m_pointer.empty())
        {
            m_known = {"parameters", "$schema"};
        }
    }

    template <class T>
    void Field(const char* name, T& value, const Knob& knob)
    {
        if (const auto* j = Take(name))
        {
            m_leaf.Read(*j, Below(m_pointer, name), value, knob);
        }
    }

    template <class T>
    void Optional(const char* name, std::optional<T>& config, const Knob&)
    {
        if (const auto* j = Take(name))
        {
            Read(*j, Below(m_pointer, name), config.emplace());
        }
    }

    template <class T>
    void List(const char* name, std::vector<T>& list, const Knob&)
    {
        if (const auto* j = Take(name))
        {
            Read(*j, Below(m_pointer, name), list);
        }
    }

    template <class T>
    void Map(const char* name, std::map<std::string, T>& map, const Knob&)
    {
        const auto* j = Take(name);
        if (!j)
        {
            return;
        }
        const auto at = Below(m_pointer, name);
        if (!j->is_object())
        {
            Fail(at, "expected an object {\"name\": ...}, found " + Found(*j));
        }
        for (const auto& [key, value] : j->items())
        {
            Read(value, Below(at, key), map[key]);
        }
    }

    void Finish() const
    {
        for (const auto& [key, value] : m_object.items())
        {
            if (std::find(m_known.begin(), m_known.end(), key) == m_known.end())
            {
                Fail(Below(m_pointer, key), Unknown("key", key, m_known));
            }
        }
    }

  private:
    const json* Take(const char* name)
    {
        m_known.emplace_back(name);
        const auto found = m_object.find(name);
        return found == m_object.end() || found->is_null() ? nullptr : &*found;
    }

    void Read(const json& j, const std::string& at, std::string& value)
    {
        m_leaf.Read(j, at, value, Knob{});
    }

    template <class T>
    void Read(const json& j, const std::string& at, std::vector<T>& list)
    {
        if (!j.is_array())
        {
            Fail(at, "expected a list of objects [{...}], found " + Found(j));
        }
        for (std::size_t i = 0; i < j.size(); ++i)
        {
            Read(j[i], Below(at, std::to_string(i)), list.emplace_back());
        }
    }

    template <class T>
    void Read(const json& j, const std::string& at, T& config)
    {
        ProfileReader reader(m_leaf, j, at);
        Describe(reader, config);
        reader.Finish();
        if constexpr (std::is_same_v<T, kube::StepConfig>)
        {
            CheckStepKeys(j, at, config, m_leaf.document);
        }
    }

    [[noreturn]] void Fail(const std::string& at, const std::string& message) const
    {
        m_leaf.document.Fail(at, message);
    }

    const LeafReader& m_leaf;
    const json& m_object;
    std::string m_pointer;
    std::vector<std::string> m_known;
};

/// A parameter's value from outside, as JSON: a number, true, false or null if it reads as one, else a text.
json
FromText(const std::string& text)
{
    auto value = json::parse(text, nullptr, false);
    return value.is_number() || value.is_boolean() || value.is_null() ? value : json(text);
}

/// The values of a profile's parameters, those given from outside first.
json
ParametersOf(const Document& document, const std::string& label, const ProfileParameters& given)
{
    json values = json::object();
    std::vector<std::string> names;
    const auto found = document.value.find("parameters");
    if (found != document.value.end() && !found->is_null())
    {
        if (!found->is_object())
        {
            document.Fail("/parameters",
                          "expected an object {\"name\": value}, found " + Found(*found));
        }
        for (const auto& [name, value] : found->items())
        {
            if (value.is_structured())
            {
                document.Fail(Below("/parameters", name),
                              "expected a text, a number, true, false or null, found " +
                                  Found(value));
            }
            names.push_back(name);
            values[name] = value;
        }
    }
    for (const auto& [name, text] : given)
    {
        if (!values.contains(name))
        {
            throw ScenarioError(label + ": " + Unknown("parameter", name, names));
        }
        values[name] = FromText(text);
    }
    return values;
}

/// Texts that are a parameter and nothing else become its value.
void
FillIn(json& value, const json& parameters)
{
    if (value.is_string())
    {
        const auto& text = value.get_ref<const std::string&>();
        if (text.starts_with("${") && text.find('}') == text.size() - 1)
        {
            const auto name = text.substr(2, text.size() - 3);
            if (parameters.contains(name))
            {
                value = json(parameters[name]);
            }
        }
    }
    else if (value.is_structured())
    {
        for (auto& element : value)
        {
            FillIn(element, parameters);
        }
    }
}

} // namespace

kube::Profile
ReadProfileText(std::string_view text, const std::string& name, const ProfileParameters& parameters)
{
    return ReadProfile(ParseDocument(text, name), name, parameters);
}

kube::Profile
ReadProfile(Document document, const std::string& name, const ProfileParameters& parameters)
{
    kube::Profile profile;
    profile.name = std::filesystem::path(name).stem().string();
    if (document.value.is_object())
    {
        FillIn(document.value, ParametersOf(document, name, parameters));
    }
    static const KnownNames known;
    const LeafReader leaf{document, known};
    ProfileReader reader(leaf, document.value, "");
    Describe(reader, profile);
    reader.Finish();
    CheckProfile(profile, document);
    return profile;
}

kube::Profile
ReadProfileFile(const std::filesystem::path& path, const ProfileParameters& parameters)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !std::filesystem::is_regular_file(path) || !(text << file.rdbuf()))
    {
        throw ScenarioError(path.string() + ": cannot be read");
    }
    return ReadProfileText(text.str(), path.string(), parameters);
}

} // namespace etcdlab
