// How a server lets a connection's calls end before it ends the connection.
#include "model/base/clock.h"
#include "model/transport/grpc-connection-frames.h"
#include "model/transport/grpc-sizes.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

/// http2_server.go:outgoingGoAwayHandler waits so long for the PING's acknowledgement.
constexpr Duration ACKNOWLEDGEMENT_TIMEOUT = 1min;

} // namespace

bool
GrpcConnection::IsSettled() const
{
    return m_settled;
}

void
GrpcConnection::Drain(std::function<bool()> active)
{
    if (m_draining || !m_open)
    {
        return;
    }
    m_draining = std::make_unique<Draining>(Draining{std::move(active), {}});
    auto heads = std::make_shared<Frame>(Frame::Kind::GOAWAY);
    heads->id = NO_LAST;
    Chunk chunk(grpc::GOAWAY, std::move(heads));
    chunk.Append(Chunk(grpc::PING, Frame::Plain<Frame::Kind::DRAIN_PING>()));
    m_stream->Send(std::move(chunk));
    // Cancelled when the connection ends.
    m_draining->timer =
        ns3::Simulator::Schedule(ToTime(ACKNOWLEDGEMENT_TIMEOUT), [this] { Refuse(); });
}

void
GrpcConnection::Refuse()
{
    const auto keep = shared_from_this();
    if (!m_draining)
    {
        m_draining = std::make_unique<Draining>();
    }
    if (!m_open || std::exchange(m_draining->refusing, true))
    {
        return;
    }
    m_draining->timer.Cancel();
    auto last = std::make_shared<Frame>(Frame::Kind::GOAWAY);
    last->id = m_lastCall;
    m_stream->Send(Chunk(grpc::GOAWAY, std::move(last)));
    // A long message of a unary call that is still arriving has a window.
    if (m_draining->active && !m_draining->active() && m_streamWindows.empty())
    {
        EndAsBroken();
    }
}

/// Keeps the highest id of a call. @return whether the frame belongs to a call that is not processed
bool
GrpcConnection::IsRefused(const Frame& frame)
{
    if (frame.id <= m_lastCall)
    {
        return false;
    }
    if (m_draining && m_draining->refusing)
    {
        return true;
    }
    m_lastCall = frame.id;
    return false;
}

} // namespace etcdlab
