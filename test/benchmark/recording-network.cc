#include "test/benchmark/recording-network.h"

#include <ns3/simulator.h>

#include <stdexcept>
#include <utility>

namespace etcdlab::benchmark
{

namespace
{

/// A message that says which end sent it: that is how an accepting end learns whose counterpart it is.
struct Tagged : Message
{
    Tagged(std::size_t from, MessagePtr original)
        : sender(from),
          message(std::move(original))
    {
    }

    std::size_t sender;
    MessagePtr message;
};

class RecordingStream : public ByteStream, public std::enable_shared_from_this<RecordingStream>
{
  public:
    RecordingStream(ByteStreamPtr stream, std::shared_ptr<Recorder> recorder, std::size_t end)
        : m_stream(std::move(stream)),
          m_recorder(std::move(recorder)),
          m_number(end)
    {
    }

    void Start()
    {
        const std::weak_ptr<RecordingStream> weak = weak_from_this();
        m_stream->OnReceive([weak](Chunk chunk) {
            if (const auto self = weak.lock())
            {
                self->Receive(std::move(chunk));
            }
        });
        m_stream->OnEnd([weak](StreamEnd how) {
            const auto self = weak.lock();
            if (self && self->m_end)
            {
                std::exchange(self->m_end, nullptr)(how);
            }
        });
    }

    void Send(Chunk chunk) override
    {
        m_recorder->NoteSend(m_number, chunk.bytes);
        for (auto& mark : chunk.marks)
        {
            mark.message = std::make_shared<Tagged>(m_number, std::move(mark.message));
        }
        m_stream->Send(std::move(chunk));
        m_bytesSent = m_stream->BytesSent();
    }

    void Close() override
    {
        m_stream->Close();
    }

    void Abort() override
    {
        m_stream->Abort();
    }

    std::uint64_t Queued() const override
    {
        return m_stream->Queued();
    }

  private:
    void Receive(Chunk chunk)
    {
        for (auto& mark : chunk.marks)
        {
            const auto tagged = std::static_pointer_cast<const Tagged>(mark.message);
            m_recorder->Pair(tagged->sender, m_number);
            mark.message = tagged->message;
        }
        m_bytesReceived = m_stream->BytesReceived();
        if (const auto receive = m_receive)
        {
            const auto before = m_recorder->Enter({m_number, m_bytesReceived});
            receive(std::move(chunk));
            m_recorder->Leave(before);
        }
    }

    ByteStreamPtr m_stream;
    std::shared_ptr<Recorder> m_recorder;
    std::size_t m_number;
};

/// Wrap a new stream and hand it over; what the handler sends answers the connection's coming to be.
void
HandOver(const ByteStreamPtr& stream,
         const std::shared_ptr<Recorder>& recorder,
         std::size_t end,
         const std::function<void(ByteStreamPtr)>& handler)
{
    const auto wrapped = std::make_shared<RecordingStream>(stream, recorder, end);
    wrapped->Start();
    const auto before = recorder->Enter({end, 0});
    handler(wrapped);
    recorder->Leave(before);
}

} // namespace

std::size_t
Recorder::AddEnd(std::optional<std::uint32_t> connection, std::uint32_t side, bool nagle)
{
    m_ends.push_back({connection, side, nagle});
    return m_ends.size() - 1;
}

std::uint32_t
Recorder::AddConnection(const RecordedConnection& connection)
{
    m_connections.push_back(connection);
    return static_cast<std::uint32_t>(m_connections.size() - 1);
}

void
Recorder::Pair(std::size_t a, std::size_t b)
{
    auto& first = m_ends[a].connection;
    auto& second = m_ends[b].connection;
    first ? second = first : first = second;
}

void
Recorder::NoteSend(std::size_t end, std::uint32_t bytes)
{
    m_sends.push_back({end, bytes, ns3::Simulator::Now().GetNanoSeconds(), m_cause});
}

std::optional<Recorder::Cause>
Recorder::Enter(Cause cause)
{
    return std::exchange(m_cause, cause);
}

void
Recorder::Leave(std::optional<Cause> before)
{
    m_cause = before;
}

RecordedEnd
Recorder::Resolve(std::size_t end) const
{
    if (!m_ends[end].connection)
    {
        throw std::runtime_error("a connection carried no message: whose it is remains unknown");
    }
    return {*m_ends[end].connection, m_ends[end].side};
}

Recording
Recorder::Finish() const
{
    Recording recording;
    recording.connections = m_connections;
    recording.answers.resize(m_connections.size());
    for (const End& end : m_ends)
    {
        if (end.connection)
        {
            recording.connections[*end.connection].nagle[end.side] = end.nagle;
        }
    }
    if (m_ends.size() != 2 * m_connections.size())
    {
        throw std::runtime_error("a connection was not established: such runs cannot be replayed");
    }
    for (const Send& send : m_sends)
    {
        const RecordedSend again{Resolve(send.end), send.bytes};
        if (send.cause)
        {
            const auto on = Resolve(send.cause->end);
            recording.answers[on.connection][on.side].push_back({send.cause->received, again});
        }
        else
        {
            recording.timed.push_back({send.time, again});
        }
    }
    return recording;
}

RecordingNetwork::RecordingNetwork(Network& network)
    : m_network(network)
{
}

void
RecordingNetwork::Listen(ns3::Ptr<ns3::Node> node,
                         std::uint16_t port,
                         StreamOptions options,
                         AcceptHandler accept)
{
    m_network.Listen(
        node, port, options, [recorder = m_recorder, options, accept](const ByteStreamPtr& stream) {
            const auto end = recorder->AddEnd({}, 1, options.nagle);
            HandOver(stream, recorder, end, accept);
        });
}

void
RecordingNetwork::StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port)
{
    m_network.StopListening(node, port);
}

void
RecordingNetwork::Connect(ns3::Ptr<ns3::Node> from,
                          ns3::Ptr<ns3::Node> to,
                          std::uint16_t port,
                          StreamOptions options,
                          ConnectHandler connected)
{
    const auto connection = m_recorder->AddConnection(
        {from->GetId(), to->GetId(), port, ns3::Simulator::Now().GetNanoSeconds(), {}});
    const auto opened =
        [recorder = m_recorder, connection, options, connected](const ByteStreamPtr& stream) {
            if (!stream)
            {
                connected(nullptr);
                return;
            }
            const auto end = recorder->AddEnd(connection, 0, options.nagle);
            HandOver(stream, recorder, end, connected);
        };
    m_network.Connect(from, to, port, options, opened);
}

} // namespace etcdlab::benchmark
