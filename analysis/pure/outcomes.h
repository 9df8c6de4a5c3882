// What faults did to those who used the cluster: when nothing worked, and who led when.
#pragma once

#include "model/base/units.h"
#include "model/raft/types.h"
#include "model/workload/request-record.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// A span of simulated time.
struct Window
{
    Duration start{0};
    Duration end{0};
    bool operator==(const Window&) const = default;
};

/// When nothing of a kind worked.
struct Unavailability
{
    Duration threshold{0}; //!< shorter gaps between answers are ordinary, and are not listed
    std::vector<Window> windows;
    bool operator==(const Unavailability&) const = default;
};

/**
 * Find the spans in which requests were made and none was answered. By hand, from requests.csv:
 *
 * 1. Take the rows of the kind, warm-up included; write down `end_ms` of those with outcome "ok", in
 *    ascending order, and before them the first `start_ms` of all. If rows started after the last
 *    success, add the last `end_ms` of these.
 * 2. The threshold is three times the median latency of the "ok" rows, or 10 ms if that is more. (Of
 *    an even number of rows the lower of the two in the middle.)
 * 3. Two neighbours further apart than the threshold bound a window if some row that failed, or took
 *    longer than the threshold, started between them or up to a threshold before the first. (Else
 *    nobody asked for anything.)
 *
 * So a window lasts from the last success before to the first success after; it contains the time in
 * which a client noticed.
 *
 * @param requests in any order
 * @param counts the kind
 */
Unavailability FindUnavailability(const std::vector<RequestRecord>& requests,
                                  const std::function<bool(const RequestRecord&)>& counts);

/// Puts, deletions and transactions, Kubernetes' ("Txn-create", …) among them.
bool IsWrite(const RequestRecord& request);

/// A member that has learned of another leader, of itself perhaps, or that knows none any more.
struct LeaderNews
{
    Duration time{0};
    std::string member;
    std::string leader;  //!< empty: none known, or the member is gone
    raft::Term term = 0; //!< if the member leads: of its election
    bool operator==(const LeaderNews&) const = default;
};

/// A member that became leader.
struct Election
{
    Duration time{0};
    std::string leader;
    raft::Term term = 0;
    bool operator==(const Election&) const = default;
};

/// The elections that were won, in their order. @param news by time
std::vector<Election> FindElections(const std::vector<LeaderNews>& news);

/// How long no running member held itself for the leader, between two times. A leader that is cut off
/// counts until it steps down. @param news by time, from the start of the run
Duration LeaderlessTime(const std::vector<LeaderNews>& news, Window within);

/// What came of a change of members that was asked for.
struct MemberChange
{
    std::string change; //!< the fault's type: "add-member", ...
    std::string member;
    Duration start{0};
    std::optional<Duration> end; //!< when it was made or given up; unset: not before the run's end
    std::string result;          //!< "ok", or etcd's last error; empty: none yet
    bool operator==(const MemberChange&) const = default;
};

/// Requests that came to no good, and what remained of writes.
struct Outcomes
{
    std::uint64_t failed = 0;    //!< definitely without effect
    std::uint64_t ambiguous = 0; //!< no answer: may have had their effect, or not
    /// Whether each write was followed from its client to the stores. Those of Kubernetes are not: the next four are 0.
    bool followed = true;
    std::uint64_t surfaced = 0; //!< ambiguous puts that did
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;       //!< acknowledged, and gone
    std::uint64_t duplicated = 0; //!< writes carried out more often than once
    Unavailability all;
    Unavailability writes;
    std::vector<Election> elections;
    Duration leaderless{0};
    std::vector<MemberChange> memberChanges; //!< by start
    std::string verdict; //!< of the checks: "ok" or "undecided"; a violation leaves no results
    std::vector<std::string> undecided; //!< keys on which the search gave up
    bool operator==(const Outcomes&) const = default;
};

} // namespace etcdlab
