#include "model/transport/balancer.h"

#include <utility>

namespace etcdlab
{
namespace
{

/// One ready endpoint after the other. The turn starts anew whenever the set of ready ones changes
/// (etcd 3.4.23 clientv3/balancer/picker/roundrobin_balanced.go; there in random order, here in the
/// endpoints' order unless a random source is given).
class RoundRobin : public Balancer
{
  public:
    explicit RoundRobin(const BalancerContext& context)
        : m_random(context.random)
    {
    }

    void OnChange(const SubConnStates& states) override
    {
        std::vector<bool> ready;
        for (const SubConnState state : states)
        {
            ready.push_back(state == SubConnState::READY);
        }
        if (ready == m_ready)
        {
            return;
        }
        m_ready = ready;
        m_next = 0;
        m_order.clear();
        for (std::size_t i = 0; i < ready.size(); ++i)
        {
            if (ready[i])
            {
                m_order.push_back(i);
            }
        }
        for (std::size_t left = m_random ? m_order.size() : 0; left > 1; --left)
        {
            std::swap(m_order[left - 1], m_order[m_random(left)]);
        }
    }

    std::optional<std::size_t> Pick() override
    {
        if (m_order.empty())
        {
            return std::nullopt;
        }
        const std::size_t turn = m_next;
        m_next = (m_next + 1) % m_order.size();
        return m_order[turn];
    }

  private:
    std::function<std::size_t(std::size_t)> m_random;
    std::vector<bool> m_ready;
    std::vector<std::size_t> m_order;
    std::size_t m_next = 0; //!< position in m_order
};

const bool balancerRoundRobinRegistered = BalancerRegistry::Add(
    "round-robin",
    "each call to the next connected endpoint, as etcd's client does",
    [](const BalancerContext& context) { return std::make_unique<RoundRobin>(context); });

} // namespace
} // namespace etcdlab
