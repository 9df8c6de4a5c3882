// The client side of gRPC: one connection to each endpoint, and a policy that spreads the calls.
#pragma once

#include "model/transport/balancer.h"
#include "model/transport/grpc-connection.h"
#include "model/transport/grpc-stream.h"

#include <ns3/random-variable-stream.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/// Where a channel may send calls.
struct Endpoint
{
    std::string name;
    ns3::Ptr<ns3::Node> node;
    std::uint16_t port = 0;
};

/// How a call ended.
struct RpcResult
{
    RpcResponse response; //!< its code says whether it succeeded
    std::size_t endpoint =
        0; //!< index of the endpoint it went to; the number of endpoints if to none
    std::uint32_t requestBytes = 0;  //!< HTTP/2 bytes of the call's HEADERS and DATA
    std::uint32_t responseBytes = 0; //!< and of its answer's, with trailers; 0 if none came

    bool Ok() const
    {
        return response.code == GrpcCode::OK;
    }
};

/// How failed connections are tried again (grpc-go backoff.DefaultConfig, internal/backoff).
struct GrpcChannelOptions
{
    StreamOptions stream;
    Duration backoffBase{1'000'000'000};  //!< wait after the first failure, exactly
    double backoffFactor = 1.6;           //!< longer each time
    double backoffJitter = 0.2;           //!< from the second failure on: +- this share
    Duration backoffMax{120'000'000'000}; //!< before jitter
    Duration minConnectTimeout{
        20'000'000'000}; //!< an attempt may take this long, or its backoff if longer
    /// Off unless told otherwise. With it, data that stay unacknowledged for its timeout break the
    /// connection too (grpc-go sets TCP_USER_TIMEOUT to the same).
    KeepaliveOptions keepalive;
};

/**
 * A gRPC client connection as clientv3 3.4 uses it: it keeps one HTTP/2 connection to every
 * endpoint, and its balancer chooses one for each call. A call waits until the balancer finds one
 * (FailFast=false); one that was written on a connection that then breaks ends with UNAVAILABLE and
 * is not tried again. A broken connection is reopened at once, a failed attempt after a growing
 * wait.
 *
 * A connection whose server says GOAWAY takes no more calls: those under way on it may end while the
 * endpoint is connected anew. Calls that the server says it has not processed are made again, on
 * whatever connection the balancer picks; once, the second time they end with UNAVAILABLE (grpc-go's
 * transparent retry, stream.go:shouldRetry).
 */
class GrpcChannel
{
  public:
    using Done = std::function<void(const RpcResult&)>;

    /// @param network must outlive the channel
    GrpcChannel(Network& network,
                ns3::Ptr<ns3::Node> from,
                std::vector<Endpoint> endpoints,
                std::unique_ptr<Balancer> balancer,
                GrpcChannelOptions options = {});
    /// Drops everything without a callback; call Shutdown to end connections in order.
    ~GrpcChannel();
    GrpcChannel(const GrpcChannel&) = delete;
    GrpcChannel& operator=(const GrpcChannel&) = delete;

    /// Connect to all endpoints, in an event at the current time.
    void Start();

    bool AllReady() const;
    bool IsReady(std::size_t endpoint) const;

    /// Called whenever a connection became ready or failed.
    void OnChange(std::function<void()> handler);

    /// Tells the calls of a channel apart.
    using CallId = std::uint64_t;

    /// Make a call. `done` is called once, always later than this.
    CallId Call(RpcRequest request, Done done);

    /// Call it off: `done` is not called any more, and a server that has been asked is told so
    /// (RST_STREAM). Nothing happens if it has ended.
    void Cancel(CallId call);

    /// Make a streaming call with its first message, if there is one. It waits for a connection as
    /// a unary call does, and stays on the one the balancer picked. The handle's handlers are to be
    /// set before this event ends.
    GrpcClientStreamPtr OpenStream(std::string_view method,
                                   std::optional<RpcMessage> first = std::nullopt);

    /// Open streaming calls that have a connection.
    std::size_t Streams() const;

    /// Calls that wait for a connection, streaming ones included, and unary ones that wait for an answer.
    std::size_t Waiting() const;
    std::size_t InFlight() const;

    /// End all connections; calls that were not answered, and streams, end with CANCELLED before
    /// this returns.
    void Shutdown();
    /// Reset all connections and forget the calls, as when the process dies.
    void Abort();

    const std::vector<Endpoint>& Endpoints() const;
    const GrpcTraffic& Traffic() const;

    /// Of the backoff's jitter. @return the number of streams used (1)
    std::int64_t AssignStreams(std::int64_t stream);

  private:
    struct Unary;
    struct Transport;
    using TransportPtr = std::shared_ptr<Transport>;
    struct SubConn;
    struct Pending;
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

} // namespace etcdlab
