// client-go's event recorder: what components tell about objects, written one event after the other.
#pragma once

#include "model/kubernetes/client-limits.h"

#include <deque>
#include <map>
#include <string>

namespace etcdlab::kube
{

/**
 * Events are created in the order they were recorded, one request at a time; one that says the same as before about
 * the same object is a patch of that (tools/record/event.go, events_cache.go). 1000 wait at most, later ones are
 * dropped; of one object no more than 25 are written at once, and one each 5 min after that.
 */
class EventRecorder
{
  public:
    /// @param rate events a second at most, 0: any; @param burst of those
    explicit EventRecorder(ApiClient& client, double rate = 0, int burst = 0);

    /// @param message what makes it different from others of its reason
    /// @param bytes as stored in etcd
    void Record(const Object& about,
                const std::string& reason,
                const std::string& message = "",
                std::uint32_t bytes = 820);

  private:
    struct Event
    {
        Object object;
        bool repeats = false;
    };

    struct Source
    {
        double tokens = 25;
        Duration last{0};
    };

    bool Allowed(const Object& about);
    Task<> Write();

    ApiClient& m_client;
    TokenBucket m_bucket;
    std::deque<Event> m_queue;
    bool m_writing = false;
    std::uint64_t m_count = 0;
    std::map<std::string, ObjectKey> m_known; //!< the event's name, by what it says
    std::deque<std::string> m_order;          //!< of those, oldest first
    std::map<std::uint64_t, Source> m_sources;
    Tasks m_tasks;
};

} // namespace etcdlab::kube
