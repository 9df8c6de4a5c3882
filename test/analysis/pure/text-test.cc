#include "analysis/pure/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace etcdlab
{
namespace
{

TEST(Text, NumbersHaveFixedOrTrimmedDecimals)
{
    EXPECT_EQ(FixedNumber(710, 2), "710.00");
    EXPECT_EQ(FixedNumber(1030.0 / 3, 1), "343.3");
    EXPECT_EQ(FixedNumber(-0.001, 2), "0.00");
    EXPECT_EQ(FixedNumber(-1.5, 1), "-1.5");
    EXPECT_EQ(FixedNumber(std::numeric_limits<double>::quiet_NaN(), 1), "-");
    EXPECT_EQ(FixedNumber(std::numeric_limits<double>::max(), 0).size(), 309u);
    EXPECT_EQ(TrimmedNumber(1030.0 / 3, 2), "343.33");
    EXPECT_EQ(TrimmedNumber(210, 3), "210");
    EXPECT_EQ(TrimmedNumber(0.5, 3), "0.5");
    EXPECT_EQ(TrimmedNumber(100, 0), "100");
}

TEST(Text, ColumnsAreAlignedAndLinesHaveNoBlanksAtTheirEnd)
{
    EXPECT_EQ(AlignedColumns({{"name", "x"}, {"a", "100"}, {"b", ""}}, 1),
              "name    x\na     100\nb\n");
}

} // namespace
} // namespace etcdlab
