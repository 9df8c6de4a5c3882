#include "model/kubernetes/pod-phases.h"

#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

DisplayPhase
PhaseOf(const Object& pod)
{
    const auto& body = PodOf(pod);
    const auto& status = body.status;
    if (status.reason == "NodeLost" || status.phase == PodPhase::UNKNOWN)
    {
        return DisplayPhase::UNKNOWN;
    }
    if (pod.deletionTimestamp)
    {
        return DisplayPhase::TERMINATING;
    }
    if (status.phase == PodPhase::SUCCEEDED || status.phase == PodPhase::FAILED)
    {
        return status.phase == PodPhase::SUCCEEDED ? DisplayPhase::SUCCEEDED : DisplayPhase::FAILED;
    }
    if (body.spec.nodeName.empty())
    {
        return status.reason == "Unschedulable" ? DisplayPhase::PENDING : DisplayPhase::WAITING;
    }
    const auto& containers = status.containers;
    const auto shows = [&containers](std::string_view reason) {
        return std::any_of(
            containers.begin(), containers.end(), [reason](const ContainerStatus& container) {
                return container.reason == reason;
            });
    };
    if (containers.empty())
    {
        return DisplayPhase::PENDING;
    }
    if (shows("CrashLoopBackOff"))
    {
        return DisplayPhase::CRASH_LOOP_BACK_OFF;
    }
    if (shows("Error"))
    {
        return DisplayPhase::ERROR;
    }
    if (shows("ContainerCreating"))
    {
        return DisplayPhase::CONTAINER_CREATING;
    }
    return shows("Completed") ? DisplayPhase::COMPLETED : DisplayPhase::RUNNING;
}

PodPhaseRecord::PodPhaseRecord(Informer& pods)
{
    pods.AddHandlers({[this](const ObjectPtr& pod) {
                          Add(PhaseOf(*pod), 1);
                          Note();
                      },
                      [this](const ObjectPtr& old, const ObjectPtr& pod) {
                          Add(PhaseOf(*old), -1);
                          Add(PhaseOf(*pod), 1);
                          Note();
                      },
                      [this](const ObjectPtr& pod) {
                          Add(PhaseOf(*pod), -1);
                          Note();
                      }});
}

void
PodPhaseRecord::Add(DisplayPhase phase, int count)
{
    m_now[static_cast<std::size_t>(phase)] += count;
}

void
PodPhaseRecord::Note()
{
    const auto now = etcdlab::Now();
    if (!m_rows.empty() && m_rows.back().pods == m_now)
    {
        return;
    }
    if (m_rows.empty() || m_rows.back().time != now)
    {
        m_rows.push_back({now, {}});
    }
    m_rows.back().pods = m_now;
}

} // namespace etcdlab::kube
