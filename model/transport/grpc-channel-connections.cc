// A channel's connections: how they come, fail, drain and come again.
#include "model/base/clock.h"
#include "model/transport/grpc-channel-impl.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

ns3::EventId
GrpcChannel::Impl::After(Duration delay, std::size_t i, void (Impl::*function)(std::size_t))
{
    return ns3::Simulator::Schedule(
        ns3::NanoSeconds(delay.count()),
        [weak = weak_from_this(), i, function, attempt = subConns[i].attempt] {
            const auto self = weak.lock();
            if (self && !self->closed && self->subConns[i].attempt == attempt)
            {
                ((*self).*function)(i);
            }
        });
}

/// grpc-go internal/backoff/backoff.go:Exponential.Backoff: the first wait has no jitter.
Duration
GrpcChannel::Impl::Backoff(std::uint32_t failures) const
{
    if (failures == 0)
    {
        return options.backoffBase;
    }
    const auto max = static_cast<double>(options.backoffMax.count());
    auto wait = static_cast<double>(options.backoffBase.count());
    for (std::uint32_t i = 0; i < failures && wait < max; ++i)
    {
        wait *= options.backoffFactor;
    }
    wait =
        std::min(wait, max) * (1 + jitter->GetValue(-options.backoffJitter, options.backoffJitter));
    return Duration(static_cast<Duration::rep>(wait));
}

void
GrpcChannel::Impl::Connect(std::size_t i)
{
    const std::uint64_t attempt = ++subConns[i].attempt;
    network.Connect(from,
                    endpoints[i].node,
                    endpoints[i].port,
                    options.stream,
                    [weak = weak_from_this(), i, attempt](ByteStreamPtr stream) {
                        const auto self = weak.lock();
                        if (self && !self->closed && self->subConns[i].attempt == attempt)
                        {
                            self->Connected(i, std::move(stream));
                        }
                        else if (stream)
                        {
                            stream->Abort();
                        }
                    });
    // grpc-go clientconn.go:addrConn.resetTransport.
    subConns[i].backoff = Backoff(subConns[i].failures);
    const Duration limit = std::max(options.minConnectTimeout, subConns[i].backoff);
    subConns[i].timer = After(limit, i, &Impl::Failed);
}

void
GrpcChannel::Impl::Connected(std::size_t i, ByteStreamPtr stream)
{
    if (!stream)
    {
        Failed(i);
        return;
    }
    // Handlers run only while the channel exists, and keep it in existence while they run. It keeps
    // the transport as long as its connection is open.
    auto connection =
        std::make_shared<GrpcConnection>(GrpcConnection::Role::CLIENT, std::move(stream));
    const auto transport = std::make_shared<Transport>();
    transport->endpoint = i;
    transport->connection = connection;
    subConns[i].transport = transport;
    const auto weak = weak_from_this();
    connection->OnReady([weak, i] { weak.lock()->Ready(i); });
    connection->OnBroken([weak, t = transport.get()] { weak.lock()->Broken(*t); });
    connection->OnGoAway(
        [weak, t = transport.get()](std::uint32_t last) { weak.lock()->GoAway(*t, last); });
    connection->OnResponse([weak, t = transport.get()](
                               std::uint32_t id, const RpcResponse& response, std::uint32_t bytes) {
        weak.lock()->Answered(*t, id, response, bytes);
    });
    connection->OnStream([weak, t = transport.get()](const StreamEvent& event) {
        weak.lock()->HandleStream(*t, event);
    });
    connection->Start();
    if (options.keepalive.time > Duration(0))
    {
        connection->KeepAlive(options.keepalive, [t = transport.get()] { return !t->Idle(); });
    }
}

void
GrpcChannel::Impl::Change(std::size_t i, SubConnState state)
{
    if (states[i] != state)
    {
        states[i] = state;
        balancer->OnChange(states);
    }
}

void
GrpcChannel::Impl::Ready(std::size_t i)
{
    subConns[i].timer.Cancel();
    subConns[i].failures = 0;
    Change(i, SubConnState::READY);
    Dispatch();
    if (onChange)
    {
        onChange();
    }
}

void
GrpcChannel::Impl::Failed(std::size_t i)
{
    SubConn& subConn = subConns[i];
    subConn.timer.Cancel();
    if (const auto transport = std::exchange(subConn.transport, nullptr))
    {
        transport->connection->Abort();
    }
    ++subConn.attempt; // a connection that still comes is too late
    ++subConn.failures;
    subConn.timer = After(subConn.backoff, i, &Impl::Connect);
    Change(i, SubConnState::FAILED);
    Dispatch();
    if (onChange)
    {
        onChange();
    }
}

/// A transport whose connection has ended. @return what keeps it until its calls have been told
GrpcChannel::TransportPtr
GrpcChannel::Impl::Forget(const Transport& transport)
{
    TransportPtr& current = subConns[transport.endpoint].transport;
    if (current.get() == &transport)
    {
        return std::exchange(current, nullptr);
    }
    const auto found = std::find_if(draining.begin(), draining.end(), [&](const auto& each) {
        return each.get() == &transport;
    });
    const TransportPtr kept = *found;
    draining.erase(found);
    return kept;
}

void
GrpcChannel::Impl::Broken(Transport& transport)
{
    const std::size_t i = transport.endpoint;
    const auto kept = Forget(transport);
    if (!kept->draining && states[i] != SubConnState::READY)
    {
        Failed(i);
        return;
    }
    if (!kept->draining)
    {
        Change(i, SubConnState::CONNECTING);
        Connect(i);
    }
    FailCalls(
        *kept,
        {.code = GrpcCode::UNAVAILABLE, .error = "transport is closing", .bytes = 0, .body = {}});
    if (!kept->draining && onChange)
    {
        onChange();
    }
}

/// grpc-go internal/transport/http2_client.go:handleGoAway, clientconn.go:addrConn.createTransport.
void
GrpcChannel::Impl::GoAway(Transport& transport, std::uint32_t last)
{
    const auto keep = transport.shared_from_this(); // handlers may shut the channel down
    const std::size_t i = transport.endpoint;
    const bool first = !std::exchange(transport.draining, true);
    if (first)
    {
        subConns[i].timer.Cancel();
        draining.push_back(std::exchange(subConns[i].transport, nullptr));
        Change(i, SubConnState::CONNECTING);
        Connect(i);
    }
    RetryUnprocessed(transport, last);
    CloseIfDrained(transport);
    Dispatch();
    if (first && onChange)
    {
        onChange();
    }
}

/// grpc-go stream.go:clientStream.shouldRetry: once, and before calls that have waited longer.
void
GrpcChannel::Impl::RetryUnprocessed(Transport& transport, std::uint32_t last)
{
    static const RpcResponse refused{
        .code = GrpcCode::UNAVAILABLE,
        .error = "the stream is rejected because server is draining the connection",
        .bytes = 0,
        .body = {}};
    std::map<std::uint32_t, Pending> again; // in the order they were made
    Transport lost;
    lost.endpoint = transport.endpoint;
    for (auto call = transport.calls.upper_bound(last); call != transport.calls.end();)
    {
        auto next = transport.calls.extract(call++);
        Unary& unary = next.mapped();
        if (unary.retried)
        {
            lost.calls.insert(std::move(next));
            continue;
        }
        again[next.key()] = {
            std::move(unary.request), std::move(unary.done), nullptr, unary.call, true};
    }
    for (auto call = transport.streams.upper_bound(last); call != transport.streams.end();)
    {
        auto next = transport.streams.extract(call++);
        const GrpcClientStreamPtr& stream = next.mapped();
        if (stream->Detach(endpoints.size()))
        {
            AwaitConnection(stream);
            again[next.key()] = {{}, nullptr, stream, 0, true};
            continue;
        }
        lost.streams.insert(std::move(next));
    }
    for (auto call = again.rbegin(); call != again.rend(); ++call)
    {
        waiting.push_front(std::move(call->second));
    }
    FailCalls(lost, refused);
}

/// http2_client.go:GracefulClose: the client ends a connection that drains with its last call.
void
GrpcChannel::Impl::CloseIfDrained(Transport& transport)
{
    if (transport.draining && transport.Idle() && transport.connection->IsOpen())
    {
        transport.connection->Close();
        Forget(transport);
    }
}

void
GrpcChannel::Impl::ForgetConnections()
{
    for (SubConn& subConn : subConns)
    {
        subConn.timer.Cancel();
        subConn.transport = nullptr;
    }
    draining.clear();
    std::fill(states.begin(), states.end(), SubConnState::FAILED);
}

std::vector<GrpcChannel::TransportPtr>
GrpcChannel::Impl::Transports() const
{
    std::vector<TransportPtr> all;
    for (const SubConn& subConn : subConns)
    {
        if (subConn.transport)
        {
            all.push_back(subConn.transport);
        }
    }
    all.insert(all.end(), draining.begin(), draining.end());
    return all;
}

void
GrpcChannel::Impl::FailCalls(Transport& transport, const RpcResponse& response)
{
    const auto calls = std::exchange(transport.calls, {});
    for (const auto& [id, call] : calls)
    {
        call.done(RpcResult{response, transport.endpoint, call.bytes, 0});
    }
    const auto streams = std::exchange(transport.streams, {});
    for (const auto& [id, stream] : streams)
    {
        stream->End(response.code, response.error);
    }
}

} // namespace etcdlab
