// How long a cluster takes to get over the sudden death of its leader: one trial.
#pragma once

#include "helper/scenario/scenario.h"
#include "model/base/units.h"

#include <cstdint>

namespace etcdlab
{

/// What one trial gave; both times count from the kill.
struct LeaderLoss
{
    Duration toLeader{0}; //!< until a survivor had won an election
    Duration toWrite{0};  //!< until the first write through a survivor succeeded
    /// The survivor that first missed the leader won the election it then called. If not, votes were ignored
    /// or split, and somebody had to wait for another election timeout.
    bool firstTry = false;
};

/**
 * Kill the leader (kill -9) and measure as one would on a real cluster: a client connected to one survivor
 * puts every 10 ms, whatever came of the puts before, and the first success counts among the puts made
 * after the kill. (A sequential client would measure etcd's request timeout: a put forwarded to the
 * dead leader is lost and fails after 7 s.) The client begins when the cluster is ready; the kill comes 200 ms
 * after its first answer and up to a heartbeat interval later, at random.
 *
 * @param scenario gives members, links, disks; its leader is the one that dies. Client and workload are
 *        replaced.
 * @param seed of everything random
 * @throws RunError if no write succeeds within 30 s, and as World::Run
 * @throws std::invalid_argument if the scenario has no leader or fewer than three members
 */
LeaderLoss RunLeaderLoss(Scenario scenario, std::uint64_t seed);

} // namespace etcdlab
