// One end of an HTTP/2 connection that carries gRPC calls, unary and streaming: frames by their sizes.
#pragma once

#include "model/transport/bdp-estimator.h"
#include "model/transport/byte-stream.h"
#include "model/transport/flow-control.h"
#include "model/transport/keepalive.h"

#include <cstdint>
#include <functional>
#include <map>
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

/// One of the messages of a streaming call.
struct RpcMessage
{
    std::uint32_t bytes = 0; //!< size of the protobuf message
    MessagePtr body;         //!< what it says; may be null
};

/// Something that happened to a streaming call, told by the other side.
struct StreamEvent
{
    enum class Kind
    {
        OPENED,      //!< at the server: a client opened it
        MESSAGE,     //!< a whole message came
        HALF_CLOSED, //!< at the server: the client will send no more
        RESET,       //!< at the server: the client has cancelled it
        ENDED,       //!< at the client: the server's status came
        WRITABLE,    //!< at either: CanSend has become true again; nothing came
    };

    Kind kind = Kind::OPENED;
    std::uint32_t id = 0;
    std::string_view method;      //!< OPENED
    RpcMessage message;           //!< MESSAGE
    GrpcCode code = GrpcCode::OK; //!< ENDED
    std::string error;            //!< ENDED: grpc-message
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
 * That reaction is grpc-go's flow control (flow-control.h) and bandwidth estimator
 * (bdp-estimator.h): a DATA frame that arrives while no ping is outstanding is answered by
 * WINDOW_UPDATE and PING, which the other side acknowledges. They are sent as frames of their own,
 * because a relay that holds back small segments delays whatever follows them. Windows start at
 * 65 535 bytes on both sides and grow to 16 MiB.
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
    /// Something happened to a streaming call.
    using StreamHandler = std::function<void(const StreamEvent&)>;
    /// Client: the server's SETTINGS came, calls may be made. Server: the client's preface came.
    using ReadyHandler = std::function<void()>;
    /// The connection ended and was not ended by this side.
    using BrokenHandler = std::function<void()>;
    /// Client: the server takes no more calls; those with an id above `last` it has not processed.
    using GoAwayHandler = std::function<void(std::uint32_t last)>;

    /// The `last` of a GOAWAY that refuses nothing yet.
    static constexpr std::uint32_t NO_LAST = 0x7fffffff;

    GrpcConnection(Role role, ByteStreamPtr stream);
    /// Detaches from the stream without ending it.
    ~GrpcConnection();
    GrpcConnection(const GrpcConnection&) = delete;
    GrpcConnection& operator=(const GrpcConnection&) = delete;

    void OnReady(ReadyHandler handler);
    void OnRequest(RequestHandler handler);
    void OnResponse(ResponseHandler handler);
    void OnStream(StreamHandler handler);
    void OnBroken(BrokenHandler handler);
    void OnGoAway(GoAwayHandler handler);

    /// Client: send the preface. The handlers must be set before.
    void Start();

    /// Client: ping the connection while it is silent and `active` says that calls are under way,
    /// and end it, as if broken, if that stays unanswered. At most once, with `time` above 0.
    void KeepAlive(KeepaliveOptions options, std::function<bool()> active);

    /// Client: HEADERS and DATA in one write. @return bytes written
    std::uint32_t SendRequest(std::uint32_t id, RpcRequest request);

    /// Server: HEADERS, DATA and trailers in one write. @return bytes written
    std::uint32_t SendResponse(std::uint32_t id, RpcResponse response);

    // Streaming calls. Messages and ends of one stream arrive in the order sent; whoever sends
    // keeps the order OpenStream or OPENED, messages, end.

    /// Client: HEADERS; the next message follows in the same packet if it is sent at once.
    void OpenStream(std::uint32_t id, std::string_view method);
    /// Either: DATA. A server's first message on a stream is preceded by HEADERS.
    void SendMessage(std::uint32_t id, RpcMessage message, bool withHeaders = false);
    /// Client: an empty DATA frame with END_STREAM.
    void SendHalfClose(std::uint32_t id);
    /// Client: RST_STREAM; what the stream has queued is dropped.
    void SendReset(std::uint32_t id);
    /// Server: trailers, and RST_STREAM if the client has not half-closed. `headersSent` says
    /// whether a message went before.
    void SendEnd(std::uint32_t id,
                 GrpcCode code,
                 const std::string& error,
                 bool headersSent,
                 bool halfClosed);

    // Draining (grpc-go 1.26 internal/transport/http2_server.go:outgoingGoAwayHandler), in
    // grpc-connection-drain.cc.

    /// Server: the client's preface has come.
    bool IsSettled() const;
    /**
     * Server, once it is settled: let the calls under way end, those too that are still on their way here. A GOAWAY that refuses
     * nothing and a PING go out; when the PING comes back, or after a minute, a GOAWAY names the
     * last call that is processed, and if `active` says that none is, the connection ends as if the client had closed it. Else the client
     * closes it when its last call has ended.
     */
    void Drain(std::function<bool()> active);
    /// Server: the GOAWAY that names the last call it has seen; later ones are ignored. Without Drain it
    /// is one without warning.
    void Refuse();

    /// Bytes of a streaming call's messages that the windows hold back.
    std::uint64_t Queued(std::uint32_t id) const;

    /// End the connection; its handlers are not called any more.
    void Close();
    void Abort();

    bool IsOpen() const;
    const ByteStream& Stream() const;

    /// What people call a message that such a connection sends: a request by its method, "answer", "PING"; empty if it is
    /// none of its.
    static std::string NameOfFrame(const Message& message);

  private:
    struct Frame;
    struct RequestFrame;
    struct ResponseFrame;
    struct StreamFrame;
    struct Keepalive;
    struct Draining;

    void HandleChunk(const Chunk& chunk);
    void HandleFrame(const Frame& frame);
    void HandleSettings(const Frame& frame);
    void HandleData(const Frame& frame);
    void HandleStreamData(const Frame& frame);
    void HandleStream(const StreamFrame& frame);
    void HandlePingAck();
    void HandleWindow(const Frame& frame);
    void HandleEnd();
    bool IsRefused(const Frame& frame);
    void EndAsBroken();

    bool AppendMessage(Chunk& chunk,
                       std::uint32_t id,
                       std::uint32_t bytes,
                       std::shared_ptr<Frame> last);
    static void AppendData(Chunk& chunk,
                           std::uint32_t id,
                           std::uint32_t bytes,
                           std::uint32_t message,
                           std::shared_ptr<Frame> frame);
    void FireKeepalive();
    void Do(const KeepaliveTimer::Action& action);
    void SendWindow(std::uint32_t id, std::uint32_t bytes);
    void SendBehindData(std::uint32_t id, std::uint32_t bytes, std::shared_ptr<Frame> frame);
    void AppendQueued(Chunk& chunk);
    void Flush();
    void Detach();

    Role m_role;
    ByteStreamPtr m_stream;
    bool m_firstHeaders = true;  //!< no HEADERS were sent yet: nothing is in HPACK's table
    bool m_firstTrailers = true; //!< no trailers were sent yet
    BdpEstimator m_bdp;
    ConnectionReceiveWindow m_window{BdpEstimator::INITIAL};
    std::map<std::uint32_t, StreamReceiveWindow>
        m_streamWindows; //!< streaming calls, long messages
    SendScheduler m_sender{BdpEstimator::INITIAL};
    std::unique_ptr<Keepalive> m_keepalive; //!< null if off
    std::unique_ptr<Draining> m_draining;   //!< null until it drains
    std::uint32_t m_lastCall = 0;           //!< server: the highest id seen
    bool m_settled = false;                 //!< PREFACE or SETTINGS came
    ReadyHandler m_ready;
    RequestHandler m_request;
    ResponseHandler m_response;
    StreamHandler m_streamEvent;
    BrokenHandler m_broken;
    GoAwayHandler m_goAway;
    bool m_open = true; //!< neither side has ended it
};

} // namespace etcdlab
