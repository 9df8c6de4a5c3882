#include "analysis/pure/result-tables.h"
#include "analysis/pure/summary.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

TEST(ResultTables, RequestsAreReadAsTheyWereWritten)
{
    RequestRecord odd{.number = 2,
                      .start = Duration{1},
                      .end = Duration{710'031'654},
                      .operation = "a \"put\",\nso to speak",
                      .client = "api",
                      .member = "",
                      .requestBytes = 1069,
                      .responseBytes = 0,
                      .outcome = "unavailable",
                      .warmup = true};
    const std::vector<RequestRecord> written = {
        {.number = 1, .operation = "put", .client = "api", .member = "e1"}, odd};
    const auto text = RequestsCsv(written);
    const auto read = ParseRequests(text, "requests.csv");
    EXPECT_EQ(RequestsCsv(read), text);
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[1].operation, odd.operation);
    EXPECT_EQ(read[1].end, odd.end);
    EXPECT_TRUE(read[1].warmup);
}

TEST(ResultTables, PodsAreReadAsTheyWereWritten)
{
    std::vector<kube::PodCounts> rows(2);
    rows[0].pods[3] = 14;
    rows[1].time = Duration{53'056'880'000};
    rows[1].pods[10] = 1;
    const auto text = kube::PodsCsv(rows, Duration{0});
    EXPECT_EQ(kube::PodsCsv(ParsePods(text, "pods.csv"), Duration{0}), text);
}

TEST(ResultTables, WhatIsWrongIsSaidWithItsRow)
{
    const auto message = [](const std::string& text) {
        try
        {
            ParsePods(text, "pods.csv");
        }
        catch (const ResultError& error)
        {
            return std::string(error.what());
        }
        return std::string("nothing");
    };
    const auto header = kube::PodsCsv({}, Duration{0});
    EXPECT_EQ(message(header + "1,2\n"), "pods.csv: row 2: expected 12 columns, found 2");
    EXPECT_EQ(message(header + "1,x,0,0,0,0,0,0,0,0,0,0\n"),
              "pods.csv: row 2: expected a number, found \"x\"");
    EXPECT_EQ(message(header), "nothing");
}

TEST(ResultTables, AMetricIsReadByInstance)
{
    const auto series = ParseMetric("# TYPE wal gauge\n"
                                    "wal{instance=\"e1:2381\",job=\"etcd\"} 10 1.5\n"
                                    "wal{instance=\"e2:2381\",job=\"etcd\"} 7 1.75\n"
                                    "wal{instance=\"e1:2381\",job=\"etcd\",le=\"4\"} 99 2\n"
                                    "walnut{instance=\"e1:2381\",job=\"etcd\"} 99 2\n"
                                    "wal{instance=\"e1:2381\",job=\"etcd\"} 2.5e+06 16.5\n"
                                    "# EOF\n",
                                    "wal",
                                    "metrics.om");
    const MetricByInstance expected = {{"e1:2381", {{1.5, 10}, {16.5, 2.5e6}}},
                                       {"e2:2381", {{1.75, 7}}}};
    EXPECT_EQ(series, expected);
    EXPECT_THROW(ParseMetric("wal{instance=\"e1\",job=\"etcd\"} 10\n", "wal", "metrics.om"),
                 ResultError);
}

} // namespace
} // namespace etcdlab
