#include "model/etcd/peer-http.h"

#include "model/base/clock.h"
#include "model/etcd/pure/limits.h"

#include <utility>

namespace etcdlab
{

PeerHttpClient::PeerHttpClient(Network& network, ns3::Ptr<ns3::Node> self, Options options)
    : m_network(network),
      m_self(std::move(self)),
      m_options(options)
{
}

PeerHttpClient::~PeerHttpClient()
{
    Stop();
}

void
PeerHttpClient::Stop()
{
    m_running.reset();
    for (auto& [number, exchange] : std::exchange(m_exchanges, {}))
    {
        exchange.timer.Cancel();
        if (exchange.stream)
        {
            exchange.stream->Abort();
        }
    }
    for (const auto& [node, streams] : std::exchange(m_idle, {}))
    {
        for (const auto& stream : streams)
        {
            stream->Abort();
        }
    }
}

void
PeerHttpClient::Ask(ns3::Ptr<ns3::Node> to, std::uint64_t bytes, MessagePtr body, Done done)
{
    if (!m_running)
    {
        return;
    }
    const auto number = m_nextNumber++;
    auto& idle = m_idle[to->GetId()];
    m_exchanges.emplace(
        number, Exchange{std::move(to), bytes, std::move(body), std::move(done), nullptr, {}});
    if (idle.empty())
    {
        Connect(number);
        return;
    }
    auto stream =
        std::move(idle.back()); // the one used last (net/http transport.go: queueForIdleConn)
    idle.pop_back();
    Begin(number, std::move(stream));
}

void
PeerHttpClient::Connect(std::uint64_t number)
{
    auto& exchange = m_exchanges.at(number);
    exchange.timer = ns3::Simulator::Schedule(ToTime(m_options.dialTimeout),
                                              [this, number] { End(number, nullptr); });
    const auto connected =
        [this, running = std::weak_ptr(m_running), number](ByteStreamPtr stream) {
            if (!running.expired() && m_exchanges.contains(number))
            {
                Connected(number, std::move(stream));
            }
            else if (stream)
            {
                stream->Abort(); // too late
            }
        };
    m_network.Connect(m_self, exchange.to, ETCD_PEER_PORT, {}, connected);
}

void
PeerHttpClient::Connected(std::uint64_t number, ByteStreamPtr stream)
{
    m_exchanges.at(number).timer.Cancel();
    if (!stream)
    {
        End(number, nullptr);
        return;
    }
    Begin(number, std::move(stream));
}

void
PeerHttpClient::Begin(std::uint64_t number, ByteStreamPtr stream)
{
    auto& exchange = m_exchanges.at(number);
    exchange.stream = std::move(stream);
    exchange.stream->OnReceive([this, number](const Chunk& chunk) {
        for (const auto& mark : chunk.marks)
        {
            if (const auto* answer = dynamic_cast<const PeerHttpAnswer*>(mark.message.get()))
            {
                End(number, answer);
                return;
            }
        }
    });
    exchange.stream->OnEnd([this, number](StreamEnd) {
        m_exchanges.at(number).stream = nullptr;
        End(number, nullptr);
    });
    if (m_options.replyTimeout > Duration{0})
    {
        exchange.timer = ns3::Simulator::Schedule(ToTime(m_options.replyTimeout),
                                                  [this, number] { End(number, nullptr); });
    }
    constexpr std::uint32_t part = 1 << 30; // a chunk's size has 32 bits
    auto bytes = exchange.bytes;
    for (; bytes > part; bytes -= part)
    {
        exchange.stream->Send({part, nullptr});
    }
    exchange.stream->Send(
        {static_cast<std::uint32_t>(bytes),
         std::make_shared<PeerHttpRequest>(std::move(exchange.body), m_options.keepAlive)});
}

void
PeerHttpClient::End(std::uint64_t number, const PeerHttpAnswer* answer)
{
    auto ended = m_exchanges.extract(number);
    auto& exchange = ended.mapped();
    exchange.timer.Cancel();
    if (exchange.stream && answer == nullptr)
    {
        exchange.stream->Abort();
    }
    else if (exchange.stream && m_options.keepAlive)
    {
        Keep(exchange.to->GetId(), exchange.stream);
    }
    else if (exchange.stream)
    {
        exchange.stream->Close();
    }
    exchange.done(answer); // which may be the end of this object
}

void
PeerHttpClient::Keep(std::uint32_t node, const ByteStreamPtr& stream)
{
    stream->OnReceive([](const Chunk&) {});
    stream->OnEnd([this, node, lost = stream.get()](StreamEnd) {
        std::erase_if(m_idle.at(node), [lost](const auto& idle) { return idle.get() == lost; });
    });
    m_idle[node].push_back(stream);
}

} // namespace etcdlab
