// Means and how well they are known.
#pragma once

#include <cstddef>
#include <vector>

namespace etcdlab
{

/// A mean and its confidence interval, mean ± halfWidth.
struct MeanInterval
{
    std::size_t count = 0;
    double mean = 0;      //!< in the values' unit; 0 of no values
    double halfWidth = 0; //!< infinite for fewer than two values
};

/**
 * Of independent values (replications), by Student's t distribution: exact if the values are normal, good if they are means
 * of many requests.
 *
 * @param confidence between 0 and 1, as 0.95
 */
MeanInterval IntervalOfMean(const std::vector<double>& values, double confidence);

} // namespace etcdlab
