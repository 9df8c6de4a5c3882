#include "model/monitoring/pure/recorded-series.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

const ScrapeTarget E1{"etcd", "e1:2381"};
const ScrapeTarget E2{"etcd", "e2:2381"};

const std::vector<MetricFamilyInfo>&
SeriesTable()
{
    using enum MetricType;
    using enum MetricPresence;
    static const std::vector<MetricFamilyInfo> table = {
        {"a_total", COUNTER, MODELLED, "Events."},
        {"b", GAUGE, LABELLED, "By \"label\"."},
        {"c_success", COUNTER, MODELLED, "A counter without the suffix."},
    };
    return table;
}

MetricPage
Page(double a, double b)
{
    MetricPage page(SeriesTable());
    page.Set("a_total", a);
    if (b > 0)
    {
        page.Add("b", {{"x", "y"}}, b);
    }
    return page;
}

TEST(RecordedSeries, KeepsWhatWasScraped)
{
    RecordedSeries series;
    const auto first = Page(1, 2);
    const auto second = Page(3, 4);
    series.Append(E1, {15s, 20ms, &first});
    series.Append(E1, {30s, 30ms, &second});
    const auto* a = series.Find(E1, "a_total");
    ASSERT_NE(a, nullptr);
    ASSERT_EQ(a->size(), 2U);
    EXPECT_EQ((*a)[1].at, Duration(30s));
    EXPECT_EQ((*a)[1].value, 3);
    EXPECT_FALSE((*a)[1].stale);
    EXPECT_EQ(series.Find(E1, "b{x=\"y\"}")->back().value, 4);
    EXPECT_EQ(series.Find(E1, "scrape_samples_scraped")->back().value, 3);
    EXPECT_EQ(series.Find(E1, "scrape_duration_seconds")->back().value, 0.03);
    EXPECT_EQ(series.Find(E1, "scrape_series_added")->front().value, 3);
    EXPECT_EQ(series.Find(E1, "scrape_series_added")->back().value, 0);
    EXPECT_EQ(series.Find(E2, "a_total"), nullptr);
    EXPECT_EQ(series.Find(E1, "nothing"), nullptr);
    EXPECT_EQ(series.Series(), 3U + 5);
    EXPECT_EQ(series.Samples(), 2U * (3 + 5));
}

TEST(RecordedSeries, AreStaleWhileTheTargetIsDown)
{
    RecordedSeries series;
    const auto page = Page(1, 2);
    series.Append(E1, {15s, 20ms, &page});
    series.Append(E1, {30s, 10s, nullptr});
    series.Append(E1, {45s, 10s, nullptr});
    series.Append(E1, {60s, 20ms, &page});
    const auto& a = *series.Find(E1, "a_total");
    ASSERT_EQ(a.size(), 3U) << "one marker for the whole gap";
    EXPECT_TRUE(a[1].stale);
    EXPECT_TRUE(std::isnan(a[1].value));
    EXPECT_EQ(a[1].at, Duration(30s));
    EXPECT_FALSE(a[2].stale);
    const auto& up = *series.Find(E1, "up");
    ASSERT_EQ(up.size(), 4U);
    EXPECT_EQ(up[0].value, 1);
    EXPECT_EQ(up[1].value, 0);
    EXPECT_EQ(up[2].value, 0);
    EXPECT_EQ(up[3].value, 1);
    EXPECT_EQ(series.Find(E1, "scrape_samples_scraped")->at(1).value, 0);
    EXPECT_EQ(series.Find(E1, "scrape_series_added")->at(3).value, 3) << "all are back";
}

TEST(RecordedSeries, AreStaleWhenTheTargetShowsThemNoMore)
{
    RecordedSeries series;
    const auto both = Page(1, 2);
    const auto one = Page(1, 0);
    series.Append(E1, {15s, 20ms, &both});
    series.Append(E1, {30s, 20ms, &one});
    EXPECT_TRUE(series.Find(E1, "b{x=\"y\"}")->back().stale);
    EXPECT_FALSE(series.Find(E1, "a_total")->back().stale);
}

TEST(RecordedSeries, DropWhatTheyAreToldTo)
{
    RecordedSeries series({"a_", "c"});
    const auto page = Page(1, 2);
    series.Append(E1, {15s, 20ms, &page});
    EXPECT_EQ(series.Find(E1, "a_total"), nullptr);
    EXPECT_NE(series.Find(E1, "b{x=\"y\"}"), nullptr);
    EXPECT_EQ(series.Find(E1, "scrape_samples_scraped")->back().value, 3);
    EXPECT_EQ(series.Find(E1, "scrape_samples_post_metric_relabeling")->back().value, 1);
}

TEST(RecordedSeries, AreOpenMetricsText)
{
    RecordedSeries series({"c"});
    const auto first = Page(1, 2);
    const auto second = Page(3, 0);
    series.Append(E1, {15s, 20ms, &first});
    series.Append(E2, {16001234567ns, 10ms, &first});
    series.Append(E1, {30s, 20ms, &second});
    const auto text = series.OpenMetrics();
    const std::string expected = R"(# HELP a Events.
# TYPE a counter
a_total{instance="e1:2381",job="etcd"} 1 15.000
a_total{instance="e1:2381",job="etcd"} 3 30.000
a_total{instance="e2:2381",job="etcd"} 1 16.001
# HELP b By \"label\".
# TYPE b gauge
b{instance="e1:2381",job="etcd",x="y"} 2 15.000
b{instance="e2:2381",job="etcd",x="y"} 2 16.001
# HELP scrape_duration_seconds )";
    EXPECT_EQ(text.substr(0, expected.size()), expected);
    EXPECT_TRUE(text.ends_with("up{instance=\"e1:2381\",job=\"etcd\"} 1 30.000\n"
                               "up{instance=\"e2:2381\",job=\"etcd\"} 1 16.001\n"
                               "# EOF\n"));
}

TEST(RecordedSeries, OpenMetricsKnowsNoCounterWithoutSuffix)
{
    RecordedSeries series;
    const auto page = Page(1, 0);
    series.Append(E1, {15s, 20ms, &page});
    EXPECT_NE(series.OpenMetrics().find("# TYPE c_success unknown\n"), std::string::npos);
}

TEST(Scrape, RequestHasTheMeasuredSize)
{
    // Seen from Prometheus 2.42.0+ds: 288 bytes; "+ds" is not there.
    EXPECT_EQ(ScrapeRequestBytes({"etcd", "127.0.0.1:42399"}, 1s), 285U);
}

TEST(Scrape, TargetsHaveTheirOwnTurns)
{
    const auto interval = Duration(15s);
    const auto a = ScrapeOffset(E1, interval);
    const auto b = ScrapeOffset(E2, interval);
    EXPECT_NE(a, b);
    EXPECT_GE(a, Duration(0));
    EXPECT_LT(a, interval);
    EXPECT_LT(b, interval);
    EXPECT_EQ(a, ScrapeOffset(E1, interval));
}

TEST(Scrape, ErrorsAreWordedAsPrometheusDoes)
{
    // The first as seen on its page Targets.
    EXPECT_EQ(
        scrape_error::Refused({"etcd", "127.0.0.1:9"}, "127.0.0.1:9"),
        "Get \"http://127.0.0.1:9/metrics\": dial tcp 127.0.0.1:9: connect: connection refused");
    EXPECT_EQ(scrape_error::Timeout(E1, false),
              "Get \"http://e1:2381/metrics\": context deadline exceeded");
    EXPECT_EQ(scrape_error::Timeout(E1, true), "context deadline exceeded");
    EXPECT_EQ(scrape_error::Closed(E1, false), "Get \"http://e1:2381/metrics\": EOF");
}

} // namespace

} // namespace etcdlab
