#include "model/etcd/peer-streams.h"

#include "model/base/clock.h"
#include "model/etcd/pure/limits.h"
#include "model/etcd/pure/wire-size.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// rafthttp/stream.go: ConnReadTimeout / 3
constexpr Duration LINK_HEARTBEAT_INTERVAL = 5s / 3;
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

/// One flush of a stream.
struct RaftBatch : Message
{
    std::vector<raft::Message> messages;
};

} // namespace

/// The sending side of one stream.
struct PeerStreams::Writer
{
    ByteStreamPtr stream; //!< nullptr while the peer has not dialled
    PeerStreamEncoder encoder{PeerStreamType::MESSAGE};
    std::shared_ptr<RaftBatch> batch; //!< being filled by Send
    std::uint64_t batchBytes = 0;
};

/// The receiving side of one stream.
struct PeerStreams::Reader
{
    ByteStreamPtr stream; //!< nullptr until it is dialled
    Duration lastByte{0}; //!< when something arrived on it
};

struct PeerStreams::Connection
{
    Peer peer;
    std::array<Writer, 2> writers;
    std::array<Reader, 2> readers;
    PeerCounters sent;

    Writer& WriterOf(PeerStreamType type)
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
                   writers.begin(), writers.end(), [](const Writer& w) { return w.stream; }) &&
               std::all_of(readers.begin(), readers.end(), [](const Reader& r) { return r.stream; });
    }
};

PeerStreams::PeerStreams(Network& network, Peer self, std::vector<Peer> peers, Handlers handlers)
    : m_network(network),
      m_self(std::move(self)),
      m_handlers(std::move(handlers))
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
    m_network.Listen(m_self.node, ETCD_PEER_PORT, {}, [this](ByteStreamPtr stream) {
        Accept(std::move(stream));
    });
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
    m_network.StopListening(m_self.node, ETCD_PEER_PORT);
    const auto abort = [](ByteStreamPtr& stream) {
        if (stream)
        {
            std::exchange(stream, nullptr)->Abort();
        }
    };
    for (auto& connection : m_peers)
    {
        for (const auto type : STREAM_TYPES)
        {
            abort(connection->WriterOf(type).stream);
            abort(connection->ReaderOf(type).stream);
        }
    }
    for (auto& stream : m_unidentified)
    {
        abort(stream);
    }
    m_unidentified.clear();
}

void
PeerStreams::Dial(Connection& connection, PeerStreamType type)
{
    const auto connected = [this, alive = m_running, &connection, type](ByteStreamPtr stream) {
        if (!*alive)
        {
            if (stream)
            {
                stream->Abort();
            }
            return;
        }
        if (!stream)
        {
            Redial(connection, type);
            return;
        }
        stream->OnReceive([this, &connection, type](Chunk chunk) {
            connection.ReaderOf(type).lastByte = Now();
            Receive(chunk);
        });
        stream->OnEnd([this, &connection, type](StreamEnd) { Redial(connection, type); });
        stream->Send({STREAM_REQUEST_BYTES, std::make_shared<StreamRequest>(m_self.id, type)});
        connection.ReaderOf(type) = {std::move(stream), Now()};
        m_handlers.connected();
    };
    m_network.Connect(m_self.node, connection.peer.node, ETCD_PEER_PORT, {}, connected);
}

void
PeerStreams::Redial(Connection& connection, PeerStreamType type)
{
    connection.ReaderOf(type).stream = nullptr;
    ns3::Simulator::Schedule(ToTime(REDIAL_INTERVAL), [this, alive = m_running, &connection, type] {
        if (*alive)
        {
            Dial(connection, type);
        }
    });
}

void
PeerStreams::Accept(ByteStreamPtr stream)
{
    m_unidentified.push_back(stream);
    const std::weak_ptr<ByteStream> weak = stream;
    const auto forget = [this](const ByteStreamPtr& gone) { std::erase(m_unidentified, gone); };
    stream->OnReceive([this, weak, forget](const Chunk& chunk) {
        for (const auto& mark : chunk.marks)
        {
            if (const auto* request = dynamic_cast<const StreamRequest*>(mark.message.get()))
            {
                const auto self = weak.lock();
                forget(self);
                Attach(request->from, request->type, self);
                return;
            }
        }
    });
    stream->OnEnd([weak, forget](StreamEnd) { forget(weak.lock()); });
}

void
PeerStreams::Attach(raft::NodeId from, PeerStreamType type, const ByteStreamPtr& stream)
{
    for (auto& connection : m_peers)
    {
        if (connection->peer.id != from)
        {
            continue;
        }
        auto& writer = connection->WriterOf(type);
        if (writer.stream)
        {
            writer.stream->Close(); // the newest request wins (stream.go: streamWriter.run)
        }
        writer.stream = stream;
        writer.encoder = PeerStreamEncoder(type);
        stream->OnReceive([](Chunk) {});
        stream->OnEnd([&writer](StreamEnd) { writer.stream = nullptr; });
        stream->Send({STREAM_RESPONSE_BYTES, nullptr});
        m_handlers.connected();
        return;
    }
    stream->Abort();
}

void
PeerStreams::Send(const std::vector<raft::Message>& messages)
{
    for (const auto& message : messages)
    {
        const auto found = std::lower_bound(m_peers.begin(),
                                            m_peers.end(),
                                            message.to,
                                            [](const auto& c, auto id) { return c->peer.id < id; });
        if (found == m_peers.end() || (*found)->peer.id != message.to)
        {
            continue;
        }
        auto& connection = **found;
        auto& writer = connection.WriterOf(StreamOf(message));
        if (!writer.stream)
        {
            ++connection.sent.failures;
            m_handlers.unreachable(message.to);
            continue;
        }
        if (!writer.batch)
        {
            writer.batch = std::make_shared<RaftBatch>();
        }
        writer.batchBytes += writer.encoder.Encode(message);
        ++connection.sent.messages;
        connection.sent.protobufBytes += RaftMessageBytes(message);
        writer.batch->messages.push_back(message);
    }
    for (auto& connection : m_peers)
    {
        for (auto& writer : connection->writers)
        {
            if (writer.batch && writer.stream)
            {
                const auto bytes = ChunkedBytes(std::exchange(writer.batchBytes, 0));
                connection->sent.streamBytes += bytes;
                writer.stream->Send(
                    {static_cast<std::uint32_t>(bytes), std::exchange(writer.batch, nullptr)});
            }
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
            if (writer.stream)
            {
                const auto bytes = ChunkedBytes(writer.encoder.LinkHeartbeat());
                connection->sent.protobufBytes += LINK_HEARTBEAT_BYTES;
                connection->sent.streamBytes += bytes;
                writer.stream->Send({static_cast<std::uint32_t>(bytes), nullptr});
            }
        }
    }
    GiveUpSilentReaders();
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
PeerStreams::Receive(const Chunk& chunk)
{
    const auto alive = m_running;
    for (const auto& mark : chunk.marks)
    {
        const auto* batch = dynamic_cast<const RaftBatch*>(mark.message.get());
        if (batch == nullptr)
        {
            continue;
        }
        for (const auto& message : batch->messages)
        {
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
            return std::any_of(
                c->readers.begin(), c->readers.end(), [](const auto& r) { return r.stream != nullptr; });
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
    for (const auto& connection : m_peers)
    {
        if (connection->peer.id == peer)
        {
            return connection->sent;
        }
    }
    static const PeerCounters none;
    return none;
}

} // namespace etcdlab
