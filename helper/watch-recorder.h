// How long news of a change takes to those who watch.
#pragma once

#include "model/base/units.h"
#include "model/workload/watch-news.h"

#include <cstdint>
#include <vector>

namespace etcdlab
{

/**
 * The delay of an event: from the moment at which the first member has applied its revision, which is when the
 * cluster has agreed on it and the leader knows, to its arrival at the watcher.
 */
class WatchRecorder
{
  public:
    /// A member's store has come to a revision.
    void OnRevision(Revision revision);

    /// Something has happened to a watch of a client. @param client its number
    void OnNews(std::uint64_t client, const WatchNews& news);

    /// Delays of all events, by the number of the client, in the order of their arrival.
    const std::vector<std::vector<Duration>>& Delays() const
    {
        return m_delays;
    }

  private:
    std::vector<Duration> m_applied; //!< by revision, from 0 on: when the first member had it
    std::vector<std::vector<Duration>> m_delays;
};

} // namespace etcdlab
