// What a process shows at /metrics: Prometheus' text exposition format 0.0.4, as its client library for Go
// writes it.
#pragma once

#include "model/base/histogram.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace etcdlab
{

enum class MetricType
{
    COUNTER,
    GAUGE,
    HISTOGRAM,
    SUMMARY
};

/// "counter", "gauge", …
std::string_view NameOf(MetricType type);

/// Why a family is on the page.
enum class MetricPresence
{
    MODELLED, //!< one sample or histogram, which the model knows
    PLACEHOLDER, //!< one that the model does not know: always `constant`, so that the page has its size and shape
    LABELLED, //!< as many as there are label sets; not there if there is none
};

struct MetricFamilyInfo
{
    std::string_view name;
    MetricType type;
    MetricPresence presence;
    std::string_view help;
    ExponentialBuckets buckets = {0, 0, 0}; //!< of a histogram
    double constant = 0;                    //!< of a placeholder
};

/// As strconv.FormatFloat(value, 'g', -1, 64) does: "0.001", "1.048576e+06", "+Inf".
std::string FormatMetricValue(double value);

using MetricLabels = std::vector<std::pair<std::string_view, std::string>>;

/// `a="b",c="d"`, with what the format demands to be escaped. @param labels by ascending name
std::string FormatLabels(const MetricLabels& labels);

/// One line of the page that is no comment.
struct MetricSample
{
    std::string series; //!< `name{a="b"}`
    double value;
};

struct MetricFamily
{
    const MetricFamilyInfo* info;
    std::vector<MetricSample> samples;
};

/**
 * A page under construction: starts with all families of a table, each as it is without any news, and is told what
 * the process has counted.
 */
class MetricPage
{
  public:
    /// @param table by ascending name; must outlive the page
    explicit MetricPage(const std::vector<MetricFamilyInfo>& table);

    /// Of a MODELLED counter or gauge. @throws std::out_of_range if there is no such family
    void Set(std::string_view name, double value);
    /// Of a MODELLED histogram with the same buckets.
    void Set(std::string_view name, const Histogram& histogram);
    /// One more of a LABELLED family: in the order of the label values.
    /// @param suffix behind the name, of a summary
    void Add(std::string_view name,
             const MetricLabels& labels,
             double value,
             std::string_view suffix = "");
    void Add(std::string_view name, const MetricLabels& labels, const Histogram& histogram);

    /// Those that have samples, by name.
    const std::vector<MetricFamily>& Families() const
    {
        return m_families;
    }

    std::size_t Samples() const;

    /// Everything, with HELP and TYPE lines.
    std::string Text() const;

    /// The length of Text().
    std::size_t TextBytes() const;

  private:
    MetricFamily& Find(std::string_view name);

    std::vector<MetricFamily> m_families;
};

/// What gzip leaves of a page. Measured: etcd 3.4.23's 146439 bytes become 9700, 150408 become 10101.
inline constexpr double ETCD_GZIP_SHARE = 0.0667;

/// A gzipped body as Go's net/http sends it: chunks of 2048 bytes, the rest, and the empty one that ends it
/// (net/http/server.go: bufferBeforeChunkingSize). Measured: 9723 become 9763.
std::uint64_t ChunkedBodyBytes(std::uint64_t body);

} // namespace etcdlab
