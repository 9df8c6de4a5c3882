// Processor cores as a resource: work queues for the first one that is free.
#pragma once

#include "model/base/units.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace etcdlab
{

/// A piece of work, from the moment it was there to be done.
struct CpuWork
{
    const char* what = ""; //!< "apply", "relay", ...: of static storage
    std::size_t core = 0;  //!< counted from 0
    Duration asked{0};     //!< it waits from here...
    Duration begin{0};     //!< ...to here, for a core
    Duration end{0};
};

/// A machine's cores. First come, first served. Like Disk it says when work is done and leaves waiting to the caller.
class Cpu
{
  public:
    explicit Cpu(std::size_t cores)
        : m_freeAt(std::max<std::size_t>(cores, 1))
    {
    }

    /// @param now the present simulated time
    CpuWork Run(Duration now, Duration work, const char* what = "")
    {
        const auto core = std::min_element(m_freeAt.begin(), m_freeAt.end());
        const auto begin = std::max(now, *core);
        *core = begin + work;
        return {what, static_cast<std::size_t>(core - m_freeAt.begin()), now, begin, *core};
    }

  private:
    std::vector<Duration> m_freeAt; //!< of each core
};

/// What one process does on a machine's cores, which may be others' too.
class ProcessCpu
{
  public:
    using Handler = std::function<void(const CpuWork&)>;

    explicit ProcessCpu(std::shared_ptr<Cpu> machine)
        : m_machine(std::move(machine))
    {
    }

    /// @param handler told of each piece of work that takes time, when it is asked for
    void OnWork(Handler handler)
    {
        m_worked = std::move(handler);
    }

    /// @return when the work is done
    Duration Run(Duration now, Duration work, const char* what)
    {
        const auto done = m_machine->Run(now, work, what);
        if (m_worked && work > Duration{0})
        {
            m_worked(done);
        }
        return done.end;
    }

  private:
    std::shared_ptr<Cpu> m_machine;
    Handler m_worked; //!< may be unset
};

} // namespace etcdlab
