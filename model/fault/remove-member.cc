// A member leaves the cluster for good; its process stops by itself when it learns of it.
#include "model/fault/member-change.h"

namespace etcdlab
{

namespace
{

class RemoveMemberFault : public MemberChangeFault
{
  public:
    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        if (config.target == LEADER_TARGET)
        {
            return FaultProblem{"target", "expected the member that shall leave, found \"leader\""};
        }
        return CheckAmong(config.target, AllMembers(scope), "there are no members");
    }

    std::optional<FaultProblem> CheckThen(const FaultConfig& config,
                                          const FaultScope& scope) const override
    {
        const auto& name = config.target;
        if (IsAmong(scope.removed, name))
        {
            return FaultProblem{"target", name + " has been removed already at this time"};
        }
        if (IsAmong(scope.joining, name))
        {
            return FaultProblem{"target", name + " has not been added at this time"};
        }
        if (scope.members == std::vector{name})
        {
            return FaultProblem{"target",
                                name + " is the last voter at this time, and cannot leave"};
        }
        return std::nullopt;
    }

    void Follow(const FaultConfig& config, FaultScope& scope) const override
    {
        std::erase(scope.members, config.target);
        std::erase(scope.learners, config.target);
        scope.removed.push_back(config.target);
    }

  private:
    MemberOperation Operation(const FaultConfig&) const override
    {
        return MemberOperation::REMOVE;
    }

    std::vector<std::string> Candidates(const FaultScope& scope) const override
    {
        const bool spare = scope.fewest > 0 && scope.members.size() > scope.fewest;
        return spare ? scope.members : std::vector<std::string>{};
    }
};

const bool removeMemberRegistered = FaultRegistry::Add(
    "remove-member",
    "the leader is asked to remove a member, which then stops for good (etcdctl member remove)",
    [] { return std::make_unique<RemoveMemberFault>(); });

} // namespace

} // namespace etcdlab
