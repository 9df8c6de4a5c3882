#include "model/proxy/tcp-proxy.h"

#include "model/base/clock.h"
#include "model/base/config-attributes.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace etcdlab
{

NS_OBJECT_ENSURE_REGISTERED(TcpProxy);

/// One way through the proxy.
struct TcpProxy::Direction
{
    ByteStreamPtr to;
    std::deque<Chunk> pieces; //!< received and not passed on; the first is being worked on
    bool working = false;
    std::optional<StreamEnd> end; //!< comes behind the pieces
};

/// A client's connection and the one opened for it.
struct TcpProxy::Pair
{
    ByteStreamPtr client;
    ByteStreamPtr target;            //!< nullptr until it is open
    std::optional<std::size_t> goal; //!< which target, once chosen
    std::vector<bool> failed;        //!< targets that could not be reached; empty: none
    std::uint64_t failures = 0;      //!< attempts that failed
    std::uint64_t attempt = 0; //!< number of the current one: earlier ones' streams are too late
    ns3::EventId timer;        //!< the attempt's time limit
    Chunk waiting;             //!< from the client, for a target that is not open yet
    std::optional<StreamEnd> ended; //!< the client ended before the target was open
    Direction toTarget;
    Direction toClient;
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
                                        "The proxy has heard of another leader: its name; empty: "
                                        "it has lost the leader.",
                                        ns3::MakeTraceSourceAccessor(&TcpProxy::m_leaderTrace),
                                        "etcdlab::TcpProxy::LeaderCallback")
                        .AddTraceSource("CpuWork",
                                        "Work for the processor has come up, and when it is done.",
                                        ns3::MakeTraceSourceAccessor(&TcpProxy::m_cpuWorkTrace),
                                        "etcdlab::EtcdMember::CpuWorkCallback")
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
    MakeWatch();
}

void
TcpProxy::MakeWatch()
{
    m_watch =
        std::make_unique<LeaderWatch>(*m_setup.network,
                                      GetNode(),
                                      m_setup.targets,
                                      m_config.discoveryInterval,
                                      m_config.discoveryTimeout,
                                      StreamOptions{.userTimeout = m_config.targetTimeout},
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
    m_stream = stream;
    return m_watch->AssignStreams(stream);
}

void
TcpProxy::Crash()
{
    StopApplication();
}

void
TcpProxy::Restart()
{
    if (!m_running)
    {
        m_view.leader.clear();
        MakeWatch();
        m_watch->AssignStreams(m_stream);
        StartApplication();
    }
}

bool
TcpProxy::IsRunning() const
{
    return m_running;
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
    m_cpu = std::make_unique<ProcessCpu>(std::make_shared<Cpu>(m_config.cores));
    m_cpu->OnWork([this](const CpuWork& work) { m_cpuWorkTrace(work); });
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
        ++pair->attempt;
        pair->timer.Cancel();
        pair->toTarget.pieces.clear();
        pair->toClient.pieces.clear();
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
    const auto attempt = ++pair->attempt;
    pair->timer.Cancel();
    auto view = m_view;
    view.failed = pair->failed;
    pair->goal = m_policy->Pick(view);
    if (!pair->goal)
    {
        return; // until OnLeader
    }
    if (view.HasFailed(*pair->goal))
    {
        GiveUp(pair); // there is no other
        return;
    }
    const std::weak_ptr<Pair> weak = pair;
    if (m_config.connectTimeout > Duration::zero())
    {
        pair->timer = ns3::Simulator::Schedule(ToTime(m_config.connectTimeout), [this, weak] {
            if (auto strong = weak.lock())
            {
                Failed(strong);
            }
        });
    }
    const auto& goal = m_setup.targets[*pair->goal];
    m_setup.network->Connect(GetNode(),
                             goal.node,
                             static_cast<std::uint16_t>(m_config.targetPort),
                             {m_config.nagle, m_config.targetTimeout},
                             [this, weak, attempt](ByteStreamPtr target) {
                                 auto strong = weak.lock();
                                 if (strong && strong->attempt == attempt)
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
        Failed(pair);
        return;
    }
    pair->timer.Cancel();
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
TcpProxy::Failed(const PairPtr& pair)
{
    const auto target = *pair->goal;
    pair->failed.resize(m_view.targets.size());
    pair->failed[target] = true;
    if (pair->failures++ < m_config.retries)
    {
        TryOpen(pair);
    }
    else
    {
        GiveUp(pair);
    }
    m_watch->Doubt(m_view.targets[target]);
}

void
TcpProxy::GiveUp(const PairPtr& pair)
{
    pair->client->Abort();
    Drop(pair);
}

void
TcpProxy::Relay(const PairPtr& pair, bool toTarget, Chunk chunk)
{
    if (toTarget && !pair->target)
    {
        pair->waiting.Append(std::move(chunk));
        return;
    }
    auto& direction = toTarget ? pair->toTarget : pair->toClient;
    direction.to = toTarget ? pair->target : pair->client;
    while (chunk.bytes > 0)
    {
        const auto most = std::min<std::uint64_t>(chunk.bytes, m_config.chunk.bytes);
        direction.pieces.push_back(chunk.TakeFront(static_cast<std::uint32_t>(most)));
    }
    if (!direction.working)
    {
        Work(pair, toTarget);
    }
}

/// One piece after the other: each asks for a core when the one before has been passed on.
void
TcpProxy::Work(const PairPtr& pair, bool toTarget)
{
    auto& direction = toTarget ? pair->toTarget : pair->toClient;
    direction.working = true;
    while (!direction.pieces.empty())
    {
        const auto bytes = direction.pieces.front().bytes;
        const auto done =
            m_cpu->Run(Now(), m_config.cpuPerChunk + bytes * m_config.cpuPerByte, "relay");
        if (done > Now())
        {
            ns3::Simulator::Schedule(ToTime(done - Now()), [this, pair, toTarget] {
                auto& way = toTarget ? pair->toTarget : pair->toClient;
                if (!way.pieces.empty()) // the proxy was stopped
                {
                    PassOn(way);
                    Work(pair, toTarget);
                }
            });
            return;
        }
        PassOn(direction);
    }
    direction.working = false;
    Finish(direction);
}

void
TcpProxy::PassOn(Direction& direction)
{
    auto piece = std::move(direction.pieces.front());
    direction.pieces.pop_front();
    m_relayedBytes += piece.bytes;
    m_relayedTrace(piece.bytes);
    direction.to->Send(std::move(piece));
}

/// The end, when everything has been passed on.
void
TcpProxy::Finish(Direction& direction)
{
    if (!direction.end || direction.working)
    {
        return;
    }
    const auto how = *std::exchange(direction.end, std::nullopt);
    how == StreamEnd::CLOSED ? direction.to->Close() : direction.to->Abort();
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
    auto& direction = fromClient ? pair->toTarget : pair->toClient;
    direction.to = other;
    direction.end = how;
    Finish(direction);
}

void
TcpProxy::Drop(const PairPtr& pair)
{
    const PairPtr keep = pair; // the list may hold the last reference
    ++keep->attempt;
    keep->timer.Cancel();
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
        const bool elsewhere = pair->goal && m_policy->Abandons(m_view, *pair->goal);
        if (!pair->goal || (elsewhere && !pair->target))
        {
            pair->failed.clear(); // who leads now can be reached, they say
            TryOpen(pair);
        }
        else if (elsewhere && m_config.onLeaderChange == "close")
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
