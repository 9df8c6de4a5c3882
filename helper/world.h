// From a scenario to a simulated world, and through its run.
#pragma once

#include "helper/etcd-cluster-helper.h"
#include "helper/fault-injector.h"
#include "helper/kubernetes-helper.h"
#include "helper/scenario/scenario.h"
#include "helper/watch-recorder.h"
#include "model/monitoring/prometheus.h"
#include "model/proxy/tcp-proxy.h"
#include "model/transport/logging-network.h"
#include "model/transport/transport.h"
#include "model/workload/kv-client.h"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace etcdlab
{

/// The run could not be brought to its end; the message says why and what may help.
class RunError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/**
 * Everything a scenario describes, built of ns-3 nodes and applications. ns-3 has one simulator, so there
 * can be one world at a time; it leaves no trace when it is destroyed.
 *
 * The members start at time 0. When all of them serve, the proxies start; when each of these knows a leader, the
 * clients; and when these are connected to all their endpoints, they begin, and the faults' times count from
 * there. With the last request the run ends.
 */
class World
{
  public:
    /// @param scenario checked already; must outlive the world
    /// @param log keeps what nodes send each other; nullptr: nobody does. Must outlive the world
    explicit World(const Scenario& scenario, MessageLog* log = nullptr);
    ~World();

    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Called now and then while the simulation runs, with the requests ended so far and those to come in all.
    using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

    /**
     * Simulate to the end.
     *
     * @throws RunError if the cluster does not become ready, or no request ends any more, or the thesis'
     *         accounting has lost a committed entry
     * @throws raft::InvariantViolation if the protocol breaks a promise; with members' names and the seed
     */
    void Run(const Progress& progress = {});

    /// Simulate on for so long after Run, without requests: for what is still under way to settle.
    void RunOn(Duration time);

    /// Told of every request of every client (its number first) that ends; before Run.
    using RequestHandler = std::function<void(
        std::uint64_t client, const RequestRecord&, const Request&, const KvReply* answer)>;
    void OnRequestEnded(RequestHandler handler);

    /// Told of what happens to every watch of every client (its number first); before Run.
    using WatchHandler = std::function<void(std::uint64_t client, const WatchNews&)>;
    void OnWatch(WatchHandler handler);

    /// How long events took to those who watch; by the client's number, empty if nobody does.
    const std::vector<std::vector<Duration>>& GetWatchDelays() const
    {
        return m_watchRecorder.Delays();
    }

    /// Told of all work for processors, with the node of the member, the proxy or the API server; before Run.
    using CpuHandler = std::function<void(const std::string& node, const CpuWork&)>;
    void OnCpuWork(CpuHandler handler);

    const Scenario& GetScenario() const
    {
        return m_scenario;
    }

    /// Those of the start, and after them those that have joined since, each in its order.
    const std::vector<ns3::Ptr<EtcdMember>>& GetMembers() const
    {
        return m_members;
    }

    /// Empty until they start.
    const std::vector<ns3::Ptr<TcpProxy>>& GetProxies() const
    {
        return m_proxies;
    }

    /// Empty until they start.
    const std::vector<ns3::Ptr<KvClient>>& GetClients() const
    {
        return m_clients;
    }

    /// nullptr if the scenario has none.
    const Prometheus* GetPrometheus() const
    {
        return m_prometheus.get();
    }

    /// nullptr without a Kubernetes cluster, or before it starts.
    KubernetesHelper* GetKubernetes()
    {
        return m_kubernetes.get();
    }

    const KubernetesHelper* GetKubernetes() const
    {
        return m_kubernetes.get();
    }

    Wan& GetWan()
    {
        return m_wan;
    }

    Network& GetNetwork()
    {
        return m_network;
    }

    /// What faults have struck so far.
    const FaultLog& GetFaultLog() const;

    /// Told of each fault as it strikes and, again, as it heals; before Run.
    void OnFault(std::function<void(const FaultRecord&)> handler);

    /// Told of each member that is made while the simulation runs, just before it starts; before Run.
    void OnJoined(std::function<void(const ns3::Ptr<EtcdMember>&)> handler);

    const raft::InvariantChecker& GetChecker() const
    {
        return m_cluster.GetChecker();
    }

    /// The simulated time at which the last request ended.
    Duration GetEnd() const
    {
        return m_end;
    }

  private:
    void BuildNetwork();
    void BuildPrometheus();
    void BuildProxies();
    void BuildClients();
    void BuildKubernetes();
    bool ClientsAreReady() const;
    void RecordWatches(KvClient& client, std::uint64_t number);
    std::vector<Endpoint> EndpointsOf(const std::string& client) const;
    /// Start what comes next once all that has been started is ready.
    void Advance();
    void Begin();
    void StartFaults();
    template <class Process>
    void FollowCpu(Process& process, const std::string& node);
    ns3::Ptr<EtcdMember> Join(const std::string& name);
    void FollowRevisions(const ns3::Ptr<EtcdMember>& member);
    void ReportProgress(const Progress& progress);
    /// Ends the run if no request has ended since it was called last.
    void WatchStall(std::uint64_t endedBefore);
    std::uint64_t RequestsEnded() const;
    std::string WhyNotReady() const;

    const Scenario& m_scenario;
    std::unique_ptr<Transport> m_transport;
    Wan& m_wan;
    std::unique_ptr<LoggingNetwork> m_logging; //!< nullptr without a log
    Network& m_network;
    EtcdClusterHelper m_cluster;
    std::vector<ns3::Ptr<EtcdMember>> m_members;
    std::unique_ptr<Prometheus> m_prometheus;
    std::vector<ns3::Ptr<TcpProxy>> m_proxies;
    std::vector<Endpoint> m_proxyEndpoints; //!< one for each client, or one for all
    std::vector<ns3::Ptr<KvClient>> m_clients;
    std::unique_ptr<KubernetesHelper> m_kubernetes; //!< nullptr as above
    RequestHandler m_requestEnded;
    WatchHandler m_watchNews;
    CpuHandler m_cpuWorked;
    WatchRecorder m_watchRecorder;
    std::unique_ptr<FaultInjector> m_faults; //!< nullptr without faults, or before they start
    std::function<void(const FaultRecord&)> m_faultHandler;
    std::function<void(const ns3::Ptr<EtcdMember>&)> m_memberJoined;
    std::size_t m_clientsDone = 0;
    enum class Phase
    {
        MEMBERS, //!< have been started
        PROXIES,
        CLIENTS,
        WORKLOAD
    };

    Phase m_phase = Phase::MEMBERS;
    bool m_stalled = false;
    Duration m_end{0};
};

} // namespace etcdlab
