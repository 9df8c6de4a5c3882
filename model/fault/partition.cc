// Groups of nodes that cannot reach each other, whatever links join them.
#include "model/base/contains.h"
#include "model/fault/fault-type.h"

#include <algorithm>
#include <set>

namespace etcdlab
{

namespace
{

/// The groups, with the second one that a single group implies.
NodeGroups
AllGroups(const FaultConfig& config, const FaultScope& scope)
{
    auto groups = config.groups;
    if (groups.size() == 1)
    {
        auto& others = groups.emplace_back();
        std::copy_if(scope.nodes.begin(),
                     scope.nodes.end(),
                     std::back_inserter(others),
                     [&](const auto& node) { return !Contains(config.groups[0], node); });
    }
    return groups;
}

class PartitionFault : public FaultType
{
  public:
    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"groups", true}, {"one_way"}};
    }

    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override
    {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < config.groups.size(); ++i)
        {
            const auto at = "groups/" + std::to_string(i);
            if (config.groups[i].empty())
            {
                return FaultProblem{at, "expected at least one node, found none"};
            }
            for (std::size_t j = 0; j < config.groups[i].size(); ++j)
            {
                const auto& node = config.groups[i][j];
                const auto place = at + "/" + std::to_string(j);
                if (!Contains(scope.nodes, node))
                {
                    auto message = UnknownName(node, scope.nodes);
                    return FaultProblem{place, message.replace(message.find("name"), 4, "node")};
                }
                if (!seen.insert(node).second)
                {
                    return FaultProblem{place, "node " + node + " is given twice"};
                }
            }
        }
        if (AllGroups(config, scope).back().empty())
        {
            return FaultProblem{
                "groups", "nobody is left to be cut off from: all nodes are in the one group"};
        }
        return std::nullopt;
    }

    Struck Strike(const FaultConfig& config,
                  const FaultScope& scope,
                  FaultSite& site) const override
    {
        const auto groups = AllGroups(config, scope);
        const bool oneWay = config.oneWay.value_or(false);
        std::vector<Undo> undos;
        std::string target;
        for (std::size_t i = 0; i < groups.size(); ++i)
        {
            target += (i == 0 ? "" : oneWay && i == 1 ? " -> " : " | ") + Joined(groups[i]);
            for (std::size_t j = 0; j < groups.size(); ++j)
            {
                if (i != j && (i == 0 || !oneWay))
                {
                    BlockAll(groups[i], groups[j], site, undos);
                }
            }
        }
        return {target, [undos] {
                    for (const auto& undo : undos)
                    {
                        undo();
                    }
                }};
    }

    /// A random member or two, of more than two, away from all others.
    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override
    {
        FaultConfig config;
        std::vector<std::string> away;
        std::vector<std::string> rest = scope.members;
        const auto count =
            1 + static_cast<std::size_t>(random() * static_cast<double>(rest.size()) / 2);
        while (away.size() < count && rest.size() > 1)
        {
            away.push_back(PickOne(rest, random));
            std::erase(rest, away.back());
        }
        if (away.empty())
        {
            return std::nullopt;
        }
        config.groups = {away};
        if (random() < 0.5)
        {
            config.groups.push_back(rest); // clients reach both sides
        }
        if (random() < 0.3)
        {
            config.oneWay = true;
        }
        return config;
    }

    std::vector<std::string> Touches(const FaultConfig& config,
                                     const FaultScope& scope) const override
    {
        // All but the largest group are out of it.
        auto groups = AllGroups(config, scope);
        for (auto& group : groups)
        {
            std::erase_if(group,
                          [&scope](const auto& node) { return !Contains(scope.members, node); });
        }
        const auto largest =
            std::max_element(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
                return a.size() < b.size();
            });
        std::vector<std::string> touched;
        for (auto group = groups.begin(); group != groups.end(); ++group)
        {
            if (group != largest)
            {
                touched.insert(touched.end(), group->begin(), group->end());
            }
        }
        return touched;
    }

  private:
    static void BlockAll(const std::vector<std::string>& from,
                         const std::vector<std::string>& to,
                         FaultSite& site,
                         std::vector<Undo>& undos)
    {
        for (const auto& a : from)
        {
            for (const auto& b : to)
            {
                undos.push_back(site.Block(a, b));
            }
        }
    }
};

const bool partitionRegistered = FaultRegistry::Add(
    "partition",
    "groups of nodes cannot reach each other, or the first is not heard (one_way)",
    [] { return std::make_unique<PartitionFault>(); });

} // namespace

} // namespace etcdlab
