// Strict serializability read off the revisions that etcd's answers carry.
#pragma once

#include "analysis/check/history.h"

#include <optional>

namespace etcdlab::check
{

/**
 * Check what revisions alone tell, over all keys at once, in O(n log n) for operations on single keys
 * (an operation on a range counts once for each key in it):
 *
 * - Each revision belongs to one write, and to one key with one content.
 * - If one operation was over before another began, the second comes later: a write's revision is
 *   greater, a read's is not smaller. Serializable reads may come earlier, but not earlier than what
 *   the same member (since its last restart) had answered before, and not before a write that began
 *   only afterwards: nobody sees the future.
 * - Each answer of revision r fits the writes of revision <= r and no others: what reads find,
 *   whether comparisons hold, how many keys a deletion finds. Reads at an old revision likewise.
 *
 * What it finds is a violation, whatever the outcomes. If no operation that may change a key is
 * AMBIGUOUS, finding nothing proves that key linearizable: revisions are the order of the writes,
 * each read comes between its revision and the next. With ambiguous ones it believes what they could
 * explain, and the search (key-search.h) has to judge.
 *
 * @return the first violation found, with the two or three operations that show it
 */
std::optional<Violation> CheckRevisionOrder(const History& history);

} // namespace etcdlab::check
