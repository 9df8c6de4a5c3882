#include "model/kubernetes/informer.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// tools/cache/reflector.go: NewReflector's backoff manager
constexpr Duration FIRST_LIST_BACKOFF = 800ms;
constexpr Duration LONGEST_LIST_BACKOFF = 30s;

} // namespace

Informer::Informer(ApiClient& client, const ResourceType& type, Random random)
    : m_client(client),
      m_type(type),
      m_random(std::move(random))
{
}

void
Informer::AddHandlers(Handlers handlers)
{
    m_handlers.push_back(std::move(handlers));
}

void
Informer::Start()
{
    m_tasks.Start(Reflect());
}

void
Informer::WhenSynced(std::function<void()> synced)
{
    if (m_synced)
    {
        synced();
        return;
    }
    m_whenSynced.push_back(std::move(synced));
}

ObjectPtr
Informer::Get(const ObjectKey& key) const
{
    const auto found = m_store.find(key);
    return found == m_store.end() ? nullptr : found->second;
}

std::vector<ObjectPtr>
Informer::ControlledBy(std::uint64_t uid) const
{
    std::vector<ObjectPtr> objects;
    if (const auto found = m_controlled.find(uid); found != m_controlled.end())
    {
        for (const auto& key : found->second)
        {
            objects.push_back(m_store.at(key));
        }
    }
    return objects;
}

Task<>
Informer::Reflect()
{
    const std::string everywhere;
    Duration backoff = FIRST_LIST_BACKOFF;
    while (true)
    {
        const ApiResult listed = co_await List(m_client, m_type, everywhere, ReadFrom::WATCH_CACHE);
        if (listed.Ok())
        {
            backoff = FIRST_LIST_BACKOFF;
            Replace(listed.items);
            const std::string ended =
                co_await Later<std::string>([this, &listed](Later<std::string>::Callback end) {
                    m_watch = m_client.Watch(m_type,
                                             "",
                                             listed.revision,
                                             {[this](const WatchEvent& event) { Receive(event); },
                                              [end](const std::string& reason) { end(reason); }});
                });
            m_watch.reset();
        }
        const auto jittered = static_cast<Duration::rep>(backoff.count() * (1 + m_random()));
        co_await Sleep(Duration(jittered));
        backoff = std::min(2 * backoff, LONGEST_LIST_BACKOFF);
    }
}

void
Informer::Replace(const std::vector<ObjectPtr>& items)
{
    std::set<ObjectKey> listed;
    for (const auto& object : items)
    {
        listed.insert(object->key);
    }
    std::vector<ObjectPtr> gone;
    for (const auto& [key, object] : m_store)
    {
        if (!listed.contains(key))
        {
            gone.push_back(object);
        }
    }
    for (const auto& object : gone)
    {
        Remove(object->key);
    }
    for (const auto& object : items)
    {
        Put(object);
    }
    m_synced = true;
    const auto whenSynced = std::move(m_whenSynced);
    m_whenSynced.clear();
    for (const auto& synced : whenSynced)
    {
        synced();
    }
}

void
Informer::Receive(const WatchEvent& event)
{
    if (event.type == WatchEventType::DELETED)
    {
        Remove(event.object->key);
        return;
    }
    Put(event.object);
}

void
Informer::Put(const ObjectPtr& object)
{
    auto& known = m_store[object->key];
    const auto old = std::exchange(known, object);
    if (old && old->resourceVersion == object->resourceVersion)
    {
        return;
    }
    if (const auto* owner = ControllerOf(*object))
    {
        m_controlled[owner->uid].insert(object->key);
    }
    for (const auto& handlers : m_handlers)
    {
        if (!old && handlers.added)
        {
            handlers.added(object);
        }
        else if (old && handlers.updated)
        {
            handlers.updated(old, object);
        }
    }
}

void
Informer::Remove(const ObjectKey& key)
{
    const auto known = m_store.find(key);
    if (known == m_store.end())
    {
        return;
    }
    const auto last = known->second;
    m_store.erase(known);
    if (const auto* owner = ControllerOf(*last))
    {
        const auto controlled = m_controlled.find(owner->uid);
        if (controlled != m_controlled.end() && controlled->second.erase(key) > 0 &&
            controlled->second.empty())
        {
            m_controlled.erase(controlled);
        }
    }
    for (const auto& handlers : m_handlers)
    {
        if (handlers.deleted)
        {
            handlers.deleted(last);
        }
    }
}

InformerFactory::InformerFactory(std::unique_ptr<ApiClient> client, Random random)
    : m_client(std::move(client)),
      m_random(std::move(random))
{
}

Informer&
InformerFactory::For(const std::string& resource)
{
    auto& informer = m_informers[resource];
    if (!informer)
    {
        informer = std::make_unique<Informer>(*m_client, m_client->Types().Get(resource), m_random);
    }
    return *informer;
}

void
InformerFactory::Start(std::function<void()> synced)
{
    const auto open = std::make_shared<std::size_t>(m_informers.size());
    for (const auto& [resource, informer] : m_informers)
    {
        informer->WhenSynced([open, synced] {
            if (--*open == 0)
            {
                synced();
            }
        });
        informer->Start();
    }
}

} // namespace etcdlab::kube
