// client-go's informer: a list, a watch from there, a store of what they said, and handlers that hear of changes.
#pragma once

#include "model/kubernetes/api-calls.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// Uniform in [0, 1).
using Random = std::function<double()>;

/**
 * Lists with resourceVersion=0, watches from what that returned, and lists again when the watch cannot go on
 * (tools/cache/reflector.go): after 800 ms, twice as long each time, up to 30 s, each up to twice as long by chance.
 */
class Informer
{
  public:
    struct Handlers
    {
        std::function<void(const ObjectPtr&)> added;
        std::function<void(const ObjectPtr& old, const ObjectPtr& now)> updated;
        std::function<void(const ObjectPtr&)> deleted; //!< the last version it knew
    };

    using Store = std::map<ObjectKey, ObjectPtr>;

    Informer(ApiClient& client, const ResourceType& type, Random random);

    /// Before Start.
    void AddHandlers(Handlers handlers);

    void Start();

    /// It has listed once.
    bool Synced() const
    {
        return m_synced;
    }

    /// Call back when it has; at once if so.
    void WhenSynced(std::function<void()> synced);

    /// What it last heard of; nullptr: nothing.
    ObjectPtr Get(const ObjectKey& key) const;

    const Store& Items() const
    {
        return m_store;
    }

    /// Those that an object controls, by key.
    std::vector<ObjectPtr> ControlledBy(std::uint64_t uid) const;

    const ResourceType& Type() const
    {
        return m_type;
    }

  private:
    Task<> Reflect();
    void Replace(const std::vector<ObjectPtr>& items);
    void Receive(const WatchEvent& event);
    void Put(const ObjectPtr& object);
    void Remove(const ObjectKey& key);

    ApiClient& m_client;
    const ResourceType& m_type;
    Random m_random;
    std::vector<Handlers> m_handlers;
    Store m_store;
    std::map<std::uint64_t, std::set<ObjectKey>> m_controlled; //!< by the owner's uid
    bool m_synced = false;
    std::vector<std::function<void()>> m_whenSynced;
    ApiWatchPtr m_watch;
    Tasks m_tasks;
};

/// The informers of one process, one for each type, all on one client.
class InformerFactory
{
  public:
    InformerFactory(std::unique_ptr<ApiClient> client, Random random);

    /// Made when first asked for.
    Informer& For(const std::string& resource);

    /// Start those that are there; `synced` when each has listed.
    void Start(std::function<void()> synced);

  private:
    std::unique_ptr<ApiClient> m_client;
    Random m_random;
    std::map<std::string, std::unique_ptr<Informer>> m_informers;
};

} // namespace etcdlab::kube
