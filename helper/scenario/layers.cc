#include "helper/scenario/layers.h"

#include "model/base/nearest.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace etcdlab
{

namespace
{

using nlohmann::json;
namespace fs = std::filesystem;

/// How many files may extend each other in a row.
constexpr std::size_t LONGEST_CHAIN = 16;

bool
IsLink(const std::vector<std::string>& keys)
{
    return (keys.size() == 2 && keys[0] == "links") ||
           (keys.size() == 1 && keys[0] == "default_link");
}

bool
IsDisk(const std::vector<std::string>& keys)
{
    return !keys.empty() && keys.back() == "disk" &&
           ((keys.size() == 2 && keys[0] == "member") ||
            (keys.size() == 3 && keys[0] == "member_overrides"));
}

/// Whether the object has the key with a value other than null.
bool
Gives(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && !found->is_null();
}

/// Forget the places below a pointer.
void
ForgetBelow(Document& document, const std::string& pointer)
{
    const auto first = document.places.lower_bound(pointer + "/");
    const auto last = document.places.lower_bound(pointer + "0"); // '0' follows '/'
    document.places.erase(first, last);
}

class Merger
{
  public:
    Merger(Document& base, const Document& over)
        : m_base(base),
          m_over(over)
    {
    }

    void Merge(json& target, const json& patch, const std::string& pointer)
    {
        if (patch.is_object())
        {
            Prepare(target, patch, pointer);
            for (const auto& [key, value] : patch.items())
            {
                const auto below = Below(pointer, key);
                CheckRemoval(target, key, value, below);
                Merge(target[key], value, below);
            }
        }
        else
        {
            target = patch;
            ForgetBelow(m_base, pointer);
            CopyPlaces(patch, pointer);
        }
        m_base.places[pointer] = m_over.PlaceOf(pointer);
    }

  private:
    /// Make an object of what is to be patched by one.
    void Prepare(json& target, const json& patch, const std::string& pointer)
    {
        const auto keys = Keys(pointer);
        if (target.is_object())
        {
            if (IsDisk(keys) && Gives(patch, "profile"))
            {
                target = json::object();
                ForgetBelow(m_base, pointer);
            }
            if (IsLink(keys) && Gives(patch, "delay") != Gives(patch, "rtt"))
            {
                target.erase(Gives(patch, "delay") ? "rtt" : "delay");
                if (Gives(patch, "rtt"))
                {
                    target.erase("return_delay");
                }
            }
            return;
        }
        const bool profile = IsDisk(keys) && target.is_string();
        ForgetBelow(m_base, pointer);
        if (profile && !Gives(patch, "profile"))
        {
            m_base.places[Below(pointer, "profile")] = m_base.PlaceOf(pointer);
            target = json{{"profile", target}};
        }
        else
        {
            target = json::object();
        }
    }

    void CheckRemoval(const json& target,
                      const std::string& key,
                      const json& value,
                      const std::string& pointer) const
    {
        if (value.is_null() && !target.contains(key) && pointer.starts_with("/links/"))
        {
            std::vector<std::string> links;
            for (const auto& [name, link] : target.items())
            {
                links.push_back(name);
            }
            if (Keys(pointer).size() == 2)
            {
                m_over.Fail(pointer,
                            "nothing to remove: " + (links.empty() ? "there are no links"
                                                                   : Unknown("link", key, links)));
            }
        }
    }

    void CopyPlaces(const json& value, const std::string& pointer)
    {
        if (value.is_structured())
        {
            for (const auto& [key, child] : value.items())
            {
                const auto below = Below(pointer, key);
                m_base.places[below] = m_over.PlaceOf(below);
                CopyPlaces(child, below);
            }
        }
    }

    Document& m_base;
    const Document& m_over;
};

/// How a setting stands in messages: on one line, and cut if it is long.
std::string
SettingLabel(const std::string& setting)
{
    constexpr std::size_t LONGEST = 60;
    const bool plain =
        setting.size() <= LONGEST && std::none_of(setting.begin(), setting.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        });
    return "--set " + (plain ? setting : Quoted(setting));
}

/// The dots' or the pointer's keys.
std::vector<std::string>
SettingKeys(const std::string& path)
{
    if (path.starts_with('/'))
    {
        return Keys(path);
    }
    std::vector<std::string> keys;
    std::istringstream parts(path);
    for (std::string key; std::getline(parts, key, '.');)
    {
        keys.push_back(key);
    }
    if (path.ends_with('.'))
    {
        keys.emplace_back();
    }
    return keys;
}

/// The setting's value with its places, its root at "".
Document
SettingValue(const std::string& value, const std::string& label)
{
    Document document;
    document.value = value;
    if (!value.empty())
    {
        try
        {
            document = ParseDocument(value, label, true);
        }
        catch (const ScenarioError&)
        {
            if (value[0] == '{' || value[0] == '[')
            {
                throw;
            }
        }
    }
    document.places[""] = {label, value};
    return document;
}

std::string
ReadFile(const fs::path& path)
{
    errno = 0;
    std::error_code ignored;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (fs::is_directory(path, ignored) || !file || (file.peek() != EOF && !(text << file.rdbuf())))
    {
        std::vector<std::string> names;
        const auto directory = path.parent_path().empty() ? fs::path(".") : path.parent_path();
        for (const auto& entry : fs::directory_iterator(directory, ignored))
        {
            if (entry.path().extension() == ".json")
            {
                names.push_back(entry.path().filename().string());
            }
        }
        std::sort(names.begin(), names.end()); // directories have no order of their own
        const auto nearest = Nearest(path.filename().string(), names);
        const auto reason = fs::is_directory(path, ignored) ? "it is a directory"
                            : fs::exists(path, ignored)     ? std::strerror(errno)
                                                            : "no such file";
        throw ScenarioError("cannot read " + Quoted(path.string()) + ": " + reason +
                            (nearest ? ", did you mean \"" + *nearest + "\"?" : ""));
    }
    return text.str();
}

/// The same for the same file, however its path is written.
fs::path
Identity(const fs::path& path)
{
    std::error_code error;
    const auto canonical = fs::weakly_canonical(path, error);
    return error ? path : canonical;
}

/// One file of a chain of extends.
struct Link
{
    fs::path path;     //!< as shown in messages
    fs::path identity; //!< the same for the same file, however it is written
};

class Loader
{
  public:
    Document Load(const fs::path& path)
    {
        m_chain.push_back({path, Identity(path)});
        return Resolve(ParseDocument(ReadFile(path), path.string()));
    }

    Document Load(std::string_view text, const std::string& label)
    {
        m_chain.push_back({label, Identity(label)});
        return Resolve(ParseDocument(text, label));
    }

  private:
    Document Resolve(Document document)
    {
        if (!document.value.is_object())
        {
            document.Fail(
                "", "expected a scenario, i.e. an object {...}, found " + Found(document.value));
        }
        Document merged;
        if (Gives(document.value, "extends"))
        {
            merged = LoadParent(document);
            for (const char* own : {"name", "description"}) // they describe the parent
            {
                merged.value.erase(own);
                merged.places.erase(Below("", own));
            }
        }
        document.value.erase("extends");
        document.value.erase("$schema");
        Merge(merged, document);
        return merged;
    }

    Document LoadParent(const Document& document)
    {
        const auto& extends = document.value["extends"];
        if (!extends.is_string() || extends.get<std::string>().empty())
        {
            document.Fail("/extends", "expected a file's path in quotes, found " + Found(extends));
        }
        const auto path =
            (m_chain.back().path.parent_path() / extends.get<std::string>()).lexically_normal();
        const auto identity = Identity(path);
        std::string chain;
        bool cyclic = false;
        for (const auto& link : m_chain)
        {
            chain += link.path.string() + " -> ";
            cyclic = cyclic || link.identity == identity;
        }
        if (cyclic)
        {
            document.Fail("/extends", "cyclic: " + chain + path.string());
        }
        if (m_chain.size() == LONGEST_CHAIN)
        {
            document.Fail("/extends",
                          "more than " + std::to_string(LONGEST_CHAIN) +
                              " files extend each other: " + chain + path.string());
        }
        std::string text;
        try
        {
            text = ReadFile(path);
        }
        catch (const ScenarioError& e)
        {
            document.Fail("/extends", e.what());
        }
        m_chain.push_back({path, identity});
        return Resolve(ParseDocument(text, path.string()));
    }

    std::vector<Link> m_chain;
};

} // namespace

void
Merge(Document& base, const Document& over)
{
    Merger(base, over).Merge(base.value, over.value, "");
}

void
ApplySetting(Document& document, const std::string& path, const std::string& value)
{
    const auto label = SettingLabel(path + "=" + value);
    const auto keys = SettingKeys(path);
    Document over;
    over.places[""] = {label, {}};
    json* leaf = &over.value;
    const json* target = &document.value;
    std::string pointer;
    for (const auto& key : keys)
    {
        if (key.empty())
        {
            throw ScenarioError(label + ": expected path=value, as in member.disk=hdd");
        }
        if (target && target->is_array())
        {
            over.Fail(pointer, "is a list: set it as a whole, as in [\"a\",\"b\"]");
        }
        target =
            target && target->is_object() && target->contains(key) ? &target->at(key) : nullptr;
        leaf = &((*leaf)[key] = json::object());
        pointer = Below(pointer, key);
        over.places[pointer] = {label, {}};
    }
    if (keys.empty() || keys.front() == "extends")
    {
        throw ScenarioError(label + ": " +
                            (keys.empty() ? "expected path=value, as in member.disk=hdd"
                                          : "extends can stand only in files"));
    }
    auto parsed = SettingValue(value, label);
    *leaf = std::move(parsed.value);
    for (auto& [below, place] : parsed.places)
    {
        over.places[pointer + below] = std::move(place);
    }
    Merge(document, over);
}

void
ApplySetting(Document& document, const std::string& setting)
{
    const auto equals = setting.find('=');
    if (equals == std::string::npos)
    {
        throw ScenarioError(SettingLabel(setting) + ": expected path=value, as in member.disk=hdd");
    }
    ApplySetting(document, setting.substr(0, equals), setting.substr(equals + 1));
}

Document
LoadLayers(const std::filesystem::path& path)
{
    return Loader().Load(path);
}

Document
LoadLayers(std::string_view text, const std::string& label)
{
    return Loader().Load(text, label);
}

} // namespace etcdlab
