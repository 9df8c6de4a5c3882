// What a gRPC channel consists of, as its parts share it.
#pragma once

#include "model/transport/grpc-channel.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace etcdlab
{

/// A unary call that was written on a connection.
struct GrpcChannel::Unary
{
    CallId call;
    Done done;
    std::uint32_t bytes; //!< written
    RpcRequest request;  //!< to be sent again should the server not have processed it
    bool retried;        //!< it is being sent again
};

/// A connection and the calls on it. It is its endpoint's current one, or it drains.
struct GrpcChannel::Transport : std::enable_shared_from_this<GrpcChannel::Transport>
{
    std::size_t endpoint = 0;
    std::shared_ptr<GrpcConnection> connection;
    std::map<std::uint32_t, Unary> calls;                 //!< by stream id
    std::map<std::uint32_t, GrpcClientStreamPtr> streams; //!< by stream id
    std::uint32_t nextId = 1;                             //!< odd numbers, RFC 7540 section 5.1.1
    bool draining = false;                                //!< the server takes no more calls

    bool Idle() const
    {
        return calls.empty() && streams.empty();
    }
};

/// One endpoint.
struct GrpcChannel::SubConn
{
    TransportPtr transport;     //!< null while TCP is not connected
    std::uint32_t failures = 0; //!< attempts since it was last ready
    std::uint64_t attempt =
        0;               //!< number of the current one: what belongs to earlier ones is ignored
    Duration backoff{0}; //!< the wait after this attempt, should it fail
    ns3::EventId timer;  //!< the attempt's time limit, or the wait before the next one
};

/// A call that waits for a connection: a unary one, or a streaming one.
struct GrpcChannel::Pending
{
    RpcRequest request;
    Done done;
    GrpcClientStreamPtr stream; //!< null if unary
    CallId call = 0;            //!< if unary
    bool retried = false;       //!< a server has refused it once without processing it
};

struct GrpcChannel::Impl : std::enable_shared_from_this<GrpcChannel::Impl>
{
    Impl(Network& net,
         ns3::Ptr<ns3::Node> node,
         std::vector<Endpoint> ends,
         std::unique_ptr<Balancer> policy,
         GrpcChannelOptions opts)
        : network(net),
          from(node),
          endpoints(std::move(ends)),
          balancer(std::move(policy)),
          options(opts),
          states(endpoints.size(), SubConnState::CONNECTING),
          subConns(endpoints.size())
    {
        if (options.keepalive.time > Duration(0))
        {
            options.stream.userTimeout = options.keepalive.timeout;
        }
    }

    void Connect(std::size_t i);
    void Connected(std::size_t i, ByteStreamPtr stream);
    void Ready(std::size_t i);
    void Failed(std::size_t i);
    void Broken(Transport& transport);
    void GoAway(Transport& transport, std::uint32_t last);
    void RetryUnprocessed(Transport& transport, std::uint32_t last);
    void CloseIfDrained(Transport& transport);
    TransportPtr Forget(const Transport& transport);
    void Change(std::size_t i, SubConnState state);
    Duration Backoff(std::uint32_t failures) const;

    void Dispatch();
    void Send(std::size_t i, Pending next);
    void Answered(Transport& transport,
                  std::uint32_t id,
                  const RpcResponse& response,
                  std::uint32_t bytes);
    void Attach(std::size_t i, const GrpcClientStreamPtr& stream);
    void AwaitConnection(const GrpcClientStreamPtr& stream);
    void HandleStream(Transport& transport, const StreamEvent& event);
    static void FailCalls(Transport& transport, const RpcResponse& response);
    /// The channel closes: no connection is left, and none will come.
    void ForgetConnections();
    /// All connections there are, those that drain last.
    std::vector<TransportPtr> Transports() const;

    /// Run a member function later, if the channel and the same attempt still exist then.
    ns3::EventId After(Duration delay, std::size_t i, void (Impl::*function)(std::size_t));

    Network& network;
    ns3::Ptr<ns3::Node> from;
    std::vector<Endpoint> endpoints;
    std::unique_ptr<Balancer> balancer;
    GrpcChannelOptions options;
    SubConnStates states;
    std::vector<SubConn> subConns;
    std::vector<TransportPtr> draining;
    std::deque<Pending> waiting;
    CallId nextCall = 1;
    std::function<void()> onChange;
    GrpcTraffic traffic;
    ns3::Ptr<ns3::UniformRandomVariable> jitter = ns3::CreateObject<ns3::UniformRandomVariable>();
    bool closed = false;
};

} // namespace etcdlab
