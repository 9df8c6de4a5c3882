#include "model/transport/grpc-server.h"

#include <stdexcept>
#include <utility>

namespace etcdlab
{

/// One connection. It outlives the server's interest in it as long as a handler of it runs.
struct GrpcServer::Session
{
    std::shared_ptr<GrpcConnection> connection;
    std::shared_ptr<Handler> handler;
    std::shared_ptr<GrpcTraffic> traffic;

    void AddWireTo(GrpcTraffic& sum) const
    {
        sum.receivedWire += connection->Stream().BytesReceived();
        sum.sentWire += connection->Stream().BytesSent();
    }
};

GrpcServer::Responder::Responder(std::weak_ptr<Session> session, std::uint32_t call)
    : m_session(std::move(session)),
      m_call(call)
{
}

void
GrpcServer::Responder::operator()(RpcResponse response) const
{
    const auto session = m_session.lock();
    if (session && session->connection->IsOpen())
    {
        session->traffic->sent += response.bytes;
        session->connection->SendResponse(m_call, std::move(response));
    }
}

GrpcServer::~GrpcServer()
{
    if (m_listening)
    {
        *m_listening = false;
    }
}

void
GrpcServer::Listen(Network& network, ns3::Ptr<ns3::Node> node, std::uint16_t port, Handler handler)
{
    auto listening = std::make_shared<bool>(true);
    network.Listen(node, port, StreamOptions{}, [this, listening](ByteStreamPtr stream) {
        if (*listening)
        {
            Accept(std::move(stream));
        }
        else
        {
            stream->Abort();
        }
    });
    m_network = &network;
    m_node = node;
    m_port = port;
    m_handler = std::make_shared<Handler>(std::move(handler));
    m_listening = std::move(listening);
}

void
GrpcServer::Accept(ByteStreamPtr stream)
{
    auto session = std::make_shared<Session>();
    session->connection =
        std::make_shared<GrpcConnection>(GrpcConnection::Role::SERVER, std::move(stream));
    session->handler = m_handler;
    session->traffic = m_traffic;
    const std::uint64_t number = m_accepted++;
    const std::weak_ptr<Session> weak = session;
    session->connection->OnRequest([weak](std::uint32_t id, const RpcRequest& request) {
        const auto self = weak.lock();
        self->traffic->received += request.bytes;
        (*self->handler)(request, Responder(weak, id));
    });
    session->connection->OnBroken([this, number] {
        m_sessions.at(number)->AddWireTo(*m_traffic);
        m_sessions.erase(number);
    });
    m_sessions.emplace(number, std::move(session));
}

void
GrpcServer::End(bool abort)
{
    if (!m_listening || !*m_listening)
    {
        return;
    }
    *m_listening = false;
    m_network->StopListening(m_node, m_port);
    for (const auto& [number, session] : std::exchange(m_sessions, {}))
    {
        session->AddWireTo(*m_traffic);
        abort ? session->connection->Abort() : session->connection->Close();
    }
}

void
GrpcServer::Stop()
{
    End(false);
}

void
GrpcServer::Abort()
{
    End(true);
}

std::size_t
GrpcServer::Connections() const
{
    return m_sessions.size();
}

GrpcTraffic
GrpcServer::Traffic() const
{
    auto traffic = *m_traffic;
    for (const auto& [number, session] : m_sessions)
    {
        session->AddWireTo(traffic);
    }
    return traffic;
}

} // namespace etcdlab
