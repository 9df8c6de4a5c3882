#include "model/fault/random-faults.h"

#include "model/fault/fault-checks.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace etcdlab
{

namespace
{

/// A fault that was drawn, while it lasts.
struct Lasting
{
    std::optional<Duration> until;
    std::vector<std::string> touched;
};

/// Whether, with those that last, less than half of the members are touched. "leader" counts as one that is not
/// named otherwise.
bool
LeavesQuorum(const std::vector<Lasting>& lasting,
             const std::vector<std::string>& more,
             std::size_t members)
{
    std::set<std::string> touched(more.begin(), more.end());
    for (const auto& fault : lasting)
    {
        touched.insert(fault.touched.begin(), fault.touched.end());
    }
    return more.empty() || 2 * touched.size() < members;
}

bool
Takes(const FaultType& type, const std::string& key)
{
    const auto keys = type.Keys();
    return std::any_of(
        keys.begin(), keys.end(), [&key](const auto& each) { return each.name == key; });
}

} // namespace

bool
CanDraw(const std::string& type, const FaultScope& scope)
{
    return FaultRegistry::Make(type)->CanDraw(scope);
}

std::vector<FaultConfig>
DrawFaults(const RandomFaultsConfig& config, FaultScope scope, const UniformSource& random)
{
    scope.fewest = scope.members.size();
    auto types = config.types.empty() ? FaultRegistry::Names() : config.types;
    std::erase_if(types, [&](const auto& type) {
        return !CanDraw(type, scope) ||
               (config.keepQuorum && FaultRegistry::Make(type)->ChangesMembers());
    });
    std::vector<FaultConfig> faults;
    std::vector<Lasting> lasting;
    auto at = config.from;
    while (!types.empty())
    {
        const double gap = -std::log(1 - random()) * static_cast<double>(config.every.count());
        at += Duration(static_cast<std::int64_t>(gap));
        if (at >= config.until)
        {
            break;
        }
        const auto name = PickOne(types, random);
        const auto type = FaultRegistry::Make(name);
        auto fault = type->Draw(scope, random);
        if (!fault)
        {
            continue;
        }
        fault->type = name;
        fault->at = at;
        const auto duration = Between(config.forMin, config.forMax, random);
        if (Takes(*type, "for"))
        {
            fault->duration = duration;
        }
        std::erase_if(lasting, [at](const auto& other) { return other.until <= at; });
        const auto touched = type->Touches(*fault, scope);
        if (config.keepQuorum && !LeavesQuorum(lasting, touched, scope.members.size()))
        {
            continue;
        }
        lasting.push_back({at + duration, touched});
        type->Follow(*fault, scope);
        faults.push_back(*std::move(fault));
    }
    return faults;
}

} // namespace etcdlab
