// gRPC's estimate of a connection's bandwidth-delay product, by which it sizes its windows.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <optional>

namespace etcdlab
{

/**
 * grpc-go 1.26 internal/transport/bdp_estimator.go. The receiver of DATA pings whenever no ping is
 * outstanding, and counts the bytes that come until the acknowledgement: a sample of at most 1.5
 * times the real product. If a sample is at least 0.66 of the estimate, and its bandwidth is the
 * highest ever seen on the connection, the estimate becomes twice the sample.
 *
 * The second condition is why a connection that was used over a short path and whose path became
 * long keeps its small windows: at the longer round-trip time it never again sees the bandwidth it
 * has seen.
 */
class BdpEstimator
{
  public:
    static constexpr std::uint32_t INITIAL = 65'535;
    static constexpr std::uint32_t LIMIT = 16U << 20;

    /// DATA came. @return whether to ping, now
    bool Add(std::uint32_t bytes, Duration now);

    /// The ping was acknowledged. @return the new estimate, if it has grown: both windows' new size
    std::optional<std::uint32_t> Acknowledged(Duration now);

    std::uint32_t Estimate() const;

  private:
    std::uint32_t m_estimate = INITIAL; //!< bytes
    std::uint32_t m_sample = 0;         //!< bytes since the outstanding ping
    std::uint32_t m_pings = 0;
    Duration m_sentAt{0};
    double m_rtt = 0;          //!< seconds, smoothed
    double m_maxBandwidth = 0; //!< bytes per second
    bool m_outstanding = false;
};

} // namespace etcdlab
