// etcd leases under which an API server puts what shall vanish by itself.
#pragma once

#include "model/etcd/pure/lessor.h"
#include "model/kubernetes/store.h"

#include <functional>
#include <optional>
#include <vector>

namespace etcdlab::kube
{

/**
 * storage/etcd3/lease_manager.go: one lease serves all that is written within a minute, or within 5 % of the time
 * to live if that is shorter; it lives longer by as much. Whoever asks while one is being granted waits for it.
 */
class LeaseManager
{
  public:
    /// @param error if there is no lease
    using Done = std::function<void(LeaseId lease, const std::optional<ApiError>& error)>;

    /// @param ttl for how long what is written shall be kept
    LeaseManager(EtcdClient& client, Duration ttl);

    void Get(Done done);

  private:
    EtcdClient& m_client;
    Duration m_ttl;
    LeaseId m_lease = 0;
    Duration m_until{0}; //!< it is used
    std::vector<Done> m_waiting;
};

} // namespace etcdlab::kube
