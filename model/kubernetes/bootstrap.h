// What every cluster has: the objects that an API server makes when it starts on an empty etcd.
#pragma once

#include "model/kubernetes/registry-store.h"

#include <functional>
#include <vector>

namespace etcdlab::kube
{

class ApiServer;

/**
 * The post-start hooks: each kind of object after the other kinds' fashion, side by side, within a kind one after the
 * other: a read, and a write if it is not there. The numbers of objects are those of a measured cluster of kubeadm's.
 */
class Bootstrap
{
  public:
    explicit Bootstrap(ApiServer& server);

    /// @param done called once all is there
    void Start(std::function<void()> done);

    bool IsDone() const
    {
        return m_hooks == 0 && m_started;
    }

  private:
    void Ensure(std::shared_ptr<std::vector<Object>> objects, std::size_t first);
    void HookDone();

    ApiServer& m_server;
    bool m_started = false;
    std::size_t m_hooks = 0; //!< under way
    std::function<void()> m_done;
};

} // namespace etcdlab::kube
