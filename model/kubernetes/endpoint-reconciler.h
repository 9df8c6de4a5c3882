// Keeps an API server's address in the endpoints of the service "kubernetes", and the system's namespaces there.
#pragma once

#include "model/kubernetes/lease-manager.h"

#include <ns3/event-id.h>

#include <functional>
#include <memory>
#include <vector>

namespace etcdlab::kube
{

class ApiServer;

/**
 * pkg/master/controller.go and reconcilers/lease.go of Kubernetes 1.20. Every 10 s, one after the other: the
 * namespace, the service, the server's own lease read, granted and written, the endpoints, all leases, the slice. The
 * leases live for 15 s. Every minute the three namespaces of the system are read.
 */
class EndpointReconciler
{
  public:
    explicit EndpointReconciler(ApiServer& server);
    ~EndpointReconciler();

    void Connect();
    void Start();

    EtcdClient& Client()
    {
        return m_client;
    }

  private:
    using Step = std::function<void(std::function<void()> next)>;

    void Round();
    void Namespaces();
    void Do(std::shared_ptr<std::vector<Step>> steps, std::size_t first);
    Step Read(const char* resource, const char* nameSpace, const char* name);
    void RenewLease(std::function<void()> next);

    ApiServer& m_server;
    ResourceType m_type;
    ObjectKey m_key;
    EtcdClient m_client;
    Store m_store;
    LeaseManager m_leases;
    std::uint64_t m_renewals = 0;
    bool m_busy = false;
    ns3::EventId m_round;
    ns3::EventId m_namespaces;
};

} // namespace etcdlab::kube
