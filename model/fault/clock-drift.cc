// A member's clock is fast or slow, and with it its heartbeats and election timeouts.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class ClockDriftFault : public TargetFault
{
  public:
    ClockDriftFault()
        : TargetFault(false)
    {
    }

    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"target", true}, {"clock_rate", true}};
    }

    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override
    {
        auto config = TargetFault::Draw(scope, random);
        config->clockRate = Between(0.5, 2, random);
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
        return site.SetClockRate(process, *config.clockRate);
    }
};

const bool clockDriftRegistered =
    FaultRegistry::Add("clock-drift",
                       "a member's ticks run faster or slower than the true time",
                       [] { return std::make_unique<ClockDriftFault>(); });

} // namespace

} // namespace etcdlab
