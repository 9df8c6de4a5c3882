// From a scenario to a simulated world, and through its run.
#pragma once

#include "helper/etcd-cluster-helper.h"
#include "helper/scenario/scenario.h"
#include "model/proxy/tcp-proxy.h"
#include "model/transport/tcp-network.h"
#include "model/transport/wan-link.h"
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
 * clients; and when these are connected to all their endpoints, they begin. With the last request the run ends.
 */
class World
{
  public:
    /// @param scenario checked already; must outlive the world
    explicit World(const Scenario& scenario);
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
    using RequestHandler = std::function<
        void(std::uint64_t client, const RequestRecord&, const Request&, const KvReply* answer)>;
    void OnRequestEnded(RequestHandler handler);

    const Scenario& GetScenario() const
    {
        return m_scenario;
    }

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

    WanBuilder& GetWan()
    {
        return m_wan;
    }

    TcpNetwork& GetNetwork()
    {
        return m_network;
    }

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
    void BuildProxies();
    void BuildClients();
    std::vector<Endpoint> EndpointsOf(const std::string& client) const;
    /// Start what comes next once all that has been started is ready.
    void Advance();
    void Begin();
    void ReportProgress(const Progress& progress);
    /// Ends the run if no request has ended since it was called last.
    void WatchStall(std::uint64_t endedBefore);
    std::uint64_t RequestsEnded() const;
    std::string WhyNotReady() const;

    const Scenario& m_scenario;
    WanBuilder m_wan;
    TcpNetwork m_network;
    EtcdClusterHelper m_cluster;
    std::vector<ns3::Ptr<EtcdMember>> m_members;
    std::vector<ns3::Ptr<TcpProxy>> m_proxies;
    std::vector<Endpoint> m_proxyEndpoints; //!< one for each client, or one for all
    std::vector<ns3::Ptr<KvClient>> m_clients;
    RequestHandler m_requestEnded;
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
