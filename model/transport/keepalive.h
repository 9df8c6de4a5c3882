// When a gRPC client pings a connection that is silent, and when it gives it up.
#pragma once

#include "model/base/units.h"

#include <optional>

namespace etcdlab
{

/// grpc.keepalive.ClientParameters, with PermitWithoutStream false.
struct KeepaliveOptions
{
    Duration time{0};    //!< a connection silent for so long is pinged; 0: never
    Duration timeout{0}; //!< and closed if it stays silent for so long after that
};

/**
 * grpc-go 1.27 internal/transport/http2_client.go:keepalive, as a timer that says what to do when it
 * fires. While no call is under way it sleeps; the next call wakes it, and pings at once.
 */
class KeepaliveTimer
{
  public:
    struct Action
    {
        bool ping = false;
        bool close = false;
        std::optional<Duration> wait; //!< until it is to fire again
    };

    KeepaliveTimer(KeepaliveOptions options, Duration now);

    /// Something came from the other side.
    void Read(Duration now);
    /// @param active whether calls are under way
    Action Fire(Duration now, bool active);
    /// A call is made. Without effect unless it sleeps.
    Action Wake();

  private:
    Action Ping();

    KeepaliveOptions m_options;
    Duration m_lastRead;
    Duration m_seen; //!< the last read that it has taken note of
    Duration m_timeoutLeft{0};
    bool m_outstanding = false; //!< a ping since m_seen
    bool m_asleep = false;
};

} // namespace etcdlab
