// Nothing acknowledged is lost, nothing refused is kept, and the members agree.
#pragma once

#include "analysis/check/history.h"

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab::check
{

/// One change of one key, as a member's store keeps it.
struct Change
{
    Revision revision = 0;
    std::string key;
    bool deletion = false;
    std::uint64_t value = 0; //!< 0 for a deletion
    bool operator==(const Change&) const = default;
};

/// What a member has in the end, on disk if it is down.
struct MemberStore
{
    std::string member;
    std::vector<Change> changes; //!< by revision; of one revision in any order
    bool votes = true;           //!< belongs to the cluster in the end, and is no learner
};

struct DurabilityOptions
{
    /// A client that got no answer may ask again, and both requests may have been carried out. Then
    /// writes stored twice are counted; else they are a violation.
    bool retriesAllowed = true;

    /// Every write that anyone made is in the history; a stored one that is not is a violation.
    bool everyWriteRecorded = true;
};

struct DurabilityResult
{
    std::vector<std::string> violations; //!< one sentence each; none: all is well
    std::uint64_t acknowledged = 0;      //!< writes answered that changed something
    std::uint64_t lost = 0;              //!< of them: not in a majority of the voters' stores
    std::uint64_t duplicated = 0;        //!< times that a value was put again on the same key
    std::uint64_t surfaced =
        0; //!< unanswered puts whose value is stored, and that alone asked for it

    bool IsOk() const
    {
        return violations.empty();
    }
};

/**
 * Check the stores of all members, those that have left included, at the end of a run against what clients were told.
 *
 * - Each store's revisions ascend, and of two stores one begins with the other (Raft's state machine
 *   safety, seen from above).
 * - Each acknowledged write is at its revision in a majority of the stores of those who vote in the end.
 * - A write that FAILED has left no trace: etcd said so.
 * - A put is stored once: its value, which identifies it, is found on its key as often as answered
 *   puts asked for it; at most as often as puts did, answered or not.
 */
DurabilityResult CheckDurability(const History& history,
                                 const std::vector<MemberStore>& stores,
                                 const DurabilityOptions& options = {});

} // namespace etcdlab::check
