// The shortest history that shows a violation.
#pragma once

#include "analysis/check/key-search.h"

#include <vector>

namespace etcdlab::check
{

/**
 * Of operations on one key that no order explains, those that show it.
 *
 * Leaving a write out would make every read of its value a violation of its own. So an operation is
 * only taken away in ways that keep a linearizable history linearizable: reads are left out, writes
 * become unanswered ones (that keep their revision if they happened), versions are forgotten. Afterwards a write that became unanswered, or was,
 * is left out if what the others show is the same without it: still none of them can be spared.
 *
 * @param operations made by ForKey; in violation
 * @return their indices, ascending. None can be left out, unless a search gave up on the way
 */
std::vector<std::size_t> Minimise(const std::vector<Operation>& operations,
                                  const std::optional<Found>& initial,
                                  const SearchOptions& options);

} // namespace etcdlab::check
