#include "model/etcd/peer-port.h"

#include "model/etcd/pure/limits.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

PeerPort::PeerPort(Network& network, ns3::Ptr<ns3::Node> node, Handlers handlers)
    : m_network(network),
      m_node(std::move(node)),
      m_handlers(std::move(handlers))
{
}

void
PeerPort::Listen()
{
    m_network.Listen(
        m_node, ETCD_PEER_PORT, {}, [this](const ByteStreamPtr& stream) { Accept(stream); });
}

void
PeerPort::Stop()
{
    m_network.StopListening(m_node, ETCD_PEER_PORT);
    for (const auto& stream : std::exchange(m_connections, {}))
    {
        stream->Abort();
    }
}

void
PeerPort::Accept(const ByteStreamPtr& stream)
{
    m_connections.push_back(stream);
    const std::weak_ptr<ByteStream> weak = stream;
    stream->OnReceive([this, weak](const Chunk& chunk) { Receive(weak.lock(), chunk); });
    stream->OnEnd([this, weak](StreamEnd) { std::erase(m_connections, weak.lock()); });
}

void
PeerPort::Receive(const ByteStreamPtr& stream, const Chunk& chunk)
{
    for (const auto& mark : chunk.marks)
    {
        if (const auto* request = dynamic_cast<const PeerHttpRequest*>(mark.message.get()))
        {
            Serve(stream, *request); // there is no second one before the answer
            return;
        }
        if (mark.message)
        {
            std::erase(m_connections, stream);
            m_handlers.takeOver(stream, *mark.message);
            return;
        }
    }
}

void
PeerPort::Serve(const ByteStreamPtr& stream, const PeerHttpRequest& request)
{
    if (const auto* get = dynamic_cast<const PeerHttpGet*>(request.body.get()))
    {
        Answer(stream, request.keepAlive, get->replyBytes, nullptr);
        return;
    }
    m_handlers.request(request.body,
                       [this, weak = std::weak_ptr(stream), keepAlive = request.keepAlive](
                           std::uint32_t bytes, MessagePtr body) {
                           // Who still owns the connection is this object, which therefore is there.
                           if (const auto open = weak.lock())
                           {
                               Answer(open, keepAlive, bytes, std::move(body));
                           }
                       });
}

void
PeerPort::Answer(const ByteStreamPtr& stream, bool keepAlive, std::uint32_t bytes, MessagePtr body)
{
    stream->Send({bytes, std::make_shared<PeerHttpAnswer>(std::move(body))});
    if (!keepAlive)
    {
        std::erase(m_connections, stream);
        stream->Close();
    }
}

} // namespace etcdlab
