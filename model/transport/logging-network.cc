#include "model/transport/logging-network.h"

#include <ns3/simulator.h>

#include <utility>

namespace etcdlab
{

namespace
{

Duration
LogTime()
{
    return Duration(ns3::Simulator::Now().GetNanoSeconds());
}

/// Tells the other end where a message comes from, and since when it is under way.
struct Posted : Message
{
    LoggedMessage entry;
};

class LoggedStream : public ByteStream, public std::enable_shared_from_this<LoggedStream>
{
  public:
    LoggedStream(ByteStreamPtr stream, std::uint32_t node, MessageLog& log)
        : m_stream(std::move(stream)),
          m_node(node),
          m_log(log)
    {
    }

    void Start()
    {
        const std::weak_ptr<LoggedStream> weak = weak_from_this();
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
        std::uint32_t before = 0;
        for (auto& mark : chunk.marks)
        {
            const auto posted = std::make_shared<Posted>();
            posted->entry = {
                m_node, m_node, mark.end - before, LogTime(), {}, std::move(mark.message)};
            mark.message = posted;
            before = mark.end;
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
            LoggedMessage entry = std::static_pointer_cast<const Posted>(mark.message)->entry;
            entry.to = m_node;
            entry.received = LogTime();
            mark.message = entry.message;
            m_log.push_back(std::move(entry));
        }
        m_bytesReceived = m_stream->BytesReceived();
        if (const auto receive = m_receive)
        {
            receive(std::move(chunk));
        }
    }

    ByteStreamPtr m_stream;
    std::uint32_t m_node;
    MessageLog& m_log;
};

ByteStreamPtr
Logged(const ByteStreamPtr& stream, std::uint32_t node, MessageLog& log)
{
    if (!stream)
    {
        return nullptr;
    }
    const auto logged = std::make_shared<LoggedStream>(stream, node, log);
    logged->Start();
    return logged;
}

} // namespace

LoggingNetwork::LoggingNetwork(Network& network, MessageLog& log)
    : m_network(network),
      m_log(log)
{
}

void
LoggingNetwork::Listen(ns3::Ptr<ns3::Node> node,
                       std::uint16_t port,
                       StreamOptions options,
                       AcceptHandler accept)
{
    m_network.Listen(node,
                     port,
                     options,
                     [&log = m_log, id = node->GetId(), accept](const ByteStreamPtr& stream) {
                         accept(Logged(stream, id, log));
                     });
}

void
LoggingNetwork::StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port)
{
    m_network.StopListening(node, port);
}

void
LoggingNetwork::Connect(ns3::Ptr<ns3::Node> from,
                        ns3::Ptr<ns3::Node> to,
                        std::uint16_t port,
                        StreamOptions options,
                        ConnectHandler connected)
{
    m_network.Connect(from,
                      to,
                      port,
                      options,
                      [&log = m_log, id = from->GetId(), connected](const ByteStreamPtr& stream) {
                          connected(Logged(stream, id, log));
                      });
}

} // namespace etcdlab
