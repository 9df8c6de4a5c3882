// Requests that wait for their answer, and give up in time (etcd 3.4.23 pkg/wait; etcdserver/config.go: ReqTimeout).
#pragma once

#include "model/etcd/pure/member-config.h"
#include "model/etcd/server-result.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>

namespace etcdlab
{

/// Answers each request at most once: when it is finished, or with "request timed out" when its time is over.
class PendingRequests
{
  public:
    using Done = std::function<void(const ServerResult&)>;

    /// @param config must outlive this object
    /// @param timedOut told each id whose time is over, in ascending order, and whether it had not been answered
    PendingRequests(const MemberConfig& config, std::function<void(std::uint64_t, bool)> timedOut);
    ~PendingRequests();
    PendingRequests(const PendingRequests&) = delete;
    PendingRequests& operator=(const PendingRequests&) = delete;

    /// @param id greater than all before
    void Add(std::uint64_t id, Done done);

    /// Requests not answered yet.
    std::size_t Size() const
    {
        return m_waiters.size();
    }

    /// Whether it has not been answered yet.
    bool Contains(std::uint64_t id) const;

    /// Answer it; nothing happens if it has been answered.
    void Finish(std::uint64_t id, const ServerResult& result);
    void Fail(std::uint64_t id, GrpcCode code, const char* error);

    /// Nobody is answered any more.
    void Stop();

  private:
    struct Deadline
    {
        Duration when;
        std::uint64_t id;
    };

    void CheckTimeouts();

    const MemberConfig& m_config;
    std::function<void(std::uint64_t, bool)> m_timedOut;
    std::unordered_map<std::uint64_t, Done> m_waiters; //!< looked up, never iterated
    std::deque<Deadline> m_deadlines;                  //!< ascending: all timeouts are equal
    ns3::EventId m_timeout;
};

} // namespace etcdlab
