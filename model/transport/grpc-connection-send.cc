// What a connection sends: requests, answers, the messages of streams, as the windows let them.
#include "model/transport/grpc-connection-frames.h"
#include "model/transport/grpc-sizes.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

void
GrpcConnection::AppendData(Chunk& chunk,
                           std::uint32_t id,
                           std::uint32_t bytes,
                           std::uint32_t message,
                           std::shared_ptr<Frame> frame)
{
    if (!frame)
    {
        frame = std::make_shared<Frame>(Frame::Kind::DATA);
        frame->id = id;
    }
    frame->data = bytes;
    frame->message = message;
    chunk.bytes += grpc::FRAME_HEADER + bytes;
    chunk.marks.push_back({chunk.bytes, std::move(frame)});
}

/// A unary call's message: at once if the windows have room for all of it, which needs no memory of
/// the stream; else through the scheduler, as much as goes now. @return whether all is in the chunk
bool
GrpcConnection::AppendMessage(Chunk& chunk,
                              std::uint32_t id,
                              std::uint32_t bytes,
                              std::shared_ptr<Frame> last)
{
    std::uint32_t left = grpc::MESSAGE_PREFIX + bytes;
    if (!m_sender.TakeWhole(left))
    {
        m_sender.Data(id, left, std::move(last));
        return false;
    }
    for (std::uint32_t message = left; left > 0; message = 0)
    {
        const std::uint32_t payload = std::min(left, grpc::MAX_FRAME_DATA);
        left -= payload;
        AppendData(chunk, id, payload, message, left > 0 ? nullptr : std::move(last));
    }
    return true;
}

void
GrpcConnection::AppendQueued(Chunk& chunk)
{
    while (const auto next = m_sender.Next())
    {
        auto frame = std::static_pointer_cast<Frame>(next->payload);
        if (next->data)
        {
            AppendData(chunk, next->stream, next->bytes, next->message, std::move(frame));
            continue;
        }
        chunk.bytes += next->bytes;
        chunk.marks.push_back({chunk.bytes, std::move(frame)});
    }
}

void
GrpcConnection::Flush()
{
    Chunk chunk;
    AppendQueued(chunk);
    if (chunk.bytes > 0)
    {
        m_stream->Send(std::move(chunk));
    }
}

std::uint32_t
GrpcConnection::SendRequest(std::uint32_t id, RpcRequest request)
{
    Chunk chunk;
    chunk.bytes = grpc::RequestHeaders(std::exchange(m_firstHeaders, false), request.deadline);
    const std::uint32_t bytes = request.bytes;
    const std::uint32_t written = chunk.bytes + grpc::DataBytes(bytes);
    auto frame = std::make_shared<RequestFrame>(std::move(request));
    frame->id = id;
    if (!AppendMessage(chunk, id, bytes, std::move(frame)))
    {
        AppendQueued(chunk);
    }
    m_stream->Send(std::move(chunk));
    if (m_keepalive)
    {
        Do(m_keepalive->timer.Wake());
    }
    return written;
}

std::uint32_t
GrpcConnection::SendResponse(std::uint32_t id, RpcResponse response)
{
    const bool firstHeaders = std::exchange(m_firstHeaders, false);
    const bool firstTrailers = std::exchange(m_firstTrailers, false);
    auto frame = std::make_shared<ResponseFrame>(std::move(response));
    frame->id = id;
    Chunk chunk;
    if (frame->response.code != GrpcCode::OK)
    {
        chunk.bytes = (firstHeaders ? grpc::ERROR_FIRST : grpc::ERROR) +
                      static_cast<std::uint32_t>(frame->response.error.size());
        frame->bytes = chunk.bytes;
        chunk.marks.push_back({chunk.bytes, std::move(frame)});
        const std::uint32_t written = chunk.bytes;
        m_stream->Send(std::move(chunk));
        return written;
    }
    const std::uint32_t trailers = firstTrailers ? grpc::TRAILERS_FIRST : grpc::TRAILERS;
    const std::uint32_t bytes = frame->response.bytes;
    chunk.bytes = firstHeaders ? grpc::RESPONSE_HEADERS_FIRST : grpc::RESPONSE_HEADERS;
    const std::uint32_t written = chunk.bytes + grpc::DataBytes(bytes) + trailers;
    frame->bytes = written;
    if (AppendMessage(chunk, id, bytes, nullptr))
    {
        chunk.bytes += trailers;
        chunk.marks.push_back({chunk.bytes, std::move(frame)});
    }
    else
    {
        m_sender.Uncounted(id, trailers, std::move(frame));
        AppendQueued(chunk);
    }
    m_stream->Send(std::move(chunk));
    return written;
}

/// What ends a stream, or its sender's part, goes when the stream's data has gone.
void
GrpcConnection::SendBehindData(std::uint32_t id, std::uint32_t bytes, std::shared_ptr<Frame> frame)
{
    if (m_sender.Queued(id) > 0)
    {
        m_sender.Uncounted(id, bytes, std::move(frame));
        return;
    }
    m_stream->Send(Chunk(bytes, std::move(frame)));
}

void
GrpcConnection::OpenStream(std::uint32_t id, std::string_view method)
{
    StreamEvent event;
    event.id = id;
    event.method = method;
    m_sender.Open(id);
    m_streamWindows.emplace(id, StreamReceiveWindow(m_bdp.Estimate()));
    m_stream->Send(Chunk(grpc::RequestHeaders(std::exchange(m_firstHeaders, false), false),
                         std::make_shared<StreamFrame>(Frame::Kind::STREAM, std::move(event))));
    if (m_keepalive)
    {
        Do(m_keepalive->timer.Wake());
    }
}

void
GrpcConnection::SendMessage(std::uint32_t id, RpcMessage message, bool withHeaders)
{
    Chunk chunk;
    if (withHeaders)
    {
        chunk.bytes = std::exchange(m_firstHeaders, false) ? grpc::RESPONSE_HEADERS_FIRST
                                                           : grpc::RESPONSE_HEADERS;
    }
    const std::uint32_t bytes = message.bytes;
    StreamEvent event;
    event.kind = StreamEvent::Kind::MESSAGE;
    event.id = id;
    event.message = std::move(message);
    m_sender.Data(id,
                  grpc::MESSAGE_PREFIX + bytes,
                  std::make_shared<StreamFrame>(Frame::Kind::STREAM_DATA, std::move(event)));
    AppendQueued(chunk);
    m_sender.TakeWritable(); // whoever sends asks CanSend afterwards
    if (chunk.bytes > 0)
    {
        m_stream->Send(std::move(chunk));
    }
}

void
GrpcConnection::SendHalfClose(std::uint32_t id)
{
    StreamEvent event;
    event.kind = StreamEvent::Kind::HALF_CLOSED;
    event.id = id;
    SendBehindData(id,
                   grpc::FRAME_HEADER,
                   std::make_shared<StreamFrame>(Frame::Kind::STREAM_DATA, std::move(event)));
}

void
GrpcConnection::SendReset(std::uint32_t id)
{
    StreamEvent event;
    event.kind = StreamEvent::Kind::RESET;
    event.id = id;
    m_sender.Close(id);
    m_streamWindows.erase(id);
    m_stream->Send(Chunk(grpc::RST_STREAM,
                         std::make_shared<StreamFrame>(Frame::Kind::STREAM, std::move(event))));
    Flush(); // its frames may have stood in others' way
}

void
GrpcConnection::SendEnd(
    std::uint32_t id, GrpcCode code, const std::string& error, bool headersSent, bool halfClosed)
{
    const std::uint32_t bytes = grpc::EndBytes({.headersSent = headersSent,
                                                .firstHeaders = m_firstHeaders,
                                                .firstTrailers = m_firstTrailers,
                                                .ok = code == GrpcCode::OK,
                                                .text = static_cast<std::uint32_t>(error.size())});
    m_firstHeaders = false;
    m_firstTrailers = false;
    StreamEvent event;
    event.kind = StreamEvent::Kind::ENDED;
    event.id = id;
    event.code = code;
    event.error = error;
    m_streamWindows.erase(id);
    // grpc-go internal/transport/http2_server.go:WriteStatus resets a stream the client left open.
    SendBehindData(id,
                   bytes + (halfClosed ? 0 : grpc::RST_STREAM),
                   std::make_shared<StreamFrame>(Frame::Kind::STREAM, std::move(event)));
    m_sender.Finish(id);
}

std::uint64_t
GrpcConnection::Queued(std::uint32_t id) const
{
    return m_sender.Queued(id);
}

} // namespace etcdlab
