// Counts observations by size, as Prometheus' histograms do.
#pragma once

#include "model/base/units.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace etcdlab
{

/// Upper bounds start · factor^k, k = 0 … count-1 (prometheus.ExponentialBuckets).
struct ExponentialBuckets
{
    double start;
    double factor;
    std::size_t count;

    double Bound(std::size_t k) const
    {
        double bound = start;
        for (; k > 0; --k)
        {
            bound *= factor; // as Go's loop does, rounding included
        }
        return bound;
    }

    bool operator==(const ExponentialBuckets&) const = default;
};

/// etcd's usual ones for durations: 1 ms … 8.192 s (wal/metrics.go and others).
inline constexpr ExponentialBuckets DURATION_BUCKETS{0.001, 2, 14};
/// rafthttp/metrics.go: 0.1 ms … 3.2768 s
inline constexpr ExponentialBuckets ROUND_TRIP_BUCKETS{0.0001, 2, 16};
/// lease/metrics.go: 1 s … 2^23 s
inline constexpr ExponentialBuckets LEASE_TTL_BUCKETS{1, 2, 24};

/// Cheap to feed: what it holds are plain numbers.
class Histogram
{
  public:
    static constexpr std::size_t MAX_BUCKETS = 24;

    explicit constexpr Histogram(ExponentialBuckets buckets)
        : m_buckets(buckets)
    {
    }

    void Observe(double value)
    {
        std::size_t k = 0;
        for (auto bound = m_buckets.start; k < m_buckets.count && value > bound;
             bound *= m_buckets.factor)
        {
            ++k;
        }
        ++m_counts[k];
        ++m_count;
        m_sum += value;
    }

    /// In seconds.
    void Observe(Duration time)
    {
        Observe(ToSeconds(time));
    }

    const ExponentialBuckets& Buckets() const
    {
        return m_buckets;
    }

    /// Observations in bucket k alone; `Buckets().count` is that of what exceeds all bounds.
    std::uint64_t InBucket(std::size_t k) const
    {
        return m_counts[k];
    }

    std::uint64_t Count() const
    {
        return m_count;
    }

    double Sum() const
    {
        return m_sum;
    }

  private:
    ExponentialBuckets m_buckets;
    std::array<std::uint64_t, MAX_BUCKETS + 1> m_counts{};
    std::uint64_t m_count = 0;
    double m_sum = 0;
};

} // namespace etcdlab
