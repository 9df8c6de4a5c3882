// kube-scheduler: one pod after the other gets a node; the binding is written beside.
#pragma once

#include "model/kubernetes/event-recorder.h"
#include "model/kubernetes/informer.h"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace etcdlab::kube
{

/**
 * pkg/scheduler/scheduler.go of Kubernetes 1.20: scheduleOne takes a pod, picks a node that is ready, fits its
 * affinity, host ports and number of pods, counts it there at once, and binds it (one write, and an event) while it goes
 * on with the next. For a pod that fits nowhere it writes an event, and waits for the condition PodScheduled=False to
 * be written. Such a pod comes again when a node or another pod's end may help, not before its back-off (1 s, doubling,
 * to 10 s), and after 60 s in any case. Of nodes that fit it takes the one with the fewest pods of the same owner,
 * then the fewest pods, then the next in turn.
 */
class Scheduler
{
  public:
    Scheduler(std::unique_ptr<ApiClient> client, InformerFactory& informers);

    /// Pods that nobody has looked at yet are Waiting until then.
    void Start();

  private:
    struct Usage
    {
        int pods = 0;
        std::multiset<std::uint16_t> ports;
        std::map<std::uint64_t, int> owners;
    };

    struct Unschedulable
    {
        Duration since{0};
        Duration backOff{0};
        ns3::EventId retry;
        bool woken = false;
    };

    void PodChanged(const ObjectPtr& pod);
    void PodGone(const ObjectPtr& pod);
    void Assume(const Object& pod, const std::string& node);
    void Release(const Object& pod);
    void Enqueue(const ObjectKey& pod);
    void WakeUnschedulable();
    Task<> Run();
    Task<> ScheduleOne(ObjectKey key);
    Task<> Bind(ObjectPtr pod, std::string node);
    Task<> Refuse(ObjectPtr pod);
    Task<> FlushLeftovers();
    std::string Pick(const Object& pod);
    bool Fits(const PodBody& pod, const Object& node) const;

    std::unique_ptr<ApiClient> m_client;
    EventRecorder m_events;
    Informer& m_pods;
    Informer& m_nodes;
    std::deque<ObjectKey> m_queue;
    std::set<ObjectKey> m_queued;
    std::map<ObjectKey, Unschedulable> m_unschedulable;
    std::map<ObjectKey, std::string> m_placed; //!< assumed or bound: the node
    std::map<std::string, Usage> m_usage;
    std::string m_lastPick;
    bool m_started = false;
    bool m_running = false;
    Tasks m_tasks;
};

} // namespace etcdlab::kube
