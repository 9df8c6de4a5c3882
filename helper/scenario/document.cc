#include "helper/scenario/document.h"

#include "model/base/nearest.h"

namespace etcdlab
{

using nlohmann::json;

const Place&
Document::PlaceOf(std::string_view pointer) const
{
    static const Place unknown{"scenario", {}};
    for (;;)
    {
        const auto found = places.find(std::string(pointer));
        if (found != places.end())
        {
            return found->second;
        }
        if (pointer.empty())
        {
            return unknown;
        }
        pointer = pointer.substr(0, pointer.rfind('/'));
    }
}

Document
Document::At(std::string_view pointer) const
{
    Document part;
    part.value = value.at(nlohmann::json::json_pointer(std::string(pointer)));
    const auto below = std::string(pointer) + "/";
    for (auto it = places.lower_bound(below); it != places.end() && it->first.starts_with(below);
         ++it)
    {
        part.places[it->first.substr(pointer.size())] = it->second;
    }
    part.places[""] = PlaceOf(pointer);
    return part;
}

std::string
Document::FileOf(std::string_view pointer) const
{
    const auto& where = PlaceOf(pointer).where;
    return where.starts_with("--set ") ? "" : where.substr(0, where.rfind(':'));
}

void
Document::Fail(std::string_view pointer, const std::string& message) const
{
    const auto shown = pointer.empty() ? "" : std::string(pointer) + ": ";
    throw ScenarioError(PlaceOf(pointer).where + ": " + shown + message);
}

std::string
Below(std::string_view pointer, std::string_view key)
{
    std::string below = std::string(pointer) + "/";
    for (const char c : key)
    {
        if (c == '~' || c == '/')
        {
            below += c == '~' ? "~0" : "~1";
        }
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
        {
            below += '?'; // keys with control characters are unknown ones: only messages show them
        }
        else
        {
            below += c;
        }
    }
    return below;
}

std::vector<std::string>
Keys(std::string_view pointer)
{
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < pointer.size(); ++i)
    {
        if (pointer[i] == '/')
        {
            keys.emplace_back();
        }
        else if (pointer[i] == '~' && i + 1 < pointer.size())
        {
            keys.back() += pointer[++i] == '1' ? '/' : '~';
        }
        else
        {
            keys.back() += pointer[i];
        }
    }
    return keys;
}

std::string
Quoted(std::string_view text)
{
    constexpr std::size_t LONGEST = 60;
    const bool cut = text.size() > LONGEST;
    // Cutting within a character leaves bytes that are no UTF-8, which are replaced.
    auto quoted = json(text.substr(0, LONGEST)).dump(-1, ' ', false, json::error_handler_t::ignore);
    quoted.insert(quoted.size() - 1, cut ? "..." : "");
    return quoted;
}

std::string
Found(const json& value)
{
    switch (value.type())
    {
    case json::value_t::null:
        return "null";
    case json::value_t::boolean:
        return value.get<bool>() ? "true" : "false";
    case json::value_t::string:
        return Quoted(value.get_ref<const std::string&>());
    case json::value_t::array:
        return value.empty() ? "an empty list" : "a list of " + std::to_string(value.size());
    case json::value_t::object:
        return "an object";
    default:
        return "the number " + value.dump();
    }
}

std::string
Unknown(const std::string& kind, std::string_view name, const std::vector<std::string>& known)
{
    std::string message = "unknown " + kind + " " + Quoted(name);
    const auto nearest = Nearest(name, known);
    message += nearest ? ": did you mean \"" + *nearest + "\"?" : ".";
    message += known.empty() ? " There is none" : " Known: ";
    for (std::size_t i = 0; i < known.size(); ++i)
    {
        message += (i == 0 ? "" : ", ") + known[i];
    }
    return message;
}

} // namespace etcdlab
