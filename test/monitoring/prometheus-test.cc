#include "model/monitoring/prometheus.h"
#include "test/etcd/cluster-fixture.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// Three members, and a Prometheus on node "c", 1 ms from each; scrapes each second.
class PrometheusTest : public ClusterTest
{
  protected:
    ~PrometheusTest() override
    {
        prometheus.reset();
    }

    void Start(Duration delay = Ms(1))
    {
        MemberConfig config;
        config.cpu.scrape = Ms(4);
        Build(3, 3, config, delay);
        PrometheusConfig settings;
        settings.scrapeInterval = Ms(1000);
        settings.scrapeTimeout = Ms(500);
        prometheus = std::make_unique<Prometheus>(settings, network, wan.GetNode("c"));
        for (std::size_t i = 1; i <= 3; ++i)
        {
            prometheus->AddTarget("etcd", Name(i), wan.GetNode(Name(i)), ETCD_METRICS_PORT);
        }
        prometheus->Start();
    }

    TargetStatus Status(std::size_t number) const
    {
        return prometheus->GetTargets().at(number - 1);
    }

    /// Samples of a series of a member, staleness markers as NaN.
    std::vector<double> Values(std::size_t number, const std::string& series) const
    {
        std::vector<double> values;
        if (const auto* samples = prometheus->GetSeries().Find(Status(number).target, series))
        {
            for (const auto& sample : *samples)
            {
                values.push_back(sample.value);
            }
        }
        return values;
    }

    static double Milliseconds(Duration time)
    {
        return static_cast<double>(time.count()) / 1e6;
    }

    void CutOff(std::size_t member, bool down)
    {
        const auto& channel = wan.GetLink("c", Name(member)).channel;
        channel->SetDown(0, down);
        channel->SetDown(1, down);
    }

    std::unique_ptr<Prometheus> prometheus;
};

TEST_F(PrometheusTest, KnowsNothingOfATargetBeforeItsFirstScrape)
{
    Start();
    for (const auto& status : prometheus->GetTargets())
    {
        EXPECT_EQ(status.health, TargetHealth::UNKNOWN);
        EXPECT_EQ(status.lastError, "");
    }
    EXPECT_EQ(Status(2).target.Url(), "http://e2:2381/metrics");
    EXPECT_EQ(Status(2).target.Labels(), "instance=\"e2:2381\",job=\"etcd\"");
    EXPECT_EQ(Status(4).target.Url(), "http://localhost:9090/metrics");
}

TEST_F(PrometheusTest, AScrapeTakesARoundTripAndTheMembersWork)
{
    Start();
    RunUntil(Ms(3500));
    for (std::size_t i = 1; i <= 3; ++i)
    {
        EXPECT_EQ(Status(i).health, TargetHealth::UP);
        // 1 ms there, 4 ms of work, 1 ms back; the ten thousand bytes fit the first window.
        EXPECT_NEAR(Milliseconds(Status(i).lastDuration), 6, 0.1);
        const auto durations = Values(i, "scrape_duration_seconds");
        ASSERT_GE(durations.size(), 3U);
        EXPECT_NEAR(durations[0], 0.008, 0.0001) << "the first one opens the connection";
        EXPECT_NEAR(durations[1], 0.006, 0.0001) << "which is kept";
    }
    EXPECT_NEAR(Milliseconds(Status(4).lastDuration), 2, 0.1) << "its own page";
}

TEST_F(PrometheusTest, ScrapesAtTheTargetsOwnTimes)
{
    Start();
    RunUntil(Ms(4000));
    for (std::size_t i = 1; i <= 4; ++i)
    {
        const auto target = Status(i).target;
        const auto* up = prometheus->GetSeries().Find(target, "up");
        ASSERT_NE(up, nullptr);
        const auto offset = ScrapeOffset(target, Ms(1000));
        for (std::size_t k = 0; k < up->size(); ++k)
        {
            EXPECT_EQ((*up)[k].at, offset + Ms(1000) * static_cast<int>(k));
        }
    }
}

TEST_F(PrometheusTest, ADeadMemberIsDownAndItsSeriesHaveAGap)
{
    Start();
    RunUntil(Ms(3000));
    At(Ms(0), [this] { Member(2).Crash(); });
    RunUntil(Ms(5000));
    const auto down = Status(2);
    EXPECT_EQ(down.health, TargetHealth::DOWN);
    EXPECT_TRUE(down.lastError.starts_with("Get \"http://e2:2381/metrics\": dial tcp "))
        << down.lastError;
    EXPECT_TRUE(down.lastError.ends_with(":2381: connect: connection refused")) << down.lastError;
    // A SYN there and a reset back.
    EXPECT_NEAR(Milliseconds(down.lastDuration), 2, 0.1);
    EXPECT_EQ(Status(1).health, TargetHealth::UP);

    At(Ms(0), [this] { Member(2).Restart(); });
    RunUntil(Ms(7000));
    EXPECT_EQ(Status(2).health, TargetHealth::UP);
    EXPECT_EQ(Status(2).lastError, "");
    EXPECT_EQ(Values(2, "up"), (std::vector<double>{1, 1, 1, 0, 0, 1, 1}));
    const auto starts = Values(2, "process_start_time_seconds");
    ASSERT_EQ(starts.size(), 6U); // three, a marker, two
    EXPECT_EQ(starts[2], 0);
    EXPECT_TRUE(std::isnan(starts[3]));
    EXPECT_EQ(starts[4], 5) << "another process, whose counters begin anew";
    EXPECT_EQ(Values(1, "up"), (std::vector<double>(7, 1)));
}

TEST_F(PrometheusTest, AMemberBehindAPartitionIsDownWhenTheTimeoutIsOver)
{
    Start();
    RunUntil(Ms(3000));
    CutOff(3, true);
    RunUntil(Ms(5600));
    const auto down = Status(3);
    EXPECT_EQ(down.health, TargetHealth::DOWN);
    EXPECT_EQ(down.lastError, "Get \"http://e3:2381/metrics\": context deadline exceeded");
    EXPECT_EQ(down.lastDuration, Duration(Ms(500)));
    CutOff(3, false);
    RunUntil(Ms(8000));
    EXPECT_EQ(Status(3).health, TargetHealth::UP);
    const auto up = Values(3, "up");
    EXPECT_EQ(std::count(up.begin(), up.end(), 0.0), 2);
    EXPECT_EQ(up.back(), 1);
    const auto leader = Values(3, "etcd_server_has_leader");
    EXPECT_EQ(std::count_if(leader.begin(), leader.end(), [](double v) { return std::isnan(v); }),
              1);
}

TEST_F(PrometheusTest, APausedMemberTimesOutAndIsUpAgainWithItsOldCounters)
{
    Start();
    RunUntil(Ms(3000));
    At(Ms(0), [this] { Member(2).Pause(); });
    RunUntil(Ms(4700));
    EXPECT_EQ(Status(2).health, TargetHealth::DOWN);
    EXPECT_EQ(Status(2).lastError, "Get \"http://e2:2381/metrics\": context deadline exceeded");
    At(Ms(0), [this] { Member(2).Resume(); });
    RunUntil(Ms(6600));
    EXPECT_EQ(Status(2).health, TargetHealth::UP);
    EXPECT_EQ(Values(2, "process_start_time_seconds").back(), 0) << "the same process";
}

TEST_F(PrometheusTest, ALongWayTakesOneRoundTripMoreTheFirstTime)
{
    Start(Ms(60));
    RunUntil(Ms(4000));
    const auto durations = Values(1, "scrape_duration_seconds");
    ASSERT_GE(durations.size(), 3U);
    EXPECT_NEAR(durations[0], 0.244, 0.0005); // 2 · 120 + 4
    EXPECT_NEAR(durations[1], 0.124, 0.0005);
    EXPECT_NEAR(durations[2], 0.124, 0.0005);
}

} // namespace

} // namespace etcdlab
