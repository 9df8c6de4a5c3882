#include "model/transport/grpc-server.h"

#include <ns3/simulator.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace etcdlab
{

struct GrpcServer::Handlers
{
    Handler unary;
    StreamHandler streams; //!< may be null
};

/// One connection. It outlives the server's interest in it as long as a handler of it runs.
struct GrpcServer::Session : std::enable_shared_from_this<GrpcServer::Session>
{
    std::shared_ptr<GrpcConnection> connection;
    std::shared_ptr<Handlers> handlers;
    std::shared_ptr<GrpcTraffic> traffic;
    std::shared_ptr<std::vector<GrpcMethodCounts>> methods;
    std::map<std::uint32_t, GrpcServerStreamPtr> streams; //!< by stream id
    /// Unary calls that were not answered, by their id: ascending, as they come.
    std::vector<std::uint32_t> running;

    /// A call of a method begins. @return where it is counted
    std::size_t Start(std::string_view method, bool streaming);

    void Handled(std::size_t method, GrpcCode code)
    {
        ++(*methods)[method].handled[static_cast<std::size_t>(code)];
    }

    void HandleStream(const StreamEvent& event);
    void Open(const StreamEvent& event);
    /// A unary call is answered or was called off. @return false if that had happened before
    bool Finish(std::uint32_t call);
    /// Parts from the streams without a word.
    void DropStreams();
    /// The connection broke: tell the streams.
    void EndStreams();

    void AddWireTo(GrpcTraffic& sum) const
    {
        sum.receivedWire += connection->Stream().BytesReceived();
        sum.sentWire += connection->Stream().BytesSent();
    }
};

std::size_t
GrpcServer::Session::Start(std::string_view method, bool streaming)
{
    // There are few, and their names are literals, so the first comparison of each name settles it.
    auto found = std::find_if(methods->begin(), methods->end(), [method](const auto& counts) {
        return counts.method.data() == method.data() || counts.method == method;
    });
    if (found == methods->end())
    {
        found = methods->insert(found, GrpcMethodCounts{method, streaming});
    }
    ++found->started;
    return static_cast<std::size_t>(found - methods->begin());
}

void
GrpcServer::Session::HandleStream(const StreamEvent& event)
{
    const auto keep = shared_from_this();
    if (event.kind == StreamEvent::Kind::OPENED)
    {
        Open(event);
        return;
    }
    const auto found = streams.find(event.id);
    if (found == streams.end())
    {
        // Of a unary call, or of a stream that has ended meanwhile.
        if (event.kind == StreamEvent::Kind::RESET)
        {
            Finish(event.id);
        }
        return;
    }
    const GrpcServerStreamPtr stream = found->second;
    if (event.kind == StreamEvent::Kind::RESET)
    {
        streams.erase(found);
        Handled(stream->m_methodNumber, GrpcCode::CANCELLED);
        stream->HandleEnd();
        return;
    }
    traffic->received += event.message.bytes;
    (*methods)[stream->m_methodNumber].received += event.kind == StreamEvent::Kind::MESSAGE ? 1 : 0;
    stream->Receive(event);
}

void
GrpcServer::Session::Open(const StreamEvent& event)
{
    auto stream = std::make_shared<GrpcServerStream>(connection, event.id, event.method);
    const auto method = Start(event.method, true);
    stream->m_methodNumber = method;
    stream->m_sent = [count = traffic, counts = methods, method](std::uint64_t bytes) {
        count->sent += bytes;
        ++(*counts)[method].sent;
    };
    stream->m_forget = [weak = weak_from_this(), id = event.id, method](GrpcCode code) {
        if (const auto self = weak.lock())
        {
            self->Handled(method, code);
            self->streams.erase(id);
        }
    };
    streams.emplace(event.id, stream);
    if (!handlers->streams)
    {
        stream->End(GrpcCode::UNIMPLEMENTED, "unknown method " + std::string(event.method));
        return;
    }
    const auto keep = handlers;
    keep->streams(std::move(stream));
}

bool
GrpcServer::Session::Finish(std::uint32_t call)
{
    const auto found = std::lower_bound(running.begin(), running.end(), call);
    if (found == running.end() || *found != call)
    {
        return false;
    }
    running.erase(found);
    return true;
}

void
GrpcServer::Session::DropStreams()
{
    for (const auto& [id, stream] : std::exchange(streams, {}))
    {
        stream->Drop();
    }
}

void
GrpcServer::Session::EndStreams()
{
    for (const auto& [id, stream] : std::exchange(streams, {}))
    {
        Handled(stream->m_methodNumber, GrpcCode::CANCELLED);
        stream->HandleEnd();
    }
}

GrpcServer::Responder::Responder(std::weak_ptr<Session> session,
                                 std::uint32_t call,
                                 std::size_t method)
    : m_session(std::move(session)),
      m_call(call),
      m_method(method)
{
}

void
GrpcServer::Responder::operator()(RpcResponse response) const
{
    const auto session = m_session.lock();
    if (session && session->connection->IsOpen() && session->Finish(m_call))
    {
        session->traffic->sent += response.bytes;
        session->Handled(m_method, response.code);
        (*session->methods)[m_method].sent += response.code == GrpcCode::OK ? 1 : 0;
        session->connection->SendResponse(m_call, std::move(response));
    }
}

GrpcServer::~GrpcServer()
{
    if (m_listening)
    {
        *m_listening = false;
    }
    for (const auto& [number, session] : m_sessions)
    {
        session->DropStreams();
    }
}

void
GrpcServer::Listen(Network& network,
                   ns3::Ptr<ns3::Node> node,
                   std::uint16_t port,
                   Handler handler,
                   StreamHandler streams)
{
    auto listening = std::make_shared<bool>(true);
    network.Listen(node, port, StreamOptions{}, [this, listening](ByteStreamPtr stream) {
        if (*listening)
        {
            Accept(std::move(stream));
        }
        else
        {
            stream->Abort();
        }
    });
    m_network = &network;
    m_node = node;
    m_port = port;
    m_handlers = std::make_shared<Handlers>(Handlers{std::move(handler), std::move(streams)});
    m_listening = std::move(listening);
}

void
GrpcServer::Accept(ByteStreamPtr stream)
{
    auto session = std::make_shared<Session>();
    session->connection =
        std::make_shared<GrpcConnection>(GrpcConnection::Role::SERVER, std::move(stream));
    session->handlers = m_handlers;
    session->traffic = m_traffic;
    session->methods = m_methods;
    const std::uint64_t number = m_accepted++;
    const std::weak_ptr<Session> weak = session;
    session->connection->OnRequest([weak](std::uint32_t id, const RpcRequest& request) {
        const auto self = weak.lock();
        self->traffic->received += request.bytes;
        // A long message may arrive after a later call.
        self->running.insert(std::upper_bound(self->running.begin(), self->running.end(), id), id);
        const auto method = self->Start(request.method, false);
        ++(*self->methods)[method].received;
        self->handlers->unary(request, Responder(weak, id, method));
    });
    session->connection->OnStream(
        [weak](const StreamEvent& event) { weak.lock()->HandleStream(event); });
    session->connection->OnBroken([this, number] { Ended(number); });
    m_sessions.emplace(number, std::move(session));
}

void
GrpcServer::Ended(std::uint64_t session)
{
    const auto ended = m_sessions.extract(session).mapped();
    ended->AddWireTo(*m_traffic);
    ended->EndStreams();
    TellIfDrained();
}

void
GrpcServer::TellIfDrained()
{
    if (m_sessions.empty() && m_drained)
    {
        ns3::Simulator::ScheduleNow(std::exchange(m_drained, nullptr));
    }
}

/// @return false if it does not listen
bool
GrpcServer::StopListening()
{
    if (!m_listening || !*m_listening)
    {
        return false;
    }
    *m_listening = false;
    m_network->StopListening(m_node, m_port);
    return true;
}

void
GrpcServer::StopGracefully(std::function<void()> done)
{
    if (!StopListening())
    {
        return;
    }
    m_drained = std::move(done);
    const auto sessions = m_sessions;
    for (const auto& [number, session] : sessions)
    {
        if (session->connection->IsSettled())
        {
            session->connection->Drain(
                [s = session.get()] { return !s->running.empty() || !s->streams.empty(); });
            continue;
        }
        // cmux has not handed it to gRPC yet, and now closes it.
        session->connection->Close();
        Ended(number);
    }
    TellIfDrained();
}

void
GrpcServer::End(bool abort)
{
    StopListening();
    m_drained = nullptr;
    for (const auto& [number, session] : std::exchange(m_sessions, {}))
    {
        session->AddWireTo(*m_traffic);
        session->DropStreams();
        abort ? session->connection->Abort() : session->connection->Close();
    }
}

void
GrpcServer::Stop()
{
    End(false);
}

void
GrpcServer::Abort()
{
    End(true);
}

std::size_t
GrpcServer::Connections() const
{
    return m_sessions.size();
}

std::size_t
GrpcServer::Running() const
{
    std::size_t count = 0;
    for (const auto& [number, session] : m_sessions)
    {
        count += session->running.size();
    }
    return count;
}

std::size_t
GrpcServer::Streams() const
{
    std::size_t count = 0;
    for (const auto& [number, session] : m_sessions)
    {
        count += session->streams.size();
    }
    return count;
}

GrpcTraffic
GrpcServer::Traffic() const
{
    auto traffic = *m_traffic;
    for (const auto& [number, session] : m_sessions)
    {
        session->AddWireTo(traffic);
    }
    return traffic;
}

} // namespace etcdlab
