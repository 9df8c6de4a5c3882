// ns-3's TCP socket, made to behave like Linux's where attributes do not suffice.
#pragma once

#include "model/transport/tcp-network.h"

#include <ns3/rtt-estimator.h>
#include <ns3/tcp-cubic.h>
#include <ns3/tcp-socket-base.h>

namespace etcdlab
{

/**
 * Linux's retransmission timeout: smoothed RTT + max(4 * deviation, 200 ms) (net/ipv4/tcp_input.c:
 * tcp_rtt_estimator). ns-3, after RFC 6298, applies the minimum to the sum; on a steady path of
 * more than 200 ms its deviation converges to zero and every delayed acknowledgement is taken for a
 * loss.
 */
class LinuxRttEstimator : public ns3::RttMeanDeviation
{
  public:
    static ns3::TypeId GetTypeId();
    ns3::TypeId GetInstanceTypeId() const override;

    void SetMinRto(ns3::Time minRto);

    void Measurement(ns3::Time measure) override;
    ns3::Ptr<ns3::RttEstimator> Copy() const override;
    void Reset() override;

  private:
    ns3::Time m_minRto;
    ns3::Time m_deviation; //!< without the floor
};

/**
 * CUBIC whose window grows only while it is what limits the sender (RFC 2861; Linux
 * include/net/tcp.h: tcp_is_cwnd_limited). ns-3.37's grows with every acknowledgement: after some
 * hundred small requests a large one would go without slow start.
 */
class LinuxCubic : public ns3::TcpCubic
{
  public:
    static ns3::TypeId GetTypeId();
    ns3::TypeId GetInstanceTypeId() const override;

    /// Data were sent (Linux net/ipv4/tcp_output.c: tcp_cwnd_validate). @param flight bytes sent
    /// and not acknowledged, these included @param acked, next bounds of that flight
    void Sent(std::uint32_t flight,
              ns3::SequenceNumber32 acked,
              ns3::SequenceNumber32 next,
              const ns3::TcpSocketState& state);

    void IncreaseWindow(ns3::Ptr<ns3::TcpSocketState> state, std::uint32_t segmentsAcked) override;
    ns3::Ptr<ns3::TcpCongestionOps> Fork() override;

  private:
    std::uint32_t m_maxFlight = 0;       //!< bytes, in the round trip that ends at m_roundEnd
    ns3::SequenceNumber32 m_roundEnd{0}; //!< what was sent last when m_maxFlight was
    bool m_limited = false;              //!< m_maxFlight filled the window
};

/**
 * A socket tuned by TcpConfig, and with behaviours ns-3.37 lacks: a reset ends a connection attempt,
 * round trips are measured right when acknowledgements ride on data, loopback connections have their
 * own segment size, the congestion window shrinks while a connection is idle and grows only when used, Nagle's algorithm does not
 * hold back retransmissions, and the program can send a reset.
 */
class LinuxTcpSocket : public ns3::TcpSocketBase
{
  public:
    static ns3::TypeId GetTypeId();
    ns3::TypeId GetInstanceTypeId() const override;

    LinuxTcpSocket() = default;
    ~LinuxTcpSocket() override;
    LinuxTcpSocket(const LinuxTcpSocket&) = default;

    /// A tuned socket of a node. @throws std::invalid_argument if the node has no TCP
    static ns3::Ptr<LinuxTcpSocket> Make(const ns3::Ptr<ns3::Node>& node,
                                         const TcpConfig& config,
                                         bool loopback,
                                         bool nagle);

    int Send(ns3::Ptr<ns3::Packet> packet, std::uint32_t flags) override;

    /// TCP_USER_TIMEOUT: give the connection up when data stay unacknowledged for so long.
    void SetUserTimeout(ns3::Time timeout);

    /// Tear the connection down and tell the other side (RST).
    void Reset();

    /// The other side's FIN and everything before it has arrived.
    bool PeerFinished() const;

  protected:
    ns3::Ptr<ns3::TcpSocketBase> Fork() override;
    void CompleteFork(ns3::Ptr<ns3::Packet> packet,
                      const ns3::TcpHeader& header,
                      const ns3::Address& from,
                      const ns3::Address& to) override;
    void DoForwardUp(ns3::Ptr<ns3::Packet> packet,
                     const ns3::Address& from,
                     const ns3::Address& to) override;

    std::uint32_t SendDataPacket(ns3::SequenceNumber32 sequence,
                                 std::uint32_t maxSize,
                                 bool withAck) override;
    std::uint32_t UnAckDataCount() const override;
    void ReTxTimeout() override;

  private:
    void RestartWindow();
    void Tune(const TcpConfig& config, bool loopback, bool nagle);

    std::uint32_t m_loopbackSegmentSize = 0;
    void CheckUserTimeout(ns3::SequenceNumber32 unacknowledged);

    ns3::Time m_userTimeout; //!< 0: none
    ns3::EventId m_userTimer;
    ns3::Time m_lastData; //!< when a segment with data left
};

} // namespace etcdlab
