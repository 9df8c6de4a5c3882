// The thesis' policy: everything goes to the member that leads.
#include "model/proxy/target-policy.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

class LeaderPolicy : public TargetPolicy
{
  public:
    std::optional<std::size_t> Pick(const ProxyView& view) override
    {
        if (view.leader.empty())
        {
            return std::nullopt;
        }
        const auto target = Position(view);
        const bool leads = view.targets[target] == view.leader;
        return leads && view.HasFailed(target) ? std::nullopt : std::optional(target);
    }

    bool Abandons(const ProxyView& view, std::size_t target) const override
    {
        return !view.leader.empty() && target != Position(view);
    }

  private:
    /// The leader's place; that of the first target left if the leader is none of them.
    static std::size_t Position(const ProxyView& view)
    {
        const auto found = std::find(view.targets.begin(), view.targets.end(), view.leader);
        if (found != view.targets.end())
        {
            return static_cast<std::size_t>(found - view.targets.begin());
        }
        std::size_t target = 0;
        while (target + 1 < view.targets.size() && view.HasFailed(target))
        {
            ++target;
        }
        return target;
    }
};

const bool targetPolicyLeaderRegistered =
    TargetPolicyRegistry::Add("leader",
                              "every connection to the member that leads, as the members say",
                              [] { return std::make_unique<LeaderPolicy>(); });

} // namespace

} // namespace etcdlab
