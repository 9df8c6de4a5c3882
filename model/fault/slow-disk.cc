// Every write of a member's disk takes longer.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class SlowDiskFault : public TargetFault
{
  public:
    SlowDiskFault()
        : TargetFault(false)
    {
    }

    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"target", true}, {"factor"}, {"latency"}};
    }

    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        if (!config.factor && !config.latency)
        {
            return FaultProblem{
                "", "a fault of type \"slow-disk\" needs a factor or a latency: it has neither"};
        }
        return TargetFault::Check(config, scope);
    }

    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override
    {
        using std::chrono::milliseconds;
        auto config = TargetFault::Draw(scope, random);
        config->latency = Between(milliseconds(5), milliseconds(500), random);
        return config;
    }

    std::vector<std::string> Touches(const FaultConfig&, const FaultScope&) const override
    {
        return {}; // it takes part
    }

  private:
    Undo StrikeOne(const FaultConfig& config,
                   const std::string& process,
                   FaultSite& site) const override
    {
        return site.SlowDisk(
            process, config.factor.value_or(1), config.latency.value_or(Duration{0}));
    }
};

const bool slowDiskRegistered = FaultRegistry::Add(
    "slow-disk",
    "writes of a member's disk take `factor` times as long, or longer by `latency`",
    [] { return std::make_unique<SlowDiskFault>(); });

} // namespace

} // namespace etcdlab
