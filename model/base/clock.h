// Between the pure parts' durations and ns-3's clock.
#pragma once

#include "model/base/units.h"

#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <utility>

namespace etcdlab
{

inline ns3::Time
ToTime(Duration d)
{
    return ns3::NanoSeconds(d.count());
}

inline Duration
ToDuration(const ns3::Time& time)
{
    return Duration(time.GetNanoSeconds());
}

/// The present simulated time.
inline Duration
Now()
{
    return ToDuration(ns3::Simulator::Now());
}

/// Run something at a simulated time: at once if that is now, which saves an event and keeps an ideal
/// disk or processor from reordering anything.
template <class Function>
void
RunAt(Duration when, Function&& function)
{
    const auto now = Now();
    if (when <= now)
    {
        function();
        return;
    }
    ns3::Simulator::Schedule(ToTime(when - now), std::forward<Function>(function));
}

} // namespace etcdlab
