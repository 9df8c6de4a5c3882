#include "model/transport/tcp-network.h"

#include "model/transport/linux-tcp-socket.h"

#include <ns3/inet-socket-address.h>
#include <ns3/ipv4.h>
#include <ns3/packet.h>
#include <ns3/simulator.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace etcdlab
{

using namespace ns3;

namespace
{

class TcpStream;

/// What a connection's two ends share: the messages under way, by direction.
struct Connection
{
    struct Mark
    {
        std::uint64_t end; //!< bytes of the direction up to the message's last
        MessagePtr message;
    };

    std::deque<Mark> toServer;
    std::deque<Mark> toClient;
};

/// The client's address and port, the server's, and the node where both are on its loopback.
using ConnectionKey =
    std::tuple<std::uint32_t, std::uint16_t, std::uint32_t, std::uint16_t, std::uint32_t>;

ConnectionKey
MakeKey(const InetSocketAddress& client, const InetSocketAddress& server, std::uint32_t node)
{
    const bool loopback = server.GetIpv4() == Ipv4Address::GetLoopback();
    return {client.GetIpv4().Get(),
            client.GetPort(),
            server.GetIpv4().Get(),
            server.GetPort(),
            loopback ? node : 0};
}

InetSocketAddress
LocalAddress(const Ptr<Socket>& socket)
{
    Address address;
    socket->GetSockName(address);
    return InetSocketAddress::ConvertFrom(address);
}

} // namespace

struct TcpNetwork::State
{
    struct Listener
    {
        Ptr<LinuxTcpSocket> socket;
        AcceptHandler accept;
    };

    TcpConfig config;
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::shared_ptr<Listener>> listeners;
    std::map<ConnectionKey, std::shared_ptr<Connection>> unaccepted; //!< from SYN to accept
    std::set<std::shared_ptr<ByteStream>> flushing; //!< closed by their owners, with bytes queued
};

namespace
{

/// One end of a connection. Its socket knows it by plain pointer, for as long as it holds the
/// socket.
class TcpStream : public ByteStream, public std::enable_shared_from_this<TcpStream>
{
  public:
    TcpStream(Ptr<LinuxTcpSocket> socket,
              std::shared_ptr<Connection> connection,
              bool client,
              std::weak_ptr<TcpNetwork::State> state)
        : m_socket(std::move(socket)),
          m_connection(std::move(connection)),
          m_out(client ? m_connection->toServer : m_connection->toClient),
          m_in(client ? m_connection->toClient : m_connection->toServer),
          m_state(std::move(state))
    {
        m_socket->SetRecvCallback(MakeCallback(&TcpStream::HandleReceive, this));
        m_socket->SetCloseCallbacks(MakeCallback(&TcpStream::HandleClose, this),
                                    MakeCallback(&TcpStream::HandleError, this));
    }

    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;

    ~TcpStream() override
    {
        if (m_socket)
        {
            DetachSocket();
        }
    }

    void Send(Chunk chunk) override
    {
        if (!m_socket || m_closing)
        {
            return;
        }
        for (Chunk::Mark& mark : chunk.marks)
        {
            m_out.push_back({m_bytesSent + mark.end, std::move(mark.message)});
        }
        m_bytesSent += chunk.bytes;
        m_queued += chunk.bytes;
        if (!m_waiting)
        {
            Flush();
        }
    }

    void Close() override
    {
        if (!m_socket || m_closing)
        {
            return;
        }
        m_closing = true;
        m_receive = nullptr;
        m_end = nullptr;
        if (m_queued == 0)
        {
            CloseSocket();
        }
        else if (const auto state = m_state.lock())
        {
            state->flushing.insert(shared_from_this());
        }
    }

    void Abort() override
    {
        if (m_socket)
        {
            const Ptr<LinuxTcpSocket> socket = m_socket;
            m_receive = nullptr;
            m_end = nullptr;
            ReleaseSocket();
            socket->Reset();
        }
    }

    std::uint64_t Queued() const override
    {
        return m_queued;
    }

  private:
    /// Hand queued bytes to the socket's buffer, as many as fit.
    void Flush()
    {
        while (m_queued > 0)
        {
            const auto size = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(m_queued, m_socket->GetTxAvailable()));
            if (size == 0 || m_socket->Send(Create<Packet>(size), 0) < 0)
            {
                if (!m_waiting)
                {
                    m_waiting = true;
                    m_socket->SetSendCallback(MakeCallback(&TcpStream::HandleSend, this));
                }
                return;
            }
            m_queued -= size;
        }
        if (m_waiting)
        {
            m_waiting = false;
            m_socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, std::uint32_t>());
        }
        if (m_closing)
        {
            CloseSocket();
        }
    }

    void HandleSend(Ptr<Socket>, std::uint32_t)
    {
        const auto keep = shared_from_this();
        Flush();
    }

    void HandleReceive(Ptr<Socket>)
    {
        const Ptr<Packet> packet = m_socket->Recv(UINT32_MAX, 0);
        if (!packet || packet->GetSize() == 0)
        {
            return;
        }
        Chunk chunk;
        chunk.bytes = packet->GetSize();
        const std::uint64_t before = m_bytesReceived;
        m_bytesReceived += chunk.bytes;
        while (!m_in.empty() && m_in.front().end <= m_bytesReceived)
        {
            chunk.marks.push_back({static_cast<std::uint32_t>(m_in.front().end - before),
                                   std::move(m_in.front().message)});
            m_in.pop_front();
        }
        if (m_receive)
        {
            const auto keep = shared_from_this();
            const ReceiveHandler receive = m_receive; // it may replace itself, or end the stream
            receive(std::move(chunk));
        }
    }

    /// ns-3 tells in the same way of the other side's FIN and of its reset.
    void HandleClose(Ptr<Socket>)
    {
        HandleEnd(m_socket->PeerFinished() ? StreamEnd::CLOSED : StreamEnd::RESET);
    }

    void HandleError(Ptr<Socket>)
    {
        HandleEnd(StreamEnd::RESET);
    }

    void HandleEnd(StreamEnd end)
    {
        const auto keep = shared_from_this();
        if (end == StreamEnd::RESET)
        {
            ReleaseSocket();
        }
        if (const EndHandler handler = std::exchange(m_end, nullptr))
        {
            handler(end);
        }
        Close();
    }

    void CloseSocket()
    {
        // Unread bytes would make ns-3 reset the connection.
        while (m_socket->GetRxAvailable() > 0)
        {
            m_socket->Recv(UINT32_MAX, 0);
        }
        const Ptr<LinuxTcpSocket> socket = m_socket;
        ReleaseSocket();
        socket->Close();
    }

    void DetachSocket()
    {
        m_socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        m_socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, std::uint32_t>());
        m_socket->SetCloseCallbacks(MakeNullCallback<void, Ptr<Socket>>(),
                                    MakeNullCallback<void, Ptr<Socket>>());
    }

    /// Part from the socket. It may be running one of its functions, or have scheduled one: it
    /// lives on until those are done.
    void ReleaseSocket()
    {
        DetachSocket();
        m_queued = 0;
        Simulator::ScheduleNow([socket = std::exchange(m_socket, nullptr)] {});
        if (const auto state = m_state.lock())
        {
            const auto self = std::static_pointer_cast<ByteStream>(shared_from_this());
            state->flushing.erase(self);
        }
    }

    Ptr<LinuxTcpSocket> m_socket; //!< null when the stream has ended
    std::shared_ptr<Connection> m_connection;
    std::deque<Connection::Mark>& m_out;
    std::deque<Connection::Mark>& m_in;
    std::weak_ptr<TcpNetwork::State> m_state;
    std::uint64_t m_queued = 0; //!< not yet in the socket's buffer
    bool m_waiting = false;     //!< for room in that buffer
    bool m_closing = false;     //!< by this end
};

/// A connection attempt; the socket's callbacks own it.
struct TcpAttempt
{
    std::weak_ptr<TcpNetwork::State> state;
    std::shared_ptr<Connection> connection = std::make_shared<Connection>();
    ConnectionKey key;
    Network::ConnectHandler connected;

    void Finish(const Ptr<Socket>& socket, bool success)
    {
        const Network::ConnectHandler handler = std::exchange(connected, nullptr);
        if (!handler)
        {
            return;
        }
        const auto network = state.lock();
        if (!success)
        {
            if (network)
            {
                network->unaccepted.erase(key);
            }
            handler(nullptr);
            return;
        }
        handler(std::make_shared<TcpStream>(
            DynamicCast<LinuxTcpSocket>(socket), connection, true, state));
    }
};

/// Connect's event.
void
StartAttempt(const std::shared_ptr<TcpAttempt>& attempt,
             const Ptr<LinuxTcpSocket>& socket,
             const InetSocketAddress& server)
{
    const auto finish = [attempt](Ptr<Socket> s, bool success) {
        const auto keep = attempt; // the callbacks own the attempt
        s->SetConnectCallback(MakeNullCallback<void, Ptr<Socket>>(),
                              MakeNullCallback<void, Ptr<Socket>>());
        if (success)
        {
            keep->Finish(s, true);
            return;
        }
        s->SetCloseCallbacks(MakeNullCallback<void, Ptr<Socket>>(),
                             MakeNullCallback<void, Ptr<Socket>>());
        // In an event of its own: the socket is in the middle of its work.
        Simulator::ScheduleNow([keep, s] { keep->Finish(s, false); });
    };
    using SocketCallback = Callback<void, Ptr<Socket>>;
    const SocketCallback failed([finish](Ptr<Socket> s) { finish(s, false); });
    socket->SetConnectCallback(SocketCallback([finish](Ptr<Socket> s) { finish(s, true); }),
                               failed);
    socket->SetCloseCallbacks(failed, failed);
    if (socket->Connect(server) != 0)
    {
        finish(socket, false);
        return;
    }
    if (const auto state = attempt->state.lock())
    {
        attempt->key = MakeKey(LocalAddress(socket), server, socket->GetNode()->GetId());
        state->unaccepted[attempt->key] = attempt->connection;
    }
}

/// A connection was accepted by a listener's socket.
void
Accept(const std::shared_ptr<TcpNetwork::State>& state,
       const std::shared_ptr<TcpNetwork::State::Listener>& listener,
       const Ptr<Socket>& socket,
       const Address& from)
{
    const auto key = MakeKey(
        InetSocketAddress::ConvertFrom(from), LocalAddress(socket), socket->GetNode()->GetId());
    std::shared_ptr<Connection> connection;
    if (auto found = state->unaccepted.extract(key))
    {
        connection = found.mapped();
    }
    else
    {
        connection =
            std::make_shared<Connection>(); // a program that is not ours: bytes without messages
    }
    const auto accept = listener->accept;
    accept(
        std::make_shared<TcpStream>(DynamicCast<LinuxTcpSocket>(socket), connection, false, state));
}

Ipv4Address
AddressOf(const Ptr<Node>& node)
{
    const auto ipv4 = node->GetObject<Ipv4>();
    if (!ipv4 || ipv4->GetNInterfaces() < 2 || ipv4->GetNAddresses(1) == 0)
    {
        throw std::invalid_argument("node " + std::to_string(node->GetId()) +
                                    " has no IPv4 address besides the loopback's");
    }
    return ipv4->GetAddress(1, 0).GetLocal();
}

} // namespace

TcpNetwork::TcpNetwork(TcpConfig config)
    : m_state(std::make_shared<State>())
{
    m_state->config = config;
}

TcpNetwork::~TcpNetwork() = default;

void
TcpNetwork::Listen(Ptr<Node> node, std::uint16_t port, StreamOptions options, AcceptHandler accept)
{
    auto socket = LinuxTcpSocket::Make(node, m_state->config, false, options.nagle);
    if (socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port)) != 0)
    {
        throw std::invalid_argument("port " + std::to_string(port) + " of node " +
                                    std::to_string(node->GetId()) + " is taken");
    }
    socket->Listen();
    auto listener = std::make_shared<State::Listener>(State::Listener{socket, std::move(accept)});
    // Connections that are being accepted keep the callback when the listener has gone.
    const std::weak_ptr<State> weakState = m_state;
    const std::weak_ptr<State::Listener> weakListener = listener;
    const auto accepted = [weakState, weakListener](Ptr<Socket> s, const Address& from) {
        const auto state = weakState.lock();
        const auto owner = weakListener.lock();
        if (state && owner)
        {
            Accept(state, owner, s, from);
            return;
        }
        // The port was closed while the handshake was under way.
        Simulator::ScheduleNow([s] { DynamicCast<LinuxTcpSocket>(s)->Reset(); });
    };
    socket->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                              Callback<void, Ptr<Socket>, const Address&>(accepted));
    m_state->listeners[{node->GetId(), port}] = std::move(listener);
}

void
TcpNetwork::StopListening(Ptr<Node> node, std::uint16_t port)
{
    if (const auto found = m_state->listeners.extract({node->GetId(), port}))
    {
        found.mapped()->socket->Close();
    }
}

void
TcpNetwork::Connect(Ptr<Node> from,
                    Ptr<Node> to,
                    std::uint16_t port,
                    StreamOptions options,
                    ConnectHandler connected)
{
    const bool loopback = from == to;
    const InetSocketAddress server(loopback ? Ipv4Address::GetLoopback() : AddressOf(to), port);
    auto socket = LinuxTcpSocket::Make(from, m_state->config, loopback, options.nagle);
    socket->SetUserTimeout(NanoSeconds(options.userTimeout.count()));
    auto attempt = std::make_shared<TcpAttempt>();
    attempt->state = m_state;
    attempt->connected = std::move(connected);
    Simulator::ScheduleWithContext(from->GetId(), Time(), [attempt, socket, server] {
        StartAttempt(attempt, socket, server);
    });
}

} // namespace etcdlab
