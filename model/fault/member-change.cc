#include "model/fault/member-change.h"

#include <algorithm>

namespace etcdlab
{

Struck
MemberChangeFault::Strike(const FaultConfig& config, const FaultScope&, FaultSite& site) const
{
    const MemberRequest request{Operation(config), config.target};
    const auto patience = config.duration.value_or(Duration::zero());
    return {config.target, {}, [&site, request, patience](FaultSite::Answer answer) {
                site.ChangeMembers(request, patience, std::move(answer));
            }};
}

std::optional<FaultConfig>
MemberChangeFault::Draw(const FaultScope& scope, const UniformSource& random) const
{
    const auto names = Candidates(scope);
    if (names.empty())
    {
        return std::nullopt;
    }
    FaultConfig config;
    config.target = PickOne(names, random);
    return config;
}

bool
MemberChangeFault::CanDraw(const FaultScope& scope) const
{
    return !scope.joining.empty() ||
           !scope.learners.empty(); // whom the others can promote or replace
}

bool
IsAmong(const std::vector<std::string>& names, const std::string& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<FaultProblem>
CheckAmong(const std::string& target,
           const std::vector<std::string>& names,
           const std::string& none)
{
    if (IsAmong(names, target))
    {
        return std::nullopt;
    }
    if (names.empty())
    {
        return FaultProblem{"target", none};
    }
    auto message = UnknownName(target, names); // "unknown name …"
    return FaultProblem{"target", message.replace(message.find("name"), 4, "target")};
}

} // namespace etcdlab
