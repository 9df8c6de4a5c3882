#include "model/transport/bdp-estimator.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

constexpr double ALPHA = 0.9;               //!< weight of a new round-trip time, after the first
constexpr double BETA = 0.66;               //!< share of the estimate that a sample must reach
constexpr double GAMMA = 2;                 //!< growth over the sample
constexpr std::uint32_t BOOTSTRAP = 10;     //!< pings before whose number the times are averaged
constexpr double SAMPLE_OVER_PRODUCT = 1.5; //!< of a saturated connection

} // namespace

bool
BdpEstimator::Add(std::uint32_t bytes, Duration now)
{
    if (m_estimate == LIMIT)
    {
        return false;
    }
    if (m_outstanding)
    {
        m_sample += bytes;
        return false;
    }
    m_outstanding = true;
    m_sample = bytes;
    m_sentAt = now;
    ++m_pings;
    return true;
}

std::optional<std::uint32_t>
BdpEstimator::Acknowledged(Duration now)
{
    const double rtt = std::chrono::duration<double>(now - m_sentAt).count();
    m_rtt += (rtt - m_rtt) * (m_pings < BOOTSTRAP ? 1.0 / m_pings : ALPHA);
    m_outstanding = false;
    const double bandwidth = m_sample / (m_rtt * SAMPLE_OVER_PRODUCT);
    m_maxBandwidth = std::max(m_maxBandwidth, bandwidth);
    if (m_sample < BETA * m_estimate || bandwidth < m_maxBandwidth || m_estimate == LIMIT)
    {
        return std::nullopt;
    }
    m_estimate = std::min(static_cast<std::uint32_t>(GAMMA * m_sample), LIMIT);
    return m_estimate;
}

std::uint32_t
BdpEstimator::Estimate() const
{
    return m_estimate;
}

} // namespace etcdlab
