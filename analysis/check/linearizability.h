// Did clients see one store that does one thing after the other?
#pragma once

#include "analysis/check/key-search.h"

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab::check
{

struct LinearizabilityOptions
{
    SearchOptions search; //!< for each key

    /// Search every key, also where the order of revisions has settled it.
    bool searchEveryKey = false;
};

struct LinearizabilityResult
{
    Verdict verdict = Verdict::OK;
    Violation violation;              //!< VIOLATION: the first found, and the shortest history
    std::vector<std::string> unknown; //!< UNKNOWN: keys on which the search gave up
    std::uint64_t steps = 0;
    std::size_t searchedKeys = 0; //!< the others were settled by the order of revisions
};

/**
 * Judge what clients saw: first by the order of revisions (revision-order.h), over all keys; then the
 * keys with unanswered writes one by one by search (key-search.h). Linearizability is local: a store
 * of keys is linearizable if each key is (Herlihy and Wing, 1990); a read of a range is taken as a
 * read of each of its keys, and that they fit together is the revision order's part.
 *
 * Without SearchOptions::revisions the first part is left out, and every key is searched.
 *
 * @throws std::invalid_argument as CheckWellFormed
 */
LinearizabilityResult CheckLinearizability(const History& history,
                                           const LinearizabilityOptions& options = {});

/// What a run's report says: "ok", a violation with its table, or the keys left undecided.
std::string Describe(const LinearizabilityResult& result);

} // namespace etcdlab::check
