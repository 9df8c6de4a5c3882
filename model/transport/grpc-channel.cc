#include "model/transport/grpc-channel.h"

#include "model/transport/grpc-channel-impl.h"

#include <ns3/simulator.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace etcdlab
{

void
GrpcChannel::Impl::Dispatch()
{
    while (!waiting.empty() && !closed)
    {
        const auto i = balancer->Pick();
        if (!i)
        {
            return;
        }
        Pending next = std::move(waiting.front());
        waiting.pop_front();
        if (next.stream)
        {
            Attach(*i, next.stream);
        }
        else
        {
            Send(*i, std::move(next));
        }
    }
}

void
GrpcChannel::Impl::Send(std::size_t i, Pending next)
{
    Transport& transport = *subConns[i].transport;
    traffic.sent += next.request.bytes;
    const std::uint32_t id = std::exchange(transport.nextId, transport.nextId + 2);
    const std::uint32_t bytes = transport.connection->SendRequest(id, next.request);
    transport.calls.emplace(
        id, Unary{next.call, std::move(next.done), bytes, std::move(next.request), next.retried});
}

void
GrpcChannel::Impl::Attach(std::size_t i, const GrpcClientStreamPtr& stream)
{
    const TransportPtr transport = subConns[i].transport;
    const std::uint32_t id = std::exchange(transport->nextId, transport->nextId + 2);
    transport->streams.emplace(id, stream);
    stream->m_forget = [weak = weak_from_this(), id, on = std::weak_ptr(transport)] {
        const auto self = weak.lock();
        const auto kept = on.lock();
        if (self && kept)
        {
            kept->streams.erase(id);
            self->CloseIfDrained(*kept);
        }
    };
    stream->Attach(transport->connection, id, i);
}

/// It stands among those that wait for a connection.
void
GrpcChannel::Impl::AwaitConnection(const GrpcClientStreamPtr& stream)
{
    stream->m_forget = [weak = weak_from_this(), weakStream = std::weak_ptr(stream)] {
        if (const auto self = weak.lock())
        {
            std::erase_if(self->waiting, [&weakStream](const Pending& pending) {
                return pending.stream && pending.stream == weakStream.lock();
            });
        }
    };
}

void
GrpcChannel::Impl::HandleStream(Transport& transport, const StreamEvent& event)
{
    const auto found = transport.streams.find(event.id);
    if (found == transport.streams.end())
    {
        return; // cancelled meanwhile
    }
    const GrpcClientStreamPtr stream = found->second;
    if (event.kind == StreamEvent::Kind::ENDED)
    {
        transport.streams.erase(found);
        CloseIfDrained(transport); // it may be gone now
        stream->End(event.code, event.error);
        return;
    }
    traffic.received += event.message.bytes;
    stream->Receive(event);
}

void
GrpcChannel::Impl::Answered(Transport& transport,
                            std::uint32_t id,
                            const RpcResponse& response,
                            std::uint32_t bytes)
{
    if (const auto call = transport.calls.extract(id))
    {
        const std::size_t endpoint = transport.endpoint;
        traffic.received += response.bytes;
        CloseIfDrained(transport); // it may be gone now
        call.mapped().done(RpcResult{response, endpoint, call.mapped().bytes, bytes});
    }
}

GrpcChannel::GrpcChannel(Network& network,
                         ns3::Ptr<ns3::Node> from,
                         std::vector<Endpoint> endpoints,
                         std::unique_ptr<Balancer> balancer,
                         GrpcChannelOptions options)
    : m_impl(
          std::make_shared<Impl>(network, from, std::move(endpoints), std::move(balancer), options))
{
    if (m_impl->endpoints.empty())
    {
        throw std::invalid_argument("a gRPC channel needs at least one endpoint; there is none");
    }
}

GrpcChannel::~GrpcChannel() = default;

void
GrpcChannel::Start()
{
    m_impl->balancer->OnChange(m_impl->states);
    for (std::size_t i = 0; i < m_impl->endpoints.size(); ++i)
    {
        m_impl->Connect(i);
    }
}

bool
GrpcChannel::AllReady() const
{
    return std::all_of(m_impl->states.begin(), m_impl->states.end(), [](SubConnState state) {
        return state == SubConnState::READY;
    });
}

bool
GrpcChannel::IsReady(std::size_t endpoint) const
{
    return m_impl->states.at(endpoint) == SubConnState::READY;
}

void
GrpcChannel::OnChange(std::function<void()> handler)
{
    m_impl->onChange = std::move(handler);
}

GrpcChannel::CallId
GrpcChannel::Call(RpcRequest request, Done done)
{
    const CallId call = m_impl->nextCall++;
    if (m_impl->closed)
    {
        ns3::Simulator::ScheduleNow([done = std::move(done), none = m_impl->endpoints.size()] {
            done(RpcResult{{.code = GrpcCode::CANCELLED,
                            .error = "grpc: the client connection is closing",
                            .bytes = 0,
                            .body = {}},
                           none});
        });
        return call;
    }
    m_impl->waiting.push_back({std::move(request), std::move(done), nullptr, call});
    m_impl->Dispatch();
    return call;
}

void
GrpcChannel::Cancel(CallId call)
{
    std::erase_if(m_impl->waiting, [call](const Pending& pending) {
        return !pending.stream && pending.call == call;
    });
    for (const TransportPtr& transport : m_impl->Transports())
    {
        const auto found =
            std::find_if(transport->calls.begin(),
                         transport->calls.end(),
                         [call](const auto& each) { return each.second.call == call; });
        if (found != transport->calls.end())
        {
            const std::uint32_t id = found->first;
            transport->calls.erase(found);
            transport->connection->SendReset(id);
            m_impl->CloseIfDrained(*transport);
            return;
        }
    }
}

GrpcClientStreamPtr
GrpcChannel::OpenStream(std::string_view method, std::optional<RpcMessage> first)
{
    const auto impl = m_impl;
    auto stream = std::make_shared<GrpcClientStream>(method, impl->endpoints.size());
    if (impl->closed)
    {
        ns3::Simulator::ScheduleNow([stream] {
            stream->End(GrpcCode::CANCELLED, "grpc: the client connection is closing");
        });
        return stream;
    }
    const std::weak_ptr<Impl> weak = impl;
    stream->m_sent = [weak](std::uint64_t bytes) {
        if (const auto self = weak.lock())
        {
            self->traffic.sent += bytes;
        }
    };
    impl->AwaitConnection(stream);
    if (first)
    {
        stream->Send(std::move(*first));
    }
    impl->waiting.push_back({{}, nullptr, stream});
    impl->Dispatch();
    return stream;
}

std::size_t
GrpcChannel::Streams() const
{
    std::size_t count = 0;
    for (const TransportPtr& transport : m_impl->Transports())
    {
        count += transport->streams.size();
    }
    return count;
}

std::size_t
GrpcChannel::Waiting() const
{
    return m_impl->waiting.size();
}

std::size_t
GrpcChannel::InFlight() const
{
    std::size_t count = 0;
    for (const TransportPtr& transport : m_impl->Transports())
    {
        count += transport->calls.size();
    }
    return count;
}

void
GrpcChannel::Shutdown()
{
    const auto impl = m_impl;
    if (std::exchange(impl->closed, true))
    {
        return;
    }
    const RpcResponse cancelled{.code = GrpcCode::CANCELLED,
                                .error = "grpc: the client connection is closing",
                                .bytes = 0,
                                .body = {}};
    const auto transports = impl->Transports();
    for (const TransportPtr& transport : transports)
    {
        transport->connection->Close();
    }
    impl->ForgetConnections();
    for (const TransportPtr& transport : transports)
    {
        Impl::FailCalls(*transport, cancelled);
    }
    for (const Pending& pending : std::exchange(impl->waiting, {}))
    {
        if (pending.stream)
        {
            pending.stream->End(cancelled.code, cancelled.error);
        }
        else
        {
            pending.done(RpcResult{cancelled, impl->endpoints.size()});
        }
    }
}

void
GrpcChannel::Abort()
{
    m_impl->closed = true;
    for (const Pending& pending : std::exchange(m_impl->waiting, {}))
    {
        if (pending.stream)
        {
            pending.stream->Drop();
        }
    }
    for (const TransportPtr& transport : m_impl->Transports())
    {
        transport->calls.clear();
        for (const auto& [id, stream] : std::exchange(transport->streams, {}))
        {
            stream->Drop();
        }
        transport->connection->Abort();
    }
    m_impl->ForgetConnections();
}

const std::vector<Endpoint>&
GrpcChannel::Endpoints() const
{
    return m_impl->endpoints;
}

const GrpcTraffic&
GrpcChannel::Traffic() const
{
    return m_impl->traffic;
}

std::int64_t
GrpcChannel::AssignStreams(std::int64_t stream)
{
    m_impl->jitter->SetStream(stream);
    return 1;
}

} // namespace etcdlab
