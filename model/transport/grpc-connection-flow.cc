// How a connection reacts to DATA: its windows and the bandwidth estimator's pings.
#include "model/base/clock.h"
#include "model/transport/grpc-connection-frames.h"
#include "model/transport/grpc-sizes.h"

#include <utility>

namespace etcdlab
{

/// grpc-go internal/transport/http2_server.go, http2_client.go: handleData.
void
GrpcConnection::HandleData(const Frame& frame)
{
    const bool ping = m_bdp.Add(frame.data, Now());
    std::uint32_t update = m_window.OnData(frame.data);
    if (ping)
    {
        update += m_window.Reset();
        auto answer = std::make_shared<Frame>(Frame::Kind::PING);
        answer->increment = update;
        m_stream->Send(
            Chunk(grpc::PING + (update > 0 ? grpc::WINDOW_UPDATE : 0), std::move(answer)));
    }
    else if (update > 0)
    {
        SendWindow(0, update);
    }
    HandleStreamData(frame);
}

/// The stream's window, of which short messages on streams of their own need nothing to be known.
void
GrpcConnection::HandleStreamData(const Frame& frame)
{
    const bool whole = frame.message == frame.data;
    auto found = m_streamWindows.find(frame.id);
    if (found == m_streamWindows.end())
    {
        if (whole || frame.message == 0)
        {
            return;
        }
        found = m_streamWindows.emplace(frame.id, StreamReceiveWindow(m_bdp.Estimate())).first;
    }
    const auto updates = found->second.OnFrame(frame.data, frame.message);
    if (updates.widen > 0)
    {
        SendWindow(frame.id, updates.widen);
    }
    if (updates.read > 0)
    {
        SendWindow(frame.id, updates.read);
    }
}

void
GrpcConnection::SendWindow(std::uint32_t id, std::uint32_t bytes)
{
    auto frame = std::make_shared<Frame>(Frame::Kind::WINDOW_UPDATE);
    frame->id = id;
    frame->increment = bytes;
    m_stream->Send(Chunk(grpc::WINDOW_UPDATE, std::move(frame)));
}

/// http2_server.go, http2_client.go: updateFlowControl.
void
GrpcConnection::HandlePingAck()
{
    const auto estimate = m_bdp.Acknowledged(Now());
    if (!estimate)
    {
        return;
    }
    for (auto& [id, window] : m_streamWindows)
    {
        window.SetLimit(*estimate);
    }
    auto frame = std::make_shared<Frame>(Frame::Kind::WINDOW_SETTINGS);
    frame->increment = m_window.Grow(*estimate);
    frame->window = *estimate;
    m_stream->Send(Chunk(grpc::WINDOW_UPDATE + grpc::WINDOW_SETTINGS, std::move(frame)));
}

void
GrpcConnection::HandleWindow(const Frame& frame)
{
    frame.id == 0 ? m_sender.AddToConnection(frame.increment)
                  : m_sender.AddToStream(frame.id, frame.increment);
    if (frame.kind == Frame::Kind::WINDOW_SETTINGS)
    {
        m_sender.SetStreamWindow(frame.window);
        m_stream->Send(Chunk(grpc::SETTINGS_ACK, Frame::Plain<Frame::Kind::SETTINGS_ACK>()));
    }
    Flush();
    for (const std::uint32_t id : m_sender.TakeWritable())
    {
        if (m_open && m_streamEvent)
        {
            StreamEvent event;
            event.kind = StreamEvent::Kind::WRITABLE;
            event.id = id;
            m_streamEvent(event);
        }
    }
}

} // namespace etcdlab
