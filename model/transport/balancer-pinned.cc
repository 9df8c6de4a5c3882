#include "model/transport/balancer.h"

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{
namespace
{

/// All calls to one endpoint, named by the scenario. While it cannot be reached, calls wait.
class Pinned : public Balancer
{
  public:
    explicit Pinned(const BalancerContext& context)
    {
        if (context.pinned.empty())
        {
            return;
        }
        const auto found =
            std::find(context.endpoints.begin(), context.endpoints.end(), context.pinned);
        if (found == context.endpoints.end())
        {
            throw std::invalid_argument("pinned endpoint: " +
                                        UnknownName(context.pinned, context.endpoints));
        }
        m_index = static_cast<std::size_t>(found - context.endpoints.begin());
    }

    void OnChange(const SubConnStates& states) override
    {
        m_ready = m_index < states.size() && states[m_index] == SubConnState::READY;
    }

    std::optional<std::size_t> Pick() override
    {
        return m_ready ? std::optional(m_index) : std::nullopt;
    }

  private:
    std::size_t m_index = 0;
    bool m_ready = false;
};

const bool balancerPinnedRegistered = BalancerRegistry::Add(
    "pinned",
    "all calls to client.pinned_endpoint, waiting while it is away",
    [](const BalancerContext& context) { return std::make_unique<Pinned>(context); });

} // namespace
} // namespace etcdlab
