#include "model/etcd/peer-probers.h"

#include "model/base/clock.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// rafthttp/probing_status.go: proberInterval = ConnReadTimeout - 1 s
constexpr Duration PROBE_INTERVAL = 4s;
// etcdserver/server.go: monitorVersionInterval = rafthttp.ConnWriteTimeout - 1 s
constexpr Duration VERSION_INTERVAL = 4s;
// rafthttp/transport.go: ConnReadTimeout; the pipeline's transport has no such limit
constexpr Duration STREAM_READ_TIMEOUT = 5s;
// Measured on etcd 3.4.23: GET /raft/probing and GET /version, and their answers.
constexpr std::uint32_t PROBE_REQUEST_BYTES = 108;
constexpr std::uint32_t PROBE_ANSWER_BYTES = 168;
constexpr std::uint32_t VERSION_REQUEST_BYTES = 103;
constexpr std::uint32_t VERSION_ANSWER_BYTES = 153;
// rafthttp/probing_status.go: statusErrorInterval, statusMonitoringInterval
constexpr Duration STATUS_ERROR_INTERVAL = 5s;
constexpr Duration STATUS_INTERVAL = 30s;
// xiang90/probing status.go: α
constexpr int SMOOTHING = 8;

} // namespace

/// A peer, the connections to it, and what was learned.
struct PeerProbers::Target
{
    Target(Network& network, const Peer& self, Peer to, Duration dialTimeout)
        : peer(std::move(to)),
          clients{{{network, self.node, {true, dialTimeout, Duration{0}}},
                   {network, self.node, {false, dialTimeout, STREAM_READ_TIMEOUT}}}},
          version(network, self.node, {true, dialTimeout, Duration{0}})
    {
    }

    void StopWatching()
    {
        for (auto& watch : watches)
        {
            watch.Cancel();
        }
    }

    void Probe(Transport transport)
    {
        const auto i = static_cast<std::size_t>(transport);
        if (probing[i])
        {
            return;
        }
        probing[i] = true;
        clients[i].Ask(peer.node,
                       PROBE_REQUEST_BYTES,
                       std::make_shared<PeerHttpGet>(PROBE_ANSWER_BYTES),
                       [this, i, start = Now()](const PeerHttpAnswer* answer) {
                           probing[i] = false;
                           Probed(statuses[i], answer != nullptr, Now() - start);
                       });
    }

    /// @param took the connection's opening included
    static void Probed(ProbeStatus& status, bool answered, Duration took)
    {
        if (!answered)
        {
            ++status.failures;
            status.healthy = false;
            return;
        }
        ++status.probes;
        status.healthy = true;
        status.smoothedRtt += (took - status.smoothedRtt) / SMOOTHING;
    }

    Peer peer;
    std::array<PeerHttpClient, 2> clients; //!< by Transport
    std::array<bool, 2> probing{};         //!< a probe waits for its answer
    std::array<ProbeStatus, 2> statuses;
    PeerHttpClient version;
    bool askedVersion = false; //!< and not answered yet
    Histogram roundTrips{ROUND_TRIP_BUCKETS};
    std::array<ns3::EventId, 2> watches; //!< by Transport
};

PeerProbers::PeerProbers(Network& network,
                         const Peer& self,
                         const std::vector<Peer>& peers,
                         Duration dialTimeout,
                         std::function<bool()> leads)
    : m_network(network),
      m_self(self),
      m_dialTimeout(dialTimeout),
      m_leads(std::move(leads))
{
    for (const auto& peer : peers)
    {
        Add(peer);
    }
}

PeerProbers::~PeerProbers()
{
    m_probe.Cancel();
    m_versions.Cancel();
    for (const auto& target : m_targets)
    {
        target->StopWatching();
    }
}

void
PeerProbers::Start(Duration phase)
{
    m_probe = ns3::Simulator::Schedule(ToTime(phase + PROBE_INTERVAL), &PeerProbers::Probe, this);
    m_versions = ns3::Simulator::Schedule(
        ToTime(phase + VERSION_INTERVAL), &PeerProbers::WatchVersions, this);
}

void
PeerProbers::SetPeers(const std::vector<Peer>& peers)
{
    const auto isNamed = [&peers](raft::NodeId id) {
        return std::any_of(
            peers.begin(), peers.end(), [id](const Peer& peer) { return peer.id == id; });
    };
    std::vector<raft::NodeId> known;
    for (const auto& target : m_targets)
    {
        known.push_back(target->peer.id);
    }
    for (const auto id : known)
    {
        if (!isNamed(id))
        {
            Remove(id);
        }
    }
    for (const auto& peer : peers)
    {
        if (std::find(known.begin(), known.end(), peer.id) == known.end())
        {
            Add(peer);
        }
    }
}

void
PeerProbers::Add(const Peer& peer)
{
    const auto place = std::find_if(m_targets.begin(), m_targets.end(), [&](const auto& target) {
        return target->peer.id > peer.id;
    });
    const auto added =
        m_targets.insert(place, std::make_unique<Target>(m_network, m_self, peer, m_dialTimeout));
    for (const auto transport : {Transport::PIPELINE, Transport::STREAM})
    {
        Watch(**added, transport, STATUS_ERROR_INTERVAL);
    }
}

/// rafthttp/probing_status.go: monitorProbingStatus
void
PeerProbers::Watch(Target& target, Transport transport, Duration after)
{
    const auto i = static_cast<std::size_t>(transport);
    target.watches[i] = ns3::Simulator::Schedule(ToTime(after), [this, &target, transport, i] {
        const auto& status = target.statuses[i];
        target.roundTrips.Observe(status.smoothedRtt);
        Watch(target, transport, status.healthy ? STATUS_INTERVAL : STATUS_ERROR_INTERVAL);
    });
}

void
PeerProbers::Remove(raft::NodeId peer)
{
    const auto found = std::find_if(m_targets.begin(), m_targets.end(), [peer](const auto& target) {
        return target->peer.id == peer;
    });
    if (found == m_targets.end())
    {
        return;
    }
    const bool asked = (*found)->askedVersion;
    (*found)->StopWatching();
    m_targets.erase(found);
    if (asked)
    {
        AskVersion(peer);
    }
}

void
PeerProbers::Probe()
{
    for (const auto& target : m_targets)
    {
        target->Probe(Transport::PIPELINE);
        target->Probe(Transport::STREAM);
    }
    m_probe = ns3::Simulator::Schedule(ToTime(PROBE_INTERVAL), &PeerProbers::Probe, this);
}

void
PeerProbers::WatchVersions()
{
    if (m_leads())
    {
        AskVersion(raft::NO_NODE);
        return;
    }
    m_versions =
        ns3::Simulator::Schedule(ToTime(VERSION_INTERVAL), &PeerProbers::WatchVersions, this);
}

/// Ask the next member in the order of their ids, and when all have been asked wait.
void
PeerProbers::AskVersion(raft::NodeId after)
{
    const auto next = std::find_if(m_targets.begin(), m_targets.end(), [after](const auto& target) {
        return target->peer.id > after;
    });
    if (next == m_targets.end())
    {
        m_versions =
            ns3::Simulator::Schedule(ToTime(VERSION_INTERVAL), &PeerProbers::WatchVersions, this);
        return;
    }
    auto& target = **next;
    target.askedVersion = true;
    target.version.Ask(target.peer.node,
                       VERSION_REQUEST_BYTES,
                       std::make_shared<PeerHttpGet>(VERSION_ANSWER_BYTES),
                       [this, &target](const PeerHttpAnswer*) {
                           target.askedVersion = false;
                           AskVersion(target.peer.id);
                       });
}

const Histogram&
PeerProbers::GetRoundTrips(raft::NodeId peer) const
{
    for (const auto& target : m_targets)
    {
        if (target->peer.id == peer)
        {
            return target->roundTrips;
        }
    }
    static const Histogram none(ROUND_TRIP_BUCKETS);
    return none;
}

const ProbeStatus&
PeerProbers::GetStatus(raft::NodeId peer, Transport transport) const
{
    for (const auto& target : m_targets)
    {
        if (target->peer.id == peer)
        {
            return target->statuses[static_cast<std::size_t>(transport)];
        }
    }
    static const ProbeStatus none;
    return none;
}

} // namespace etcdlab
