// A member that was not there from the start is added to the cluster, and starts.
#include "model/fault/member-change.h"

namespace etcdlab
{

namespace
{

/// Of the random additions, those of learners.
constexpr double LEARNER_SHARE = 0.5;

class AddMemberFault : public MemberChangeFault
{
  public:
    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"target", true}, {"learner"}};
    }

    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        if (IsAmong(scope.members, config.target))
        {
            return FaultProblem{"target", config.target + " is a member from the start"};
        }
        return CheckAmong(
            config.target, scope.joining, "nobody can be added: topology.joining names no member");
    }

    std::optional<FaultProblem> CheckThen(const FaultConfig& config,
                                          const FaultScope& scope) const override
    {
        if (IsAmong(scope.joining, config.target))
        {
            return std::nullopt;
        }
        return FaultProblem{"target", config.target + " has been added already at this time"};
    }

    void Follow(const FaultConfig& config, FaultScope& scope) const override
    {
        std::erase(scope.joining, config.target);
        auto& names = config.learner.value_or(false) ? scope.learners : scope.members;
        names.push_back(config.target);
    }

    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override
    {
        auto config = MemberChangeFault::Draw(scope, random);
        if (config && random() < LEARNER_SHARE)
        {
            config->learner = true;
        }
        return config;
    }

  private:
    MemberOperation Operation(const FaultConfig& config) const override
    {
        return config.learner.value_or(false) ? MemberOperation::ADD_LEARNER : MemberOperation::ADD;
    }

    std::vector<std::string> Candidates(const FaultScope& scope) const override
    {
        return scope.joining;
    }
};

const bool addMemberRegistered = FaultRegistry::Add(
    "add-member",
    "the leader is asked to add a member of topology.joining, which then starts (etcdctl member "
    "add)",
    [] { return std::make_unique<AddMemberFault>(); });

} // namespace

} // namespace etcdlab
