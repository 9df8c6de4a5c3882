// Designs of experiments: where in the unit cube to sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace etcdlab
{

/// Points of the unit cube [0, 1)^dimensions, one a row.
using UnitPoints = std::vector<std::vector<double>>;

/**
 * A Latin hypercube (McKay, Beckman and Conover 1979): each axis cut into as many equal intervals as there are samples,
 * one sample in each. The same for the same seed everywhere.
 */
UnitPoints LatinHypercube(std::size_t samples, std::size_t dimensions, std::uint64_t seed);

/// The Sobol sequence (Boost.Random, direction numbers of Joe and Kuo 2008) without its first point, the origin. Powers of
/// two, less one, fill the cube best.
UnitPoints SobolSequence(std::size_t samples, std::size_t dimensions);

/**
 * What first-order and total indices are estimated from (Saltelli 2010): the two halves A and B of a Sobol sequence in
 * twice the dimensions, and for each dimension A with that column of B. For each sample k + 2 points in a row: A, B, AB_1,
 * ..., AB_k.
 */
UnitPoints SaltelliDesign(std::size_t samples, std::size_t dimensions);

} // namespace etcdlab
