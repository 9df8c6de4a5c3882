#include "model/etcd/peer-streams.h"

#include "model/base/clock.h"
#include "model/etcd/pure/limits.h"
#include "model/etcd/pure/wire-size.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// rafthttp/stream.go: ConnReadTimeout / 3
constexpr Duration LINK_HEARTBEAT_INTERVAL = Duration(5s) / 3;
// rafthttp/peer.go: startPeer limits redialling to one attempt each 100 ms
constexpr Duration REDIAL_INTERVAL = 100ms;
// rafthttp/transport.go: ConnReadTimeout; the link heartbeats keep a stream within it
constexpr Duration READ_TIMEOUT = 5s;
// Measured: GET /raft/stream/… with its headers, and the head of the long response.
constexpr std::uint32_t STREAM_REQUEST_BYTES = 322;
constexpr std::uint32_t STREAM_RESPONSE_BYTES = 147;

constexpr std::array STREAM_TYPES = {PeerStreamType::MSG_APP, PeerStreamType::MESSAGE};

/// GET /raft/stream/{msgapp,message}/ID
struct StreamRequest : Message
{
    StreamRequest(raft::NodeId id, PeerStreamType streamType)
        : from(id),
          type(streamType)
    {
    }

    raft::NodeId from;
    PeerStreamType type;
};

/// 410: who dials has left the cluster (rafthttp/http.go: streamHandler).
struct StreamGone : Message
{
};

} // namespace

/// The receiving side of one stream.
struct PeerStreams::Reader
{
    ByteStreamPtr stream; //!< nullptr until it is dialled
    Duration lastByte{0}; //!< when something arrived on it
};

struct PeerStreams::Connection
{
    Peer peer;
    std::array<PeerStreamWriter, 2> writers{PeerStreamWriter(PeerStreamType::MSG_APP),
                                            PeerStreamWriter(PeerStreamType::MESSAGE)};
    std::array<Reader, 2> readers;
    PeerCounters sent;
    PeerCounters received;
    std::uint64_t disconnects = 0;
    std::optional<Duration> activeSince; //!< a stream from it came up; nothing since one was lost
    bool removed = false;

    PeerStreamWriter& WriterOf(PeerStreamType type)
    {
        return writers[static_cast<std::size_t>(type)];
    }

    Reader& ReaderOf(PeerStreamType type)
    {
        return readers[static_cast<std::size_t>(type)];
    }

    bool Up() const
    {
        return std::all_of(
                   writers.begin(), writers.end(), [](const auto& w) { return w.IsUp(); }) &&
               std::all_of(
                   readers.begin(), readers.end(), [](const Reader& r) { return r.stream; });
    }
};

PeerStreams::PeerStreams(
    Network& network, Peer self, std::vector<Peer> peers, Duration dialTimeout, Handlers handlers)
    : m_network(network),
      m_self(std::move(self)),
      m_dialTimeout(dialTimeout),
      m_handlers(std::move(handlers)),
      m_port(network,
             m_self.node,
             {m_handlers.request, [this](const ByteStreamPtr& stream, const Message& message) {
                  if (const auto* request = dynamic_cast<const StreamRequest*>(&message))
                  {
                      Attach(request->from, request->type, stream);
                      return;
                  }
                  stream->Abort(); // nothing that anybody sends
              }})
{
    std::sort(peers.begin(), peers.end(), [](const Peer& a, const Peer& b) { return a.id < b.id; });
    for (auto& peer : peers)
    {
        m_peers.push_back(std::make_unique<Connection>());
        m_peers.back()->peer = std::move(peer);
    }
}

PeerStreams::~PeerStreams()
{
    Stop();
}

void
PeerStreams::Start()
{
    *m_running = true;
    m_port.Listen();
    for (auto& connection : m_peers)
    {
        for (const auto type : STREAM_TYPES)
        {
            Dial(*connection, type);
        }
    }
    m_heartbeat =
        ns3::Simulator::Schedule(ToTime(LINK_HEARTBEAT_INTERVAL), &PeerStreams::Heartbeat, this);
}

void
PeerStreams::Stop()
{
    if (!*m_running)
    {
        return;
    }
    *m_running = false;
    m_running = std::make_shared<bool>(false);
    m_heartbeat.Cancel();
    m_port.Stop();
    for (auto& connection : m_peers)
    {
        for (const auto type : STREAM_TYPES)
        {
            connection->WriterOf(type).Abort();
            if (auto& stream = connection->ReaderOf(type).stream)
            {
                std::exchange(stream, nullptr)->Abort();
            }
        }
    }
}

void
PeerStreams::AddPeer(Peer peer)
{
    if (Find(peer.id) != nullptr)
    {
        return;
    }
    const auto place = std::find_if(
        m_peers.begin(), m_peers.end(), [&](const auto& c) { return c->peer.id > peer.id; });
    auto& connection = **m_peers.insert(place, std::make_unique<Connection>());
    connection.peer = std::move(peer);
    if (*m_running)
    {
        for (const auto type : STREAM_TYPES)
        {
            Dial(connection, type);
        }
    }
}

void
PeerStreams::RemovePeer(raft::NodeId id)
{
    const auto found = std::find_if(
        m_peers.begin(), m_peers.end(), [id](const auto& c) { return c->peer.id == id; });
    if (found == m_peers.end())
    {
        return;
    }
    auto& connection = **found;
    connection.removed = true;
    for (const auto type : STREAM_TYPES)
    {
        connection.WriterOf(type).Close();
        if (auto& stream = connection.ReaderOf(type).stream)
        {
            std::exchange(stream, nullptr)->Close();
        }
    }
    m_formerPeers.push_back(std::move(*found));
    m_peers.erase(found);
}

void
PeerStreams::SetPeers(const std::vector<Peer>& peers)
{
    std::vector<raft::NodeId> surplus;
    for (const auto& connection : m_peers)
    {
        const auto id = connection->peer.id;
        if (std::none_of(peers.begin(), peers.end(), [id](const Peer& p) { return p.id == id; }))
        {
            surplus.push_back(id);
        }
    }
    std::for_each(surplus.begin(), surplus.end(), [this](auto id) { RemovePeer(id); });
    std::for_each(peers.begin(), peers.end(), [this](const Peer& peer) { AddPeer(peer); });
}

PeerStreams::Connection*
PeerStreams::Find(raft::NodeId id) const
{
    const auto found =
        std::lower_bound(m_peers.begin(), m_peers.end(), id, [](const auto& c, auto wanted) {
            return c->peer.id < wanted;
        });
    return found == m_peers.end() || (*found)->peer.id != id ? nullptr : found->get();
}

std::optional<Duration>
PeerStreams::ActiveSince(raft::NodeId peer) const
{
    const auto* connection = Find(peer);
    return connection == nullptr ? std::nullopt : connection->activeSince;
}

void
PeerStreams::Dial(Connection& connection, PeerStreamType type)
{
    const auto pending = std::make_shared<bool>(true);
    auto giveUp = ns3::Simulator::Schedule(ToTime(m_dialTimeout),
                                           [this, alive = m_running, &connection, type, pending] {
                                               if (std::exchange(*pending, false) && *alive)
                                               {
                                                   Redial(connection, type);
                                               }
                                           });
    const auto connected = [this, alive = m_running, &connection, type, pending, giveUp](
                               ByteStreamPtr stream) mutable {
        giveUp.Cancel();
        const bool inTime = std::exchange(*pending, false);
        if (inTime && *alive && !connection.removed)
        {
            Dialled(connection, type, std::move(stream));
        }
        else if (stream)
        {
            stream->Abort();
        }
    };
    m_network.Connect(m_self.node, connection.peer.node, ETCD_PEER_PORT, {}, connected);
}

void
PeerStreams::Dialled(Connection& connection, PeerStreamType type, ByteStreamPtr stream)
{
    if (!stream)
    {
        Redial(connection, type);
        return;
    }
    stream->OnReceive([this, &connection, type](Chunk chunk) {
        connection.ReaderOf(type).lastByte = Now();
        Receive(connection, chunk);
    });
    stream->OnEnd([this, &connection, type](StreamEnd) { Redial(connection, type); });
    stream->Send({STREAM_REQUEST_BYTES, std::make_shared<StreamRequest>(m_self.id, type)});
    connection.ReaderOf(type) = {std::move(stream), Now()};
    connection.activeSince = connection.activeSince.value_or(Now());
    m_handlers.connected();
}

void
PeerStreams::Redial(Connection& connection, PeerStreamType type)
{
    connection.ReaderOf(type).stream = nullptr;
    connection.disconnects += connection.activeSince ? 1 : 0;
    connection.activeSince.reset();
    ns3::Simulator::Schedule(ToTime(REDIAL_INTERVAL), [this, alive = m_running, &connection, type] {
        if (*alive && !connection.removed)
        {
            Dial(connection, type);
        }
    });
}

void
PeerStreams::Attach(raft::NodeId from, PeerStreamType type, const ByteStreamPtr& stream)
{
    auto* connection = Find(from);
    if (connection == nullptr)
    {
        if (m_handlers.isRemoved(from))
        {
            stream->Send({STREAM_RESPONSE_BYTES, std::make_shared<StreamGone>()});
            stream->Close();
            return;
        }
        stream->Abort(); // 404: perhaps this member will hear of it later
        return;
    }
    connection->WriterOf(type).Attach(stream);
    stream->Send({STREAM_RESPONSE_BYTES, nullptr});
    m_handlers.connected();
}

/// rafthttp/peer.go: send, pick. @return false if the message is dropped
bool
PeerStreams::Take(Connection& connection, const raft::Message& message)
{
    auto* writer = &connection.WriterOf(StreamOf(message));
    if (!writer->IsUp())
    {
        writer = &connection.WriterOf(PeerStreamType::MESSAGE);
    }
    if (!writer->Take(message))
    {
        return false;
    }
    ++connection.sent.messages;
    connection.sent.protobufBytes += RaftMessageBytes(message);
    return true;
}

void
PeerStreams::Send(const std::vector<raft::Message>& messages)
{
    for (const auto& message : messages)
    {
        auto* connection = Find(message.to);
        if (connection != nullptr && !Take(*connection, message))
        {
            ++connection->sent.failures;
            m_handlers.unreachable(message.to);
        }
    }
    for (auto& connection : m_peers)
    {
        for (auto& writer : connection->writers)
        {
            connection->sent.streamBytes += writer.Flush();
        }
    }
}

void
PeerStreams::Heartbeat()
{
    for (auto& connection : m_peers)
    {
        for (auto& writer : connection->writers)
        {
            if (writer.IsUp())
            {
                connection->sent.protobufBytes += LINK_HEARTBEAT_BYTES;
                connection->sent.streamBytes += writer.Heartbeat();
            }
        }
    }
    GiveUpSilentReaders();
    GiveUpStuckWriters();
    m_heartbeat =
        ns3::Simulator::Schedule(ToTime(LINK_HEARTBEAT_INTERVAL), &PeerStreams::Heartbeat, this);
}

void
PeerStreams::GiveUpSilentReaders()
{
    for (auto& connection : m_peers)
    {
        for (const auto type : STREAM_TYPES)
        {
            auto& reader = connection->ReaderOf(type);
            if (reader.stream && Now() - reader.lastByte > READ_TIMEOUT)
            {
                reader.stream->Abort();
                Redial(*connection, type);
            }
        }
    }
}

void
PeerStreams::GiveUpStuckWriters()
{
    for (auto& connection : m_peers)
    {
        for (auto& writer : connection->writers)
        {
            if (writer.IsStuck())
            {
                writer.Abort();
                m_handlers.unreachable(connection->peer.id); // what waited is lost
            }
        }
    }
}

void
PeerStreams::Receive(Connection& from, const Chunk& chunk)
{
    const auto alive = m_running;
    for (const auto& mark : chunk.marks)
    {
        const auto* batch = dynamic_cast<const RaftBatch*>(mark.message.get());
        if (batch == nullptr)
        {
            if (dynamic_cast<const StreamGone*>(mark.message.get()) != nullptr)
            {
                m_handlers.gone();
                return;
            }
            if (dynamic_cast<const LinkHeartbeat*>(mark.message.get()) != nullptr)
            {
                ++m_linkHeartbeats.messages;
                m_linkHeartbeats.protobufBytes += LINK_HEARTBEAT_BYTES;
            }
            continue;
        }
        for (const auto& message : batch->messages)
        {
            ++from.received.messages;
            from.received.protobufBytes += RaftMessageBytes(message);
            m_handlers.receive(message);
            if (!*alive)
            {
                return;
            }
        }
    }
}

std::size_t
PeerStreams::ActivePeers() const
{
    return static_cast<std::size_t>(
        std::count_if(m_peers.begin(), m_peers.end(), [](const auto& c) {
            return std::any_of(c->readers.begin(), c->readers.end(), [](const auto& r) {
                return r.stream != nullptr;
            });
        }));
}

std::size_t
PeerStreams::ConnectedPeers() const
{
    return static_cast<std::size_t>(
        std::count_if(m_peers.begin(), m_peers.end(), [](const auto& c) { return c->Up(); }));
}

const PeerCounters&
PeerStreams::SentTo(raft::NodeId peer) const
{
    for (const auto* known : {&m_peers, &m_formerPeers})
    {
        for (const auto& connection : *known)
        {
            if (connection->peer.id == peer)
            {
                return connection->sent;
            }
        }
    }
    static const PeerCounters none;
    return none;
}

const PeerCounters&
PeerStreams::ReceivedFrom(raft::NodeId peer) const
{
    static const PeerCounters none;
    const auto* connection = Find(peer);
    return peer == raft::NO_NODE   ? m_linkHeartbeats
           : connection != nullptr ? connection->received
                                   : none;
}

std::uint64_t
PeerStreams::Disconnects(raft::NodeId peer) const
{
    const auto* connection = Find(peer);
    return connection != nullptr ? connection->disconnects : 0;
}

} // namespace etcdlab
