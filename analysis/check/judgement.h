// All that a run's checks say, in one place.
#pragma once

#include "analysis/check/durability.h"
#include "analysis/check/linearizability.h"
#include "analysis/check/watch-check.h"

#include <string>
#include <vector>

namespace etcdlab::check
{

/// A promise that was not kept.
struct Finding
{
    std::string rule; //!< "raft", "linearizability", "durability" or "watch"
    std::string what; //!< one line, and for a history its table below it
    bool operator==(const Finding&) const = default;
};

/// What the checks of a run came to. It has passed only if nothing was found and nothing left open.
struct Judgement
{
    std::vector<Finding> violations;
    std::vector<std::string> undecided; //!< keys whose history the search for an order gave up on
    DurabilityResult durability;

    Verdict GetVerdict() const
    {
        return !violations.empty()  ? Verdict::VIOLATION
               : !undecided.empty() ? Verdict::UNKNOWN
                                    : Verdict::OK;
    }
};

/**
 * Judge what clients and watchers saw by what the members hold in the end.
 *
 * @param stores of all voting members, once faults are over and laggards have had time to catch up
 * @param watches all watches of the run; they are held against the longest store
 * @param everyWriteRecorded whether the history has every write that anyone made
 */
Judgement Judge(const History& history,
                const std::vector<MemberStore>& stores,
                const std::vector<WatchLog>& watches = {},
                bool everyWriteRecorded = true);

} // namespace etcdlab::check
