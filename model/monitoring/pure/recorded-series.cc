#include "model/monitoring/pure/recorded-series.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <set>

namespace etcdlab
{

namespace
{

/// `name{x="y"}` with a target's labels.
std::string
WithLabels(const std::string& series, const std::string& labels)
{
    const auto brace = series.find('{');
    return brace == std::string::npos
               ? series + "{" + labels + "}"
               : series.substr(0, brace + 1) + labels + "," + series.substr(brace + 1);
}

/// OpenMetrics names a counter's family without the suffix of its samples, and wants that suffix.
std::pair<std::string, std::string>
OpenMetricsFamily(const std::string& name, MetricType type)
{
    const std::string suffix = "_total";
    if (type != MetricType::COUNTER)
    {
        return {name, std::string(NameOf(type))};
    }
    return name.ends_with(suffix)
               ? std::pair{name.substr(0, name.size() - suffix.size()), std::string("counter")}
               : std::pair{name, std::string("unknown")};
}

std::string
Seconds(Duration time)
{
    std::array<char, 32> text{};
    const auto milliseconds = time.count() / 1'000'000; // what Prometheus stores
    std::snprintf(text.data(),
                  text.size(),
                  "%lld.%03lld",
                  static_cast<long long>(milliseconds / 1000),
                  static_cast<long long>(milliseconds % 1000));
    return text.data();
}

std::string
EscapeHelp(std::string_view help)
{
    std::string text;
    for (const char c : help)
    {
        if (c == '\\' || c == '"')
        {
            text += '\\';
        }
        text += c;
    }
    return text;
}

const std::array SYNTHETIC = {
    MetricFamilyInfo{
        "up", MetricType::GAUGE, MetricPresence::MODELLED, "Whether the scrape succeeded."},
    MetricFamilyInfo{"scrape_duration_seconds",
                     MetricType::GAUGE,
                     MetricPresence::MODELLED,
                     "What the scrape took."},
    MetricFamilyInfo{"scrape_samples_scraped",
                     MetricType::GAUGE,
                     MetricPresence::MODELLED,
                     "Samples that the target showed."},
    MetricFamilyInfo{"scrape_samples_post_metric_relabeling",
                     MetricType::GAUGE,
                     MetricPresence::MODELLED,
                     "Samples that were kept."},
    MetricFamilyInfo{"scrape_series_added",
                     MetricType::GAUGE,
                     MetricPresence::MODELLED,
                     "Series that are new in this scrape."},
};

} // namespace

RecordedSeries::RecordedSeries(std::vector<std::string> drop)
    : m_drop(std::move(drop))
{
}

bool
RecordedSeries::IsDropped(std::string_view name) const
{
    return std::any_of(m_drop.begin(), m_drop.end(), [name](const std::string& prefix) {
        return name.starts_with(prefix);
    });
}

bool
RecordedSeries::Store(TargetRecord& record,
                      const ScrapeTarget& target,
                      const MetricFamilyInfo& info,
                      const MetricSample& sample,
                      Duration at)
{
    auto& family =
        record.families
            .try_emplace(std::string(info.name), Family{info.type, std::string(info.help), {}, {}})
            .first->second;
    const auto [found, isNew] = family.index.try_emplace(sample.series, family.series.size());
    if (isNew)
    {
        family.series.push_back({WithLabels(sample.series, target.Labels()), {}, 0, false});
    }
    auto& series = family.series[found->second];
    series.samples.push_back({at, sample.value, false});
    series.lastScrape = record.scrapes;
    ++m_samples;
    return std::exchange(series.stale, false) || isNew;
}

void
RecordedSeries::MarkStale(TargetRecord& record, Duration at)
{
    for (auto& [name, family] : record.families)
    {
        for (auto& series : family.series)
        {
            if (series.lastScrape != record.scrapes && !series.stale)
            {
                series.stale = true;
                series.samples.push_back({at, std::numeric_limits<double>::quiet_NaN(), true});
            }
        }
    }
}

void
RecordedSeries::Append(const ScrapeTarget& target, const ScrapeReport& report)
{
    const auto labels = target.Labels();
    if (!m_targets.contains(labels))
    {
        m_order.push_back(labels);
    }
    auto& record = m_targets[labels];
    ++record.scrapes;
    std::size_t scraped = 0;
    std::size_t kept = 0;
    std::size_t added = 0;
    if (report.page != nullptr)
    {
        for (const auto& family : report.page->Families())
        {
            scraped += family.samples.size();
            if (IsDropped(family.info->name))
            {
                continue;
            }
            for (const auto& sample : family.samples)
            {
                ++kept;
                added += Store(record, target, *family.info, sample, report.at) ? 1 : 0;
            }
        }
    }
    const std::array values = {report.page != nullptr ? 1.0 : 0.0,
                               ToSeconds(report.took),
                               static_cast<double>(scraped),
                               static_cast<double>(kept),
                               static_cast<double>(added)};
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        Store(record, target, SYNTHETIC[i], {std::string(SYNTHETIC[i].name), values[i]}, report.at);
    }
    MarkStale(record, report.at);
}

const std::vector<RecordedSample>*
RecordedSeries::Find(const ScrapeTarget& target, const std::string& series) const
{
    const auto record = m_targets.find(target.Labels());
    if (record == m_targets.end())
    {
        return nullptr;
    }
    for (const auto& [name, family] : record->second.families)
    {
        if (const auto found = family.index.find(series); found != family.index.end())
        {
            return &family.series[found->second].samples;
        }
    }
    return nullptr;
}

std::size_t
RecordedSeries::Series() const
{
    std::size_t count = 0;
    for (const auto& [labels, record] : m_targets)
    {
        for (const auto& [name, family] : record.families)
        {
            count += family.series.size();
        }
    }
    return count;
}

std::string
RecordedSeries::OpenMetrics() const
{
    std::set<std::string> names;
    for (const auto& [labels, record] : m_targets)
    {
        for (const auto& [name, family] : record.families)
        {
            names.insert(name);
        }
    }
    std::string text;
    for (const auto& name : names)
    {
        bool head = false;
        for (const auto& labels : m_order)
        {
            const auto& families = m_targets.at(labels).families;
            const auto found = families.find(name);
            if (found == families.end())
            {
                continue;
            }
            const auto& family = found->second;
            if (!std::exchange(head, true))
            {
                const auto [title, type] = OpenMetricsFamily(name, family.type);
                text += "# HELP " + title + " " + EscapeHelp(family.help) + "\n# TYPE " + title +
                        " " + type + "\n";
            }
            for (const auto& series : family.series)
            {
                for (const auto& sample : series.samples)
                {
                    if (!sample.stale)
                    {
                        text.append(series.name).append(" ");
                        text.append(FormatMetricValue(sample.value)).append(" ");
                        text.append(Seconds(sample.at)).append("\n");
                    }
                }
            }
        }
    }
    return text + "# EOF\n";
}

} // namespace etcdlab
