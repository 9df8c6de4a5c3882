// Makes recordings of scenarios.
#pragma once

#include "helper/scenario/scenario.h"
#include "model/workload/request-record.h"
#include "test/benchmark/recording.h"

#include <vector>

namespace etcdlab::benchmark
{

struct RecordedRun
{
    Recording recording;
    Moved moved;
    std::vector<RequestRecord> requests; //!< of all clients, in the clients' order
};

/**
 * Simulate a scenario as World does, but over a network that records. The requests' times tell whether it was the
 * same run.
 *
 * @throws std::runtime_error if the scenario has a proxy, or connections that the replay cannot repeat
 */
RecordedRun RecordRun(const Scenario& scenario);

} // namespace etcdlab::benchmark
