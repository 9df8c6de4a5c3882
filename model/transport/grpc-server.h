// A gRPC server: takes unary calls on a port and answers them when told to.
#pragma once

#include "model/transport/grpc-connection.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace etcdlab
{

class GrpcServer
{
    struct Session;

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
        Responder(std::weak_ptr<Session> session, std::uint32_t call);

        std::weak_ptr<Session> m_session;
        std::uint32_t m_call = 0;
    };

    using Handler = std::function<void(const RpcRequest&, Responder)>;

    GrpcServer() = default;
    /// Drops the connections without ending them; call Stop or Abort to do that.
    ~GrpcServer();
    GrpcServer(const GrpcServer&) = delete;
    GrpcServer& operator=(const GrpcServer&) = delete;

    /// Accept connections. The network must outlive the server, or Stop or Abort be called before.
    /// @throws std::invalid_argument if somebody listens there already
    void Listen(Network& network, ns3::Ptr<ns3::Node> node, std::uint16_t port, Handler handler);

    /// Stop listening and end all connections in order, what was answered still being delivered
    /// (etcd 3.4.23 was measured to close with FIN, without GOAWAY).
    void Stop();

    /// Stop listening and reset all connections, as when the process dies.
    void Abort();

    std::size_t Connections() const;

    /// Sum over all connections there ever were.
    GrpcTraffic Traffic() const;

  private:
    void Accept(ByteStreamPtr stream);
    void End(bool abort);

    Network* m_network = nullptr;
    ns3::Ptr<ns3::Node> m_node;
    std::uint16_t m_port = 0;
    std::shared_ptr<Handler> m_handler;
    std::shared_ptr<GrpcTraffic> m_traffic = std::make_shared<GrpcTraffic>();
    std::map<std::uint64_t, std::shared_ptr<Session>> m_sessions; //!< by order of acceptance
    std::uint64_t m_accepted = 0;
    std::shared_ptr<bool> m_listening; //!< false once stopped; accepting callbacks look at it
};

} // namespace etcdlab
