#include "model/kubernetes/pure/watch-cache.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// storage/cacher/watch_cache.go: defaultLowerBoundCapacity, eventFreshDuration, defaultUpperBoundCapacity. The real
// one doubles and halves a ring buffer by these rules.
constexpr std::size_t LEAST_CHANGES = 100;
constexpr std::size_t MOST_CHANGES = 100 * 1024;
constexpr Duration FRESH = 75s;

} // namespace

void
WatchCache::Replace(const std::vector<ObjectPtr>& objects, Revision revision)
{
    m_objects.clear();
    m_changes.clear();
    for (const auto& object : objects)
    {
        m_objects.emplace(object->key, object);
    }
    m_listed = m_revision = m_known = revision;
}

void
WatchCache::Apply(Revision revision, const WatchEvent& event, Duration now)
{
    if (event.type == WatchEventType::DELETED)
    {
        m_objects.erase(event.object->key);
    }
    else
    {
        m_objects[event.object->key] = event.object;
    }
    m_revision = std::max(m_revision, revision);
    m_changes.push_back({revision, now, event});
    while (m_changes.size() > MOST_CHANGES ||
           (m_changes.size() > LEAST_CHANGES && m_changes.front().time + FRESH < now))
    {
        m_known = m_changes.front().revision;
        m_changes.pop_front();
    }
}

ObjectPtr
WatchCache::Find(const ObjectKey& key) const
{
    const auto found = m_objects.find(key);
    return found == m_objects.end() ? nullptr : found->second;
}

std::vector<ObjectPtr>
WatchCache::List(const std::string& nameSpace) const
{
    std::vector<ObjectPtr> all;
    auto each = nameSpace.empty() ? m_objects.begin() : m_objects.lower_bound({nameSpace, ""});
    for (; each != m_objects.end() && (nameSpace.empty() || each->first.nameSpace == nameSpace);
         ++each)
    {
        all.push_back(each->second);
    }
    return all;
}

std::vector<WatchCache::Change>
WatchCache::Since(Revision after) const
{
    const auto first = std::upper_bound(
        m_changes.begin(), m_changes.end(), after, [](Revision revision, const Change& change) {
            return revision < change.revision;
        });
    return {first, m_changes.end()};
}

} // namespace etcdlab::kube
