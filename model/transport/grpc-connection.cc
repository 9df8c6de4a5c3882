#include "model/transport/grpc-connection.h"

#include "model/transport/grpc-sizes.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

/// What the last byte of a frame, or of a run of frames, tells the other side.
struct GrpcConnection::Frame : Message
{
    enum class Kind
    {
        PREFACE,      //!< client's magic and SETTINGS
        SETTINGS,     //!< server's
        SETTINGS_ACK, //!< either's
        DATA,         //!< one frame of a message that goes on, or whose trailers follow
        REQUEST,      //!< the last DATA of a call
        RESPONSE,     //!< the trailers, or the only HEADERS, of an answer
        PING,
        PING_ACK,
    };

    explicit Frame(Kind k)
        : kind(k)
    {
    }

    /// The one object that stands for all frames of a kind without content.
    template <Kind K>
    static const MessagePtr& Plain()
    {
        static const MessagePtr frame = std::make_shared<Frame>(K);
        return frame;
    }

    Kind kind;
    std::uint32_t id = 0;
    std::uint32_t bytes = 0; //!< RESPONSE: of all its frames
    RpcRequest request;
    RpcResponse response;
};

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
GrpcConnection::OnBroken(BrokenHandler handler)
{
    m_broken = std::move(handler);
}

void
GrpcConnection::Start()
{
    m_stream->Send(Chunk(grpc::CLIENT_PREFACE, Frame::Plain<Frame::Kind::PREFACE>()));
}

void
GrpcConnection::AppendData(Chunk& chunk, std::uint32_t bytes, MessagePtr last)
{
    std::uint32_t left = grpc::MESSAGE_PREFIX + bytes;
    while (left > 0)
    {
        const std::uint32_t payload = std::min(left, grpc::MAX_FRAME_DATA);
        left -= payload;
        chunk.bytes += grpc::FRAME_HEADER + payload;
        chunk.marks.push_back(
            {chunk.bytes, left > 0 ? Frame::Plain<Frame::Kind::DATA>() : std::move(last)});
    }
}

std::uint32_t
GrpcConnection::SendRequest(std::uint32_t id, RpcRequest request)
{
    Chunk chunk;
    chunk.bytes = grpc::RequestHeaders(std::exchange(m_firstCall, false), request.deadline);
    const std::uint32_t bytes = request.bytes;
    auto frame = std::make_shared<Frame>(Frame::Kind::REQUEST);
    frame->id = id;
    frame->request = std::move(request);
    AppendData(chunk, bytes, std::move(frame));
    const std::uint32_t written = chunk.bytes;
    m_stream->Send(std::move(chunk));
    return written;
}

std::uint32_t
GrpcConnection::SendResponse(std::uint32_t id, RpcResponse response)
{
    const bool first = std::exchange(m_firstCall, false);
    Chunk chunk;
    if (response.code == GrpcCode::OK)
    {
        chunk.bytes = first ? grpc::RESPONSE_HEADERS_FIRST : grpc::RESPONSE_HEADERS;
        AppendData(chunk, response.bytes, Frame::Plain<Frame::Kind::DATA>());
        chunk.bytes += first ? grpc::TRAILERS_FIRST : grpc::TRAILERS;
    }
    else
    {
        chunk.bytes = (first ? grpc::ERROR_FIRST : grpc::ERROR) +
                      static_cast<std::uint32_t>(response.error.size());
    }
    auto frame = std::make_shared<Frame>(Frame::Kind::RESPONSE);
    frame->id = id;
    frame->bytes = chunk.bytes;
    frame->response = std::move(response);
    const std::uint32_t written = chunk.bytes;
    chunk.marks.push_back({written, std::move(frame)});
    m_stream->Send(std::move(chunk));
    return written;
}

void
GrpcConnection::HandleChunk(const Chunk& chunk)
{
    const auto keep = shared_from_this();
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
    switch (frame.kind)
    {
    case Frame::Kind::PREFACE:
    case Frame::Kind::SETTINGS:
    case Frame::Kind::SETTINGS_ACK:
        HandleSettings(frame);
        break;
    case Frame::Kind::DATA:
        HandleData();
        break;
    case Frame::Kind::REQUEST:
        HandleData();
        if (m_request)
        {
            m_request(frame.id, frame.request);
        }
        break;
    case Frame::Kind::RESPONSE:
        if (m_response)
        {
            m_response(frame.id, frame.response, frame.bytes);
        }
        break;
    case Frame::Kind::PING:
        m_stream->Send(Chunk(grpc::PING, Frame::Plain<Frame::Kind::PING_ACK>()));
        break;
    case Frame::Kind::PING_ACK:
        m_pingOutstanding = false;
        break;
    }
}

void
GrpcConnection::HandleSettings(const Frame& frame)
{
    if (frame.kind == Frame::Kind::SETTINGS_ACK)
    {
        return;
    }
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
GrpcConnection::HandleData()
{
    if (!m_pingOutstanding)
    {
        m_pingOutstanding = true;
        m_stream->Send(Chunk(grpc::WINDOW_UPDATE + grpc::PING, Frame::Plain<Frame::Kind::PING>()));
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
