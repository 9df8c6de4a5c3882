// A kube-apiserver: its storages, what it does on its own, and its door for components.
#pragma once

#include "model/base/cpu.h"
#include "model/kubernetes/registry-store.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::kube
{

class ApiServerLoops;
class Bootstrap;
class DefinitionControllers;

/// What an API server needs to know, its settings aside.
struct ApiServerSetup
{
    KubernetesConfig config;
    ClientConfig client; //!< how its etcd clients spread their calls
    Network* network = nullptr;
    ns3::Ptr<ns3::Node> node;
    std::vector<Endpoint> endpoints;
    std::uint64_t number = 0; //!< among the API servers, from 0
    std::uint64_t count = 1;  //!< of them
    std::int64_t streams = 0; //!< first random stream it may use
};

/// A component's connection to an API server.
struct ComponentOptions
{
    std::string component;           //!< who asks: in api-requests.csv
    std::string origin;              //!< in etcd-requests.csv; empty: as component
    std::optional<Duration> latency; //!< one way; nothing: the scenario's
    double qps = 0;                  //!< client-go's rate limit; 0: none
    std::uint64_t burst = 1;         //!< requests that may exceed it
};

/**
 * kube-apiserver 1.19 or 1.20 with its default flags. For each version of each resource it has a storage with an etcd
 * client of its own; it keeps watch caches, serves components, looks after itself (ApiServerLoops) and after custom
 * resource definitions. What it asks of etcd is real network traffic; between it and components there is a delay
 * only. Requests share its processor cores.
 *
 * Not modelled: limits of requests in flight (and priority and fairness beyond its own requests), authentication,
 * webhooks, the crash of an API server.
 */
class ApiServer
{
  public:
    /// @param data outlives it
    ApiServer(ApiServerSetup setup, ClusterData& data);
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    /// Connect to etcd, fill the watch caches and make what every cluster has.
    void Start();

    /// Connected, every watch stands, and its own objects are there.
    bool IsReady() const;

    /// A component's way to it; the server outlives it.
    std::unique_ptr<ApiClient> Connect(ComponentOptions options);

    RequestLog& Log()
    {
        return m_log;
    }

    /// Told of all work for its processor.
    void OnCpuWork(ProcessCpu::Handler handler)
    {
        m_cpu.OnWork(std::move(handler));
    }

    ClusterData& Data()
    {
        return m_data;
    }

    const ApiServerSetup& Setup() const
    {
        return m_setup;
    }

    const EtcdAccess& Access() const
    {
        return m_access;
    }

    /// etcd clients, each with a connection to each endpoint, and watches that stand.
    std::size_t EtcdClients() const;
    std::size_t EtcdWatches() const;

    /// All storages of a type that exist; the first one is the one requests go to.
    std::vector<ResourceStorage*> Storages(const ResourceType& type);

    RangeAllocator& ServiceIps()
    {
        return m_serviceIps;
    }

    RangeAllocator& NodePorts()
    {
        return m_nodePorts;
    }

    // --- What connections and the server's own parts ask ---

    using Work = std::function<void(RegistryStore&, const Context&, RegistryStore::Done)>;

    /// A request whose body has `bytes`: processor time, then the work with the type's registry, within the time limit.
    void Handle(const ResourceType& type,
                bool write,
                std::uint32_t bytes,
                std::string_view origin,
                Work work,
                RegistryStore::Done done);

    /// The registry of a type, of whose storage there is none before the first request if it is custom; nullptr if
    /// the type is not served.
    RegistryStore* RegistryOf(const ResourceType& type);

    /// When work that takes so much processor time is done.
    /// @param what a name for it, of static storage
    Duration Spend(Duration work, const char* what);

    double Random()
    {
        return m_random->GetValue(0, 1);
    }

  private:
    struct Resource
    {
        std::vector<std::unique_ptr<ResourceStorage>> storages;
        std::unique_ptr<RegistryStore> registry;
    };

    Resource& Build(const ResourceType& type);
    bool IsServed(const ResourceType& type);
    int StoragesOf(const ResourceType& type) const;

    ApiServerSetup m_setup;
    ClusterData& m_data;
    ProcessCpu m_cpu;
    RequestLog m_log;
    ns3::Ptr<ns3::UniformRandomVariable> m_random;
    std::int64_t m_nextStream;
    EtcdAccess m_access;
    RangeAllocator m_serviceIps;
    RangeAllocator m_nodePorts;
    std::map<const ResourceType*, Resource>
        m_resources; //!< looked up only: the order of addresses has no effect
    std::vector<const ResourceType*> m_built; //!< in order
    std::unique_ptr<Admission> m_admission;
    std::unique_ptr<LeaseManager> m_eventLeases;
    std::unique_ptr<ApiServerLoops> m_loops;
    std::unique_ptr<DefinitionControllers> m_definitions;
    std::unique_ptr<Bootstrap> m_bootstrap;
    bool m_started = false;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab::kube
