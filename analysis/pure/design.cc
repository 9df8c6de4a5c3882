#include "analysis/pure/design.h"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/sobol.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include <cmath>
#include <numeric>
#include <utility>

namespace etcdlab
{

UnitPoints
LatinHypercube(std::size_t samples, std::size_t dimensions, std::uint64_t seed)
{
    // Boost's distributions, because the standard's give other numbers in every library.
    boost::random::mt19937_64 random(seed);
    boost::random::uniform_01<double> within;
    UnitPoints points(samples, std::vector<double>(dimensions));
    for (std::size_t dimension = 0; dimension < dimensions; ++dimension)
    {
        std::vector<std::size_t> interval(samples);
        std::iota(interval.begin(), interval.end(), std::size_t{0});
        for (std::size_t i = samples; i-- > 1;)
        {
            boost::random::uniform_int_distribution<std::size_t> other(0, i);
            std::swap(interval[i], interval[other(random)]);
        }
        for (std::size_t i = 0; i < samples; ++i)
        {
            points[i][dimension] =
                (static_cast<double>(interval[i]) + within(random)) / static_cast<double>(samples);
        }
    }
    return points;
}

UnitPoints
SobolSequence(std::size_t samples, std::size_t dimensions)
{
    boost::random::sobol sequence(dimensions); // begins behind the origin
    UnitPoints points(samples, std::vector<double>(dimensions));
    for (auto& point : points)
    {
        for (auto& coordinate : point)
        {
            // 53 bits are what a double holds without rounding up to 1.
            coordinate = std::ldexp(static_cast<double>(sequence() >> 11), -53);
        }
    }
    return points;
}

UnitPoints
SaltelliDesign(std::size_t samples, std::size_t dimensions)
{
    UnitPoints design;
    design.reserve(samples * (dimensions + 2));
    for (const auto& both : SobolSequence(samples, 2 * dimensions))
    {
        const auto middle = both.begin() + static_cast<std::ptrdiff_t>(dimensions);
        const std::vector<double> a(both.begin(), middle);
        const std::vector<double> b(middle, both.end());
        design.push_back(a);
        design.push_back(b);
        for (std::size_t i = 0; i < dimensions; ++i)
        {
            design.push_back(a);
            design.back()[i] = b[i];
        }
    }
    return design;
}

} // namespace etcdlab
