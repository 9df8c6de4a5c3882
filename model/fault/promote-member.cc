// A learner that has caught up becomes a voter.
#include "model/fault/member-change.h"

namespace etcdlab
{

namespace
{

class PromoteMemberFault : public MemberChangeFault
{
  public:
    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        if (IsAmong(scope.members, config.target))
        {
            return FaultProblem{"target", config.target + " is a voter from the start"};
        }
        return CheckAmong(config.target,
                          scope.joining,
                          "nobody can be promoted: topology.joining names no member");
    }

    std::optional<FaultProblem> CheckThen(const FaultConfig& config,
                                          const FaultScope& scope) const override
    {
        if (IsAmong(scope.learners, config.target))
        {
            return std::nullopt;
        }
        return FaultProblem{"target",
                            config.target +
                                (IsAmong(scope.members, config.target)   ? " is a voter"
                                 : IsAmong(scope.removed, config.target) ? " has been removed"
                                                                         : " has not been added") +
                                " at this time: expected one that has been added with learner "
                                "true"};
    }

    void Follow(const FaultConfig& config, FaultScope& scope) const override
    {
        std::erase(scope.learners, config.target);
        scope.members.push_back(config.target);
    }

  private:
    MemberOperation Operation(const FaultConfig&) const override
    {
        return MemberOperation::PROMOTE;
    }

    std::vector<std::string> Candidates(const FaultScope& scope) const override
    {
        return scope.learners;
    }
};

const bool promoteMemberRegistered = FaultRegistry::Add(
    "promote-member",
    "the leader is asked to make a voter of a learner that has caught up (etcdctl member promote)",
    [] { return std::make_unique<PromoteMemberFault>(); });

} // namespace

} // namespace etcdlab
