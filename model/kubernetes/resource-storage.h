// The storage of one version of one resource: etcd client, store and watch cache.
#pragma once

#include "model/kubernetes/cacher.h"
#include "model/kubernetes/store.h"

#include <ns3/event-id.h>

#include <memory>

namespace etcdlab::kube
{

/**
 * A registry's Store (registry/generic/registry/store.go) with what is behind it. Each has a channel, so
 * connections, of its own. It counts its keys every 60 to 132 s, for a metric.
 */
class ResourceStorage
{
  public:
    /// @param primary the version that requests go to; the others only follow
    ResourceStorage(const EtcdAccess& access,
                    ObjectTable& objects,
                    const ResourceType& type,
                    bool primary);
    ~ResourceStorage();

    /// Connect, and list and watch if the type has a watch cache.
    void Start();

    EtcdClient& Client()
    {
        return m_client;
    }

    Store& GetStore()
    {
        return m_store;
    }

    /// nullptr if the type has no watch cache
    Cacher* GetCacher()
    {
        return m_cacher.get();
    }

    const ResourceType& Type() const
    {
        return m_type;
    }

    /// Connected, and the watch stands.
    bool IsReady() const;

  private:
    void CountLater();

    const EtcdAccess& m_access;
    const ResourceType& m_type;
    EtcdClient m_client;
    Store m_store;
    std::unique_ptr<Cacher> m_cacher;
    ns3::EventId m_count;
};

/// The resource's path below /registry/, as request logs name it.
std::string_view ResourcePath(const ResourceType& type);

} // namespace etcdlab::kube
