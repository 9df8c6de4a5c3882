#include "model/monitoring/http-server.h"

#include <utility>

namespace etcdlab
{

HttpServer::HttpServer(Network& network,
                       ns3::Ptr<ns3::Node> node,
                       std::uint16_t port,
                       Handler handler)
    : m_network(network),
      m_node(std::move(node)),
      m_port(port),
      m_handler(std::move(handler))
{
    m_network.Listen(m_node, m_port, {}, [this, alive = m_alive](const ByteStreamPtr& stream) {
        *alive ? Accept(stream) : stream->Abort();
    });
}

HttpServer::~HttpServer()
{
    Stop();
}

void
HttpServer::Stop()
{
    if (!std::exchange(*m_alive, false))
    {
        return;
    }
    m_network.StopListening(m_node, m_port);
    for (const auto& stream : std::exchange(m_streams, {}))
    {
        stream->Abort();
    }
}

void
HttpServer::Accept(const ByteStreamPtr& stream)
{
    m_streams.push_back(stream);
    const std::weak_ptr<ByteStream> weak = stream;
    stream->OnReceive([this, weak](const Chunk& chunk) {
        for (const auto& mark : chunk.marks)
        {
            if (dynamic_cast<const MetricsRequest*>(mark.message.get()) != nullptr)
            {
                m_handler([weak, alive = m_alive](std::uint32_t bytes, MessagePtr response) {
                    const auto open = weak.lock();
                    if (*alive && open)
                    {
                        open->Send({bytes, std::move(response)});
                    }
                });
            }
        }
    });
    stream->OnEnd([this, weak](StreamEnd) {
        const auto self = weak.lock();
        std::erase(m_streams, self);
        self->Close();
    });
}

} // namespace etcdlab
