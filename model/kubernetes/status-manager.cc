#include "model/kubernetes/status-manager.h"

#include "model/kubernetes/controller.h"

namespace etcdlab::kube
{

namespace
{

// syncPeriod
constexpr Duration SYNC_PERIOD = std::chrono::seconds(10);
// Measured: the kubelet's conditions with their managed fields, a container's status, a later change.
constexpr std::uint32_t CONDITIONS_BYTES = 550;
constexpr std::uint32_t CONTAINER_BYTES = 220;
constexpr std::uint32_t CHANGE_BYTES = 50;

/// The status of a pod in the API's object.
Object
Merge(const Object& current, const PodStatus& status)
{
    auto next = current;
    auto& own = std::get<PodBody>(next.body).status;
    if (own == status)
    {
        return next;
    }
    next.bytes += own.containers.empty()
                      ? CONDITIONS_BYTES +
                            static_cast<std::uint32_t>(status.containers.size()) * CONTAINER_BYTES
                      : CHANGE_BYTES;
    own = status;
    return next;
}

} // namespace

StatusManager::StatusManager(ApiClient& client, TokenBucket& bucket)
    : m_client(client),
      m_bucket(bucket)
{
}

void
StatusManager::Set(const Object& pod, const PodStatus& status)
{
    Push(pod, status, false);
}

void
StatusManager::SetStopped(const Object& pod, const PodStatus& status)
{
    Push(pod, status, true);
}

void
StatusManager::Push(const Object& pod, const PodStatus& status, bool stopped)
{
    auto& known = m_known[pod.key];
    if (known.uid == pod.uid && known.status == status && known.stopped == stopped)
    {
        return;
    }
    if (known.uid != pod.uid)
    {
        known = {};
        known.uid = pod.uid;
    }
    known.status = status;
    known.stopped = stopped;
    ++known.version;
    m_queue.push_back(pod.key);
    if (!m_running)
    {
        m_running = true;
        m_tasks.Start(Run());
    }
}

void
StatusManager::Forget(const ObjectKey& pod)
{
    m_known.erase(pod);
}

Task<>
StatusManager::Run()
{
    co_await Yield();
    while (!m_queue.empty())
    {
        const auto key = m_queue.front();
        m_queue.pop_front();
        const bool done = co_await Sync(key);
        if (!done)
        {
            m_tasks.Start(Retry(key));
        }
    }
    m_running = false;
}

Task<>
StatusManager::Retry(ObjectKey key)
{
    co_await Sleep(SYNC_PERIOD);
    m_queue.push_back(key);
    if (!m_running)
    {
        m_running = true;
        m_tasks.Start(Run());
    }
}

Task<bool>
StatusManager::Sync(ObjectKey key)
{
    const auto found = m_known.find(key);
    if (found == m_known.end() || found->second.written >= found->second.version)
    {
        co_return true;
    }
    const Known wanted = found->second;
    const auto& type = m_client.Types().Get("pods");
    co_await Sleep(m_bucket.Take());
    const ApiResult read = co_await Get(m_client, type, key, ReadFrom::ETCD);
    if (!read.Ok())
    {
        co_return read.status == 404;
    }
    if (read.object->uid != wanted.uid)
    {
        co_return true;
    }
    const ApiClient::Mutation merge = [status = wanted.status](const Object& current) {
        return std::optional(Merge(current, status));
    };
    if (!(PodOf(*read.object).status == wanted.status))
    {
        co_await Sleep(m_bucket.Take());
        const ApiResult patched = co_await Patch(m_client, type, key, merge);
        if (!patched.Ok())
        {
            co_return patched.status == 404;
        }
    }
    if (const auto still = m_known.find(key);
        still != m_known.end() && still->second.uid == wanted.uid)
    {
        still->second.written = wanted.version;
    }
    if (wanted.stopped)
    {
        co_await Sleep(m_bucket.Take());
        const ApiClient::DeleteOptions options{wanted.uid, Duration(0)};
        const ApiResult deleted = co_await Delete(m_client, type, key, options);
        co_return deleted.status != 0;
    }
    co_return true;
}

} // namespace etcdlab::kube
