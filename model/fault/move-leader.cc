// An operator asks the leader to hand over to a certain member.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class MoveLeaderFault : public FaultType
{
  public:
    std::vector<Key> Keys() const override
    {
        return {{"target", true}};
    }

    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        if (config.target == LEADER_TARGET)
        {
            return FaultProblem{"target", "expected the member that shall lead, found \"leader\""};
        }
        return CheckTarget(config, scope, false);
    }

    Struck Strike(const FaultConfig& config, const FaultScope&, FaultSite& site) const override
    {
        return {site.MoveLeader(config.target) ? config.target : "", {}};
    }

    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override
    {
        FaultConfig config;
        config.target = PickOne(scope.members, random);
        return config;
    }
};

const bool moveLeaderRegistered =
    FaultRegistry::Add("move-leader",
                       "the leader is asked to hand over to a member (etcdctl move-leader)",
                       [] { return std::make_unique<MoveLeaderFault>(); });

} // namespace

} // namespace etcdlab
