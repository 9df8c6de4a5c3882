// The thesis' five links, for tests that need no scenario file.
#pragma once

#include "helper/scenario/scenario.h"

#include <chrono>

namespace etcdlab::test
{

inline Duration
Ms(double milliseconds)
{
    return std::chrono::round<Duration>(std::chrono::duration<double, std::milli>(milliseconds));
}

inline LinkConfig
Rtt(double milliseconds)
{
    LinkConfig link;
    link.delay = Ms(milliseconds) / 2;
    return link;
}

/// Round trips: api-e1 250, api-e2 50, api-e3 110, e1-e2 300, e2-e3 160; e1-e3 has no link. e2
/// leads, disks and processors cost nothing, the client spreads its calls round robin.
inline Scenario
SeedScenario()
{
    Scenario scenario;
    scenario.name = "seed";
    scenario.leader = "e2";
    scenario.links = {{{"api", "e1"}, Rtt(250)},
                      {{"api", "e2"}, Rtt(50)},
                      {{"api", "e3"}, Rtt(110)},
                      {{"e1", "e2"}, Rtt(300)},
                      {{"e2", "e3"}, Rtt(160)}};
    return scenario;
}

} // namespace etcdlab::test
