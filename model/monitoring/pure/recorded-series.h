// What a Prometheus server has stored: for every series the samples it saw, and when it was gone.
#pragma once

#include "model/base/units.h"
#include "model/monitoring/pure/metric-page.h"
#include "model/monitoring/pure/scrape.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace etcdlab
{

struct RecordedSample
{
    Duration at;  //!< when the scrape began; simulated time
    double value; //!< NaN if stale
    bool stale;   //!< a staleness marker: the series is gone until its next sample
};

/// How one scrape ended.
struct ScrapeReport
{
    Duration at{0};
    Duration took{0};
    const MetricPage* page = nullptr; //!< nullptr: it failed
};

class RecordedSeries
{
  public:
    /// @param drop see PrometheusConfig
    explicit RecordedSeries(std::vector<std::string> drop = {});

    /**
     * A scrape has ended. Its samples are stored under the time it began; a series that the one before had and this
     * one has not, all of them if it failed, gets a staleness marker; and so do up, scrape_duration_seconds,
     * scrape_samples_scraped, scrape_samples_post_metric_relabeling and scrape_series_added, which are always there,
     * their samples (scrape/scrape.go: report).
     */
    void Append(const ScrapeTarget& target, const ScrapeReport& report);

    /// @param series as on the target's page, `name{a="b"}`
    /// @return nullptr if it never was there
    const std::vector<RecordedSample>* Find(const ScrapeTarget& target,
                                            const std::string& series) const;

    std::size_t Series() const;
    std::uint64_t Samples() const
    {
        return m_samples;
    }

    /**
     * All of it as OpenMetrics text 1.0.0 with timestamps in seconds of simulated time, as `promtool tsdb
     * create-blocks-from openmetrics` reads it: grouped by family, by series, then by time. Stale markers are not
     * written: the format has no such thing.
     */
    std::string OpenMetrics() const;

  private:
    struct OneSeries
    {
        std::string name; //!< with the target's labels
        std::vector<RecordedSample> samples;
        std::uint64_t lastScrape; //!< of its target, that had it
        bool stale = false;
    };

    struct Family
    {
        MetricType type;
        std::string help;
        std::vector<OneSeries> series;                      //!< by first appearance
        std::unordered_map<std::string, std::size_t> index; //!< looked up, never iterated
    };

    struct TargetRecord
    {
        std::uint64_t scrapes = 0;
        std::map<std::string, Family, std::less<>> families;
    };

    bool IsDropped(std::string_view name) const;
    /// @return whether the series is new, or back
    bool Store(TargetRecord& record,
               const ScrapeTarget& target,
               const MetricFamilyInfo& info,
               const MetricSample& sample,
               Duration at);
    void MarkStale(TargetRecord& record, Duration at);

    std::vector<std::string> m_drop;
    std::vector<std::string> m_order;              //!< labels of targets by first appearance
    std::map<std::string, TargetRecord> m_targets; //!< by labels
    std::uint64_t m_samples = 0;
};

} // namespace etcdlab
