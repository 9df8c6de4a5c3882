// One target after the other; a gRPC client with one connection therefore stays with one of them.
#include "model/proxy/target-policy.h"

namespace etcdlab
{

namespace
{

class RoundRobinPolicy : public TargetPolicy
{
  public:
    std::optional<std::size_t> Pick(const ProxyView& view) override
    {
        const auto count = view.targets.size();
        for (std::size_t i = 1; i < count && view.HasFailed(m_next % count); ++i)
        {
            ++m_next;
        }
        return m_next++ % count;
    }

  private:
    std::size_t m_next = 0;
};

const bool targetPolicyRoundRobinRegistered =
    TargetPolicyRegistry::Add("round-robin", "one connection to each target in turn", [] {
        return std::make_unique<RoundRobinPolicy>();
    });

} // namespace

} // namespace etcdlab
