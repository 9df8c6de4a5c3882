#include "model/kubernetes/pod-worker.h"

#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// pkg/kubelet/kubelet.go: backOffPeriod, MaxContainerBackOff
constexpr Duration FIRST_RESTART_BACKOFF = 10s;
constexpr Duration LONGEST_RESTART_BACKOFF = 300s;
constexpr double RETRY_JITTER = 0.5;

} // namespace

PodWorker::PodWorker(PodHost& host, ObjectPtr pod, std::string ip)
    : m_host(host),
      m_pod(std::move(pod)),
      m_ip(std::move(ip))
{
    const auto& before = PodOf(*m_pod).status.containers;
    for (const auto& spec : PodOf(*m_pod).spec.containers)
    {
        Container container;
        container.spec = spec;
        const auto place = m_containers.size();
        // A kubelet that comes back finds containers gone that it had started.
        container.seen.restarts = place < before.size() ? before[place].restarts + 1 : 0;
        m_containers.push_back(std::move(container));
    }
}

PodWorker::~PodWorker()
{
    StopPrograms();
}

void
PodWorker::StopPrograms()
{
    for (auto& container : m_containers)
    {
        container.life.Cancel();
        if (container.program)
        {
            container.program->Stop();
        }
    }
}

void
PodWorker::Start()
{
    if (m_pod->deletionTimestamp)
    {
        Update(m_pod);
        return;
    }
    m_tasks.Start(Run());
}

void
PodWorker::Update(ObjectPtr pod)
{
    m_pod = std::move(pod);
    if (m_pod->deletionTimestamp && !m_stopping)
    {
        m_stopping = true;
        m_tasks.Clear();
        StopPrograms();
        m_tasks.Start(Stop());
    }
}

Task<>
PodWorker::Run()
{
    for (auto& container : m_containers)
    {
        container.seen.reason = "ContainerCreating";
    }
    Report();
    co_await Sleep(m_host.Config().volumes + m_host.Config().sandbox);
    m_sandbox = true;
    for (auto& container : m_containers)
    {
        co_await StartContainer(&container);
    }
}

/// kuberuntime_container.go: startContainer
Task<>
PodWorker::StartContainer(Container* container)
{
    const auto& spec = container->spec;
    bool pulling = false;
    co_await Later<bool>([&](Later<bool>::Callback done) {
        pulling = m_host.Pull(spec, [done] { done(true); });
        if (pulling)
        {
            m_host.RecordEvent(*m_pod, "Pulling", spec.name);
        }
    });
    m_host.RecordEvent(*m_pod, "Pulled", spec.name);
    m_host.RecordEvent(*m_pod, "Created", spec.name);
    co_await Sleep(spec.start);
    m_host.RecordEvent(*m_pod, "Started", spec.name);
    container->ended = false;
    Live(container);
    m_tasks.Start(ShowRunning(container));
}

/// What ends it: its time, or its program.
void
PodWorker::Live(Container* container)
{
    const auto& spec = container->spec;
    const auto end = [this, container](int exitCode) {
        if (!container->ended && !m_stopping)
        {
            container->ended = true;
            m_tasks.Start(Ended(container, exitCode));
        }
    };
    if (spec.runs)
    {
        container->life = ns3::Simulator::Schedule(ToTime(*spec.runs),
                                                   [end, code = spec.exitCode] { end(code); });
    }
    if (!spec.program.empty())
    {
        container->program = m_host.MakeProgram(m_pod, spec);
        if (container->program)
        {
            container->program->Start(end);
        }
    }
}

Task<>
PodWorker::ShowRunning(Container* container)
{
    co_await Sleep(m_host.ToRelist());
    if (container->ended)
    {
        co_return; // the relist finds it over already
    }
    container->seen.state = ContainerState::RUNNING;
    container->seen.reason.clear();
    container->seen.ready = !container->spec.ready;
    Report();
    if (container->spec.ready)
    {
        m_tasks.Start(Probe(container));
    }
}

/// prober/worker.go: a change of readiness is reported at once.
Task<>
PodWorker::Probe(Container* container)
{
    const int start = container->seen.restarts;
    co_await Sleep(*container->spec.ready);
    if (!container->ended && container->seen.restarts == start)
    {
        container->seen.ready = true;
        Report();
    }
}

bool
PodWorker::RestartsAfter(int exitCode) const
{
    const auto policy = PodOf(*m_pod).spec.restartPolicy;
    return policy == RestartPolicy::ALWAYS ||
           (policy == RestartPolicy::ON_FAILURE && exitCode != 0);
}

Task<>
PodWorker::Ended(Container* container, int exitCode)
{
    co_await Yield(); // the program that ended goes on first
    container->life.Cancel();
    container->exitCode = exitCode;
    container->exited = Now();
    co_await Sleep(m_host.ToRelist());
    container->program.reset();
    container->seen.state = ContainerState::TERMINATED;
    container->seen.reason = exitCode == 0 ? "Completed" : "Error";
    container->seen.ready = false;
    Report();
    if (!RestartsAfter(exitCode))
    {
        co_return;
    }
    co_await WaitForRestart(container);
    ++container->seen.restarts;
    co_await StartContainer(container);
}

/// kuberuntime_manager.go: doBackOff; client-go util/flowcontrol/backoff.go
Task<>
PodWorker::WaitForRestart(Container* container)
{
    const bool quietFor = container->exited - container->backedOff > 2 * LONGEST_RESTART_BACKOFF;
    if (container->backOff == Duration(0) || quietFor)
    {
        container->backOff = FIRST_RESTART_BACKOFF;
        container->backedOff = Now();
        co_return;
    }
    const auto looked = Now();
    const auto config = m_host.Config();
    co_await Sleep(config.relist);
    container->seen.state = ContainerState::WAITING;
    container->seen.reason = "CrashLoopBackOff";
    Report();
    auto next = looked;
    do
    {
        const auto period = FIRST_RESTART_BACKOFF.count() * (1 + RETRY_JITTER * m_host.Chance()());
        next += Duration(static_cast<Duration::rep>(period));
        co_await Sleep(next - Now());
    } while (Now() - container->exited < container->backOff);
    container->backOff = std::min(2 * container->backOff, LONGEST_RESTART_BACKOFF);
    container->backedOff = Now();
}

Task<>
PodWorker::Stop()
{
    co_await Sleep(m_host.Config().stop);
    for (auto& container : m_containers)
    {
        container.program.reset();
        if (container.seen.state != ContainerState::TERMINATED)
        {
            container.seen.state = ContainerState::TERMINATED;
            container.seen.reason = "Completed";
        }
        container.seen.ready = false;
    }
    m_host.Stopped(*m_pod, Status());
}

/// kubelet_pods.go: getPhase
PodPhase
PodWorker::Phase() const
{
    bool waiting = false;
    bool running = false;
    bool failed = false;
    for (const auto& container : m_containers)
    {
        const auto& seen = container.seen;
        const bool over = seen.state == ContainerState::TERMINATED;
        waiting =
            waiting || (seen.state == ContainerState::WAITING && seen.reason != "CrashLoopBackOff");
        running = running || seen.state == ContainerState::RUNNING ||
                  (over && RestartsAfter(container.exitCode)) || seen.reason == "CrashLoopBackOff";
        failed = failed || (over && container.exitCode != 0);
    }
    if (waiting)
    {
        return PodPhase::PENDING;
    }
    if (running)
    {
        return PodPhase::RUNNING;
    }
    return failed ? PodPhase::FAILED : PodPhase::SUCCEEDED;
}

PodStatus
PodWorker::Status() const
{
    PodStatus status;
    status.phase = Phase();
    status.scheduled = true;
    status.ready = true;
    status.podIp = m_sandbox ? m_ip : "";
    for (const auto& container : m_containers)
    {
        status.containers.push_back(container.seen);
        status.ready = status.ready && container.seen.ready;
    }
    return status;
}

void
PodWorker::Report()
{
    m_host.StatusChanged(*m_pod, Status());
}

} // namespace etcdlab::kube
