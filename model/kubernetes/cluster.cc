#include "model/kubernetes/cluster.h"

#include "model/kubernetes/controller.h"

#include <stdexcept>

namespace etcdlab::kube
{

namespace
{

const std::string SCHEDULER = "kube-scheduler";
const std::string CONTROLLER_MANAGER = "kube-controller-manager";

// --kube-api-qps, --kube-api-burst of the controller manager (of each controller) and of the scheduler
constexpr double CONTROLLER_RATE = 20;
constexpr int CONTROLLER_BURST = 30;
constexpr double SCHEDULER_RATE = 50;
constexpr int SCHEDULER_BURST = 100;

} // namespace

struct Cluster::Component
{
    std::unique_ptr<ApiClient> client; //!< of the election
    std::unique_ptr<LeaderElector> elector;
    std::shared_ptr<void> process;
    ns3::EventId restart;
};

struct Cluster::ControllerManager
{
    ControllerManager(Cluster& cluster)
        : informers(cluster.m_makeClient(CONTROLLER_MANAGER), cluster.m_random),
          context{informers,
                  [&cluster](const std::string& name) {
                      const bool own = cluster.m_config.serviceAccountCredentials &&
                                       cluster.m_config.version != "1.19" &&
                                       name != "tokens-controller";
                      return LimitClient(cluster.m_makeClient(name),
                                         {CONTROLLER_RATE, CONTROLLER_BURST, own ? name : ""});
                  },
                  cluster.m_names,
                  cluster.m_random,
                  cluster.m_config.version != "1.19"},
          controllers(MakeControllers(context))
    {
        informers.Start([this] {
            for (const auto& controller : controllers)
            {
                controller->Start();
            }
        });
    }

    InformerFactory informers;
    ControllerContext context;
    std::vector<ControllerPtr> controllers;
};

struct Cluster::SchedulerProcess
{
    SchedulerProcess(Cluster& cluster)
        : informers(cluster.m_makeClient(SCHEDULER), cluster.m_random),
          scheduler(
              LimitClient(cluster.m_makeClient(SCHEDULER), {SCHEDULER_RATE, SCHEDULER_BURST, ""}),
              informers)
    {
        informers.Start([this] { scheduler.Start(); });
    }

    InformerFactory informers;
    Scheduler scheduler;
};

Cluster::Cluster(ClusterConfig config, MakeClient makeClient, Random random)
    : m_config(std::move(config)),
      m_makeClient(std::move(makeClient)),
      m_random(std::move(random)),
      m_kubelets(m_makeClient("kubelets"), m_random),
      m_phases(m_kubelets.For("pods")),
      m_common{m_config.kubelet, m_makeClient, &m_programs, m_random, &m_kubelets.For("pods")}
{
    for (int number = 1; number <= m_config.nodes; ++number)
    {
        const auto name = m_config.nodePrefix + std::to_string(number);
        m_nodes.emplace(name, std::make_unique<Kubelet>(m_common, name, number));
    }
    const auto tell = [this](const ObjectPtr& pod, void (Kubelet::*what)(const ObjectPtr&)) {
        if (const auto node = m_nodes.find(PodOf(*pod).spec.nodeName); node != m_nodes.end())
        {
            ((*node->second).*what)(pod);
        }
    };
    m_kubelets.For("pods").AddHandlers(
        {[tell](const ObjectPtr& pod) { tell(pod, &Kubelet::PodChanged); },
         [tell](const ObjectPtr&, const ObjectPtr& pod) { tell(pod, &Kubelet::PodChanged); },
         [tell](const ObjectPtr& pod) { tell(pod, &Kubelet::PodGone); }});
}

Cluster::~Cluster()
{
    for (const auto& [name, component] : m_components)
    {
        component->restart.Cancel();
    }
}

ProgramTable&
Cluster::Programs()
{
    return m_programs;
}

void
Cluster::Start()
{
    m_kubelets.Start([] {});
    for (const auto& [name, node] : m_nodes)
    {
        node->Start();
    }
    if (m_config.scheduler)
    {
        StartComponent(SCHEDULER);
    }
    if (m_config.controllerManager)
    {
        StartComponent(CONTROLLER_MANAGER);
    }
}

std::shared_ptr<void>
Cluster::MakeProcess(const std::string& name)
{
    if (name == SCHEDULER)
    {
        return std::make_shared<SchedulerProcess>(*this);
    }
    return std::make_shared<ControllerManager>(*this);
}

void
Cluster::StartComponent(const std::string& name)
{
    auto& component = m_components[name];
    component = std::make_unique<Component>();
    if (!m_config.leaderElection)
    {
        component->process = MakeProcess(name);
        return;
    }
    component->client = m_makeClient(name);
    const ElectionConfig election{*m_config.leaderElection, name, "master"};
    component->elector = std::make_unique<LeaderElector>(
        *component->client,
        election,
        m_random,
        LeaderElector::Callbacks{[this, name] { m_components[name]->process = MakeProcess(name); },
                                 [this, name] { Lost(name); }});
    component->elector->Start();
}

/// Who loses the lead exits, and its own kubelet starts it again.
void
Cluster::Lost(const std::string& name)
{
    m_components[name]->restart = ns3::Simulator::ScheduleNow([this, name] {
        m_components[name]->process.reset();
        m_components[name]->restart = ns3::Simulator::Schedule(
            ToTime(m_config.restartDelay), [this, name] { StartComponent(name); });
    });
}

Kubelet&
Cluster::Node(const std::string& name)
{
    const auto found = m_nodes.find(name);
    if (found == m_nodes.end())
    {
        throw std::out_of_range("no node is called \"" + name + "\"");
    }
    return *found->second;
}

std::vector<std::string>
Cluster::NodeNames() const
{
    std::vector<std::string> names;
    for (const auto& [name, node] : m_nodes)
    {
        names.push_back(name);
    }
    return names;
}

const PodPhaseRecord&
Cluster::Phases() const
{
    return m_phases;
}

} // namespace etcdlab::kube
