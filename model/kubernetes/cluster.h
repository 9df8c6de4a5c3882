// A Kubernetes cluster before its API server: kubelets, scheduler, controller manager.
#pragma once

#include "model/kubernetes/controller.h"
#include "model/kubernetes/kubelet.h"
#include "model/kubernetes/leader-election.h"
#include "model/kubernetes/pod-phases.h"
#include "model/kubernetes/scheduler.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::kube
{

struct ClusterConfig
{
    std::string version = "1.20"; //!< or "1.19": slices of IPv4 only
    int nodes = 2;
    std::string nodePrefix = "worker"; //!< of their names, before 1, 2 …
    KubeletConfig kubelet;
    bool scheduler = true;
    bool controllerManager = true;
    std::optional<LockType> leaderElection = LockType::LEASES; //!< of both; nothing: they just run
    /// Each controller asks as a service account of its own, and gets that a token first (1.20, kubeadm).
    bool serviceAccountCredentials = true;
    Duration restartDelay =
        std::chrono::seconds(10); //!< of a component that has lost its lead; assumed
};

/**
 * Everything that acts on API objects, each with a client of its own that `makeClient` makes for its name:
 * "kubelet/<node>", "kubelets" (the pods that all of them watch), "kube-scheduler", "kube-controller-manager" (elections
 * and informers), the controllers' names ("deployment-controller" …), and the names of programs.
 */
class Cluster
{
  public:
    using MakeClient = std::function<std::unique_ptr<ApiClient>(const std::string& component)>;

    Cluster(ClusterConfig config, MakeClient makeClient, Random random);
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    /// What containers may run; before their pods start.
    ProgramTable& Programs();

    void Start();

    /// @throws std::out_of_range if there is no such node
    Kubelet& Node(const std::string& name);
    std::vector<std::string> NodeNames() const;

    const PodPhaseRecord& Phases() const;

  private:
    /// A component that leads or waits to.
    struct Component;
    struct ControllerManager;
    struct SchedulerProcess;

    void StartComponent(const std::string& name);
    void Lost(const std::string& name);
    std::shared_ptr<void> MakeProcess(const std::string& name);

    ClusterConfig m_config;
    MakeClient m_makeClient;
    Random m_random;
    ProgramTable m_programs;
    NameSource m_names;
    InformerFactory m_kubelets;
    PodPhaseRecord m_phases;
    Kubelet::Common m_common;
    std::map<std::string, std::unique_ptr<Kubelet>> m_nodes;
    std::map<std::string, std::unique_ptr<Component>> m_components;
};

} // namespace etcdlab::kube
