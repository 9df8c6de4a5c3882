#include "model/transport/congestion-window.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace etcdlab
{

namespace
{

constexpr Duration MAX_TIMEOUT = std::chrono::seconds(60);
constexpr double CUBIC_SCALE = 0.4; //!< C, RFC 9438 section 5
constexpr double CUBIC_BETA = 0.7;

} // namespace

RetransmissionTimeout::RetransmissionTimeout(const TcpConfig& config)
    : m_minimum(config.minRto),
      m_timeout(config.initialRto)
{
}

void
RetransmissionTimeout::Measured(Duration roundTrip)
{
    const auto measured = static_cast<double>(roundTrip.count());
    if (m_smoothed == 0)
    {
        m_smoothed = measured;
        m_deviation = measured / 2;
    }
    else
    {
        const double error = measured - m_smoothed;
        m_smoothed += error / 8;
        m_deviation += (std::abs(error) - m_deviation) / 4;
    }
    const double margin = std::max(4 * m_deviation, static_cast<double>(m_minimum.count()));
    m_timeout = Duration(static_cast<std::int64_t>(m_smoothed + margin));
}

Duration
RetransmissionTimeout::Get(std::uint32_t timeouts) const
{
    return std::min(m_timeout * (std::int64_t{1} << std::min(timeouts, 20U)), MAX_TIMEOUT);
}

CongestionWindow::CongestionWindow(const TcpConfig& config, std::uint32_t segment)
    : m_segment(segment),
      m_initial(std::uint64_t{config.initialWindow} * segment),
      m_window(m_initial)
{
}

void
CongestionWindow::Sent(std::uint64_t flight, std::uint64_t acknowledged, std::uint64_t next)
{
    if (acknowledged >= m_roundEnd || flight > m_maxFlight)
    {
        m_maxFlight = flight;
        m_roundEnd = next;
        m_limited = flight + m_segment > m_window;
    }
}

void
CongestionWindow::Acknowledged(std::uint64_t bytes, Duration now)
{
    m_remainder += bytes;
    const auto segments = m_remainder / m_segment;
    m_remainder %= m_segment;
    if (m_window >= m_threshold)
    {
        if (m_limited)
        {
            Cubic(segments, now);
        }
    }
    else if (m_window < 2 * m_maxFlight)
    {
        // Each acknowledgement, of two segments, looks at the window anew.
        const auto step = 2 * m_segment;
        const auto room = (2 * m_maxFlight - m_window + step - 1) / step * step;
        m_window += std::min(segments * m_segment, room);
    }
}

void
CongestionWindow::Cubic(std::uint64_t segments, Duration now)
{
    const double window = static_cast<double>(m_window) / static_cast<double>(m_segment);
    if (m_epoch < Duration(0))
    {
        m_epoch = now;
        m_most = std::max(m_most, window);
        m_plateauTime = std::cbrt((m_most - window) / CUBIC_SCALE);
    }
    const double time = ToSeconds(now - m_epoch) - m_plateauTime;
    const double target = std::min(CUBIC_SCALE * time * time * time + m_most, 1.5 * window);
    if (target > window)
    {
        const double growth = static_cast<double>(segments) * (target - window) / window;
        m_window += static_cast<std::uint64_t>(growth * static_cast<double>(m_segment));
    }
}

void
CongestionWindow::Idle(Duration time, Duration timeout)
{
    if (time <= timeout)
    {
        return;
    }
    m_threshold = std::max(m_threshold, m_window / 4 * 3);
    const auto least = std::min(m_initial, m_window);
    for (time -= timeout; time > Duration(0) && m_window > least; time -= timeout)
    {
        m_window /= 2;
    }
    m_window = std::max(m_window, least);
}

void
CongestionWindow::Reduce()
{
    m_most = static_cast<double>(m_window) / static_cast<double>(m_segment);
    m_epoch = Duration(-1);
    m_threshold = std::max(2 * m_segment,
                           static_cast<std::uint64_t>(CUBIC_BETA * static_cast<double>(m_window)));
}

void
CongestionWindow::Lost()
{
    Reduce();
    m_window = m_threshold;
}

void
CongestionWindow::TimedOut()
{
    if (m_window > m_segment)
    {
        Reduce();
    }
    m_window = m_segment;
}

} // namespace etcdlab
