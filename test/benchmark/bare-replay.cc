// The bare ns-3 program: ns-3's helpers, plain TCP sockets, and the sends of a recording. Nothing of etcdlab's
// model is included here.
#include "test/benchmark/recording.h"

#include <ns3/boolean.h>
#include <ns3/config.h>
#include <ns3/double.h>
#include <ns3/inet-socket-address.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-address-helper.h>
#include <ns3/ipv4-interface-container.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/node-container.h>
#include <ns3/nstime.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-helper.h>
#include <ns3/simulator.h>
#include <ns3/socket.h>
#include <ns3/string.h>
#include <ns3/tcp-cubic.h>
#include <ns3/tcp-prr-recovery.h>
#include <ns3/tcp-socket-factory.h>
#include <ns3/traffic-control-helper.h>
#include <ns3/uinteger.h>

#include <map>
#include <stdexcept>
#include <utility>

namespace etcdlab::benchmark
{

using namespace ns3;

namespace
{

/**
 * The settings of the model's sockets (TcpConfig), as a program of one's own would make them. One is left at
 * ns-3's default: the least RTO, 1 s. The model's 200 ms need its own RTT estimator, for ns-3's would take delayed
 * acknowledgements on long paths for losses; without losses the value changes nothing that is sent.
 */
void
SetSocketDefaults()
{
    Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpCubic::GetTypeId()));
    Config::SetDefault("ns3::TcpL4Protocol::RecoveryType",
                       TypeIdValue(TcpPrrRecovery::GetTypeId()));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(6 << 20));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4 << 20));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::ConnTimeout", TimeValue(Seconds(1)));
    Config::SetDefault("ns3::TcpSocket::ConnCount", UintegerValue(7));
    Config::SetDefault("ns3::TcpSocket::DataRetries", UintegerValue(15));
    Config::SetDefault("ns3::TcpSocket::DelAckTimeout", TimeValue(MilliSeconds(40)));
    Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(2));
    Config::SetDefault("ns3::TcpSocketBase::MaxSegLifetime", DoubleValue(30));
    Config::SetDefault("ns3::TcpSocketBase::WindowScaling", BooleanValue(true));
    Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(true));
    Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(true));
}

class Replay
{
  public:
    explicit Replay(const Recording& recording)
        : m_recording(recording),
          m_connections(recording.connections.size())
    {
        SetSocketDefaults();
        BuildNetwork();
        for (std::uint32_t i = 0; i < recording.connections.size(); ++i)
        {
            Listen(recording.connections[i]);
            Simulator::Schedule(NanoSeconds(recording.connections[i].opened),
                                [this, i] { Open(i); });
        }
        ScheduleTimed();
        Simulator::Stop(NanoSeconds(recording.end + 1)); // behind the last answer
    }

    void CountPackets()
    {
        Config::ConnectWithoutContext(
            "/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/PhyTxEnd",
            MakeCallback(&Replay::PacketSent, this));
    }

    Moved Run()
    {
        Simulator::Run();
        m_moved.events = Simulator::GetEventCount();
        return m_moved;
    }

  private:
    struct End
    {
        Ptr<Socket> socket;
        std::uint64_t received = 0;
        std::size_t answered = 0; //!< of the recording's answers
    };

    using NodePort = std::pair<std::uint32_t, std::uint16_t>;
    using AddressPort = std::pair<Ipv4Address, std::uint16_t>;

    void BuildNetwork()
    {
        m_nodes.Create(m_recording.nodes);
        InternetStackHelper stack;
        stack.SetIpv6StackInstall(false);
        stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
        stack.Install(m_nodes);
        Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.252");
        for (const RecordedLink& link : m_recording.links)
        {
            PointToPointHelper helper;
            helper.SetDeviceAttribute("DataRate", DataRateValue(DataRate(link.bitsPerSecond)));
            helper.SetChannelAttribute("Delay", TimeValue(NanoSeconds(link.delay)));
            helper.SetQueue(
                "ns3::DropTailQueue", "MaxSize", StringValue(std::to_string(link.queue) + "p"));
            const auto devices = helper.Install(m_nodes.Get(link.a), m_nodes.Get(link.b));
            const auto interfaces = addresses.Assign(devices);
            addresses.NewNetwork();
            TrafficControlHelper().Uninstall(devices); // Assign installs queue discs
            m_addresses[{link.a, link.b}] = interfaces.GetAddress(1);
            m_addresses[{link.b, link.a}] = interfaces.GetAddress(0);
        }
    }

    static Ptr<Socket> MakeSocket(const Ptr<Node>& node, bool nagle)
    {
        const auto socket = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
        socket->SetAttribute("TcpNoDelay", BooleanValue(!nagle));
        return socket;
    }

    void Listen(const RecordedConnection& connection)
    {
        auto& socket = m_listeners[{connection.to, connection.port}];
        if (!socket)
        {
            socket = MakeSocket(m_nodes.Get(connection.to), connection.nagle[1]);
            socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), connection.port));
            socket->Listen();
            socket->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                      MakeCallback(&Replay::Accept, this));
        }
    }

    void Open(std::uint32_t index)
    {
        const auto& connection = m_recording.connections[index];
        const auto socket = MakeSocket(m_nodes.Get(connection.from), connection.nagle[0]);
        const auto server = m_addresses.find({connection.from, connection.to});
        if (server == m_addresses.end())
        {
            throw std::runtime_error("a connection between nodes without a link");
        }
        socket->SetConnectCallback(
            Callback<void, Ptr<Socket>>([this, index](Ptr<Socket> s) { Begin(index, 0, s); }),
            MakeNullCallback<void, Ptr<Socket>>());
        socket->Connect(InetSocketAddress(server->second, connection.port));
        Address local;
        socket->GetSockName(local);
        const auto client = InetSocketAddress::ConvertFrom(local);
        m_opened[{client.GetIpv4(), client.GetPort()}] = index;
    }

    void Accept(Ptr<Socket> socket, const Address& from)
    {
        const auto client = InetSocketAddress::ConvertFrom(from);
        Begin(m_opened.at({client.GetIpv4(), client.GetPort()}), 1, socket);
    }

    void Begin(std::uint32_t index, std::uint32_t side, const Ptr<Socket>& socket)
    {
        m_connections[index][side].socket = socket;
        socket->SetRecvCallback(Callback<void, Ptr<Socket>>(
            [this, index, side](Ptr<Socket> s) { Receive(index, side, s); }));
        Answer(index, side);
    }

    void Receive(std::uint32_t index, std::uint32_t side, const Ptr<Socket>& socket)
    {
        if (const auto packet = socket->Recv())
        {
            m_connections[index][side].received += packet->GetSize();
            Answer(index, side);
        }
    }

    void Answer(std::uint32_t index, std::uint32_t side)
    {
        End& end = m_connections[index][side];
        const auto& answers = m_recording.answers[index][side];
        while (end.answered < answers.size() && answers[end.answered].received <= end.received)
        {
            Send(answers[end.answered++].send);
        }
    }

    void Send(const RecordedSend& send)
    {
        const auto& socket = m_connections[send.end.connection][send.end.side].socket;
        if (!socket || socket->Send(Create<Packet>(send.bytes)) < 0)
        {
            throw std::runtime_error("the replay could not send what the run sent");
        }
        ++m_moved.sends;
        m_moved.sentBytes += send.bytes;
    }

    void ScheduleTimed()
    {
        if (m_nextTimed < m_recording.timed.size())
        {
            const auto time = NanoSeconds(m_recording.timed[m_nextTimed].time);
            Simulator::Schedule(time - Simulator::Now(), &Replay::SendTimed, this);
        }
    }

    void SendTimed()
    {
        const auto now = m_recording.timed[m_nextTimed].time;
        while (m_nextTimed < m_recording.timed.size() && m_recording.timed[m_nextTimed].time == now)
        {
            Send(m_recording.timed[m_nextTimed++].send);
        }
        ScheduleTimed();
    }

    void PacketSent(Ptr<const Packet>)
    {
        ++m_moved.packets;
    }

    const Recording& m_recording;
    NodeContainer m_nodes;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Ipv4Address> m_addresses; //!< by way
    std::map<NodePort, Ptr<Socket>> m_listeners;
    std::map<AddressPort, std::uint32_t> m_opened; //!< connections, by the client's end
    std::vector<std::array<End, 2>> m_connections;
    std::size_t m_nextTimed = 0;
    Moved m_moved;
};

} // namespace

Moved
ReplayBare(const Recording& recording, bool count)
{
    Moved moved;
    {
        Replay replay(recording);
        if (count)
        {
            replay.CountPackets();
        }
        moved = replay.Run();
    }
    Simulator::Destroy();
    Config::Reset();
    return moved;
}

} // namespace etcdlab::benchmark
