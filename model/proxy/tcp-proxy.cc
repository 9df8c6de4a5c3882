#include "model/proxy/tcp-proxy.h"

#include "model/base/clock.h"
#include "model/base/config-attributes.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

NS_OBJECT_ENSURE_REGISTERED(TcpProxy);

/// A client's connection and the one opened for it.
struct TcpProxy::Pair
{
    ByteStreamPtr client;
    ByteStreamPtr target;            //!< nullptr until it is open
    std::optional<std::size_t> goal; //!< which target, once chosen
    Chunk waiting;                   //!< from the client, for a target that is not open yet
    std::optional<StreamEnd> ended;  //!< the client ended before the target was open
};

ns3::TypeId
TcpProxy::GetTypeId()
{
    static ns3::TypeId tid = [] {
        auto type = ns3::TypeId("etcdlab::TcpProxy")
                        .SetParent<ns3::Application>()
                        .SetGroupName("etcdlab")
                        .AddConstructor<TcpProxy>()
                        .AddTraceSource("Leader",
                                        "The proxy has heard of another leader: its name.",
                                        ns3::MakeTraceSourceAccessor(&TcpProxy::m_leaderTrace),
                                        "etcdlab::TcpProxy::LeaderCallback")
                        .AddTraceSource("Relayed",
                                        "A chunk was passed on: its bytes.",
                                        ns3::MakeTraceSourceAccessor(&TcpProxy::m_relayedTrace),
                                        "etcdlab::TcpProxy::RelayedCallback");
        AttributeDeclarer(type, &TcpProxy::m_config);
        return type;
    }();
    return tid;
}

TcpProxy::TcpProxy() = default;
TcpProxy::~TcpProxy() = default;

void
TcpProxy::SetConfig(const ProxyConfig& config)
{
    m_config = config;
}

void
TcpProxy::SetUp(ProxySetup setup)
{
    m_setup = std::move(setup);
    m_policy = TargetPolicyRegistry::Make(m_config.targetPolicy);
    for (const auto& target : m_setup.targets)
    {
        m_view.targets.push_back(target.name);
    }
    m_view.pinned = m_config.pinnedTarget;
    m_watch =
        std::make_unique<LeaderWatch>(*m_setup.network,
                                      GetNode(),
                                      m_setup.targets,
                                      m_config.discoveryInterval,
                                      [this](const std::string& leader) { OnLeader(leader); });
}

bool
TcpProxy::IsReady() const
{
    return m_running && !m_watch->Leader().empty();
}

const std::string&
TcpProxy::GetLeader() const
{
    return m_watch->Leader();
}

std::size_t
TcpProxy::GetConnections() const
{
    return m_pairs.size();
}

std::uint64_t
TcpProxy::GetRelayedBytes() const
{
    return m_relayedBytes;
}

std::int64_t
TcpProxy::AssignStreams(std::int64_t stream)
{
    return m_watch->AssignStreams(stream);
}

void
TcpProxy::DoDispose()
{
    StopApplication();
    m_watch.reset();
    ns3::Application::DoDispose();
}

void
TcpProxy::StartApplication()
{
    m_running = true;
    m_setup.network->Listen(GetNode(),
                            static_cast<std::uint16_t>(m_config.listenPort),
                            {m_config.nagle},
                            [this](ByteStreamPtr client) { Accept(std::move(client)); });
    m_watch->Start();
}

void
TcpProxy::StopApplication()
{
    if (!std::exchange(m_running, false))
    {
        return;
    }
    m_setup.network->StopListening(GetNode(), static_cast<std::uint16_t>(m_config.listenPort));
    m_watch->Stop();
    for (const auto& pair : std::exchange(m_pairs, {}))
    {
        pair->client->Abort();
        if (pair->target)
        {
            pair->target->Abort();
        }
    }
}

void
TcpProxy::Accept(ByteStreamPtr client)
{
    auto pair = std::make_shared<Pair>();
    pair->client = std::move(client);
    m_pairs.push_back(pair);
    const std::weak_ptr<Pair> weak = pair;
    pair->client->OnReceive([this, weak](Chunk chunk) {
        if (auto strong = weak.lock())
        {
            Relay(strong, true, std::move(chunk));
        }
    });
    pair->client->OnEnd([this, weak](StreamEnd how) {
        if (auto strong = weak.lock())
        {
            End(strong, true, how);
        }
    });
    TryOpen(pair);
}

void
TcpProxy::TryOpen(const PairPtr& pair)
{
    pair->goal = m_policy->Pick(m_view);
    if (!pair->goal)
    {
        return; // until OnLeader
    }
    const auto& goal = m_setup.targets[*pair->goal];
    m_setup.network->Connect(GetNode(),
                             goal.node,
                             static_cast<std::uint16_t>(m_config.targetPort),
                             {m_config.nagle},
                             [this, weak = std::weak_ptr<Pair>(pair)](ByteStreamPtr target) {
                                 if (auto strong = weak.lock())
                                 {
                                     Opened(strong, std::move(target));
                                 }
                                 else if (target)
                                 {
                                     target->Abort();
                                 }
                             });
}

void
TcpProxy::Opened(const PairPtr& pair, ByteStreamPtr target)
{
    if (!target)
    {
        pair->client->Abort();
        Drop(pair);
        return;
    }
    pair->target = std::move(target);
    const std::weak_ptr<Pair> weak = pair;
    pair->target->OnReceive([this, weak](Chunk chunk) {
        if (auto strong = weak.lock())
        {
            Relay(strong, false, std::move(chunk));
        }
    });
    pair->target->OnEnd([this, weak](StreamEnd how) {
        if (auto strong = weak.lock())
        {
            End(strong, false, how);
        }
    });
    if (pair->waiting.bytes > 0)
    {
        Relay(pair, true, std::exchange(pair->waiting, {}));
    }
    if (pair->ended)
    {
        End(pair, true, *pair->ended);
    }
}

void
TcpProxy::Relay(const PairPtr& pair, bool toTarget, Chunk chunk)
{
    if (toTarget && !pair->target)
    {
        pair->waiting.Append(std::move(chunk));
        return;
    }
    const auto stream = toTarget ? pair->target : pair->client;
    while (chunk.bytes > 0)
    {
        const auto most = std::min<std::uint64_t>(chunk.bytes, m_config.chunk.bytes);
        auto piece = chunk.TakeFront(static_cast<std::uint32_t>(most));
        m_relayedBytes += piece.bytes;
        m_relayedTrace(piece.bytes);
        RunAt(m_cpu.Run(Now(), m_config.cpuPerChunk),
              [stream, piece = std::move(piece)]() mutable { stream->Send(std::move(piece)); });
    }
}

void
TcpProxy::End(const PairPtr& pair, bool fromClient, StreamEnd how)
{
    if (fromClient && !pair->target && how == StreamEnd::CLOSED)
    {
        pair->ended = how; // what it sent is still to be delivered
        return;
    }
    const auto other = fromClient ? pair->target : pair->client;
    Drop(pair);
    if (!other)
    {
        return;
    }
    RunAt(m_cpu.Run(Now(), Duration::zero()), [other, how] {
        if (how == StreamEnd::CLOSED)
        {
            other->Close();
        }
        else
        {
            other->Abort();
        }
    });
}

void
TcpProxy::Drop(const PairPtr& pair)
{
    const PairPtr keep = pair; // the list may hold the last reference
    m_pairs.remove(keep);
}

void
TcpProxy::OnLeader(const std::string& leader)
{
    m_view.leader = leader;
    m_leaderTrace(leader);
    const auto pairs = m_pairs;
    for (const auto& pair : pairs)
    {
        if (!pair->goal)
        {
            TryOpen(pair);
        }
        else if (m_config.onLeaderChange == "close" && m_policy->Abandons(m_view, *pair->goal))
        {
            pair->client->Close();
            if (pair->target)
            {
                pair->target->Close();
            }
            Drop(pair);
        }
    }
}

} // namespace etcdlab
