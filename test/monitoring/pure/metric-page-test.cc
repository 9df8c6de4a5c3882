#include "model/monitoring/pure/etcd-families.h"
#include "model/monitoring/pure/metric-page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace etcdlab
{

namespace
{

TEST(MetricValue, IsWrittenAsGoDoes)
{
    // As a live etcd's page has them.
    EXPECT_EQ(FormatMetricValue(0), "0");
    EXPECT_EQ(FormatMetricValue(-1), "-1");
    EXPECT_EQ(FormatMetricValue(0.001), "0.001");
    EXPECT_EQ(FormatMetricValue(8.192), "8.192");
    EXPECT_EQ(FormatMetricValue(9.7315e-05), "9.7315e-05");
    EXPECT_EQ(FormatMetricValue(0.0001), "0.0001");
    EXPECT_EQ(FormatMetricValue(524288), "524288");
    EXPECT_EQ(FormatMetricValue(1048576), "1.048576e+06");
    EXPECT_EQ(FormatMetricValue(2147483648.0), "2.147483648e+09");
    EXPECT_EQ(FormatMetricValue(1.8446744073709552e+19), "1.8446744073709552e+19");
    EXPECT_EQ(FormatMetricValue(0.0027200719999999996), "0.0027200719999999996");
    EXPECT_EQ(FormatMetricValue(999999), "999999");
    EXPECT_EQ(FormatMetricValue(1000000), "1e+06");
    EXPECT_EQ(FormatMetricValue(std::numeric_limits<double>::infinity()), "+Inf");
    EXPECT_EQ(FormatMetricValue(-std::numeric_limits<double>::infinity()), "-Inf");
    EXPECT_EQ(FormatMetricValue(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(MetricLabels, AreEscaped)
{
    EXPECT_EQ(FormatLabels({{"a", "b"}, {"c", "say \"no\" \\ \n"}}),
              "a=\"b\",c=\"say \\\"no\\\" \\\\ \\n\"");
}

TEST(Histogram, CountsWhatIsAtMostABound)
{
    Histogram histogram({1, 2, 3}); // 1, 2, 4
    for (const double value : {0.5, 1.0, 1.5, 4.0, 4.1})
    {
        histogram.Observe(value);
    }
    EXPECT_EQ(histogram.InBucket(0), 2U); // 0.5 and 1: a bound belongs to its bucket
    EXPECT_EQ(histogram.InBucket(1), 1U);
    EXPECT_EQ(histogram.InBucket(2), 1U);
    EXPECT_EQ(histogram.InBucket(3), 1U);
    EXPECT_EQ(histogram.Count(), 5U);
    EXPECT_DOUBLE_EQ(histogram.Sum(), 11.1);
}

TEST(Histogram, TakesDurationsInSeconds)
{
    Histogram histogram(DURATION_BUCKETS);
    histogram.Observe(Duration(3'000'000)); // 3 ms: above 2, at most 4
    EXPECT_EQ(histogram.InBucket(2), 1U);
    EXPECT_DOUBLE_EQ(histogram.Sum(), 0.003);
}

const std::vector<MetricFamilyInfo>&
Table()
{
    using enum MetricType;
    using enum MetricPresence;
    static const std::vector<MetricFamilyInfo> table = {
        {"a_seconds", HISTOGRAM, MODELLED, "How long.", {1, 2, 2}},
        {"b_total", COUNTER, LABELLED, "By label."},
        {"c", GAUGE, PLACEHOLDER, "Back\\slash.", {0, 0, 0}, 7},
        {"d", GAUGE, MODELLED, "Known."},
    };
    return table;
}

TEST(MetricPage, IsTextOfTheFormat)
{
    MetricPage page(Table());
    Histogram histogram({1, 2, 2});
    histogram.Observe(0.5);
    histogram.Observe(1.5);
    histogram.Observe(9.0);
    page.Set("a_seconds", histogram);
    page.Add("b_total", {{"x", "1"}, {"y", "z"}}, 3);
    page.Set("d", 1e6);
    const std::string expected = R"(# HELP a_seconds How long.
# TYPE a_seconds histogram
a_seconds_bucket{le="1"} 1
a_seconds_bucket{le="2"} 2
a_seconds_bucket{le="+Inf"} 3
a_seconds_sum 11
a_seconds_count 3
# HELP b_total By label.
# TYPE b_total counter
b_total{x="1",y="z"} 3
# HELP c Back\\slash.
# TYPE c gauge
c 7
# HELP d Known.
# TYPE d gauge
d 1e+06
)";
    EXPECT_EQ(page.Text(), expected);
    EXPECT_EQ(page.TextBytes(), expected.size());
    EXPECT_EQ(page.Samples(), 8U);
}

TEST(MetricPage, ShowsLabelledFamiliesOnlyWithSamples)
{
    const MetricPage page(Table());
    EXPECT_EQ(page.Text().find("b_total"), std::string::npos);
    EXPECT_NE(page.Text().find("\nd 0\n"), std::string::npos);
    EXPECT_NE(page.Text().find("a_seconds_bucket{le=\"+Inf\"} 0\n"), std::string::npos);
}

TEST(MetricPage, RefusesWhatItsTableHasNot)
{
    MetricPage page(Table());
    EXPECT_THROW(page.Set("e", 1), std::out_of_range);
    EXPECT_THROW(page.Set("b_total", 1), std::out_of_range) << "it has labels";
    EXPECT_THROW(page.Set("a_seconds", Histogram({1, 2, 3})), std::out_of_range);
}

TEST(EtcdFamilies, AreSortedByName)
{
    const auto& families = EtcdFamilies();
    EXPECT_TRUE(std::is_sorted(families.begin(), families.end(), [](const auto& a, const auto& b) {
        return a.name < b.name;
    }));
}

TEST(ChunkedBody, IsWhatEtcdWasSeenToSend)
{
    // Four chunks of 2048 with "800\r\n" and "\r\n", one of 1531 with "5fb\r\n" and "\r\n", "0\r\n\r\n".
    EXPECT_EQ(ChunkedBodyBytes(9723), 9763U);
    EXPECT_EQ(ChunkedBodyBytes(2048), 2048U + 7 + 5);
    EXPECT_EQ(ChunkedBodyBytes(0), 5U);
}

} // namespace

} // namespace etcdlab
