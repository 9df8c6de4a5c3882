// A link, or one of its directions, has another delay, jitter, loss or rate for a while.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class LinkChangeFault : public FaultType
{
  public:
    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"link", true}, {"delay"}, {"jitter"}, {"loss"}, {"rate"}};
    }

    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        if (!config.delay && !config.jitter && !config.loss && !config.rate)
        {
            return FaultProblem{"",
                                "a fault of type \"link-change\" needs a delay, jitter, loss or "
                                "rate: it has none of them"};
        }
        return CheckLink(config, scope);
    }

    Struck Strike(const FaultConfig& config,
                  const FaultScope& scope,
                  FaultSite& site) const override
    {
        const LinkChange change{config.delay, config.jitter, config.loss, config.rate};
        std::vector<Undo> undos;
        for (const auto& [from, to] : Directions(config.link, scope))
        {
            undos.push_back(site.ChangeLink(from, to, change));
        }
        return {config.link, [undos] {
                    for (const auto& undo : undos)
                    {
                        undo();
                    }
                }};
    }

    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override
    {
        using std::chrono::milliseconds;
        FaultConfig config;
        config.link = PickLink(scope, random);
        if (config.link.empty())
        {
            return std::nullopt;
        }
        const auto kind = random();
        if (kind < 0.4)
        {
            config.delay = Between(milliseconds(0), milliseconds(500), random);
        }
        else if (kind < 0.7)
        {
            config.loss = Share{Between(0, 0.3, random)};
        }
        else if (kind < 0.9)
        {
            config.jitter = Between(milliseconds(0), milliseconds(50), random);
        }
        else
        {
            config.rate = DataRate{static_cast<std::uint64_t>(Between(1e5, 1e7, random))};
        }
        return config;
    }
};

const bool linkChangeRegistered =
    FaultRegistry::Add("link-change",
                       "a link, or one direction of it, has another delay, jitter, loss or rate",
                       [] { return std::make_unique<LinkChangeFault>(); });

} // namespace

} // namespace etcdlab
