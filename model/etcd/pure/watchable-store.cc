#include "model/etcd/pure/watchable-store.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

WatchNotification
WatchBuffer::Take()
{
    auto first = std::move(m_queue.front());
    m_queue.pop_front();
    return first;
}

std::size_t
WatchBuffer::Events() const
{
    std::size_t count = 0;
    for (const auto& notification : m_queue)
    {
        count += notification.events.size();
    }
    return count;
}

bool
WatchBuffer::Put(const WatchNotification& notification)
{
    if (m_queue.size() >= CAPACITY)
    {
        return false;
    }
    m_queue.push_back(notification);
    m_filled();
    return true;
}

void
WatchBuffer::Forget(WatchId watch)
{
    std::erase_if(m_queue, [watch](const auto& waiting) { return waiting.watch == watch; });
}

WatchId
WatchableStore::Watch(WatchBuffer& buffer, std::string key, std::string rangeEnd, Revision start)
{
    const auto present = m_store.CurrentRevision();
    Watcher watcher;
    watcher.buffer = &buffer;
    watcher.id = buffer.m_nextWatch++;
    watcher.key = std::move(key);
    watcher.rangeEnd = std::move(rangeEnd);
    watcher.next = start == 0 ? present + 1 : start;
    auto& added = m_watchers.emplace(m_nextKey++, std::move(watcher)).first->second;
    SetState(added, added.next > present ? State::SYNCED : State::UNSYNCED);
    return added.id;
}

WatchableStore::Watchers::iterator
WatchableStore::Find(const WatchBuffer& buffer, WatchId watch)
{
    return std::find_if(m_watchers.begin(), m_watchers.end(), [&](const auto& entry) {
        return entry.second.buffer == &buffer && entry.second.id == watch;
    });
}

bool
WatchableStore::Cancel(WatchBuffer& buffer, WatchId watch)
{
    const auto found = Find(buffer, watch);
    if (found == m_watchers.end())
    {
        return false;
    }
    SetState(found->second, State::SYNCED);
    m_watchers.erase(found);
    buffer.Forget(watch);
    return true;
}

void
WatchableStore::CancelAll(WatchBuffer& buffer)
{
    for (auto it = m_watchers.begin(); it != m_watchers.end();)
    {
        if (it->second.buffer == &buffer)
        {
            SetState(it->second, State::SYNCED);
            it = m_watchers.erase(it);
        }
        else
        {
            ++it;
        }
    }
    buffer.m_queue.clear();
}

void
WatchableStore::SetState(Watcher& watcher, State state)
{
    m_unsynced += (state == State::UNSYNCED ? 1U : 0U);
    m_unsynced -= (watcher.state == State::UNSYNCED ? 1U : 0U);
    m_victims += (state == State::VICTIM ? 1U : 0U);
    m_victims -= (watcher.state == State::VICTIM ? 1U : 0U);
    watcher.state = state;
}

// watchableStore.notify
void
WatchableStore::Notify(const std::vector<KeyValue>& changes)
{
    const auto revision = m_store.CurrentRevision();
    for (auto& [number, watcher] : m_watchers)
    {
        if (watcher.state != State::SYNCED || revision < watcher.next)
        {
            continue;
        }
        WatchNotification notification{watcher.id, revision, {}, 0};
        for (const auto& change : changes)
        {
            if (watcher.Watches(change.key))
            {
                notification.events.push_back(change);
            }
        }
        if (notification.events.empty())
        {
            continue;
        }
        watcher.next = revision + 1;
        if (!watcher.buffer->Put(notification))
        {
            watcher.undelivered = std::move(notification);
            SetState(watcher, State::VICTIM);
        }
    }
}

void
WatchableStore::Progress(WatchBuffer& buffer, WatchId watch)
{
    const auto found = Find(buffer, watch);
    if (found != m_watchers.end() && found->second.state == State::SYNCED)
    {
        buffer.Put({watch, m_store.CurrentRevision(), {}, 0});
    }
}

// watchableStore.syncWatchers, watcherGroup.choose
bool
WatchableStore::SyncWatchers()
{
    const auto before = m_unsynced;
    std::size_t chosen = 0;
    // Each pass goes on where the last one ended: etcd takes a random set.
    auto it = m_watchers.lower_bound(m_syncFrom);
    for (auto left = m_watchers.size(); left > 0 && chosen < MAX_WATCHERS_PER_SYNC; --left)
    {
        it = it == m_watchers.end() ? m_watchers.begin() : it;
        if (it->second.state != State::UNSYNCED)
        {
            ++it;
            continue;
        }
        ++chosen;
        if (SyncOne(it->second))
        {
            ++it;
            continue;
        }
        SetState(it->second, State::SYNCED);
        it = m_watchers.erase(it);
    }
    m_syncFrom = it == m_watchers.end() ? 0 : it->first;
    return m_unsynced > 0 && m_unsynced < before;
}

bool
WatchableStore::SyncOne(Watcher& watcher)
{
    const auto present = m_store.CurrentRevision();
    if (watcher.next < m_store.CompactedRevision())
    {
        // Retried by the next pass if there is no room.
        return !watcher.buffer->Put({watcher.id, 0, {}, m_store.CompactedRevision()});
    }
    WatchNotification notification{watcher.id, present, TakeBatch(watcher), 0};
    const bool more = watcher.next <= present;
    if (notification.events.empty() || watcher.buffer->Put(notification))
    {
        SetState(watcher, more ? State::UNSYNCED : State::SYNCED);
        return true;
    }
    watcher.undelivered = std::move(notification);
    SetState(watcher, State::VICTIM);
    return true;
}

std::vector<KeyValue>
WatchableStore::TakeBatch(Watcher& watcher) const
{
    const auto present = m_store.CurrentRevision();
    auto events = m_store.Changes(watcher.key, watcher.rangeEnd, watcher.next);
    watcher.next = std::max(watcher.next, present + 1);
    std::size_t revisions = 0;
    Revision last = 0;
    for (auto it = events.begin(); it != events.end(); ++it)
    {
        revisions += it->modRevision != last ? 1 : 0;
        last = it->modRevision;
        if (revisions > MAX_REVISIONS_PER_BATCH)
        {
            watcher.next = it->modRevision;
            events.erase(it, events.end());
            break;
        }
    }
    return events;
}

// watchableStore.moveVictims
void
WatchableStore::RetryVictims()
{
    const auto present = m_store.CurrentRevision();
    for (auto& [number, watcher] : m_watchers)
    {
        if (watcher.state != State::VICTIM)
        {
            continue;
        }
        // It has seen the store up to, but not including, its next revision.
        watcher.undelivered.revision = watcher.next - 1;
        if (watcher.buffer->Put(watcher.undelivered))
        {
            watcher.undelivered = {};
            SetState(watcher, watcher.next <= present ? State::UNSYNCED : State::SYNCED);
        }
    }
}

void
WatchableStore::Restored()
{
    for (auto& [number, watcher] : m_watchers)
    {
        if (watcher.state == State::SYNCED)
        {
            SetState(watcher, State::UNSYNCED);
        }
    }
}

} // namespace etcdlab
