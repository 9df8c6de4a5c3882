// Who watches which keys of a member's store, and what each is still to be told (etcd 3.4.23
// mvcc/watchable_store.go, watcher_group.go, watcher.go).
#pragma once

#include "model/base/units.h"
#include "model/etcd/pure/kv-store.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// A watch's number on its stream: 0, 1, …
using WatchId = std::int64_t;

/// What a watcher is told at once.
struct WatchNotification
{
    WatchId watch = 0;
    /// The store's when this was made: what the response's header says.
    Revision revision = 0;
    /// By revision; version 0 for a deletion. Empty for progress, and for the end of a watch.
    std::vector<KeyValue> events;
    /// Not 0: the watch asked for a revision that has been compacted, and ends.
    Revision compactRevision = 0;
};

/// The buffer between the store and whoever sends its notifications to a client.
class WatchBuffer
{
  public:
    /// mvcc/watchable_store.go: chanBufLen
    static constexpr std::size_t CAPACITY = 128;

    /// @param filled called whenever something has been put in
    explicit WatchBuffer(std::function<void()> filled)
        : m_filled(std::move(filled))
    {
    }

    bool IsEmpty() const
    {
        return m_queue.empty();
    }

    std::size_t Size() const
    {
        return m_queue.size();
    }

    /// Events in all of them.
    std::size_t Events() const;

    /// @return the oldest one; there must be one
    WatchNotification Take();

  private:
    friend class WatchableStore;

    /// @return false if there is no room
    bool Put(const WatchNotification& notification);
    void Forget(WatchId watch);

    std::deque<WatchNotification> m_queue;
    std::function<void()> m_filled;
    WatchId m_nextWatch = 0;
};

/**
 * The watchers of a store. One that has seen all there is is synced, and told of a transaction from within
 * it. One that asked for an old revision is unsynced until the loop below has caught it up. One whose buffer
 * was full is a victim: it keeps what could not be delivered until there is room, and is unsynced then if
 * more has happened.
 *
 * The loops are the owner's: SyncWatchers every SYNC_INTERVAL while there are unsynced watchers, RetryVictims
 * every VICTIM_INTERVAL while there are victims.
 */
class WatchableStore
{
  public:
    /// mvcc/watchable_store.go: syncWatchersLoop, syncVictimsLoop
    static constexpr Duration SYNC_INTERVAL{100'000'000};
    static constexpr Duration VICTIM_INTERVAL{10'000'000};
    /// mvcc/watchable_store.go: maxWatchersPerSync; watcher_group.go: watchBatchMaxRevs
    static constexpr std::size_t MAX_WATCHERS_PER_SYNC = 512;
    static constexpr std::size_t MAX_REVISIONS_PER_BATCH = 1000;

    /// @param store must outlive this
    explicit WatchableStore(const KvStore& store)
        : m_store(store)
    {
    }

    /**
     * Watch a key, or all keys in [key, rangeEnd).
     *
     * @param start the first revision wanted; 0: what happens from now on
     * @param buffer must outlive the watch, see CancelAll
     */
    WatchId Watch(WatchBuffer& buffer, std::string key, std::string rangeEnd, Revision start);

    /// End a watch; nothing more is put into its buffer for it, and what is there is taken back.
    /// @return false if there is none
    bool Cancel(WatchBuffer& buffer, WatchId watch);
    void CancelAll(WatchBuffer& buffer);

    /// A transaction has made these changes, at the store's present revision.
    void Notify(const std::vector<KeyValue>& changes);

    /// Tell a watcher the present revision, if it is synced and its buffer has room.
    void Progress(WatchBuffer& buffer, WatchId watch);

    /// One pass over the unsynced watchers.
    /// @return true if more of them wait and this pass has caught some up: the next one follows at once
    bool SyncWatchers();

    /// Put what victims have kept into their buffers, as far as there is room.
    void RetryVictims();

    /// The store's content was replaced by a snapshot's: watchers may have missed something.
    void Restored();

    /// False if Notify has nobody to tell, so that changes need not be collected.
    bool HasWatchers() const
    {
        return !m_watchers.empty();
    }

    std::size_t Size() const
    {
        return m_watchers.size();
    }

    std::size_t Unsynced() const
    {
        return m_unsynced;
    }

    std::size_t Victims() const
    {
        return m_victims;
    }

  private:
    enum class State
    {
        SYNCED,
        UNSYNCED,
        VICTIM
    };

    struct Watcher
    {
        WatchBuffer* buffer = nullptr;
        WatchId id = 0;
        std::string key;
        std::string rangeEnd;
        Revision next = 0; //!< has been told all before this revision
        State state = State::SYNCED;
        WatchNotification undelivered; //!< a victim's

        bool Watches(const std::string& changed) const
        {
            return rangeEnd.empty() ? changed == key : key <= changed && changed < rangeEnd;
        }
    };

    using Watchers = std::map<std::uint64_t, Watcher>;

    Watchers::iterator Find(const WatchBuffer& buffer, WatchId watch);
    void SetState(Watcher& watcher, State state);
    /// @return false if the watcher is at its end
    bool SyncOne(Watcher& watcher);
    /// What a watcher has not been told, at most a batch; moves its `next` behind that.
    std::vector<KeyValue> TakeBatch(Watcher& watcher) const;

    const KvStore& m_store;
    Watchers m_watchers; //!< by order of creation
    std::uint64_t m_nextKey = 0;
    std::uint64_t m_syncFrom = 0; //!< where the next pass over the unsynced ones begins
    std::size_t m_unsynced = 0;
    std::size_t m_victims = 0;
};

} // namespace etcdlab
