#include "model/transport/grpc-channel.h"

#include <ns3/event-id.h>
#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace etcdlab
{

/// The connection to one endpoint.
struct GrpcChannel::SubConn
{
    std::shared_ptr<GrpcConnection> connection; //!< null while TCP is not connected
    std::map<std::uint32_t, std::pair<Done, std::uint32_t>>
        calls;                  //!< by stream id, with bytes written
    std::uint32_t nextId = 1;   //!< odd numbers, RFC 7540 section 5.1.1
    std::uint32_t failures = 0; //!< attempts since it was last ready
    std::uint64_t attempt =
        0;               //!< number of the current one: what belongs to earlier ones is ignored
    Duration backoff{0}; //!< the wait after this attempt, should it fail
    ns3::EventId timer;  //!< the attempt's time limit, or the wait before the next one
};

struct GrpcChannel::Impl : std::enable_shared_from_this<GrpcChannel::Impl>
{
    Impl(Network& net,
         ns3::Ptr<ns3::Node> node,
         std::vector<Endpoint> ends,
         std::unique_ptr<Balancer> policy,
         GrpcChannelOptions opts)
        : network(net),
          from(node),
          endpoints(std::move(ends)),
          balancer(std::move(policy)),
          options(opts),
          states(endpoints.size(), SubConnState::CONNECTING),
          subConns(endpoints.size())
    {
    }

    void Connect(std::size_t i);
    void Connected(std::size_t i, ByteStreamPtr stream);
    void Ready(std::size_t i);
    void Failed(std::size_t i);
    void Broken(std::size_t i);
    void Change(std::size_t i, SubConnState state);
    Duration Backoff(std::uint32_t failures) const;

    void Dispatch();
    void Send(std::size_t i, RpcRequest request, Done done);
    void Answered(std::size_t i,
                  std::uint32_t id,
                  const RpcResponse& response,
                  std::uint32_t bytes);
    void FailCalls(std::size_t i, const RpcResponse& response);

    /// Run a member function later, if the channel and the same attempt still exist then.
    ns3::EventId After(Duration delay, std::size_t i, void (Impl::*function)(std::size_t));

    Network& network;
    ns3::Ptr<ns3::Node> from;
    std::vector<Endpoint> endpoints;
    std::unique_ptr<Balancer> balancer;
    GrpcChannelOptions options;
    SubConnStates states;
    std::vector<SubConn> subConns;
    std::deque<std::pair<RpcRequest, Done>> waiting;
    std::function<void()> onChange;
    GrpcTraffic traffic;
    ns3::Ptr<ns3::UniformRandomVariable> jitter = ns3::CreateObject<ns3::UniformRandomVariable>();
    bool closed = false;
};

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
    // Handlers run only while the channel exists, and keep it in existence while they run.
    auto connection =
        std::make_shared<GrpcConnection>(GrpcConnection::Role::CLIENT, std::move(stream));
    subConns[i].connection = connection;
    const auto weak = weak_from_this();
    connection->OnReady([weak, i] { weak.lock()->Ready(i); });
    connection->OnBroken([weak, i] { weak.lock()->Broken(i); });
    connection->OnResponse(
        [weak, i](std::uint32_t id, const RpcResponse& response, std::uint32_t bytes) {
            weak.lock()->Answered(i, id, response, bytes);
        });
    connection->Start();
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
    if (const auto connection = std::exchange(subConn.connection, nullptr))
    {
        connection->Abort();
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

void
GrpcChannel::Impl::Broken(std::size_t i)
{
    subConns[i].connection = nullptr;
    if (states[i] != SubConnState::READY)
    {
        Failed(i);
        return;
    }
    Change(i, SubConnState::CONNECTING);
    Connect(i);
    FailCalls(
        i,
        {.code = GrpcCode::UNAVAILABLE, .error = "transport is closing", .bytes = 0, .body = {}});
    if (onChange)
    {
        onChange();
    }
}

void
GrpcChannel::Impl::FailCalls(std::size_t i, const RpcResponse& response)
{
    const auto calls = std::exchange(subConns[i].calls, {});
    for (const auto& [id, call] : calls)
    {
        call.first(RpcResult{response, i, call.second, 0});
    }
}

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
        auto [request, done] = std::move(waiting.front());
        waiting.pop_front();
        Send(*i, std::move(request), std::move(done));
    }
}

void
GrpcChannel::Impl::Send(std::size_t i, RpcRequest request, Done done)
{
    SubConn& subConn = subConns[i];
    traffic.sent += request.bytes;
    const std::uint32_t id = std::exchange(subConn.nextId, subConn.nextId + 2);
    const std::uint32_t bytes = subConn.connection->SendRequest(id, std::move(request));
    subConn.calls.emplace(id, std::make_pair(std::move(done), bytes));
}

void
GrpcChannel::Impl::Answered(std::size_t i,
                            std::uint32_t id,
                            const RpcResponse& response,
                            std::uint32_t bytes)
{
    if (const auto call = subConns[i].calls.extract(id))
    {
        traffic.received += response.bytes;
        call.mapped().first(RpcResult{response, i, call.mapped().second, bytes});
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

void
GrpcChannel::Call(RpcRequest request, Done done)
{
    if (m_impl->closed)
    {
        ns3::Simulator::ScheduleNow([done = std::move(done), none = m_impl->endpoints.size()] {
            done(RpcResult{{.code = GrpcCode::CANCELLED,
                            .error = "grpc: the client connection is closing",
                            .bytes = 0,
                            .body = {}},
                           none});
        });
        return;
    }
    m_impl->waiting.emplace_back(std::move(request), std::move(done));
    m_impl->Dispatch();
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
    for (const SubConn& subConn : m_impl->subConns)
    {
        count += subConn.calls.size();
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
    for (std::size_t i = 0; i < impl->subConns.size(); ++i)
    {
        impl->subConns[i].timer.Cancel();
        if (const auto connection = std::exchange(impl->subConns[i].connection, nullptr))
        {
            connection->Close();
        }
        impl->states[i] = SubConnState::FAILED;
        impl->FailCalls(i, cancelled);
    }
    for (const auto& [request, done] : std::exchange(impl->waiting, {}))
    {
        done(RpcResult{cancelled, impl->endpoints.size()});
    }
}

void
GrpcChannel::Abort()
{
    m_impl->closed = true;
    m_impl->waiting.clear();
    for (std::size_t i = 0; i < m_impl->subConns.size(); ++i)
    {
        SubConn& subConn = m_impl->subConns[i];
        subConn.timer.Cancel();
        subConn.calls.clear();
        m_impl->states[i] = SubConnState::FAILED;
        if (const auto connection = std::exchange(subConn.connection, nullptr))
        {
            connection->Abort();
        }
    }
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
