#include "model/transport/balancer.h"

namespace etcdlab
{
namespace
{

/// All calls to one endpoint: the first in order that can be reached, kept until its connection
/// breaks (grpc-go pickfirst.go, which tries the addresses one after the other; here all
/// connections exist, so an endpoint waits for those before it to become ready or to fail).
class PickFirst : public Balancer
{
  public:
    void OnChange(const SubConnStates& states) override
    {
        if (m_current && states[*m_current] == SubConnState::READY)
        {
            return;
        }
        m_current.reset();
        for (std::size_t i = 0; i < states.size() && states[i] != SubConnState::CONNECTING; ++i)
        {
            if (states[i] == SubConnState::READY)
            {
                m_current = i;
                return;
            }
        }
    }

    std::optional<std::size_t> Pick() override
    {
        return m_current;
    }

  private:
    std::optional<std::size_t> m_current;
};

const bool balancerPickFirstRegistered =
    BalancerRegistry::Add("pick-first",
                          "all calls to the first endpoint that can be reached, until it breaks",
                          [](const BalancerContext&) { return std::make_unique<PickFirst>(); });

} // namespace
} // namespace etcdlab
