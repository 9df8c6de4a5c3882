// The kinds of faults there are.
//
// To add one: one file with a class and its registration, as pause.cc.
#pragma once

#include "model/base/registry.h"
#include "model/base/routes.h"
#include "model/fault/fault-config.h"
#include "model/fault/fault-site.h"
#include "model/transport/link-config.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// What there is that faults can strike.
struct FaultScope
{
    std::vector<std::string> nodes;
    std::vector<std::string> members; //!< nodes that have a member of this name, a voter
    std::vector<std::string> proxies; //!< nodes that have a proxy; as a process, "proxy@NODE"
    std::map<NodePair, LinkConfig> links;
    std::vector<std::string> joining = {};  //!< nodes whose member has yet to be added
    std::vector<std::string> learners = {}; //!< members that were added and have yet to be promoted
    std::vector<std::string> removed = {};
    std::size_t fewest =
        0; //!< members are removed at random only while there are more; 0: none are
};

/// Why a fault cannot apply.
struct FaultProblem
{
    std::string key; //!< the setting to blame; "groups/1/0" for a name in a list; empty: all
    std::string message;
};

/// A fault that has struck.
struct Struck
{
    std::string target; //!< for people, "leader" resolved; empty: there was nothing to strike
    Undo heal;          //!< empty: there is nothing to heal
    /// Asks for what the fault consists in; calls its argument when that has been answered. Empty: nothing is asked.
    std::function<void(FaultSite::Answer)> ask = {};
};

/// Random numbers, uniform in [0, 1).
using UniformSource = std::function<double()>;

class FaultType
{
  public:
    /// A setting and whether the type needs it. `type` and `at` need not be said.
    struct Key
    {
        std::string name;
        bool needed = false;
    };

    virtual ~FaultType() = default;

    virtual std::vector<Key> Keys() const = 0;

    /// What forbids a fault whose settings are those of Keys, each sound for itself; nothing: it can apply.
    virtual std::optional<FaultProblem> Check(const FaultConfig& config,
                                              const FaultScope& scope) const = 0;

    /// Do it. The settings have been checked.
    virtual Struck Strike(const FaultConfig& config,
                          const FaultScope& scope,
                          FaultSite& site) const = 0;

    /// Choose settings at random, time and duration aside; nothing if it cannot apply here.
    virtual std::optional<FaultConfig> Draw(const FaultScope& scope,
                                            const UniformSource& random) const = 0;

    /// Whether Draw can choose settings here, or after other faults.
    virtual bool CanDraw(const FaultScope& scope) const;

    /// Whether it adds, promotes or removes members. Only such types have the two functions that follow.
    virtual bool ChangesMembers() const
    {
        return false;
    }

    /// What forbids this fault when others have made the scope what it is.
    virtual std::optional<FaultProblem> CheckThen(const FaultConfig&, const FaultScope&) const
    {
        return std::nullopt;
    }

    /// Make the scope what it is after this fault.
    virtual void Follow(const FaultConfig&, FaultScope&) const {}

    /// The members whom it may keep from taking part.
    virtual std::vector<std::string> Touches(const FaultConfig& config,
                                             const FaultScope& scope) const;
};

using FaultRegistry = Registry<FaultType>;

/// Targets that are no members' names.
inline constexpr const char* LEADER_TARGET = "leader";
inline constexpr const char* PROXY_TARGET = "proxy";
inline constexpr const char* PROXY_PREFIX = "proxy@";

/// Whether a target is a proxy, and not a member.
bool IsProxyTarget(const std::string& target);

/// All who are, or may be at some time, members.
std::vector<std::string> AllMembers(const FaultScope& scope);

/// What is wrong with a target: a member, perhaps one that joins, or "leader", and with `proxies` also a proxy.
std::optional<FaultProblem> CheckTarget(const FaultConfig& config,
                                        const FaultScope& scope,
                                        bool proxies);

/// The processes a target stands for at this moment; none if nobody leads, or the member has not joined yet.
std::vector<std::string> Resolve(const std::string& target,
                                 const FaultScope& scope,
                                 const FaultSite& site);

/// Names in one text: "e1, e2".
std::string Joined(const std::vector<std::string>& names);

/// One of several names.
const std::string& PickOne(const std::vector<std::string>& names, const UniformSource& random);

/// The directions that `link` names; none if it names no link of the scope.
std::vector<std::pair<std::string, std::string>> Directions(const std::string& link,
                                                            const FaultScope& scope);
/// What is wrong with `link`.
std::optional<FaultProblem> CheckLink(const FaultConfig& config, const FaultScope& scope);

/// The name of one of the links, or of one of its directions; empty if there are no links.
std::string PickLink(const FaultScope& scope, const UniformSource& random);

/// A value uniform between two.
double Between(double low, double high, const UniformSource& random);
Duration Between(Duration low, Duration high, const UniformSource& random);

/**
 * A fault that strikes one target by one of the site's functions: all but those of links.
 *
 * Derived classes add what is special.
 */
class TargetFault : public FaultType
{
  public:
    /// @param proxies whether proxies are targets, too
    explicit TargetFault(bool proxies)
        : m_proxies(proxies)
    {
    }

    std::vector<Key> Keys() const override
    {
        return {{"for"}, {"target", true}};
    }

    std::optional<FaultProblem> Check(const FaultConfig& config,
                                      const FaultScope& scope) const override;
    Struck Strike(const FaultConfig& config,
                  const FaultScope& scope,
                  FaultSite& site) const override;
    std::optional<FaultConfig> Draw(const FaultScope& scope,
                                    const UniformSource& random) const override;
    std::vector<std::string> Touches(const FaultConfig& config,
                                     const FaultScope& scope) const override;

  protected:
    virtual Undo StrikeOne(const FaultConfig& config,
                           const std::string& process,
                           FaultSite& site) const = 0;

  private:
    bool m_proxies;
};

} // namespace etcdlab
