// A link, or one of its directions, loses everything.
#include "model/fault/fault-type.h"

namespace etcdlab
{

namespace
{

class LinkDownFault : public FaultType
{
  public:
    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"link", true}};
    }

    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        return CheckLink(config, scope);
    }

    Struck Strike(const FaultConfig& config,
                  const FaultScope& scope,
                  FaultSite& site) const override
    {
        std::vector<Undo> undos;
        for (const auto& [from, to] : Directions(config.link, scope))
        {
            undos.push_back(site.CutLink(from, to));
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
        FaultConfig config;
        config.link = PickLink(scope, random);
        return config.link.empty() ? std::nullopt : std::optional(config);
    }
};

const bool linkDownRegistered =
    FaultRegistry::Add("link-down", "a link, or one direction of it, loses every packet", [] {
        return std::make_unique<LinkDownFault>();
    });

} // namespace

} // namespace etcdlab
