#include "model/kubernetes/pure/profile.h"

#include <stdexcept>

namespace etcdlab::kube
{

const StepKeys&
TakenKeys(const std::string& verb)
{
    static const std::map<std::string, StepKeys> taken = {
        {"get", {{}, {"objects", "mode", "which", "think", "accept", "from"}}},
        {"list", {{"resource"}, {"namespace", "from", "think", "accept"}}},
        {"create", {{}, {"objects", "mode", "which", "think", "accept"}}},
        {"update", {{}, {"objects", "mode", "which", "think", "accept", "bytes", "conditional"}}},
        {"delete", {{}, {"objects", "mode", "which", "think", "accept"}}},
        {"wait", {{"until"}, {"objects", "which", "think", "poll", "timeout"}}},
        {"think", {{"time"}, {}}},
        {"serial", {{"steps"}, {}}},
        {"parallel", {{"steps"}, {}}},
        {"repeat", {{"times", "steps"}, {"every", "counter"}}},
        {"lock", {{"lock", "steps"}, {}}},
        {"node", {{"node", "power"}, {}}},
    };
    return taken.at(verb);
}

const std::vector<std::string>&
StepVerbs()
{
    static const std::vector<std::string> verbs = {"get",
                                                   "list",
                                                   "create",
                                                   "update",
                                                   "delete",
                                                   "wait",
                                                   "think",
                                                   "serial",
                                                   "parallel",
                                                   "repeat",
                                                   "lock",
                                                   "node"};
    return verbs;
}

const std::vector<std::string>&
StepOutcomes()
{
    static const std::vector<std::string> outcomes = {
        "ok", "NotFound", "AlreadyExists", "Conflict"};
    return outcomes;
}

namespace
{

/// Calls `text` for each part that stands as it is and `name` for each `${name}`; unclosed ones are text.
template <class Text, class Name>
void
Split(const std::string& whole, Text text, Name name)
{
    std::size_t at = 0;
    for (;;)
    {
        const auto begin = whole.find("${", at);
        const auto end = begin == std::string::npos ? begin : whole.find('}', begin);
        if (end == std::string::npos)
        {
            text(whole.substr(at));
            return;
        }
        text(whole.substr(at, begin - at));
        name(whole.substr(begin + 2, end - begin - 2));
        at = end + 1;
    }
}

} // namespace

std::string
Expand(const std::string& text, const Variables& variables)
{
    if (text.find("${") == std::string::npos)
    {
        return text;
    }
    std::string expanded;
    Split(
        text,
        [&](const std::string& part) { expanded += part; },
        [&](const std::string& name) {
            const auto found = variables.find(name);
            expanded += found == variables.end() ? "${" + name + "}" : found->second;
        });
    return expanded;
}

std::vector<std::string>
NamesIn(const std::string& text)
{
    std::vector<std::string> names;
    Split(
        text,
        [&](const std::string& part) {
            if (part.find("${") != std::string::npos)
            {
                names.emplace_back();
            }
        },
        [&](const std::string& name) { names.push_back(name); });
    return names;
}

Variables
VariablesOf(const Profile& profile, const std::string& release)
{
    const Variables given = {{"release", release}};
    auto all = given;
    for (const auto& [name, variable] : profile.variables)
    {
        // As charts do: {{ ... | trunc 26 | trimSuffix "-" }}
        auto text = Expand(variable.text, given);
        if (text.size() > variable.longest)
        {
            text.resize(variable.longest);
        }
        if (text.ends_with('-'))
        {
            text.pop_back();
        }
        all[name] = text;
    }
    return all;
}

std::vector<PhaseRun>
PhaseRuns(const Profile& profile, const Variables& variables)
{
    std::vector<PhaseRun> runs;
    for (const auto& phase : profile.phases)
    {
        if (phase.each.empty())
        {
            runs.push_back({Expand(phase.name, variables), &phase, nullptr});
            continue;
        }
        for (const auto& object : profile.objects.at(phase.each))
        {
            auto named = variables;
            named["kind"] = object.resource;
            named["object"] = Expand(object.name, variables);
            runs.push_back({Expand(phase.name, named), &phase, &object});
        }
    }
    return runs;
}

ByteSize
BytesOf(const std::vector<ObjectConfig>& objects)
{
    ByteSize sum;
    for (const auto& object : objects)
    {
        sum.bytes += object.bytes.bytes;
    }
    return sum;
}

} // namespace etcdlab::kube
