#include "model/kubernetes/cacher.h"

#include "model/base/clock.h"
#include "model/kubernetes/origins.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// storage/cacher/cacher.go: wait.Until(startCaching, time.Second)
constexpr Duration AGAIN = 1s;
/// Values that have been replaced may still be asked for by a watch that has been interrupted. One that comes
/// later lists again.
constexpr Duration FORGET_AFTER = 120s;

} // namespace

Cacher::Cacher(
    EtcdClient& client, Store& store, ObjectTable& objects, const ResourceType& type, bool forgets)
    : m_client(client),
      m_store(store),
      m_objects(objects),
      m_type(type),
      m_forgets(forgets)
{
}

Cacher::~Cacher()
{
    *m_alive = false;
    m_again.Cancel();
}

void
Cacher::Start()
{
    List();
}

void
Cacher::WhenReady(std::function<void()> then)
{
    if (IsReady())
    {
        then();
        return;
    }
    m_waiting.push_back(std::move(then));
}

void
Cacher::List()
{
    ++m_lists;
    const Context context{m_type.custom ? ORIGIN_CUSTOM_CACHER : ORIGIN_CACHER};
    m_store.List("", CACHER_PAGE, context, [this, alive = m_alive](const ListResult& result) {
        if (!*alive)
        {
            return;
        }
        if (result.revision == 0)
        {
            m_again = ns3::Simulator::Schedule(ToTime(AGAIN), &Cacher::List, this);
            return;
        }
        m_cache.Replace(result.items, result.revision);
        m_following = true;
        Follow(result.revision);
        for (const auto& then : std::exchange(m_waiting, {}))
        {
            then();
        }
    });
}

void
Cacher::Follow(Revision revision)
{
    WatcherSettings settings;
    settings.request.key = m_type.prefix;
    settings.request.rangeEnd = PrefixEnd(m_type.prefix);
    settings.request.start = revision + 1;
    settings.request.previousKv = true;
    settings.requireLeader = true;
    Watcher::Handlers handlers;
    handlers.response = [this](const auto& response, const auto&) { Receive(response); };
    handlers.ended = [this](const auto&) { Lose(); };
    m_watcher = std::make_unique<Watcher>(m_client.Channel(), settings, std::move(handlers));
    m_watcher->Start();
}

std::optional<WatchEvent>
Cacher::EventOf(const Event& event)
{
    if (!event.IsDelete())
    {
        auto object = m_objects.Decode(event.kv);
        if (!object)
        {
            return std::nullopt;
        }
        return WatchEvent{event.IsCreate() ? WatchEventType::ADDED : WatchEventType::MODIFIED,
                          object};
    }
    const auto last = event.previous ? m_objects.Decode(*event.previous) : nullptr;
    if (!last)
    {
        return std::nullopt;
    }
    auto object = *last;
    object.resourceVersion = event.kv.modRevision;
    return WatchEvent{WatchEventType::DELETED, std::make_shared<const Object>(std::move(object))};
}

void
Cacher::Receive(const WatchResponse& response)
{
    for (const auto& event : response.events)
    {
        const auto told = EventOf(event);
        if (!told)
        {
            Lose();
            return;
        }
        if (event.previous)
        {
            Remember(event.previous->value);
        }
        m_cache.Apply(event.kv.modRevision, *told, Now());
        // A subscriber may leave, or others come, meanwhile: they are told later, by the API server.
        for (const auto& [number, subscriber] : m_subscribers)
        {
            if (subscriber.nameSpace.empty() || subscriber.nameSpace == told->object->key.nameSpace)
            {
                subscriber.deliver(*told);
            }
        }
    }
}

void
Cacher::Remember(const Value& replaced)
{
    if (!m_forgets)
    {
        return;
    }
    m_replaced.emplace_back(Now(), replaced);
    while (m_replaced.front().first + FORGET_AFTER < Now())
    {
        m_objects.Forget(m_replaced.front().second);
        m_replaced.pop_front();
    }
}

/// storage/cacher/cacher.go:terminateAllWatchers; components that come again find that they are too late, or not.
void
Cacher::Lose()
{
    m_following = false;
    m_watcher->Stop();
    for (const auto& [number, subscriber] : std::exchange(m_subscribers, {}))
    {
        subscriber.end("");
    }
    m_again = ns3::Simulator::Schedule(ToTime(AGAIN), &Cacher::List, this);
}

std::uint64_t
Cacher::Subscribe(Revision after, Subscriber subscriber)
{
    const auto wanted = [&](const Object& object) {
        return subscriber.nameSpace.empty() || subscriber.nameSpace == object.key.nameSpace;
    };
    if (after == 0)
    {
        for (const auto& object : m_cache.List(subscriber.nameSpace))
        {
            subscriber.deliver({WatchEventType::ADDED, object});
        }
    }
    else if (!m_cache.Knows(after))
    {
        return 0;
    }
    else
    {
        for (const auto& change : m_cache.Since(after))
        {
            if (wanted(*change.event.object))
            {
                subscriber.deliver(change.event);
            }
        }
    }
    m_subscribers.emplace(m_next, std::move(subscriber));
    return m_next++;
}

void
Cacher::Unsubscribe(std::uint64_t number)
{
    m_subscribers.erase(number);
}

} // namespace etcdlab::kube
