#include "model/kubernetes/lease-manager.h"

#include "model/base/clock.h"
#include "model/kubernetes/origins.h"

#include <algorithm>
#include <utility>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

/// Whole seconds (lease_manager.go:getReuseDurationSecondsLocked).
Duration
ReuseFor(Duration ttl)
{
    return std::min<Duration>(60s, std::chrono::floor<std::chrono::seconds>(ttl / 20));
}

} // namespace

LeaseManager::LeaseManager(EtcdClient& client, Duration ttl)
    : m_client(client),
      m_ttl(ttl)
{
}

void
LeaseManager::Get(Done done)
{
    if (m_waiting.empty() && m_lease != 0 && Now() < m_until)
    {
        done(m_lease, std::nullopt);
        return;
    }
    m_waiting.push_back(std::move(done));
    if (m_waiting.size() > 1)
    {
        return;
    }
    const auto until = Now() + ReuseFor(m_ttl);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(m_ttl + ReuseFor(m_ttl)).count();
    m_client.Call(LeaseGrantRequest{seconds, 0},
                  "LeaseGrant",
                  {ORIGIN_LEASE},
                  [this, until](const EtcdClient::Result& result) {
                      std::optional<ApiError> error;
                      if (result.Ok())
                      {
                          m_lease = std::get<LeaseGrantResponse>(*result.response).id;
                          m_until = until;
                      }
                      else
                      {
                          m_lease = 0;
                          error = ErrorOf(result);
                      }
                      for (const auto& each : std::exchange(m_waiting, {}))
                      {
                          each(m_lease, error);
                      }
                  });
}

} // namespace etcdlab::kube
