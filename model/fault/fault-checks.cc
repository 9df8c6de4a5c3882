#include "model/fault/fault-checks.h"

#include "model/base/contains.h"
#include "model/fault/random-faults.h"

#include <algorithm>
#include <numeric>

namespace etcdlab
{

namespace
{

/// Collects the keys whose values differ from the defaults.
struct GivenKeysVisitor
{
    std::vector<std::string> keys;

    template <class T>
    void Field(const char* name, const T& value, const Knob&)
    {
        const std::string key = name;
        if (key != "type" && key != "at" && !(value == T{}))
        {
            keys.push_back(key);
        }
    }
};

std::string
OfType(const FaultConfig& config)
{
    return "a fault of type \"" + config.type + "\"";
}

/// The places of faults in a list, by the times at which they strike.
std::vector<std::size_t>
InOrder(const std::vector<FaultConfig>& faults)
{
    std::vector<std::size_t> order(faults.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&faults](auto a, auto b) {
        return faults[a].at < faults[b].at;
    });
    return order;
}

} // namespace

std::vector<std::string>
GivenKeys(const FaultConfig& config)
{
    GivenKeysVisitor visitor;
    auto copy = config; // Describe serves readers, too, and so takes what can be changed
    Describe(visitor, copy);
    return visitor.keys;
}

std::vector<std::string>
FaultKeys(const std::string& type)
{
    std::vector<std::string> keys = {"type", "at"};
    for (const auto& key : FaultRegistry::Make(type)->Keys())
    {
        keys.push_back(key.name);
    }
    return keys;
}

std::optional<FaultProblem>
CheckFault(const FaultConfig& config, const FaultScope& scope)
{
    const auto types = FaultRegistry::Names();
    if (!Contains(types, config.type))
    {
        return config.type.empty()
                   ? FaultProblem{"", "a fault needs a type: expected one of " + Joined(types)}
                   : FaultProblem{"type", UnknownName(config.type, types)};
    }
    if (config.at < Duration::zero())
    {
        return FaultProblem{"at", "expected at least 0s, found " + Format(config.at)};
    }
    const auto type = FaultRegistry::Make(config.type);
    const auto given = GivenKeys(config);
    const auto taken = FaultKeys(config.type);
    for (const auto& key : given)
    {
        if (!Contains(taken, key))
        {
            return FaultProblem{
                key, OfType(config) + " takes no " + key + ": it takes " + Joined(taken)};
        }
    }
    for (const auto& key : type->Keys())
    {
        if (key.needed && !Contains(given, key.name))
        {
            return FaultProblem{"", OfType(config) + " needs a value for \"" + key.name + "\""};
        }
    }
    return type->Check(config, scope);
}

std::optional<std::pair<std::size_t, FaultProblem>>
CheckOrder(const std::vector<FaultConfig>& faults, FaultScope scope)
{
    for (const auto i : InOrder(faults))
    {
        const auto type = FaultRegistry::Make(faults[i].type);
        if (auto problem = type->CheckThen(faults[i], scope))
        {
            return std::pair{i, *std::move(problem)};
        }
        type->Follow(faults[i], scope);
    }
    return std::nullopt;
}

FaultScope
ScopeAfter(const std::vector<FaultConfig>& faults, FaultScope scope)
{
    for (const auto i : InOrder(faults))
    {
        FaultRegistry::Make(faults[i].type)->Follow(faults[i], scope);
    }
    return scope;
}

std::optional<FaultProblem>
CheckRandomFaults(const RandomFaultsConfig& config, const FaultScope& scope)
{
    if (config.forMin > config.forMax)
    {
        return FaultProblem{"for_min",
                            "for_min (" + Format(config.forMin) + ") is above for_max (" +
                                Format(config.forMax) + ")"};
    }
    if (config.from >= config.until)
    {
        return FaultProblem{"until",
                            "until (" + Format(config.until) + ") is not after from (" +
                                Format(config.from) + ")"};
    }
    constexpr double MOST = 1e5;
    if (static_cast<double>((config.until - config.from).count()) /
            static_cast<double>(config.every.count()) >
        MOST)
    {
        return FaultProblem{
            "every", "that would be more than 100000 faults: expected a longer time between them"};
    }
    for (std::size_t i = 0; i < config.types.size(); ++i)
    {
        const auto at = "types/" + std::to_string(i);
        const auto names = FaultRegistry::Names();
        if (!Contains(names, config.types[i]))
        {
            return FaultProblem{at, UnknownName(config.types[i], names)};
        }
        if (std::find(config.types.begin(),
                      config.types.begin() + static_cast<std::ptrdiff_t>(i),
                      config.types[i]) != config.types.begin() + static_cast<std::ptrdiff_t>(i))
        {
            return FaultProblem{at, "type " + config.types[i] + " is given twice"};
        }
        if (config.keepQuorum && FaultRegistry::Make(config.types[i])->ChangesMembers())
        {
            return FaultProblem{at,
                                "who counts for a quorum must be known to keep it: expected no \"" +
                                    config.types[i] + "\" with keep_quorum"};
        }
        if (!CanDraw(config.types[i], scope))
        {
            return FaultProblem{
                at, "a fault of type \"" + config.types[i] + "\" finds nothing to strike here"};
        }
    }
    return std::nullopt;
}

} // namespace etcdlab
