// Puts a Kubernetes cluster's API servers on nodes, starts what acts on their objects, and says when its run is over.
#pragma once

#include "helper/scenario/scenario.h"
#include "model/kubernetes/api-server.h"
#include "model/kubernetes/cluster.h"
#include "model/kubernetes/release-run.h"
#include "model/transport/wan.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * The Kubernetes side of a world: one API server on each client node, all with the same settings. When all of them are
 * ready, kubelets, scheduler and controller manager start, and `settle` later the run may begin.
 *
 * Scheduler and controller manager talk to the first API server; all others take the API servers in turn, one for each
 * connection, as behind a load balancer.
 */
class KubernetesHelper
{
  public:
    /// @param scenario has a `kubernetes` block; it and the network outlive this
    KubernetesHelper(Network& network, const Scenario& scenario);
    ~KubernetesHelper();

    /// An API server, started at once. @param endpoints where it finds etcd
    void Install(const Wan& wan, const std::string& node, const std::vector<Endpoint>& endpoints);

    /// All API servers are, and what has started since has had time to settle.
    bool IsReady();

    /// Why it is not.
    std::string WhyNotReady() const;

    /// From now on requests count, and the releases begin. `done` is called when the run is over.
    void Begin(std::function<void()> done);

    /// When that was.
    Duration GetBegin() const
    {
        return m_begin;
    }

    /// Requests to etcd that have ended, those before Begin included.
    std::uint64_t RequestsEnded() const;

    kube::ClusterData& Data()
    {
        return m_data;
    }

    const std::vector<std::unique_ptr<kube::ApiServer>>& ApiServers() const
    {
        return m_servers;
    }

    /// nullptr before it starts.
    const kube::Cluster* GetCluster() const
    {
        return m_cluster.get();
    }

    /// What came of the releases so far.
    std::vector<kube::ReleaseResult> Releases() const;

  private:
    void StartCluster();
    std::unique_ptr<kube::ApiClient> Connect(const std::string& component);
    void Power(const std::string& node, bool on);
    void EndPart();

    Network& m_network;
    const Scenario& m_scenario;
    kube::ClusterData m_data;
    std::vector<std::unique_ptr<kube::ApiServer>> m_servers;
    std::size_t m_connections = 0; //!< made in turn
    ns3::Ptr<ns3::UniformRandomVariable> m_random;
    std::unique_ptr<kube::Cluster> m_cluster;
    std::vector<std::unique_ptr<kube::ApiClient>> m_users; //!< of the releases
    std::unique_ptr<kube::WorkloadRun> m_workload;
    Duration m_settled{0}; //!< of the cluster
    Duration m_begin{0};
    int m_partsOpen = 0; //!< of the duration and the releases
    std::function<void()> m_done;
};

} // namespace etcdlab
