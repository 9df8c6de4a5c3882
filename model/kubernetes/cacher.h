// Keeps a watch cache in step with etcd, and lets components watch it.
#pragma once

#include "model/kubernetes/pure/watch-cache.h"
#include "model/kubernetes/store.h"
#include "model/workload/watcher.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab::kube
{

/// storage/cacher/cacher.go: storageWatchListPageSize
inline constexpr std::int64_t CACHER_PAGE = 10000;

/**
 * storage/cacher/cacher.go and its reflector: lists the resource, then follows etcd's watch from there. A broken
 * stream is clientv3's matter and goes unnoticed. When etcd ends the watch, for want of a leader or because of a
 * compaction, all watches of components end, and after a pause the cacher lists again.
 */
class Cacher
{
  public:
    /// @param client, store and objects outlive the cacher
    /// @param forgets whether versions that others have replaced are forgotten: one cacher of each type does so
    Cacher(EtcdClient& client,
           Store& store,
           ObjectTable& objects,
           const ResourceType& type,
           bool forgets);
    ~Cacher();
    Cacher(const Cacher&) = delete;
    Cacher& operator=(const Cacher&) = delete;

    void Start();

    bool IsReady() const
    {
        return m_cache.IsReady() && m_following;
    }

    /// Call when it is ready; at once if it is.
    void WhenReady(std::function<void()> then);

    const WatchCache& Cache() const
    {
        return m_cache;
    }

    /// A watch stream stands.
    bool IsWatching() const
    {
        return m_watcher && m_watcher->IsWatching();
    }

    /// Index of the endpoint that serves it.
    std::size_t Endpoint() const
    {
        return m_watcher ? m_watcher->Endpoint() : m_client.Channel().Endpoints().size();
    }

    /// One who watches it. Deliver is told of changes at once, End why there will be no more.
    struct Subscriber
    {
        std::string nameSpace; //!< empty: all
        std::function<void(const WatchEvent&)> deliver;
        std::function<void(const std::string& reason)> end;
    };

    /// Begin after a revision, or with what is there if that is 0. @return its number; 0 if the revision is too old
    std::uint64_t Subscribe(Revision after, Subscriber subscriber);
    void Unsubscribe(std::uint64_t number);

    std::size_t Subscribers() const
    {
        return m_subscribers.size();
    }

    /// Times it has listed.
    std::uint64_t Lists() const
    {
        return m_lists;
    }

  private:
    void List();
    void Follow(Revision revision);
    void Receive(const WatchResponse& response);
    std::optional<WatchEvent> EventOf(const Event& event);
    void Remember(const Value& replaced);
    void Lose();

    EtcdClient& m_client;
    Store& m_store;
    ObjectTable& m_objects;
    const ResourceType& m_type;
    bool m_forgets;
    WatchCache m_cache;
    bool m_following = false; //!< has listed since it lost the watch
    std::uint64_t m_lists = 0;
    std::unique_ptr<Watcher> m_watcher;
    std::deque<std::pair<Duration, Value>> m_replaced; //!< and when
    ns3::EventId m_again;
    std::map<std::uint64_t, Subscriber> m_subscribers; //!< by number
    std::uint64_t m_next = 1;
    std::vector<std::function<void()>> m_waiting;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab::kube
