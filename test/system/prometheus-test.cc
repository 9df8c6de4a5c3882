// What a simulated Prometheus recorded, in a real one, and the dashboard's queries on it.
#include "test/system/program-fixture.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <map>
#include <regex>
#include <thread>
#include <unistd.h>

namespace etcdlab
{
namespace
{

using Json = nlohmann::json;

class RealPrometheus : public ProgramFixture
{
  protected:
    void TearDown() override
    {
        if (m_server > 0)
        {
            ::kill(m_server, SIGTERM);
            ::waitpid(m_server, nullptr, 0);
        }
    }

    /// As a user would, with the script.
    void Serve(const std::string& result)
    {
        const auto port = std::to_string(20000 + ::getpid() % 20000);
        m_url = "http://127.0.0.1:" + port;
        m_server = ::fork();
        if (m_server == 0)
        {
            ::setenv("ETCDLAB", ETCDLAB_PROGRAM, 1);
            const auto log = (m_directory / "server.log").string();
            std::freopen(log.c_str(), "w", stdout);
            std::freopen(log.c_str(), "w", stderr);
            ::execl("/bin/bash",
                    "bash",
                    ETCDLAB_SOURCE_DIR "/scenarios/prometheus.sh",
                    (m_directory / result).c_str(),
                    port.c_str(),
                    nullptr);
            ::_exit(127);
        }
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
        while (Query("instant", "vector(1)", "").is_discarded())
        {
            ASSERT_LT(std::chrono::steady_clock::now(), end)
                << Contents(m_directory / "server.log");
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
        }
    }

    /// @return what promtool says; discarded if the server does not answer
    Json Query(const std::string& kind,
               const std::string& expression,
               const std::string& options) const
    {
        std::ofstream(m_directory / "query") << expression;
        Shell("promtool query " + kind + " --format=json " + options + " " + m_url +
              " \"$(cat query)\" >answer 2>error");
        return Json::parse(Contents(m_directory / "answer"), nullptr, false);
    }

    /// By member, as etcd counts the bytes of its log: those at the first scrape, and what the rates since add up to.
    std::map<std::string, double> WalBytes() const
    {
        const auto value = [](const Json& series) {
            return std::stod(series.at("value").at(1).get<std::string>());
        };
        const std::string end = "--time=2026-01-01T01:00:00Z";
        std::map<std::string, double> bytes;
        for (const auto& series :
             Query("instant", "min_over_time(etcd_disk_wal_write_bytes_total[1h])", end))
        {
            const std::string instance = series.at("metric").at("instance");
            // At each scrape the rate since the last one, 15 s ago: two samples lie in 30 s, less what keeps a third out.
            const auto grown =
                Query("instant",
                      "15 * sum_over_time(rate(etcd_disk_wal_write_bytes_total{instance=\"" +
                          instance + "\"}[30s])[1h:15s])",
                      end);
            bytes[instance.substr(0, instance.find(':'))] =
                value(series) + (grown.empty() ? 0 : value(grown.at(0)));
        }
        return bytes;
    }

    std::string m_url;
    pid_t m_server = -1;
};

/// Every expression of the dashboard, Grafana's own interval filled in as it would: four scrapes.
std::vector<std::string>
Expressions(const Json& dashboard)
{
    std::vector<std::string> expressions;
    for (const auto& panel : dashboard.at("panels"))
    {
        for (const auto& target : panel.value("targets", Json::array()))
        {
            expressions.push_back(std::regex_replace(
                target.at("expr").get<std::string>(), std::regex(R"(\$__rate_interval)"), "60s"));
        }
    }
    return expressions;
}

TEST_F(RealPrometheus, ServesTheThesisExperimentToEveryPanelOfTheDashboard)
{
    ASSERT_EQ(Run("run SCENARIOS/helm-baseline.json --set prometheus.node=api --out helm").code, 0);
    Serve("helm");
    const auto expressions =
        Expressions(Json::parse(Contents(ETCDLAB_SOURCE_DIR "/analysis/grafana/etcdlab.json")));
    EXPECT_GT(expressions.size(), 25U);
    for (const auto& expression : expressions)
    {
        const auto answer =
            Query("range",
                  expression,
                  "--start=2026-01-01T00:00:00Z --end=2026-01-01T00:05:00Z --step=15s");
        ASSERT_FALSE(answer.is_discarded()) << expression << Contents(m_directory / "error");
        EXPECT_FALSE(answer.empty()) << expression << " has no data";
    }

    // etcd counts bytes of the log twice, but once what overflows its buffer, as the chart's large objects do.
    const auto summary = Json::parse(Contents(m_directory / "helm/summary.json"));
    for (const auto& [member, bytes] : WalBytes())
    {
        const auto counted = summary.at("members").at(member).at("wal_bytes").get<double>();
        EXPECT_GT(bytes / counted, 1) << member;
        EXPECT_LT(bytes / counted, 2) << member;
    }
}

TEST_F(RealPrometheus, RatesAddUpToTheLog)
{
    // What comes after the last scrape is not seen: of twenty minutes a hundredth at most.
    ASSERT_EQ(Run("run SCENARIOS/baseline.json --set prometheus.node=api --set workload.rate=2/s "
                  "--set workload.count=2400 --out small")
                  .code,
              0);
    Serve("small");
    const auto summary = Json::parse(Contents(m_directory / "small/summary.json"));
    const auto bytes = WalBytes();
    EXPECT_EQ(bytes.size(), 3U);
    for (const auto& [member, twice] : bytes)
    {
        const auto counted = summary.at("members").at(member).at("wal_bytes").get<double>();
        EXPECT_NEAR(twice / 2 / counted, 1, 0.02)
            << member << ": " << twice << " is not twice " << counted;
    }
}

TEST_F(RealPrometheus, ExportSaysWhatIsMissing)
{
    ASSERT_EQ(Run("run SCENARIOS/lan.json --set workload.count=3 --out lan").code, 0);
    const auto without = Run("export prometheus lan");
    EXPECT_EQ(without.code, 2);
    EXPECT_EQ(without.err,
              "lan: no metrics.om: expected the results of a scenario with a Prometheus, as run "
              "with --set prometheus.node=api\n");
    const auto when = Run("export prometheus lan --start yesterday");
    EXPECT_EQ(when.code, 2);
    EXPECT_NE(when.err.find("expected a moment from 1970 on in UTC, such as 2026-01-01T00:00:00Z, "
                            "found \"yesterday\""),
              std::string::npos)
        << when.err;
}

} // namespace
} // namespace etcdlab
