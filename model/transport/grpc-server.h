// A gRPC server: takes calls on a port and answers them when told to.
#pragma once

#include "model/transport/grpc-connection.h"
#include "model/transport/grpc-stream.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace etcdlab
{

/// What has become of one method's calls, as grpc_prometheus counts.
struct GrpcMethodCounts
{
    std::string_view method;
    bool streaming = false;
    std::uint64_t started = 0;
    std::uint64_t received = 0; //!< messages
    std::uint64_t sent = 0;
    std::array<std::uint64_t, 17> handled{}; //!< by code
};

class GrpcServer
{
    struct Session;
    struct Handlers;

  public:
    /// Answers one call, at any later time and at most once. Copies stand for the same call. An
    /// answer to a connection that has ended meanwhile, or to a server that was stopped, is
    /// ignored.
    class Responder
    {
      public:
        Responder() = default;
        void operator()(RpcResponse response) const;

      private:
        friend class GrpcServer;
        Responder(std::weak_ptr<Session> session, std::uint32_t call, std::size_t method);

        std::weak_ptr<Session> m_session;
        std::uint32_t m_call = 0;
        std::size_t m_method = 0;
    };

    using Handler = std::function<void(const RpcRequest&, Responder)>;
    /// A client opened a streaming call, GrpcServerStream::Method says which. Its first message has
    /// not come yet: the stream's handlers are to be set now.
    using StreamHandler = std::function<void(GrpcServerStreamPtr)>;

    GrpcServer() = default;
    /// Drops the connections without ending them; call Stop or Abort to do that.
    ~GrpcServer();
    GrpcServer(const GrpcServer&) = delete;
    GrpcServer& operator=(const GrpcServer&) = delete;

    /// Accept connections. The network must outlive the server, or Stop or Abort be called before.
    /// Without `streams`, streaming calls end with UNIMPLEMENTED.
    /// @throws std::invalid_argument if somebody listens there already
    void Listen(Network& network,
                ns3::Ptr<ns3::Node> node,
                std::uint16_t port,
                Handler handler,
                StreamHandler streams = nullptr);

    /// Stop listening and end all connections in order, what was answered still being delivered;
    /// calls under way are not answered any more (grpc-go's Server.Stop).
    void Stop();

    /// Stop listening and let the calls under way end, streaming ones included: every connection is
    /// drained (GrpcConnection::Drain) and ends with its last call. `done` is called once, later,
    /// when no connection is left, unless Stop or Abort come before (grpc-go's
    /// Server.GracefulStop). Nothing happens unless it listens.
    void StopGracefully(std::function<void()> done);

    /// Stop listening and reset all connections, as when the process dies.
    void Abort();

    std::size_t Connections() const;
    /// Unary calls that were not answered.
    std::size_t Running() const;
    /// Open streaming calls.
    std::size_t Streams() const;

    /// Of every method called so far, since the server was made.
    const std::vector<GrpcMethodCounts>& Methods() const
    {
        return *m_methods;
    }

    /// Sum over all connections there ever were.
    GrpcTraffic Traffic() const;

  private:
    void Accept(ByteStreamPtr stream);
    bool StopListening();
    void End(bool abort);
    void Ended(std::uint64_t session);
    void TellIfDrained();

    Network* m_network = nullptr;
    ns3::Ptr<ns3::Node> m_node;
    std::uint16_t m_port = 0;
    std::shared_ptr<Handlers> m_handlers;
    std::shared_ptr<GrpcTraffic> m_traffic = std::make_shared<GrpcTraffic>();
    std::shared_ptr<std::vector<GrpcMethodCounts>> m_methods =
        std::make_shared<std::vector<GrpcMethodCounts>>();
    std::map<std::uint64_t, std::shared_ptr<Session>> m_sessions; //!< by order of acceptance
    std::uint64_t m_accepted = 0;
    std::shared_ptr<bool> m_listening; //!< false once stopped; accepting callbacks look at it
    std::function<void()> m_drained;   //!< to be called when the last connection has ended
};

} // namespace etcdlab
