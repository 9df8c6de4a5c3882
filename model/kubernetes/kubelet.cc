#include "model/kubernetes/kubelet.h"

#include "model/kubernetes/controller.h"

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// Measured: a node without images, its lease.
constexpr std::uint32_t NODE_BYTES = 3400;
constexpr std::uint32_t NODE_LEASE_BYTES = 540;
// An image in the node's list.
constexpr std::uint32_t IMAGE_BYTES = 150;

} // namespace

/// What a crash ends.
struct Kubelet::Process
{
    Process(std::unique_ptr<ApiClient> own, const KubeletConfig& config)
        : client(std::move(own)),
          bucket(config.apiRate, config.apiBurst),
          events(*client, config.eventRate, config.eventBurst),
          status(*client, bucket)
    {
    }

    struct PullRequest
    {
        ContainerSpec container;
        std::function<void()> pulled;
    };

    std::unique_ptr<ApiClient> client;
    TokenBucket bucket;
    EventRecorder events;
    StatusManager status;
    Duration firstRelist{0};
    bool booted = false;
    bool imagesChanged = false;
    std::deque<PullRequest> pulls;
    bool pulling = false;
    std::map<ObjectKey, std::unique_ptr<PodWorker>> workers;
    Tasks tasks;
};

Kubelet::Kubelet(const Common& common, std::string name, int number)
    : m_common(common),
      m_name(std::move(name)),
      m_number(number)
{
}

Kubelet::~Kubelet() = default;

void
Kubelet::Start()
{
    m_process =
        std::make_unique<Process>(m_common.makeClient("kubelet/" + m_name), m_common.config);
    m_process->tasks.Start(Boot());
}

void
Kubelet::Crash()
{
    m_process.reset();
}

void
Kubelet::Restart()
{
    Crash();
    Start();
}

Task<>
Kubelet::Boot()
{
    const auto& config = m_common.config;
    const auto wait = config.startSpread.count() * m_common.random();
    co_await Sleep(Duration(static_cast<Duration::rep>(wait)));
    auto& client = *m_process->client;
    Object node;
    node.type = &client.Types().Get("nodes");
    node.key = {"", m_name};
    node.bytes = NODE_BYTES;
    node.body = NodeBody{};
    while (true)
    {
        const ApiResult registered = co_await Create(client, node);
        if (registered.Ok() || registered.reason == "AlreadyExists")
        {
            break;
        }
        co_await Sleep(1s);
    }
    m_process->firstRelist = Now();
    m_process->booted = true;
    m_process->tasks.Start(RenewLease());
    if (config.nodeStatus)
    {
        m_process->tasks.Start(WatchNode());
    }
    for (const auto& [key, pod] : m_common.pods->Items())
    {
        if (PodOf(*pod).spec.nodeName == m_name)
        {
            PodChanged(pod);
        }
    }
}

/// component-helpers lease controller: the next renewal begins a period after the last one ended, with the version that it
/// got; if that is refused it reads.
Task<>
Kubelet::RenewLease()
{
    auto& client = *m_process->client;
    const auto& type = client.Types().Get("leases");
    const ObjectKey key{"kube-node-lease", m_name};
    ObjectPtr lease;
    while (true)
    {
        ApiResult written;
        if (!lease)
        {
            const ApiResult read = co_await Get(client, type, key, ReadFrom::ETCD);
            lease = read.object;
        }
        if (lease)
        {
            auto renewed = *lease;
            ++std::get<LeaseBody>(renewed.body).renewals;
            written = co_await Update(client, renewed);
        }
        else
        {
            Object first;
            first.type = &type;
            first.key = key;
            first.bytes = NODE_LEASE_BYTES;
            first.body = LeaseBody{m_name, 0};
            written = co_await Create(client, first);
        }
        lease = written.Ok() ? written.object : nullptr;
        co_await Sleep(m_common.config.leaseRenewal);
    }
}

Task<>
Kubelet::WatchNode()
{
    const auto& config = m_common.config;
    auto& client = *m_process->client;
    const auto& type = client.Types().Get("nodes");
    const ObjectKey key{"", m_name};
    auto reported = Now();
    while (true)
    {
        co_await Sleep(m_process->bucket.Take());
        const ApiResult read = co_await Get(client, type, key, ReadFrom::WATCH_CACHE);
        const bool lost = read.Ok() && !std::get<NodeBody>(read.object->body).ready;
        const bool changed = lost || m_process->imagesChanged;
        if (read.Ok() && (changed || Now() - reported >= config.statusReport))
        {
            const std::uint32_t more = m_process->imagesChanged ? IMAGE_BYTES : 0;
            const ApiClient::Mutation report = [more](const Object& current) {
                auto next = current;
                auto& body = std::get<NodeBody>(next.body);
                body.ready = true;
                ++body.heartbeats;
                next.bytes += more;
                return std::optional(next);
            };
            const ApiResult patched = co_await Patch(client, type, key, report);
            if (patched.Ok())
            {
                reported = Now();
                m_process->imagesChanged = false;
            }
        }
        co_await Sleep(config.statusUpdate);
    }
}

void
Kubelet::PodChanged(const ObjectPtr& pod)
{
    if (!m_process || !m_process->booted)
    {
        return;
    }
    auto& worker = m_process->workers[pod->key];
    if (worker && worker->Uid() == pod->uid)
    {
        worker->Update(pod);
        return;
    }
    const auto phase = PodOf(*pod).status.phase;
    if (phase == PodPhase::SUCCEEDED || phase == PodPhase::FAILED)
    {
        m_process->workers.erase(pod->key);
        return;
    }
    worker = std::make_unique<PodWorker>(static_cast<PodHost&>(*this),
                                         pod,
                                         "10.244." + std::to_string(m_number) + "." +
                                             std::to_string(++m_addresses));
    worker->Start();
}

void
Kubelet::PodGone(const ObjectPtr& pod)
{
    if (m_process)
    {
        m_process->workers.erase(pod->key);
        m_process->status.Forget(pod->key);
    }
}

const KubeletConfig&
Kubelet::Config() const
{
    return m_common.config;
}

Random
Kubelet::Chance() const
{
    return m_common.random;
}

Duration
Kubelet::ToRelist() const
{
    const auto period = m_common.config.relist;
    const auto since = (Now() - m_process->firstRelist) % period;
    return since == Duration(0) ? Duration(0) : period - since;
}

bool
Kubelet::Pull(const ContainerSpec& container, std::function<void()> pulled)
{
    if (container.pull == Duration(0) || m_images.contains(container.name))
    {
        ns3::Simulator::ScheduleNow(std::move(pulled));
        return false;
    }
    if (!m_common.config.serializeImagePulls)
    {
        ns3::Simulator::Schedule(ToTime(container.pull), std::move(pulled));
        m_images.insert(container.name);
        return true;
    }
    m_process->pulls.push_back({container, std::move(pulled)});
    if (!std::exchange(m_process->pulling, true))
    {
        m_process->tasks.Start(PullNext());
    }
    return true;
}

/// images/puller.go: serialImagePuller; one that has come meanwhile takes no time.
Task<>
Kubelet::PullNext()
{
    while (!m_process->pulls.empty())
    {
        const auto next = std::move(m_process->pulls.front());
        m_process->pulls.pop_front();
        if (!m_images.contains(next.container.name))
        {
            co_await Sleep(next.container.pull);
            m_images.insert(next.container.name);
            m_process->imagesChanged = true;
        }
        else
        {
            co_await Yield();
        }
        next.pulled();
    }
    m_process->pulling = false;
}

void
Kubelet::RecordEvent(const Object& pod, const std::string& reason, const std::string& container)
{
    m_process->events.Record(pod, reason, container);
}

void
Kubelet::StatusChanged(const Object& pod, const PodStatus& status)
{
    m_process->status.Set(pod, status);
}

void
Kubelet::Stopped(const Object& pod, const PodStatus& status)
{
    m_process->status.SetStopped(pod, status);
}

std::unique_ptr<Program>
Kubelet::MakeProgram(const ObjectPtr& pod, const ContainerSpec& container)
{
    const auto found = m_common.programs->find(container.program);
    if (found == m_common.programs->end())
    {
        return nullptr;
    }
    return found->second({m_common.makeClient(container.program), pod, container, m_common.random});
}

} // namespace etcdlab::kube
