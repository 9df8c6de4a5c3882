// What an API server asks of etcd whether anybody uses it or not.
#pragma once

#include "model/kubernetes/compactor.h"
#include "model/kubernetes/endpoint-reconciler.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace etcdlab::kube
{

class ApiServer;

/**
 * Health checks (each reads /registry/health), the size of each member's database, the reads of priority and
 * fairness (1.20), the repair of service addresses and node ports; and the reconciler and the compactor, which have files
 * of their own. Storages count their objects themselves.
 */
class ApiServerLoops
{
  public:
    explicit ApiServerLoops(ApiServer& server);
    ~ApiServerLoops();

    void Connect();
    void Start();
    bool IsConnected() const;

    std::size_t EtcdClients() const
    {
        return 3;
    }

  private:
    /// Unless it is gone by then.
    void After(Duration pause, std::function<void()> what);
    void Probe(Duration interval);
    void AskSize(std::size_t endpoint);
    void ReadPriorities();
    void ReadNext(std::size_t number);
    void Repair();

    ApiServer& m_server;
    EtcdClient m_health;
    EndpointReconciler m_reconciler;
    Compactor m_compactor;
    std::map<std::size_t, std::unique_ptr<GrpcChannel>>
        m_sizeChannels; //!< one for each question, by endpoint
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab::kube
