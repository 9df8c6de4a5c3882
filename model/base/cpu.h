// Processor cores as a resource: work queues for the first one that is free.
#pragma once

#include "model/base/units.h"

#include <algorithm>
#include <vector>

namespace etcdlab
{

/// First come, first served. Like Disk it says when work is done and leaves waiting to the caller.
class Cpu
{
  public:
    explicit Cpu(std::size_t cores)
        : m_freeAt(std::max<std::size_t>(cores, 1))
    {
    }

    /// @param now the present simulated time
    /// @return when the work is done
    Duration Run(Duration now, Duration work)
    {
        auto core = std::min_element(m_freeAt.begin(), m_freeAt.end());
        *core = std::max(now, *core) + work;
        m_busy += work;
        return *core;
    }

    /// Work done so far, summed over the cores.
    Duration Busy() const
    {
        return m_busy;
    }

  private:
    std::vector<Duration> m_freeAt; //!< of each core
    Duration m_busy{0};
};

} // namespace etcdlab
