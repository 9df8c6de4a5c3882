#include "model/transport/message-network.h"

#include "model/base/clock.h"
#include "model/transport/message-stream.h"

#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>

namespace etcdlab
{

struct MessageNetwork::State
{
    struct Listener
    {
        StreamOptions options;
        AcceptHandler accept;
    };

    std::shared_ptr<Listener> Find(std::uint32_t node, std::uint16_t port) const
    {
        const auto found = listeners.find({node, port});
        return found == listeners.end() ? nullptr : found->second;
    }

    std::shared_ptr<const MessageContext> context;
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::shared_ptr<Listener>> listeners;
    std::unordered_set<std::shared_ptr<void>> attempts; //!< handshakes that are not over
};

namespace
{

using State = MessageNetwork::State;

/// A handshake. Its packets and the network own it.
class Attempt : public std::enable_shared_from_this<Attempt>
{
  public:
    Attempt(const std::shared_ptr<State>& state,
            const MessagePath* path,
            std::uint16_t port,
            const StreamOptions& options,
            Network::ConnectHandler connected)
        : m_context(state->context),
          m_state(state),
          m_path(path),
          m_port(port),
          m_options(options),
          m_connected(std::move(connected))
    {
    }

    ~Attempt()
    {
        m_timer.Cancel();
        m_serverTimer.Cancel();
    }

    void Start()
    {
        if (m_path == nullptr)
        {
            ns3::Simulator::ScheduleNow([self = shared_from_this()] { self->Finish(nullptr); });
            return;
        }
        m_client = std::make_shared<MessageStream>(m_context, *m_path, m_options);
        SendSyn();
    }

  private:
    void SendSyn()
    {
        m_synSent = Now();
        ToServer(SYN_PACKET, &Attempt::SynArrived);
        m_timer = ns3::Simulator::Schedule(
            ToTime(m_context->config.initialRto * (std::int64_t{1} << m_syns++)),
            [this] { Unanswered(); });
    }

    void Unanswered()
    {
        m_syns > m_context->config.synRetries ? Finish(nullptr) : SendSyn();
    }

    void SynArrived()
    {
        if (m_server || m_accepted)
        {
            return;
        }
        const auto state = m_state.lock();
        const auto listener = state ? state->Find(m_path->target, m_port) : nullptr;
        if (!listener)
        {
            ToClient(REFUSAL_PACKET, &Attempt::Refused);
            return;
        }
        m_listener = listener;
        m_server = std::make_shared<MessageStream>(m_context, *m_path->back, listener->options);
        m_server->SetPeer(m_client);
        m_client->SetPeer(m_server);
        m_server->OnFirstData([weak = weak_from_this()] {
            if (const auto self = weak.lock())
            {
                self->Accept();
            }
        });
        SendSynAck();
    }

    void SendSynAck()
    {
        m_synAckSent = Now();
        ToClient(SYN_PACKET, &Attempt::SynAckArrived);
        // Until the client's acknowledgement has come.
        m_serverTimer = ns3::Simulator::Schedule(
            ToTime(m_context->config.initialRto * (std::int64_t{1} << m_synAcks++)),
            [this] { AnswerUnacknowledged(); });
    }

    void AnswerUnacknowledged()
    {
        if (m_server && m_synAcks <= m_context->config.synRetries)
        {
            SendSynAck();
            return;
        }
        ForgetIfOver();
    }

    void SynAckArrived()
    {
        if (!m_connected && !m_established)
        {
            return; // given up
        }
        ToServer(TCP_HEADERS, &Attempt::Accept);
        if (!m_established)
        {
            m_established = true;
            m_client->Established(Now() - m_synSent);
            Finish(std::exchange(m_client, nullptr));
        }
    }

    void Refused()
    {
        Finish(nullptr);
    }

    /// The server has heard that the client has its answer.
    void Accept()
    {
        const auto server = std::exchange(m_server, nullptr);
        if (!server)
        {
            return;
        }
        m_accepted = true;
        m_serverTimer.Cancel();
        ForgetIfOver();
        server->Established(Now() - m_synAckSent);
        const auto listener = m_listener.lock();
        if (!listener)
        {
            server->Abort(); // the port was closed while the handshake was under way
            return;
        }
        const auto accept = listener->accept;
        accept(server);
    }

    void Finish(ByteStreamPtr stream)
    {
        m_timer.Cancel();
        if (const auto handler = std::exchange(m_connected, nullptr))
        {
            handler(std::move(stream));
        }
        ForgetIfOver();
    }

    /// Neither side waits for anything.
    void ForgetIfOver()
    {
        const auto state = m_state.lock();
        if (state && !m_connected && !m_serverTimer.IsRunning())
        {
            state->attempts.erase(shared_from_this());
        }
    }

    using Arrived = void (Attempt::*)();

    void ToServer(std::uint32_t bytes, Arrived arrived)
    {
        SendPacket(m_context->wan, *m_path, bytes, [self = shared_from_this(), arrived] {
            (*self.*arrived)();
        });
    }

    void ToClient(std::uint32_t bytes, Arrived arrived)
    {
        SendPacket(m_context->wan, *m_path->back, bytes, [self = shared_from_this(), arrived] {
            (*self.*arrived)();
        });
    }

    std::shared_ptr<const MessageContext> m_context;
    std::weak_ptr<State> m_state;
    const MessagePath* m_path; //!< nullptr: no route
    std::uint16_t m_port;
    StreamOptions m_options;
    Network::ConnectHandler m_connected;
    std::shared_ptr<MessageStream> m_client; //!< until the program has it
    std::shared_ptr<MessageStream> m_server; //!< from SYN to accept
    std::weak_ptr<State::Listener> m_listener;
    Duration m_synSent{0};
    Duration m_synAckSent{0};
    std::uint32_t m_syns = 0;
    std::uint32_t m_synAcks = 0;
    bool m_established = false; //!< as the client sees it
    bool m_accepted = false;
    ns3::EventId m_timer;
    ns3::EventId m_serverTimer;
};

} // namespace

MessageNetwork::MessageNetwork(const MessageWan& wan, TcpConfig config)
    : m_state(std::make_shared<State>())
{
    m_state->context = std::make_shared<MessageContext>(MessageContext{wan, config});
}

MessageNetwork::~MessageNetwork() = default;

void
MessageNetwork::Listen(ns3::Ptr<ns3::Node> node,
                       std::uint16_t port,
                       StreamOptions options,
                       AcceptHandler accept)
{
    const auto id = std::to_string(node->GetId());
    if (m_state->context->wan.FindPath(node, node) == nullptr)
    {
        throw std::invalid_argument("node " + id + " is none of this network's");
    }
    auto listener = std::make_shared<State::Listener>(State::Listener{options, std::move(accept)});
    if (!m_state->listeners.emplace(std::pair{node->GetId(), port}, std::move(listener)).second)
    {
        throw std::invalid_argument("port " + std::to_string(port) + " of node " + id +
                                    " is taken");
    }
}

void
MessageNetwork::StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port)
{
    m_state->listeners.erase({node->GetId(), port});
}

void
MessageNetwork::Connect(ns3::Ptr<ns3::Node> from,
                        ns3::Ptr<ns3::Node> to,
                        std::uint16_t port,
                        StreamOptions options,
                        ConnectHandler connected)
{
    const auto* path = m_state->context->wan.FindPath(from, to);
    auto attempt = std::make_shared<Attempt>(m_state, path, port, options, std::move(connected));
    m_state->attempts.insert(attempt);
    ns3::Simulator::ScheduleWithContext(
        from->GetId(), ns3::Time(), [attempt] { attempt->Start(); });
}

} // namespace etcdlab
