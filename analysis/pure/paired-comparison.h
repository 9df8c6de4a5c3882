// Scenarios side by side over several seeds: what their difference is, and how well it is known.
#pragma once

#include "analysis/pure/summary.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// How sure the intervals of a comparison are.
inline constexpr double COMPARISON_CONFIDENCE = 0.95;

/// A seed with which some scenario's run came to no result, so that none of its runs is compared.
struct MissingSeed
{
    std::uint64_t seed = 0;
    std::string why; //!< "optimised: the process took too long"
    bool operator==(const MissingSeed&) const = default;
};

/**
 * Two or more scenarios, each run with the same seeds. Runs of one seed draw the same random numbers for the same things
 * (common random numbers), so their differences vary less than they do: intervals are of the differences of pairs.
 *
 *     [1] baseline   accounting etcd, leader e2: 3000 ok, 0 failed
 *     [2] optimised  accounting etcd, leader e2: 3000 ok, 0 failed
 *     seeds 1 to 10; +- is half of a 95 % interval (Student's t)
 *
 *     latency in ms                   [1]             [2]       [1] - [2]       [1]/[2]
 *     put            mean  450.00 +- 0.10  210.00 +- 0.00  240.00 +- 0.10  2.14 +- 0.00
 *                    p50   …
 *
 *     put: baseline takes 240.00 +- 0.10 ms longer than optimised on average, 2.14 +- 0.00 times as long.
 *
 * Means, medians, 90th and 99th percentiles of each operation over all members. A dash stands where a run has no such
 * requests. The last lines say what follows for the means, and what does not: an interval that holds 0 shows no difference.
 *
 * If seeds are missing, the third line says of how many the comparison is a part, and lines say which and why.
 *
 * @param runs by scenario, then by seed, in the same order
 * @param missing seeds that were to be in it, in order
 * @throws std::invalid_argument if there are fewer than two scenarios or seeds, or not as many of each
 */
std::string CompareReplications(const std::vector<std::vector<Summary>>& runs,
                                const std::vector<MissingSeed>& missing = {});

} // namespace etcdlab
