// Linearizability of one key: the search for an order that explains what clients saw.
#pragma once

#include "analysis/check/history.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace etcdlab::check
{

enum class Verdict
{
    OK,
    VIOLATION,
    UNKNOWN //!< the search gave up
};

struct SearchOptions
{
    /// Events looked at before the search gives up. Counted, not timed: a run's verdict is the same
    /// on every machine. 10 million take one to five seconds.
    std::uint64_t maxSteps = 10'000'000;

    /// Take the answers' revisions for the order of the writes, as etcd promises. Without, only what
    /// was found and compared counts.
    bool revisions = true;
};

struct SearchResult
{
    Verdict verdict = Verdict::OK;
    std::uint64_t steps = 0;
};

/**
 * Search an order of one key's operations in which each lies between its call and its end and every
 * answer is that of a store doing one after the other (Wing and Gong, "Testing and Verifying
 * Concurrent Objects", 1993), with Lowe's improvements ("Testing for linearizability", 2017) as in
 * Porcupine: events in a linked list from which operations are lifted and to which they are returned,
 * and a memory of (state, set of operations) met before.
 *
 * Unanswered operations have no end: they may take effect at any time after their call, or never.
 * Their revision is unknown; it is one that somebody saw or compared with, or some other one that is
 * free (the smallest is as good as any).
 *
 * What keeps it small beyond Porcupine:
 * - Answered operations can only be taken in the order of their revisions.
 * - An answered operation that leaves the state as it is need not be tried later.
 * - An unanswered put that alone can have written what somebody saw has that revision.
 * - Of unanswered operations that are alike only the earliest is tried.
 *
 * @param operations made by ForKey, of the same key, in any order. If an unanswered write has a
 * `header`, that is its revision if it took effect
 * @param initial the key before, absent if empty
 */
SearchResult SearchKey(const std::vector<Operation>& operations,
                       const std::optional<Found>& initial,
                       const SearchOptions& options = {});

} // namespace etcdlab::check
