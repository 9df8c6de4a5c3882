// Designs of experiments have the properties that they are chosen for.
#include "analysis/pure/design.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace etcdlab
{

namespace
{

TEST(LatinHypercube, HasOneSampleInEachIntervalOfEachAxis)
{
    const std::size_t samples = 37;
    const auto points = LatinHypercube(samples, 5, 1);
    ASSERT_EQ(points.size(), samples);
    for (std::size_t dimension = 0; dimension < 5; ++dimension)
    {
        std::set<int> intervals;
        for (const auto& point : points)
        {
            ASSERT_GE(point[dimension], 0);
            ASSERT_LT(point[dimension], 1);
            intervals.insert(static_cast<int>(point[dimension] * static_cast<double>(samples)));
        }
        EXPECT_EQ(intervals.size(), samples) << dimension;
    }
}

TEST(LatinHypercube, ItsAxesAreShuffledEachForItself)
{
    const auto points = LatinHypercube(1000, 2, 1);
    double correlation = 0;
    for (const auto& point : points)
    {
        correlation += (point[0] - 0.5) * (point[1] - 0.5) * 12 / 1000;
    }
    EXPECT_LT(std::abs(correlation), 0.1) << "its standard error is 0.03";
}

TEST(LatinHypercube, DependsOnTheSeedAlone)
{
    EXPECT_EQ(LatinHypercube(10, 3, 7), LatinHypercube(10, 3, 7));
    EXPECT_NE(LatinHypercube(10, 3, 7), LatinHypercube(10, 3, 8));
}

TEST(SobolSequence, BeginsAsInTheBook)
{
    // Joe and Kuo's first three dimensions, the origin left out.
    EXPECT_EQ(SobolSequence(3, 3),
              (UnitPoints{{0.5, 0.5, 0.5}, {0.75, 0.25, 0.25}, {0.25, 0.75, 0.75}}));
}

TEST(SobolSequence, FillsEveryCellOfAGridEvenly)
{
    // With the origin the first 256 points of two dimensions have 4 in each cell of 8 by 8.
    std::vector<int> cells(64);
    cells[0] = 1;
    for (const auto& point : SobolSequence(255, 2))
    {
        ++cells[static_cast<std::size_t>(point[0] * 8) * 8 +
                static_cast<std::size_t>(point[1] * 8)];
    }
    EXPECT_EQ(cells, std::vector<int>(64, 4));
}

TEST(SaltelliDesign, ExchangesOneColumnAtATime)
{
    const auto design = SaltelliDesign(5, 3);
    ASSERT_EQ(design.size(), 5U * (3 + 2));
    const auto halves = SobolSequence(5, 6);
    for (std::size_t sample = 0; sample < 5; ++sample)
    {
        const auto* rows = &design[sample * 5];
        EXPECT_EQ(rows[0], std::vector<double>(halves[sample].begin(), halves[sample].begin() + 3));
        EXPECT_EQ(rows[1], std::vector<double>(halves[sample].begin() + 3, halves[sample].end()));
        for (std::size_t changed = 0; changed < 3; ++changed)
        {
            for (std::size_t column = 0; column < 3; ++column)
            {
                EXPECT_EQ(rows[2 + changed][column], rows[column == changed ? 1 : 0][column]);
            }
        }
    }
}

} // namespace

} // namespace etcdlab
