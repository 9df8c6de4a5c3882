// One end of an HTTP/2 connection that carries gRPC unary calls: frames by their sizes.
#pragma once

#include "model/transport/byte-stream.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace etcdlab
{

/// Status codes, numbered as in gRPC (google.golang.org/grpc/codes).
enum class GrpcCode
{
    OK = 0,
    CANCELLED = 1,
    UNKNOWN = 2,
    INVALID_ARGUMENT = 3,
    DEADLINE_EXCEEDED = 4,
    NOT_FOUND = 5,
    RESOURCE_EXHAUSTED = 8,
    FAILED_PRECONDITION = 9,
    OUT_OF_RANGE = 11,
    UNIMPLEMENTED = 12,
    UNAVAILABLE = 14,
};

/// "OK", "Unavailable", ... as grpc-go spells them.
std::string_view GrpcCodeName(GrpcCode code);

/// A call, as the client makes it and the server sees it.
struct RpcRequest
{
    std::string_view
        method; //!< a string literal, such as "/etcdserverpb.KV/Put": only the view travels
    std::uint32_t bytes = 0; //!< size of the protobuf message
    MessagePtr body;         //!< what the message says; may be null
    bool deadline = false;   //!< has a grpc-timeout header
};

/// The server's answer.
struct RpcResponse
{
    GrpcCode code = GrpcCode::OK;
    std::string error;       //!< grpc-message; empty if OK
    std::uint32_t bytes = 0; //!< size of the protobuf message; 0 unless OK
    MessagePtr body;
};

/// What has passed one side.
struct GrpcTraffic
{
    // Protobuf bytes, without gRPC's prefix and HTTP/2's frames: etcd_network_client_grpc_*_bytes_total.
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    // All bytes of the streams: what TCP delivered and was given. Kept by servers only.
    std::uint64_t receivedWire = 0;
    std::uint64_t sentWire = 0;
};

/**
 * What client and server have in common: the set-up, the frames of a message, and the receiver's
 * reaction to DATA.
 *
 * That reaction is grpc-go's bandwidth estimator (internal/transport/bdp_estimator.go): a DATA
 * frame that arrives while no ping is outstanding is answered by WINDOW_UPDATE and PING, which the
 * other side acknowledges. They are sent as frames of their own, because a relay that holds back
 * small segments delays whatever follows them.
 *
 * Flow control windows are not modelled: every write is taken to fit. Their place is AppendData,
 * the one way out, and HandleData, which knows what was consumed.
 *
 * Owned by shared_ptr; a handler may close it or drop it.
 */
class GrpcConnection : public std::enable_shared_from_this<GrpcConnection>
{
  public:
    enum class Role
    {
        CLIENT,
        SERVER
    };

    /// Client: the response that came to the call `id`. `bytes` are those of its frames.
    using ResponseHandler =
        std::function<void(std::uint32_t id, const RpcResponse&, std::uint32_t bytes)>;
    /// Server: a request came.
    using RequestHandler = std::function<void(std::uint32_t id, const RpcRequest&)>;
    /// Client: the server's SETTINGS came, calls may be made. Server: the client's preface came.
    using ReadyHandler = std::function<void()>;
    /// The connection ended and was not ended by this side.
    using BrokenHandler = std::function<void()>;

    GrpcConnection(Role role, ByteStreamPtr stream);
    /// Detaches from the stream without ending it.
    ~GrpcConnection();
    GrpcConnection(const GrpcConnection&) = delete;
    GrpcConnection& operator=(const GrpcConnection&) = delete;

    void OnReady(ReadyHandler handler);
    void OnRequest(RequestHandler handler);
    void OnResponse(ResponseHandler handler);
    void OnBroken(BrokenHandler handler);

    /// Client: send the preface. The handlers must be set before.
    void Start();

    /// Client: HEADERS and DATA in one write. @return bytes written
    std::uint32_t SendRequest(std::uint32_t id, RpcRequest request);

    /// Server: HEADERS, DATA and trailers in one write. @return bytes written
    std::uint32_t SendResponse(std::uint32_t id, RpcResponse response);

    /// End the connection; its handlers are not called any more.
    void Close();
    void Abort();

    bool IsOpen() const;
    const ByteStream& Stream() const;

  private:
    struct Frame;

    void HandleChunk(const Chunk& chunk);
    void HandleFrame(const Frame& frame);
    void HandleSettings(const Frame& frame);
    void HandleData();
    static void AppendData(Chunk& chunk, std::uint32_t bytes, MessagePtr last);
    void HandleEnd();
    void Detach();

    Role m_role;
    ByteStreamPtr m_stream;
    bool m_firstCall = true;        //!< no request (client) or response (server) was sent yet
    bool m_pingOutstanding = false; //!< of the bandwidth estimator
    ReadyHandler m_ready;
    RequestHandler m_request;
    ResponseHandler m_response;
    BrokenHandler m_broken;
    bool m_open = true; //!< neither side has ended it
};

} // namespace etcdlab
