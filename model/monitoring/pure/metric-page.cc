#include "model/monitoring/pure/metric-page.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace etcdlab
{

namespace
{

std::string
SeriesName(std::string_view name, std::string_view suffix, std::string_view labels)
{
    std::string series;
    series.reserve(name.size() + suffix.size() + labels.size() + 2);
    series.append(name).append(suffix);
    if (!labels.empty())
    {
        series.append("{").append(labels).append("}");
    }
    return series;
}

void
Append(MetricFamily& family, const std::string& labels, const Histogram& histogram)
{
    const auto& name = family.info->name;
    const auto& buckets = histogram.Buckets();
    std::uint64_t cumulated = 0;
    for (std::size_t k = 0; k <= buckets.count; ++k)
    {
        cumulated += histogram.InBucket(k);
        const auto bound = k == buckets.count ? "+Inf" : FormatMetricValue(buckets.Bound(k));
        const auto le = (labels.empty() ? "" : labels + ",") + "le=\"" + bound + "\"";
        family.samples.push_back({SeriesName(name, "_bucket", le), static_cast<double>(cumulated)});
    }
    family.samples.push_back({SeriesName(name, "_sum", labels), histogram.Sum()});
    family.samples.push_back(
        {SeriesName(name, "_count", labels), static_cast<double>(histogram.Count())});
}

/// A family as it is when nothing has happened.
std::vector<MetricSample>
InitialSamples(const MetricFamilyInfo& info)
{
    MetricFamily family{&info, {}};
    if (info.presence == MetricPresence::LABELLED)
    {
        return {};
    }
    if (info.type == MetricType::HISTOGRAM)
    {
        Append(family, "", Histogram(info.buckets));
    }
    else
    {
        family.samples.push_back({std::string(info.name), info.constant});
    }
    return std::move(family.samples);
}

void
AppendEscapedHelp(std::string& text, std::string_view help)
{
    for (const char c : help)
    {
        c == '\\' ? text += "\\\\" : c == '\n' ? text += "\\n" : text += c;
    }
}

} // namespace

std::string_view
NameOf(MetricType type)
{
    switch (type)
    {
    case MetricType::COUNTER:
        return "counter";
    case MetricType::GAUGE:
        return "gauge";
    case MetricType::HISTOGRAM:
        return "histogram";
    case MetricType::SUMMARY:
        return "summary";
    }
    return "untyped";
}

std::string
FormatMetricValue(double value)
{
    if (std::isnan(value))
    {
        return "NaN";
    }
    if (std::isinf(value))
    {
        return value > 0 ? "+Inf" : "-Inf";
    }
    char buffer[64];
    auto* const begin = std::begin(buffer);
    const auto end =
        std::to_chars(begin, std::end(buffer), value, std::chars_format::scientific).ptr;
    const auto e = std::find(begin, end, 'e');
    *end = '\0';
    const auto exponent = value == 0 ? 0 : std::atoi(e + 1);
    constexpr int LEAST = -4;
    constexpr int MOST = 5; // 999999, then 1e+06
    if (exponent < LEAST || exponent > MOST)
    {
        return {begin, end};
    }
    return {begin, std::to_chars(begin, std::end(buffer), value, std::chars_format::fixed).ptr};
}

std::string
FormatLabels(const MetricLabels& labels)
{
    std::string text;
    for (const auto& [name, value] : labels)
    {
        text.append(text.empty() ? "" : ",").append(name).append("=\"");
        for (const char c : value)
        {
            if (c == '\\' || c == '"')
            {
                text += '\\';
            }
            c == '\n' ? text += "\\n" : text += c;
        }
        text += '"';
    }
    return text;
}

MetricPage::MetricPage(const std::vector<MetricFamilyInfo>& table)
{
    m_families.reserve(table.size());
    for (const auto& info : table)
    {
        m_families.push_back({&info, InitialSamples(info)});
    }
}

MetricFamily&
MetricPage::Find(std::string_view name)
{
    const auto found = std::lower_bound(
        m_families.begin(), m_families.end(), name, [](const auto& family, auto wanted) {
            return family.info->name < wanted;
        });
    if (found == m_families.end() || found->info->name != name)
    {
        throw std::out_of_range("no metric " + std::string(name));
    }
    return *found;
}

void
MetricPage::Set(std::string_view name, double value)
{
    Find(name).samples.at(0).value = value;
}

void
MetricPage::Set(std::string_view name, const Histogram& histogram)
{
    auto& family = Find(name);
    if (histogram.Buckets() != family.info->buckets)
    {
        throw std::out_of_range("other buckets than those of " + std::string(name));
    }
    family.samples.clear();
    Append(family, "", histogram);
}

void
MetricPage::Add(std::string_view name,
                const MetricLabels& labels,
                double value,
                std::string_view suffix)
{
    Find(name).samples.push_back({SeriesName(name, suffix, FormatLabels(labels)), value});
}

void
MetricPage::Add(std::string_view name, const MetricLabels& labels, const Histogram& histogram)
{
    Append(Find(name), FormatLabels(labels), histogram);
}

std::size_t
MetricPage::Samples() const
{
    std::size_t count = 0;
    for (const auto& family : m_families)
    {
        count += family.samples.size();
    }
    return count;
}

std::string
MetricPage::Text() const
{
    std::string text;
    for (const auto& family : m_families)
    {
        if (family.samples.empty())
        {
            continue;
        }
        text.append("# HELP ").append(family.info->name).append(" ");
        AppendEscapedHelp(text, family.info->help);
        text.append("\n# TYPE ").append(family.info->name).append(" ");
        text.append(NameOf(family.info->type)).append("\n");
        for (const auto& sample : family.samples)
        {
            text.append(sample.series).append(" ");
            text.append(FormatMetricValue(sample.value)).append("\n");
        }
    }
    return text;
}

std::size_t
MetricPage::TextBytes() const
{
    return Text().size();
}

std::uint64_t
ChunkedBodyBytes(std::uint64_t body)
{
    constexpr std::uint64_t CHUNK = 2048;
    constexpr std::uint64_t LAST = 5; // "0\r\n\r\n"
    const auto digits = [](std::uint64_t length) {
        std::uint64_t count = 0;
        for (; length > 0; length /= 16)
        {
            ++count;
        }
        return count;
    };
    const auto framed = [&](std::uint64_t length) {
        return length == 0 ? 0 : digits(length) + 2 + length + 2;
    };
    return body / CHUNK * framed(CHUNK) + framed(body % CHUNK) + LAST;
}

} // namespace etcdlab
