// One pod on its node: volumes, sandbox, containers, restarts, the end.
#pragma once

#include "model/kubernetes/program.h"
#include "model/kubernetes/pure/kubelet-config.h"
#include "model/kubernetes/task.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// What a pod's worker needs of its kubelet.
class PodHost
{
  public:
    virtual ~PodHost() = default;

    virtual const KubeletConfig& Config() const = 0;
    virtual Random Chance() const = 0;

    /// Pulls an image unless it is here; call back when it is. @return false: it is here already
    virtual bool Pull(const ContainerSpec& container, std::function<void()> pulled) = 0;

    /// From now to the next relist of containers.
    virtual Duration ToRelist() const = 0;

    virtual void RecordEvent(const Object& pod,
                             const std::string& reason,
                             const std::string& container) = 0;
    virtual void StatusChanged(const Object& pod, const PodStatus& status) = 0;
    virtual void Stopped(const Object& pod, const PodStatus& status) = 0;

    /// nullptr: there is none of that name.
    virtual std::unique_ptr<Program> MakeProgram(const ObjectPtr& pod,
                                                 const ContainerSpec& container) = 0;
};

/**
 * pkg/kubelet/kubelet.go: syncPod, kuberuntime_manager.go. What happens to containers is seen at the next relist (PLEG),
 * a second later at most. The containers of a pod start one after the other. A container that ends is started again at
 * once the first time, and then after 10, 20, 40 … 300 s (CrashLoopBackOff), which is looked at every 10 to 15 s.
 */
class PodWorker
{
  public:
    /// @param ip the address it gets
    PodWorker(PodHost& host, ObjectPtr pod, std::string ip);
    ~PodWorker();
    PodWorker(const PodWorker&) = delete;
    PodWorker& operator=(const PodWorker&) = delete;

    void Start();

    /// A later version of the pod; if it is being deleted, the pod stops.
    void Update(ObjectPtr pod);

    std::uint64_t Uid() const
    {
        return m_pod->uid;
    }

  private:
    struct Container
    {
        ContainerSpec spec;
        ContainerStatus seen; //!< as reported
        bool ended = false;
        int exitCode = 0;
        Duration exited{0};
        Duration backOff{0};
        Duration backedOff{0}; //!< when that was last raised
        std::unique_ptr<Program> program;
        ns3::EventId life;
    };

    Task<> Run();
    Task<> StartContainer(Container* container);
    Task<> Probe(Container* container);
    Task<> ShowRunning(Container* container);
    Task<> Ended(Container* container, int exitCode);
    Task<> WaitForRestart(Container* container);
    Task<> Stop();
    void Live(Container* container);
    void StopPrograms();
    bool RestartsAfter(int exitCode) const;
    PodPhase Phase() const;
    PodStatus Status() const;
    void Report();

    PodHost& m_host;
    ObjectPtr m_pod;
    std::string m_ip;
    bool m_sandbox = false;
    bool m_stopping = false;
    std::vector<Container> m_containers;
    Tasks m_tasks;
};

} // namespace etcdlab::kube
