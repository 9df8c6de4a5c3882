#include "model/kubernetes/scheduler.h"

#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// One cycle of an unloaded scheduler (scheduler_perf: some hundred pods a second).
constexpr Duration ALGORITHM = 1ms;
// internal/queue/scheduling_queue.go
constexpr Duration FIRST_POD_BACKOFF = 1s;
constexpr Duration LONGEST_POD_BACKOFF = 10s;
constexpr Duration FLUSH_PERIOD = 30s;
constexpr Duration LONGEST_STAY = 60s;
// Measured: a binding, and the condition PodScheduled=False.
constexpr std::uint32_t BINDING_BYTES = 49;
constexpr std::uint32_t CONDITION_BYTES = 420;

std::uint64_t
OwnerOf(const Object& pod)
{
    const auto* owner = ControllerOf(pod);
    return owner == nullptr ? 0 : owner->uid;
}

} // namespace

Scheduler::Scheduler(std::unique_ptr<ApiClient> client, InformerFactory& informers)
    : m_client(std::move(client)),
      m_events(*m_client),
      m_pods(informers.For("pods")),
      m_nodes(informers.For("nodes"))
{
    m_pods.AddHandlers({[this](const ObjectPtr& pod) { PodChanged(pod); },
                        [this](const ObjectPtr&, const ObjectPtr& pod) { PodChanged(pod); },
                        [this](const ObjectPtr& pod) { PodGone(pod); }});
    m_nodes.AddHandlers({[this](const ObjectPtr&) { WakeUnschedulable(); },
                         [this](const ObjectPtr& old, const ObjectPtr& node) {
                             const auto& before = std::get<NodeBody>(old->body);
                             const auto& after = std::get<NodeBody>(node->body);
                             if (before.ready != after.ready ||
                                 before.unreachable != after.unreachable)
                             {
                                 WakeUnschedulable();
                             }
                         },
                         nullptr});
    // eventhandlers.go: services may matter to a plug-in, so each new one wakes all.
    informers.For("services")
        .AddHandlers({[this](const ObjectPtr&) { WakeUnschedulable(); },
                      [this](const ObjectPtr&, const ObjectPtr&) { WakeUnschedulable(); },
                      [this](const ObjectPtr&) { WakeUnschedulable(); }});
}

void
Scheduler::Start()
{
    m_started = true;
    if (!m_running && !m_queue.empty())
    {
        m_running = true;
        m_tasks.Start(Run());
    }
    m_tasks.Start(FlushLeftovers());
}

void
Scheduler::PodChanged(const ObjectPtr& pod)
{
    const auto& body = PodOf(*pod);
    const bool over =
        body.status.phase == PodPhase::SUCCEEDED || body.status.phase == PodPhase::FAILED;
    if (!body.spec.nodeName.empty())
    {
        if (over)
        {
            Release(*pod);
        }
        else
        {
            Assume(*pod, body.spec.nodeName);
        }
        return;
    }
    if (!pod->deletionTimestamp && !m_placed.contains(pod->key) &&
        !m_unschedulable.contains(pod->key))
    {
        Enqueue(pod->key);
    }
}

void
Scheduler::PodGone(const ObjectPtr& pod)
{
    if (const auto waiting = m_unschedulable.find(pod->key); waiting != m_unschedulable.end())
    {
        waiting->second.retry.Cancel();
        m_unschedulable.erase(waiting);
    }
    Release(*pod);
}

void
Scheduler::Assume(const Object& pod, const std::string& node)
{
    if (!m_placed.emplace(pod.key, node).second)
    {
        return;
    }
    auto& usage = m_usage[node];
    const auto& ports = PodOf(pod).spec.hostPorts;
    ++usage.pods;
    usage.ports.insert(ports.begin(), ports.end());
    ++usage.owners[OwnerOf(pod)];
}

void
Scheduler::Release(const Object& pod)
{
    const auto placed = m_placed.find(pod.key);
    if (placed == m_placed.end())
    {
        return;
    }
    auto& usage = m_usage[placed->second];
    --usage.pods;
    for (const auto port : PodOf(pod).spec.hostPorts)
    {
        if (const auto found = usage.ports.find(port); found != usage.ports.end())
        {
            usage.ports.erase(found);
        }
    }
    if (--usage.owners[OwnerOf(pod)] == 0)
    {
        usage.owners.erase(OwnerOf(pod));
    }
    m_placed.erase(placed);
    WakeUnschedulable();
}

void
Scheduler::Enqueue(const ObjectKey& pod)
{
    if (!m_queued.insert(pod).second)
    {
        return;
    }
    m_queue.push_back(pod);
    if (m_started && !m_running)
    {
        m_running = true;
        m_tasks.Start(Run());
    }
}

void
Scheduler::WakeUnschedulable()
{
    for (auto& [key, waiting] : m_unschedulable)
    {
        if (std::exchange(waiting.woken, true))
        {
            continue;
        }
        const auto left = std::max(Duration(0), waiting.since + waiting.backOff - Now());
        waiting.retry = ns3::Simulator::Schedule(ToTime(left), [this, pod = key] { Enqueue(pod); });
    }
}

Task<>
Scheduler::FlushLeftovers()
{
    while (true)
    {
        co_await Sleep(FLUSH_PERIOD);
        for (auto& [key, waiting] : m_unschedulable)
        {
            if (!waiting.woken && Now() - waiting.since > LONGEST_STAY)
            {
                waiting.woken = true;
                Enqueue(key);
            }
        }
    }
}

Task<>
Scheduler::Run()
{
    while (!m_queue.empty())
    {
        const auto key = m_queue.front();
        m_queue.pop_front();
        m_queued.erase(key);
        co_await Sleep(ALGORITHM);
        co_await ScheduleOne(key);
    }
    m_running = false;
}

Task<>
Scheduler::ScheduleOne(ObjectKey key)
{
    const auto pod = m_pods.Get(key);
    if (!pod || pod->deletionTimestamp || m_placed.contains(key))
    {
        co_return;
    }
    const auto node = Pick(*pod);
    if (node.empty())
    {
        co_await Refuse(pod);
        co_return;
    }
    m_unschedulable.erase(key);
    Assume(*pod, node);
    m_tasks.Start(Bind(pod, node));
}

Task<>
Scheduler::Bind(ObjectPtr pod, std::string node)
{
    const ApiClient::Mutation bind = [node](const Object& current) {
        auto bound = current;
        auto& body = std::get<PodBody>(bound.body);
        body.spec.nodeName = node;
        body.status.scheduled = true;
        body.status.reason.clear();
        bound.bytes += BINDING_BYTES;
        return std::optional(bound);
    };
    const ApiResult bound = co_await Patch(*m_client, *pod->type, pod->key, bind);
    if (bound.Ok())
    {
        m_events.Record(*pod, "Scheduled", node);
        co_return;
    }
    Release(*pod);
    if (bound.status != 404)
    {
        co_await Sleep(FIRST_POD_BACKOFF);
        Enqueue(pod->key);
    }
}

/// recordSchedulingFailure
Task<>
Scheduler::Refuse(ObjectPtr pod)
{
    auto& waiting = m_unschedulable[pod->key];
    waiting.retry.Cancel();
    waiting.woken = false;
    waiting.since = Now();
    waiting.backOff = waiting.backOff == Duration(0)
                          ? FIRST_POD_BACKOFF
                          : std::min(2 * waiting.backOff, LONGEST_POD_BACKOFF);
    m_events.Record(*pod, "FailedScheduling");
    if (PodOf(*pod).status.reason == "Unschedulable")
    {
        co_return;
    }
    const ApiClient::Mutation refuse = [](const Object& current) {
        auto refused = current;
        std::get<PodBody>(refused.body).status.reason = "Unschedulable";
        refused.bytes += CONDITION_BYTES;
        return std::optional(refused);
    };
    co_await Patch(*m_client, *pod->type, pod->key, refuse);
}

bool
Scheduler::Fits(const PodBody& pod, const Object& node) const
{
    const auto& body = std::get<NodeBody>(node.body);
    const bool tolerates =
        !pod.spec.nodeAffinity.empty(); // daemon sets tolerate a lost node's taints
    if (!tolerates && (!body.ready || body.unreachable))
    {
        return false;
    }
    const auto found = m_usage.find(node.key.name);
    if (found == m_usage.end())
    {
        return true;
    }
    const auto& usage = found->second;
    return usage.pods < body.pods &&
           std::none_of(pod.spec.hostPorts.begin(),
                        pod.spec.hostPorts.end(),
                        [&](std::uint16_t port) { return usage.ports.contains(port); });
}

std::string
Scheduler::Pick(const Object& pod)
{
    const auto& body = PodOf(pod);
    if (!body.spec.nodeAffinity.empty())
    {
        const auto node = m_nodes.Get({"", body.spec.nodeAffinity});
        return node && Fits(body, *node) ? node->key.name : "";
    }
    // Sorted by pods of the same owner, pods, and whether it comes before the last one picked.
    std::tuple<int, int, bool> best;
    std::string picked;
    const auto owner = OwnerOf(pod);
    for (const auto& [key, node] : m_nodes.Items())
    {
        if (!Fits(body, *node))
        {
            continue;
        }
        const auto& usage = m_usage[key.name];
        const auto siblings = usage.owners.find(owner);
        const std::tuple rank(siblings == usage.owners.end() ? 0 : siblings->second,
                              usage.pods,
                              key.name <= m_lastPick);
        if (picked.empty() || rank < best)
        {
            best = rank;
            picked = key.name;
        }
    }
    if (!picked.empty())
    {
        m_lastPick = picked;
    }
    return picked;
}

} // namespace etcdlab::kube
