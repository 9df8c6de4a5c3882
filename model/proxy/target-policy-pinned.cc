// Always the same target.
#include "model/proxy/target-policy.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

class PinnedPolicy : public TargetPolicy
{
  public:
    std::optional<std::size_t> Pick(const ProxyView& view) override
    {
        const auto found = std::find(view.targets.begin(), view.targets.end(), view.pinned);
        return found == view.targets.end() ? 0
                                           : static_cast<std::size_t>(found - view.targets.begin());
    }
};

const bool targetPolicyPinnedRegistered =
    TargetPolicyRegistry::Add("pinned",
                              "every connection to pinned_target, or to the first target",
                              [] { return std::make_unique<PinnedPolicy>(); });

} // namespace

} // namespace etcdlab
