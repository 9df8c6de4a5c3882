// How much TCP may have under way, and when it gives an acknowledgement up: as linux-tcp-socket.h has it, for the
// transport without packets.
#pragma once

#include "model/transport/tcp-config.h"

#include <cstdint>
#include <limits>

namespace etcdlab
{

/// Linux's retransmission timeout: smoothed round trip + max(4 * deviation, 200 ms) (net/ipv4/tcp_input.c:
/// tcp_rtt_estimator).
class RetransmissionTimeout
{
  public:
    explicit RetransmissionTimeout(const TcpConfig& config);

    void Measured(Duration roundTrip);
    /// Now, after so many timeouts in a row; at most 60 s, as ns-3 has it.
    Duration Get(std::uint32_t timeouts = 0) const;

  private:
    Duration m_minimum;
    Duration m_timeout;
    double m_smoothed = 0; //!< ns; 0: nothing measured
    double m_deviation = 0;
};

/**
 * CUBIC's congestion window in bytes (RFC 9438), which grows only while it is what limits the sender and shrinks while it is not
 * used (RFC 2861). Slow start counts bytes, as ns-3's and Linux's at a connection's start do, so that the window doubles
 * each round trip. HyStart is left out: it ends slow start where a queue has grown already.
 */
class CongestionWindow
{
  public:
    CongestionWindow(const TcpConfig& config, std::uint32_t segment);

    std::uint64_t Bytes() const
    {
        return m_window;
    }

    /// Data were sent. @param flight bytes sent and not acknowledged, these included @param acknowledged, next bounds
    /// of that flight
    void Sent(std::uint64_t flight, std::uint64_t acknowledged, std::uint64_t next);

    /// Bytes were acknowledged, outside of recovery.
    void Acknowledged(std::uint64_t bytes, Duration now);

    /// Nothing was sent for this long.
    void Idle(Duration time, Duration timeout);

    /// A loss was told by later acknowledgements.
    void Lost();

    /// A retransmission timeout has passed.
    void TimedOut();

  private:
    void Reduce();
    void Cubic(std::uint64_t segments, Duration now);

    std::uint64_t m_segment;
    std::uint64_t m_initial;
    std::uint64_t m_window;
    std::uint64_t m_threshold = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t m_remainder = 0; //!< acknowledged, less than a segment
    std::uint64_t m_maxFlight = 0; //!< in the round trip that ends at m_roundEnd
    std::uint64_t m_roundEnd = 0;
    bool m_limited = false;   //!< m_maxFlight filled the window
    double m_most = 0;        //!< segments at the last reduction
    Duration m_epoch{-1};     //!< begin of growth after that; -1: not yet
    double m_plateauTime = 0; //!< seconds from then until m_most is reached
};

} // namespace etcdlab
