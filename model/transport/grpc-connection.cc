#include "model/transport/grpc-connection.h"

#include "model/base/clock.h"
#include "model/transport/grpc-connection-frames.h"
#include "model/transport/grpc-sizes.h"

#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <utility>

namespace etcdlab
{

std::string_view
GrpcCodeName(GrpcCode code)
{
    switch (code)
    {
    case GrpcCode::OK:
        return "OK";
    case GrpcCode::CANCELLED:
        return "Canceled";
    case GrpcCode::UNKNOWN:
        return "Unknown";
    case GrpcCode::INVALID_ARGUMENT:
        return "InvalidArgument";
    case GrpcCode::DEADLINE_EXCEEDED:
        return "DeadlineExceeded";
    case GrpcCode::NOT_FOUND:
        return "NotFound";
    case GrpcCode::RESOURCE_EXHAUSTED:
        return "ResourceExhausted";
    case GrpcCode::FAILED_PRECONDITION:
        return "FailedPrecondition";
    case GrpcCode::OUT_OF_RANGE:
        return "OutOfRange";
    case GrpcCode::UNIMPLEMENTED:
        return "Unimplemented";
    case GrpcCode::UNAVAILABLE:
        return "Unavailable";
    }
    return "?";
}

GrpcConnection::GrpcConnection(Role role, ByteStreamPtr stream)
    : m_role(role),
      m_stream(std::move(stream))
{
    m_stream->OnReceive([this](Chunk chunk) { HandleChunk(chunk); });
    m_stream->OnEnd([this](StreamEnd) { HandleEnd(); });
}

GrpcConnection::~GrpcConnection()
{
    Detach();
}

void
GrpcConnection::Detach()
{
    m_open = false;
    if (m_keepalive)
    {
        m_keepalive->event.Cancel();
    }
    if (m_draining)
    {
        m_draining->timer.Cancel();
    }
    m_stream->OnReceive(nullptr);
    m_stream->OnEnd(nullptr);
}

void
GrpcConnection::OnReady(ReadyHandler handler)
{
    m_ready = std::move(handler);
}

void
GrpcConnection::OnRequest(RequestHandler handler)
{
    m_request = std::move(handler);
}

void
GrpcConnection::OnResponse(ResponseHandler handler)
{
    m_response = std::move(handler);
}

void
GrpcConnection::OnStream(StreamHandler handler)
{
    m_streamEvent = std::move(handler);
}

void
GrpcConnection::OnBroken(BrokenHandler handler)
{
    m_broken = std::move(handler);
}

void
GrpcConnection::OnGoAway(GoAwayHandler handler)
{
    m_goAway = std::move(handler);
}

void
GrpcConnection::Start()
{
    m_stream->Send(Chunk(grpc::CLIENT_PREFACE, Frame::Plain<Frame::Kind::PREFACE>()));
}

void
GrpcConnection::KeepAlive(KeepaliveOptions options, std::function<bool()> active)
{
    m_keepalive = std::make_unique<Keepalive>(
        Keepalive{KeepaliveTimer(options, Now()), std::move(active), {}});
    Do({.wait = options.time});
}

void
GrpcConnection::FireKeepalive()
{
    const auto keep = shared_from_this();
    Do(m_keepalive->timer.Fire(Now(), m_keepalive->active()));
}

void
GrpcConnection::Do(const KeepaliveTimer::Action& action)
{
    if (action.ping)
    {
        m_stream->Send(Chunk(grpc::PING, Frame::Plain<Frame::Kind::KEEPALIVE>()));
    }
    if (action.wait)
    {
        // Cancelled when the connection ends.
        m_keepalive->event = ns3::Simulator::Schedule(ns3::NanoSeconds(action.wait->count()),
                                                      [this] { FireKeepalive(); });
    }
    if (action.close)
    {
        EndAsBroken();
    }
}

void
GrpcConnection::HandleChunk(const Chunk& chunk)
{
    const auto keep = shared_from_this();
    if (m_keepalive && !chunk.marks.empty())
    {
        m_keepalive->timer.Read(Now());
    }
    for (const Chunk::Mark& mark : chunk.marks)
    {
        if (!m_open)
        {
            return;
        }
        // Whoever speaks on this connection speaks HTTP/2: every message is a Frame.
        HandleFrame(static_cast<const Frame&>(*mark.message));
    }
}

void
GrpcConnection::HandleFrame(const Frame& frame)
{
    if (m_role == Role::SERVER && IsRefused(frame))
    {
        return;
    }
    switch (frame.kind)
    {
    case Frame::Kind::PREFACE:
    case Frame::Kind::SETTINGS:
        HandleSettings(frame);
        break;
    case Frame::Kind::SETTINGS_ACK:
        break;
    case Frame::Kind::DATA:
        HandleData(frame);
        break;
    case Frame::Kind::REQUEST:
        HandleData(frame);
        m_streamWindows.erase(frame.id);
        if (m_request)
        {
            m_request(frame.id, static_cast<const RequestFrame&>(frame).request);
        }
        break;
    case Frame::Kind::RESPONSE:
        m_streamWindows.erase(frame.id);
        if (m_response)
        {
            const auto& response = static_cast<const ResponseFrame&>(frame);
            m_response(frame.id, response.response, response.bytes);
        }
        break;
    case Frame::Kind::STREAM_DATA:
        HandleData(frame);
        [[fallthrough]];
    case Frame::Kind::STREAM:
        HandleStream(static_cast<const StreamFrame&>(frame));
        break;
    case Frame::Kind::PING:
        m_stream->Send(Chunk(grpc::PING, Frame::Plain<Frame::Kind::PING_ACK>()));
        HandleWindow(frame);
        break;
    case Frame::Kind::PING_ACK:
        HandlePingAck();
        break;
    case Frame::Kind::KEEPALIVE:
        m_stream->Send(Chunk(grpc::PING, Frame::Plain<Frame::Kind::KEEPALIVE_ACK>()));
        break;
    case Frame::Kind::KEEPALIVE_ACK:
        break;
    case Frame::Kind::GOAWAY:
        if (m_goAway)
        {
            m_goAway(frame.id);
        }
        break;
    case Frame::Kind::DRAIN_PING:
        m_stream->Send(Chunk(grpc::PING, Frame::Plain<Frame::Kind::DRAIN_PING_ACK>()));
        break;
    case Frame::Kind::DRAIN_PING_ACK:
        Refuse();
        break;
    case Frame::Kind::WINDOW_UPDATE:
    case Frame::Kind::WINDOW_SETTINGS:
        HandleWindow(frame);
        break;
    }
}

void
GrpcConnection::HandleSettings(const Frame&)
{
    m_settled = true;
    Chunk answer;
    if (m_role == Role::SERVER)
    {
        // etcd's cmux lets the gRPC server see the connection only when the preface has come
        // (etcd 3.4.23 embed/serve.go:serve, cmux.HTTP2), so its SETTINGS wait for that.
        answer.Append(Chunk(grpc::SERVER_SETTINGS, Frame::Plain<Frame::Kind::SETTINGS>()));
    }
    answer.Append(Chunk(grpc::SETTINGS_ACK, Frame::Plain<Frame::Kind::SETTINGS_ACK>()));
    m_stream->Send(std::move(answer));
    if (m_ready)
    {
        m_ready();
    }
}

void
GrpcConnection::HandleStream(const StreamFrame& frame)
{
    switch (frame.event.kind)
    {
    case StreamEvent::Kind::OPENED:
        m_sender.Open(frame.id);
        m_streamWindows.emplace(frame.id, StreamReceiveWindow(m_bdp.Estimate()));
        break;
    case StreamEvent::Kind::RESET:
    case StreamEvent::Kind::ENDED:
        m_sender.Close(frame.id);
        m_streamWindows.erase(frame.id);
        Flush(); // its frames may have stood in others' way
        break;
    default:
        break;
    }
    if (m_streamEvent)
    {
        m_streamEvent(frame.event);
    }
}

void
GrpcConnection::HandleEnd()
{
    const auto keep = shared_from_this();
    Detach();
    if (m_broken)
    {
        m_broken();
    }
}

/// This side ends it, and its owner hears of it as if the other had.
void
GrpcConnection::EndAsBroken()
{
    const ByteStreamPtr stream = m_stream;
    HandleEnd();
    stream->Close();
}

void
GrpcConnection::Close()
{
    if (m_open)
    {
        Detach();
        m_stream->Close();
    }
}

void
GrpcConnection::Abort()
{
    if (m_open)
    {
        Detach();
        m_stream->Abort();
    }
}

bool
GrpcConnection::IsOpen() const
{
    return m_open;
}

const ByteStream&
GrpcConnection::Stream() const
{
    return *m_stream;
}

} // namespace etcdlab
