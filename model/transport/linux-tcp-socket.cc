#include "model/transport/linux-tcp-socket.h"

#include <ns3/boolean.h>
#include <ns3/double.h>
#include <ns3/inet-socket-address.h>
#include <ns3/node.h>
#include <ns3/simulator.h>
#include <ns3/tcp-header.h>
#include <ns3/tcp-l4-protocol.h>
#include <ns3/tcp-prr-recovery.h>
#include <ns3/tcp-rx-buffer.h>
#include <ns3/tcp-tx-buffer.h>

#include <algorithm>
#include <stdexcept>

namespace etcdlab
{

using namespace ns3;

NS_OBJECT_ENSURE_REGISTERED(LinuxRttEstimator);
NS_OBJECT_ENSURE_REGISTERED(LinuxCubic);
NS_OBJECT_ENSURE_REGISTERED(LinuxTcpSocket);

TypeId
LinuxRttEstimator::GetTypeId()
{
    static TypeId tid = TypeId("etcdlab::LinuxRttEstimator")
                            .SetParent<RttMeanDeviation>()
                            .SetGroupName("Etcdlab")
                            .AddConstructor<LinuxRttEstimator>();
    return tid;
}

TypeId
LinuxRttEstimator::GetInstanceTypeId() const
{
    return GetTypeId();
}

void
LinuxRttEstimator::SetMinRto(Time minRto)
{
    m_minRto = minRto;
}

void
LinuxRttEstimator::Measurement(Time measure)
{
    m_estimatedVariation = m_deviation;
    RttMeanDeviation::Measurement(measure);
    m_deviation = m_estimatedVariation;
    m_estimatedVariation = std::max(m_deviation, m_minRto / 4);
}

Ptr<RttEstimator>
LinuxRttEstimator::Copy() const
{
    return CopyObject<LinuxRttEstimator>(this);
}

void
LinuxRttEstimator::Reset()
{
    RttMeanDeviation::Reset();
    m_deviation = Time();
}

TypeId
LinuxCubic::GetTypeId()
{
    static TypeId tid = TypeId("etcdlab::LinuxCubic")
                            .SetParent<TcpCubic>()
                            .SetGroupName("Etcdlab")
                            .AddConstructor<LinuxCubic>();
    return tid;
}

TypeId
LinuxCubic::GetInstanceTypeId() const
{
    return GetTypeId();
}

void
LinuxCubic::Sent(std::uint32_t flight,
                 SequenceNumber32 acked,
                 SequenceNumber32 next,
                 const TcpSocketState& state)
{
    if (acked >= m_roundEnd || flight > m_maxFlight)
    {
        m_maxFlight = flight;
        m_roundEnd = next;
        m_limited = flight + state.m_segmentSize > state.m_cWnd.Get();
    }
}

void
LinuxCubic::IncreaseWindow(Ptr<TcpSocketState> state, std::uint32_t segmentsAcked)
{
    const std::uint32_t window = state->m_cWnd.Get();
    if (window < state->m_ssThresh.Get() ? window < 2 * m_maxFlight : m_limited)
    {
        TcpCubic::IncreaseWindow(state, segmentsAcked);
    }
}

Ptr<TcpCongestionOps>
LinuxCubic::Fork()
{
    return CopyObject<LinuxCubic>(this);
}

TypeId
LinuxTcpSocket::GetTypeId()
{
    static TypeId tid = TypeId("etcdlab::LinuxTcpSocket")
                            .SetParent<TcpSocketBase>()
                            .SetGroupName("Etcdlab")
                            .AddConstructor<LinuxTcpSocket>();
    return tid;
}

TypeId
LinuxTcpSocket::GetInstanceTypeId() const
{
    return GetTypeId();
}

LinuxTcpSocket::~LinuxTcpSocket()
{
    m_userTimer.Cancel();
}

Ptr<LinuxTcpSocket>
LinuxTcpSocket::Make(const Ptr<Node>& node, const TcpConfig& config, bool loopback, bool nagle)
{
    const auto tcp = node->GetObject<TcpL4Protocol>();
    if (!tcp)
    {
        throw std::invalid_argument("node " + std::to_string(node->GetId()) +
                                    " has no TCP: install an internet stack on it first");
    }
    auto rtt = CreateObject<LinuxRttEstimator>();
    rtt->SetMinRto(NanoSeconds(config.minRto.count()));
    // As TcpL4Protocol::CreateSocket does for its own type of socket.
    auto socket = CreateObject<LinuxTcpSocket>();
    socket->SetNode(node);
    socket->SetTcp(tcp);
    socket->SetRtt(rtt);
    socket->SetCongestionControlAlgorithm(CreateObject<LinuxCubic>());
    socket->SetRecoveryAlgorithm(CreateObject<TcpPrrRecovery>());
    socket->Tune(config, loopback, nagle);
    tcp->AddSocket(socket);
    return socket;
}

void
LinuxTcpSocket::Tune(const TcpConfig& config, bool loopback, bool nagle)
{
    m_loopbackSegmentSize = config.loopbackSegmentSize;
    SetSegSize(loopback ? config.loopbackSegmentSize : config.segmentSize);
    SetRcvBufSize(config.receiveBuffer);
    SetSndBufSize(config.sendBuffer);
    SetInitialCwnd(config.initialWindow);
    SetConnTimeout(NanoSeconds(config.initialRto.count()));
    SetSynRetries(config.synRetries + 1); // ns-3 counts the first SYN too
    SetDataRetries(config.dataRetries);
    SetDelAckTimeout(NanoSeconds(config.delayedAck.count()));
    SetDelAckMaxCount(config.ackEvery);
    SetTcpNoDelay(!nagle);
    SetMinRto(NanoSeconds(config.minRto.count()));
    SetAttribute("MaxSegLifetime", DoubleValue(30)); // Linux: TIME_WAIT lasts 60 s
    // Defaults of ns-3 that somebody may have changed for other sockets.
    SetAttribute("WindowScaling", BooleanValue(true));
    SetAttribute("Timestamp", BooleanValue(true));
    SetAttribute("Sack", BooleanValue(true));
}

int
LinuxTcpSocket::Send(Ptr<Packet> packet, std::uint32_t flags)
{
    if (TcpSocketBase::UnAckDataCount() == 0 && m_txBuffer->Size() == 0)
    {
        RestartWindow();
    }
    return TcpSocketBase::Send(packet, flags);
}

/// Linux net/ipv4/tcp_output.c: tcp_cwnd_restart, tcp_slow_start_after_idle: a window that was not used for a
/// retransmission timeout is halved for each of them, down to the initial one.
void
LinuxTcpSocket::RestartWindow()
{
    const Time rto = m_rto.Get();
    Time idle = Simulator::Now() - m_lastData;
    if (m_lastData.IsZero() || idle <= rto)
    {
        return;
    }
    const auto initial = GetInitialCwnd() * m_tcb->m_segmentSize;
    auto window = m_tcb->m_cWnd.Get();
    m_tcb->m_ssThresh = std::max(m_tcb->m_ssThresh.Get(), window / 4 * 3);
    const auto least = std::min(initial, window);
    for (idle -= rto; idle.IsStrictlyPositive() && window > least; idle -= rto)
    {
        window /= 2;
    }
    m_tcb->m_cWnd = std::max(window, least);
    m_tcb->m_cWndInfl = m_tcb->m_cWnd;
}

std::uint32_t
LinuxTcpSocket::SendDataPacket(SequenceNumber32 sequence, std::uint32_t maxSize, bool withAck)
{
    m_lastData = Simulator::Now();
    const std::uint32_t sent = TcpSocketBase::SendDataPacket(sequence, maxSize, withAck);
    const SequenceNumber32 acked = m_txBuffer->HeadSequence();
    const SequenceNumber32 next = std::max(m_tcb->m_highTxMark.Get(), sequence + sent);
    // Make gave it no other.
    static_cast<LinuxCubic*>(PeekPointer(m_congestionControl))
        ->Sent(static_cast<std::uint32_t>(next - acked), acked, next, *m_tcb);
    return sent;
}

std::uint32_t
LinuxTcpSocket::UnAckDataCount() const
{
    // ns-3 asks this for Nagle's algorithm alone, and would hold back a small segment that has to be sent again
    // because it has not been acknowledged.
    return m_txBuffer->GetLost() > 0 ? 0 : TcpSocketBase::UnAckDataCount();
}

void
LinuxTcpSocket::SetUserTimeout(Time timeout)
{
    m_userTimeout = timeout;
}

void
LinuxTcpSocket::ReTxTimeout()
{
    if (m_userTimeout.IsStrictlyPositive() && !m_userTimer.IsRunning() && m_connected)
    {
        // Of Linux's the clock starts when the data were sent (net/ipv4/tcp_timer.c:
        // retransmits_timed_out), which was one timeout ago.
        m_userTimer = Simulator::Schedule(std::max(m_userTimeout - m_rto.Get(), Time()),
                                          &LinuxTcpSocket::CheckUserTimeout,
                                          this,
                                          m_txBuffer->HeadSequence());
    }
    TcpSocketBase::ReTxTimeout();
}

void
LinuxTcpSocket::CheckUserTimeout(SequenceNumber32 unacknowledged)
{
    const Ptr<LinuxTcpSocket> keep(this); // the connection's end may be that of its owners, too
    if (!m_endPoint || m_state == CLOSED || m_txBuffer->HeadSequence() != unacknowledged ||
        m_txBuffer->Size() == 0)
    {
        return;
    }
    m_state = CLOSED;
    CancelAllTimers();
    NotifyErrorClose();
    DeallocateEndPoint();
}

void
LinuxTcpSocket::Reset()
{
    if (m_endPoint)
    {
        SendRST();
        m_state = CLOSED;
    }
}

bool
LinuxTcpSocket::PeerFinished() const
{
    return m_tcb->m_rxBuffer->Finished();
}

Ptr<TcpSocketBase>
LinuxTcpSocket::Fork()
{
    return CopyObject<LinuxTcpSocket>(this);
}

void
LinuxTcpSocket::CompleteFork(Ptr<Packet> packet,
                             const TcpHeader& header,
                             const Address& from,
                             const Address& to)
{
    if (InetSocketAddress::ConvertFrom(to).GetIpv4() == Ipv4Address::GetLoopback())
    {
        // Not SetSegSize, which refuses to act on a socket that listens.
        m_tcb->m_segmentSize = m_loopbackSegmentSize;
        m_txBuffer->SetSegmentSize(m_loopbackSegmentSize);
        // Counted in the listener's segments so far.
        m_tcb->m_cWnd = GetInitialCwnd() * m_loopbackSegmentSize;
        m_tcb->m_cWndInfl = m_tcb->m_cWnd;
    }
    TcpSocketBase::CompleteFork(packet, header, from, to);
}

void
LinuxTcpSocket::DoForwardUp(Ptr<Packet> packet, const Address& from, const Address& to)
{
    // ns-3 drops its own references when the connection ends, in the middle of the call.
    const Ptr<LinuxTcpSocket> keep(this);
    if (m_state == SYN_SENT)
    {
        // A closed port answers RST+ACK (RFC 793 page 36), which ns-3.37 ignores in this state.
        TcpHeader header;
        packet->PeekHeader(header);
        if (header.GetFlags() & TcpHeader::RST)
        {
            m_state = CLOSED;
            NotifyConnectionFailed();
            DeallocateEndPoint();
            return;
        }
    }
    if (m_connected && m_delAckCount == 0)
    {
        // Nothing is left to acknowledge. ns-3.37 notes that only when it sends a pure
        // acknowledgement; if they all ride on data, it echoes an old timestamp for ever (RFC 7323
        // section 4.3, Last.ACK.sent) and the other side takes the connection's age for its
        // round-trip time.
        m_highTxAck = std::max(m_highTxAck, m_tcb->m_rxBuffer->NextRxSequence());
    }
    TcpSocketBase::DoForwardUp(packet, from, to);
}

} // namespace etcdlab
