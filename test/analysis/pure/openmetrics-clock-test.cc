#include "analysis/pure/openmetrics-clock.h"
#include "analysis/pure/result-error.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

TEST(OpenMetricsClock, ReadsMomentsInUtc)
{
    EXPECT_EQ(ParseUtcSeconds("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(ParseUtcSeconds("2026-01-01T00:00:00Z"), 1767225600); // date -ud 2026-01-01 +%s
    EXPECT_EQ(ParseUtcSeconds("2024-02-29T23:59:59Z"), 1709251199);
    for (const char* wrong : {"",
                              "2026-01-01",
                              "2026-01-01T00:00:00",
                              "2026-01-01T00:00:00+01:00",
                              "2026-02-29T00:00:00Z",
                              "2026-01-01T24:00:00Z",
                              "2026-01-01T00:00:00Z ",
                              "2026-1-1T0:0:0Z",
                              " 2026-01-01T00:00:00Z",
                              "1969-12-31T23:59:59Z"})
    {
        EXPECT_THROW(ParseUtcSeconds(wrong), std::invalid_argument) << wrong;
    }
}

TEST(OpenMetricsClock, MovesEverySampleAndNothingElse)
{
    EXPECT_EQ(
        WithLaterTimestamps(
            "# HELP up 1 2\nup{job=\"a b\"} 1 4.759\nup{job=\"a b\"} 0 19\n# EOF\n", 1000, "m.om"),
        "# HELP up 1 2\nup{job=\"a b\"} 1 1004.759\nup{job=\"a b\"} 0 1019\n# EOF\n");
}

TEST(OpenMetricsClock, TakesNothingElseForATime)
{
    // A value alone, an exemplar, an overflow, a time before 1970.
    for (const char* line : {"x 1",
                             "x{} 1",
                             "x 1 2 # {a=\"b\"} 3 4",
                             "x 1 9223372036854775807",
                             "x 1 -0.5",
                             "x{a=\"} 1 2\"} 3"})
    {
        EXPECT_THROW(WithLaterTimestamps(line, 1000, "m.om"), ResultError) << line;
    }
    EXPECT_EQ(WithLaterTimestamps("x{a=\"} 1 2\"} 3 4\n", 1000, "m.om"), "x{a=\"} 1 2\"} 3 1004\n");
}

TEST(OpenMetricsClock, NamesTheLineWithoutATime)
{
    try
    {
        WithLaterTimestamps("# TYPE up gauge\nup 1 x5\n", 1000, "m.om");
        FAIL();
    }
    catch (const ResultError& error)
    {
        EXPECT_STREQ(error.what(),
                     "m.om: line 2: expected a sample with a timestamp in seconds from 0 on, found "
                     "\"up 1 x5\"");
    }
}

} // namespace
} // namespace etcdlab
