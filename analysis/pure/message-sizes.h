// How large messages are, roughly: enough for the time that links and disks need for them. The
// simulation has its own, exact ones.
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <string>

namespace etcdlab
{

/**
 * The messages of one request on an idle cluster in bytes above TCP, to about ten bytes; zero where
 * an operation has no such message. Measured on etcd 3.4.23 with ids of 9 to 10 bytes, a term of
 * one and an index of three; the log's bytes are its encoder's.
 */
struct MessageSizes
{
    std::uint64_t request = 0; //!< client to member, with gRPC and HTTP/2 framing
    std::uint64_t answer = 0;  //!< back
    std::uint64_t forward = 0; //!< MsgProp or MsgReadIndex
    std::uint64_t round = 0;   //!< MsgApp with the entry, or MsgHeartbeat with the read's context
    std::uint64_t acknowledgement = 0; //!< MsgAppResp or MsgHeartbeatResp
    std::uint64_t notice = 0;          //!< MsgApp without entries, or MsgReadIndexResp
    std::uint64_t walBytes = 0; //!< one write: the entry's frame and the last commit's hard state

    /// @param operation one of OperationNames()
    static MessageSizes Of(const std::string& operation, std::uint64_t key, std::uint64_t value);
};

/// Whether an operation goes through the log.
bool IsWrite(const std::string& operation);

/// How long a rate needs for so many bytes, rounded up to nanoseconds; no time if it is unlimited.
Duration SendingTime(std::uint64_t bytes, DataRate rate);

/// A message's bytes on a link: cut into TCP segments, each with its headers.
std::uint64_t LinkBytes(std::uint64_t messageBytes);

} // namespace etcdlab
