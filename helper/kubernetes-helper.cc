#include "helper/kubernetes-helper.h"

#include "helper/random-streams.h"
#include "model/base/clock.h"
#include "model/kubernetes/profile-programs.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

/// Parts of the control plane, which run beside an API server of their own; of the others, those that are many are
/// called "kind/name".
bool
IsControlPlane(const std::string& component)
{
    return component != "kubelets" && component.find('/') == std::string::npos;
}

/// What the log of requests to etcd calls a component: without a node's or a release's name.
std::string
OriginOf(const std::string& component)
{
    const auto slash = component.find('/');
    if (slash == std::string::npos)
    {
        return component;
    }
    const auto first = component.substr(0, slash);
    return first == "kubelet" || first == "client" ? first : component.substr(slash + 1);
}

std::optional<kube::LockType>
LockOf(const kube::KubernetesConfig& config)
{
    const auto lock =
        config.resourceLock.value_or(config.version == "1.19" ? "endpointsleases" : "leases");
    if (lock == "none")
    {
        return std::nullopt;
    }
    return lock == "leases" ? kube::LockType::LEASES : kube::LockType::ENDPOINTS_LEASES;
}

} // namespace

KubernetesHelper::KubernetesHelper(Network& network, const Scenario& scenario)
    : m_network(network),
      m_scenario(scenario),
      m_data(scenario.kubernetes->apiServer),
      m_random(ns3::CreateObject<ns3::UniformRandomVariable>())
{
    m_random->SetStream(CLUSTER_STREAM);
}

KubernetesHelper::~KubernetesHelper() = default;

void
KubernetesHelper::Install(const Wan& wan,
                          const std::string& node,
                          const std::vector<Endpoint>& endpoints)
{
    kube::ApiServerSetup setup;
    setup.config = *m_scenario.kubernetes;
    setup.client = m_scenario.client;
    setup.network = &m_network;
    setup.node = wan.GetNode(node);
    setup.endpoints = endpoints;
    setup.number = m_servers.size();
    setup.count = m_scenario.ClientNodes().size();
    setup.streams =
        KUBERNETES_STREAMS + static_cast<std::int64_t>(setup.number) * KUBERNETES_STRIDE;
    m_servers.push_back(std::make_unique<kube::ApiServer>(std::move(setup), m_data));
    m_servers.back()->Start();
}

bool
KubernetesHelper::IsReady()
{
    if (!std::all_of(
            m_servers.begin(), m_servers.end(), [](const auto& each) { return each->IsReady(); }))
    {
        return false;
    }
    if (!m_cluster)
    {
        StartCluster();
    }
    return Now() >= m_settled;
}

void
KubernetesHelper::StartCluster()
{
    const auto& config = *m_scenario.kubernetes;
    kube::ClusterConfig cluster;
    cluster.version = config.version;
    cluster.nodes = static_cast<int>(config.nodes);
    cluster.kubelet = config.kubelet;
    cluster.scheduler = config.components;
    cluster.controllerManager = config.components;
    cluster.serviceAccountCredentials = config.serviceAccountCredentials;
    cluster.leaderElection = LockOf(config);
    m_cluster = std::make_unique<kube::Cluster>(
        cluster,
        [this](const std::string& component) { return Connect(component); },
        [this] { return m_random->GetValue(); });
    if (config.profile)
    {
        const auto profile = std::make_shared<const kube::Profile>(*config.profile);
        m_workload = std::make_unique<kube::WorkloadRun>(
            profile, [this](const std::string& node, bool on) { Power(node, on); });
        for (const auto& release : config.releases)
        {
            kube::AddPrograms(m_cluster->Programs(), profile, release);
            m_users.push_back(Connect("client/" + release));
            m_workload->Add(*m_users.back(), release);
        }
    }
    m_cluster->Start();
    m_settled = Now() + config.settle;
}

std::unique_ptr<kube::ApiClient>
KubernetesHelper::Connect(const std::string& component)
{
    kube::ComponentOptions options;
    options.component = component;
    options.origin = OriginOf(component);
    const auto server = IsControlPlane(component) ? 0 : m_connections++ % m_servers.size();
    return m_servers[server]->Connect(std::move(options));
}

void
KubernetesHelper::Power(const std::string& node, bool on)
{
    auto& kubelet = m_cluster->Node(node);
    on ? kubelet.Restart() : kubelet.Crash();
}

std::string
KubernetesHelper::WhyNotReady() const
{
    for (const auto& server : m_servers)
    {
        if (!server->IsReady())
        {
            return "the API server on " + m_scenario.ClientNodes()[server->Setup().number] +
                   " has not made what every cluster has: it has " +
                   std::to_string(server->EtcdWatches()) + " watches of etcd, and " +
                   std::to_string(server->Log().Ended()) + " requests of it have ended";
        }
    }
    return "";
}

void
KubernetesHelper::Begin(std::function<void()> done)
{
    m_begin = Now();
    for (const auto& server : m_servers)
    {
        server->Log().Clear();
    }
    m_done = std::move(done);
    m_partsOpen = 1;
    if (m_workload)
    {
        ++m_partsOpen;
        m_workload->Begin([this] { EndPart(); });
    }
    ns3::Simulator::Schedule(
        ToTime(m_scenario.kubernetes->duration), &KubernetesHelper::EndPart, this);
}

void
KubernetesHelper::EndPart()
{
    if (--m_partsOpen == 0)
    {
        m_done();
    }
}

std::vector<kube::ReleaseResult>
KubernetesHelper::Releases() const
{
    return m_workload ? m_workload->Results() : std::vector<kube::ReleaseResult>{};
}

std::uint64_t
KubernetesHelper::RequestsEnded() const
{
    std::uint64_t ended = 0;
    for (const auto& server : m_servers)
    {
        ended += server->Log().Ended();
    }
    return ended;
}

} // namespace etcdlab
