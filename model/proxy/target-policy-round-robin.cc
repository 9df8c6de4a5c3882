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
        return m_next++ % view.targets.size();
    }

  private:
    std::size_t m_next = 0;
};

const bool registered =
    TargetPolicyRegistry::Add("round-robin", "one connection to each target in turn", [] {
        return std::make_unique<RoundRobinPolicy>();
    });

} // namespace

} // namespace etcdlab
