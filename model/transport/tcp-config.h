// What either transport's connections are tuned to.
#pragma once

#include "model/base/units.h"

#include <cstdint>

namespace etcdlab
{

/**
 * Linux's behaviour on Ethernet, where ns-3's defaults differ from it. Sources: Linux 5.10
 * Documentation/networking/ip-sysctl.rst, net/ipv4/tcp.c,
 * include/net/tcp.h.
 */
struct TcpConfig
{
    std::uint32_t segmentSize = 1448; //!< MTU 1500 - 20 (IPv4) - 20 (TCP) - 12 (timestamps)
    std::uint32_t loopbackSegmentSize = 65483; //!< MTU 65535 less the same
    std::uint32_t receiveBuffer = 6 << 20;     //!< tcp_rmem[2], where autotuning ends
    std::uint32_t sendBuffer = 4 << 20;        //!< tcp_wmem[2]
    std::uint32_t initialWindow = 10;          //!< TCP_INIT_CWND, segments
    std::uint32_t synRetries = 6;              //!< tcp_syn_retries
    std::uint32_t dataRetries = 15;            //!< tcp_retries2
    std::uint32_t ackEvery = 2;         //!< segments that one delayed acknowledgement may cover
    Duration initialRto{1'000'000'000}; //!< TCP_TIMEOUT_INIT; SYN and first data
    Duration minRto{200'000'000};       //!< TCP_RTO_MIN
    Duration delayedAck{40'000'000};    //!< TCP_DELACK_MIN
};

} // namespace etcdlab
