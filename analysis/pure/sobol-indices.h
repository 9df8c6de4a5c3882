// Which parameters matter: Sobol indices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// An estimate with its 95 % interval.
struct IndexEstimate
{
    double value = 0;
    double low = 0;
    double high = 0;
};

/// Shares of a metric's variance over the parameters' ranges.
struct SobolIndices
{
    std::size_t samples = 0; //!< that were complete
    double mean = 0;         //!< of the metric, in its unit
    double variance = 0;     //!< 0: the metric is the same everywhere, and no index means anything
    std::vector<IndexEstimate> first; //!< by parameter: what goes if it alone were known
    std::vector<IndexEstimate>
        total; //!< what remains if all others were known, interactions included
};

/**
 * Estimate them from a Saltelli design: first-order by Saltelli et al. 2010 (table 2, b), total by Jansen 1999.
 * The intervals are bootstrapped over the samples (percentiles of 1000 resamples of a fixed seed). A sample in which a
 * value is missing is left out.
 *
 * @param values in the design's order: for each sample A, B, AB_1, ..., AB_k
 * @param dimensions k
 */
SobolIndices EstimateSobolIndices(const std::vector<std::optional<double>>& values,
                                  std::size_t dimensions);

/// As a table with a line for each parameter, those that matter most first.
std::string Describe(const SobolIndices& indices,
                     const std::vector<std::string>& parameters,
                     const std::string& metric);

} // namespace etcdlab
