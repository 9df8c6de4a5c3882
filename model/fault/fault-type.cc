#include "model/fault/fault-type.h"

#include "model/base/contains.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

/// Cases in which a drawn target is "leader" rather than a member by name.
constexpr double LEADER_SHARE = 0.3;

} // namespace

std::vector<std::string>
FaultType::Touches(const FaultConfig&, const FaultScope&) const
{
    return {};
}

bool
FaultType::CanDraw(const FaultScope& scope) const
{
    return Draw(scope, [] { return 0.5; }).has_value();
}

std::vector<std::string>
AllMembers(const FaultScope& scope)
{
    auto all = scope.members;
    for (const auto* names : {&scope.learners, &scope.joining, &scope.removed})
    {
        all.insert(all.end(), names->begin(), names->end());
    }
    return all;
}

bool
IsProxyTarget(const std::string& target)
{
    return target == PROXY_TARGET || target.starts_with(PROXY_PREFIX);
}

std::optional<FaultProblem>
CheckTarget(const FaultConfig& config, const FaultScope& scope, bool proxies)
{
    const auto& target = config.target;
    if (target == LEADER_TARGET || Contains(AllMembers(scope), target))
    {
        return std::nullopt;
    }
    if (IsProxyTarget(target) && !proxies)
    {
        return FaultProblem{"target",
                            "a fault of type \"" + config.type +
                                "\" strikes members only, found \"" + target + "\""};
    }
    if (IsProxyTarget(target) && scope.proxies.empty())
    {
        return FaultProblem{"target", "\"" + target + "\" needs a proxy: the scenario has none"};
    }
    auto known = AllMembers(scope);
    known.emplace_back(LEADER_TARGET);
    if (proxies && !scope.proxies.empty())
    {
        known.emplace_back(PROXY_TARGET);
        for (const auto& node : scope.proxies)
        {
            known.push_back(PROXY_PREFIX + node);
        }
    }
    if (Contains(known, target))
    {
        return std::nullopt;
    }
    auto message = UnknownName(target, known); // "unknown name …"
    return FaultProblem{"target", message.replace(message.find("name"), 4, "target")};
}

std::vector<std::string>
Resolve(const std::string& target, const FaultScope& scope, const FaultSite& site)
{
    std::vector<std::string> processes;
    if (target == PROXY_TARGET)
    {
        for (const auto& node : scope.proxies)
        {
            processes.push_back(PROXY_PREFIX + node);
        }
        return processes;
    }
    const auto process = target == LEADER_TARGET ? site.Leader() : target;
    if (!process.empty() && site.Exists(process))
    {
        processes.push_back(process);
    }
    return processes;
}

std::string
Joined(const std::vector<std::string>& names)
{
    std::string text;
    for (const auto& name : names)
    {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

const std::string&
PickOne(const std::vector<std::string>& names, const UniformSource& random)
{
    const auto index = static_cast<std::size_t>(random() * static_cast<double>(names.size()));
    return names[std::min(index, names.size() - 1)];
}

std::vector<std::pair<std::string, std::string>>
Directions(const std::string& link, const FaultScope& scope)
{
    const auto joined = [&scope](const std::string& a, const std::string& b) {
        return scope.links.contains(MakeNodePair(a, b));
    };
    if (const auto arrow = link.find("->"); arrow != std::string::npos)
    {
        const auto from = link.substr(0, arrow);
        const auto to = link.substr(arrow + 2);
        if (joined(from, to))
        {
            return {{from, to}};
        }
        return {};
    }
    for (auto dash = link.find('-'); dash != std::string::npos; dash = link.find('-', dash + 1))
    {
        const auto a = link.substr(0, dash);
        const auto b = link.substr(dash + 1);
        if (joined(a, b))
        {
            return {{a, b}, {b, a}};
        }
    }
    return {};
}

std::optional<FaultProblem>
CheckLink(const FaultConfig& config, const FaultScope& scope)
{
    if (!Directions(config.link, scope).empty())
    {
        return std::nullopt;
    }
    const bool oneWay = config.link.find("->") != std::string::npos;
    std::vector<std::string> known;
    for (const auto& [ends, link] : scope.links)
    {
        const auto& [a, b] = ends;
        known.push_back(oneWay ? a + "->" + b : a + "-" + b);
        if (oneWay)
        {
            known.push_back(b + "->" + a);
        }
    }
    auto message = UnknownName(config.link, known);
    return FaultProblem{"link", message.replace(message.find("name"), 4, "link")};
}

std::string
PickLink(const FaultScope& scope, const UniformSource& random)
{
    std::vector<std::string> names;
    for (const auto& [ends, link] : scope.links)
    {
        const auto& [a, b] = ends;
        names.insert(names.end(), {a + "-" + b, a + "->" + b, b + "->" + a});
    }
    return names.empty() ? "" : PickOne(names, random);
}

double
Between(double low, double high, const UniformSource& random)
{
    return low + (high - low) * random();
}

Duration
Between(Duration low, Duration high, const UniformSource& random)
{
    return low + Duration(static_cast<std::int64_t>(static_cast<double>((high - low).count()) *
                                                    random()));
}

std::optional<FaultProblem>
TargetFault::Check(const FaultConfig& config, const FaultScope& scope) const
{
    return CheckTarget(config, scope, m_proxies);
}

Struck
TargetFault::Strike(const FaultConfig& config, const FaultScope& scope, FaultSite& site) const
{
    const auto processes = Resolve(config.target, scope, site);
    std::vector<Undo> undos;
    for (const auto& process : processes)
    {
        undos.push_back(StrikeOne(config, process, site));
    }
    return {Joined(processes), [undos] {
                for (const auto& undo : undos)
                {
                    if (undo)
                    {
                        undo();
                    }
                }
            }};
}

std::optional<FaultConfig>
TargetFault::Draw(const FaultScope& scope, const UniformSource& random) const
{
    FaultConfig config;
    auto targets = scope.members;
    targets.insert(targets.end(), scope.learners.begin(), scope.learners.end());
    if (m_proxies)
    {
        for (const auto& node : scope.proxies)
        {
            targets.push_back(PROXY_PREFIX + node);
        }
    }
    config.target = random() < LEADER_SHARE ? LEADER_TARGET : PickOne(targets, random);
    return config;
}

std::vector<std::string>
TargetFault::Touches(const FaultConfig& config, const FaultScope& scope) const
{
    // Whoever leads then is one more than those known by name.
    return Contains(scope.members, config.target) || config.target == LEADER_TARGET
               ? std::vector{config.target}
               : std::vector<std::string>{};
}

} // namespace etcdlab
