// A node's kubelet: its lease, its status, its pods.
#pragma once

#include "model/kubernetes/client-limits.h"
#include "model/kubernetes/event-recorder.h"
#include "model/kubernetes/pod-worker.h"
#include "model/kubernetes/status-manager.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace etcdlab::kube
{

/**
 * pkg/kubelet/kubelet.go. Renews its lease every 10 s (one write), looks at its node's status as often (from the
 * watch cache) and writes it when it has changed, or every 5 min; runs the pods that are bound to it.
 */
class Kubelet : private PodHost
{
  public:
    /// What all kubelets of a cluster share.
    struct Common
    {
        KubeletConfig config;
        std::function<std::unique_ptr<ApiClient>(const std::string& component)> makeClient;
        const ProgramTable* programs = nullptr;
        Random random;
        Informer* pods =
            nullptr; //!< stands for the watches of each kubelet for the pods of its node
    };

    /// @param common must outlive it
    Kubelet(const Common& common, std::string name, int number);
    ~Kubelet() override;

    void Start();

    /// The node is gone: nothing runs and nobody is told.
    void Crash();

    /// It is back, with containers to be started again.
    void Restart();

    bool Running() const
    {
        return m_process != nullptr;
    }

    const std::string& Name() const
    {
        return m_name;
    }

    /// A pod of this node is there, has changed, or is gone.
    void PodChanged(const ObjectPtr& pod);
    void PodGone(const ObjectPtr& pod);

  private:
    struct Process;

    const KubeletConfig& Config() const override;
    Random Chance() const override;
    bool Pull(const ContainerSpec& container, std::function<void()> pulled) override;
    Duration ToRelist() const override;
    void RecordEvent(const Object& pod,
                     const std::string& reason,
                     const std::string& container) override;
    void StatusChanged(const Object& pod, const PodStatus& status) override;
    void Stopped(const Object& pod, const PodStatus& status) override;
    std::unique_ptr<Program> MakeProgram(const ObjectPtr& pod,
                                         const ContainerSpec& container) override;

    Task<> Boot();
    Task<> RenewLease();
    Task<> WatchNode();
    Task<> PullNext();

    const Common& m_common;
    std::string m_name;
    int m_number;
    int m_addresses = 0;
    std::set<std::string> m_images; //!< on the node; containers of one name have one image
    std::unique_ptr<Process> m_process;
};

} // namespace etcdlab::kube
