// client-go's work queue, and the workers that empty it (util/workqueue).
#pragma once

#include "model/kubernetes/task.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>

namespace etcdlab::kube
{

/// What becomes of a key that has been worked on.
enum class SyncResult
{
    DONE,
    KEEP, //!< done, but its failures still count
    AGAIN //!< it failed: later again, the later the more often
};

/**
 * Keys to be worked on, each once however often it is added before its turn, and by one worker at a time: a key added
 * while it is worked on comes again afterwards (queue.go). A key that failed n times waits base * 2^n
 * (default_rate_limiters.go: ItemExponentialFailureRateLimiter).
 */
template <class Key>
class WorkQueue
{
  public:
    using Sync = std::function<Task<SyncResult>(Key)>;

    WorkQueue(int workers,
              Sync sync,
              Duration base = std::chrono::milliseconds(5),
              Duration longest = std::chrono::seconds(1000))
        : m_workers(workers),
          m_sync(std::move(sync)),
          m_base(base),
          m_longest(longest)
    {
    }

    ~WorkQueue()
    {
        for (auto& [key, later] : m_later)
        {
            later.event.Cancel();
        }
    }

    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    /// The workers begin.
    void Start()
    {
        m_started = true;
        Work();
    }

    void Add(const Key& key)
    {
        if (!m_waiting.insert(key).second)
        {
            return;
        }
        if (!m_worked.contains(key))
        {
            m_queue.push_back(key);
            Work();
        }
    }

    /// Of several times, the earliest holds (delaying_queue.go).
    void AddAfter(const Key& key, Duration delay)
    {
        if (delay <= Duration(0))
        {
            Add(key);
            return;
        }
        const auto when = Now() + delay;
        auto [found, isNew] = m_later.try_emplace(key);
        if (!isNew)
        {
            if (found->second.when <= when)
            {
                return;
            }
            found->second.event.Cancel();
        }
        found->second.when = when;
        found->second.event = ns3::Simulator::Schedule(ToTime(delay), [this, key] {
            m_later.erase(key);
            Add(key);
        });
    }

    void AddRateLimited(const Key& key)
    {
        AddAfter(key, BackOff(m_failures[key]++));
    }

    /// Its failures no longer count.
    void Forget(const Key& key)
    {
        m_failures.erase(key);
    }

    int Failures(const Key& key) const
    {
        const auto found = m_failures.find(key);
        return found == m_failures.end() ? 0 : found->second;
    }

    /// What a key waits that has failed so often before.
    Duration BackOff(int failures) const
    {
        Duration backOff = m_base;
        for (int i = 0; i < failures && backOff < m_longest; ++i)
        {
            backOff *= 2;
        }
        return std::min(backOff, m_longest);
    }

  private:
    struct Delayed
    {
        Duration when{0};
        ns3::EventId event;
    };

    /// Workers wake up by an event of their own, so that whoever adds a key goes on first.
    void Work()
    {
        if (!m_started || m_queue.empty() || m_busy >= m_workers)
        {
            return;
        }
        ++m_busy;
        m_tasks.Start(Worker());
    }

    Task<> Worker()
    {
        co_await Yield();
        while (!m_queue.empty())
        {
            const Key key = m_queue.front();
            m_queue.pop_front();
            m_waiting.erase(key);
            m_worked.insert(key);
            const SyncResult result = co_await m_sync(key);
            if (result == SyncResult::DONE)
            {
                Forget(key);
            }
            else if (result == SyncResult::AGAIN)
            {
                AddRateLimited(key);
            }
            m_worked.erase(key);
            if (m_waiting.contains(key))
            {
                m_queue.push_back(key);
            }
        }
        --m_busy;
    }

    int m_workers;
    Sync m_sync;
    Duration m_base;
    Duration m_longest;
    bool m_started = false;
    int m_busy = 0;
    std::deque<Key> m_queue;
    std::set<Key> m_waiting; //!< to be worked on: in the queue, or worked on and added again
    std::set<Key> m_worked;  //!< being worked on
    std::map<Key, Delayed> m_later;
    std::map<Key, int> m_failures;
    Tasks m_tasks;
};

} // namespace etcdlab::kube
