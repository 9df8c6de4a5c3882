// The leases that a client of the workload puts its keys under.
#pragma once

#include "model/etcd/pure/requests.h"
#include "model/workload/lease-keeper.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <vector>

namespace etcdlab
{

/// A number of leases kept alive, used in turn. One that is lost, its keys with it, is replaced by a new one.
class LeaseLoad
{
  public:
    /// @param channel must outlive this, or Stop be called before
    /// @param ttl seconds
    LeaseLoad(GrpcChannel& channel, std::uint64_t count, std::int64_t ttl);

    void Start();
    void Stop();

    /// True once each lease has been granted.
    bool IsReady() const;

    /// Put the request's keys under the next lease.
    void Attach(Request& request);

    const std::vector<LeaseId>& Leases() const
    {
        return m_leases;
    }

  private:
    void Grant(std::size_t number);

    LeaseKeeper m_keeper;
    std::int64_t m_ttl;
    std::vector<LeaseId> m_leases; //!< 0: has yet to be granted
    std::vector<ns3::EventId> m_again;
    std::size_t m_next = 0;
};

} // namespace etcdlab
