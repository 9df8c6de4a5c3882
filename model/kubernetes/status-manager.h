// The kubelet's one goroutine that writes what has become of its pods.
#pragma once

#include "model/kubernetes/client-limits.h"

#include <deque>
#include <map>
#include <string>

namespace etcdlab::kube
{

/**
 * pkg/kubelet/status/status_manager.go: each change of a pod's status is a GET and a PATCH, one pod after the other: two
 * latencies each. A change that a later one has overtaken before its turn is left out. When a pod that is being
 * deleted has stopped it is deleted for good. What failed is tried again every 10 s.
 */
class StatusManager
{
  public:
    /// @param bucket the kubelet's requests, all together
    StatusManager(ApiClient& client, TokenBucket& bucket);

    /// A pod's status as the kubelet sees it; nothing happens if it is the same as before.
    void Set(const Object& pod, const PodStatus& status);

    /// Its containers have stopped since it is being deleted.
    void SetStopped(const Object& pod, const PodStatus& status);

    /// The pod is no longer here.
    void Forget(const ObjectKey& pod);

  private:
    struct Known
    {
        std::uint64_t uid = 0;
        PodStatus status;
        bool stopped = false;
        int version = 0;
        int written = 0;
    };

    void Push(const Object& pod, const PodStatus& status, bool stopped);
    Task<> Run();
    Task<bool> Sync(ObjectKey key);
    Task<> Retry(ObjectKey key);

    ApiClient& m_client;
    TokenBucket& m_bucket;
    std::map<ObjectKey, Known> m_known;
    std::deque<ObjectKey> m_queue;
    bool m_running = false;
    Tasks m_tasks;
};

} // namespace etcdlab::kube
