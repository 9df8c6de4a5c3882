// What members ask each other at an interval, whatever else happens: the traffic of idle links.
#pragma once

#include "model/base/histogram.h"
#include "model/etcd/peer-http.h"
#include "model/etcd/peer-streams.h"

#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace etcdlab
{

/// What a prober knows of the way to a peer (xiang90/probing status.go).
struct ProbeStatus
{
    std::uint64_t probes = 0;   //!< answered
    std::uint64_t failures = 0; //!< refused, reset or timed out
    bool healthy = false;       //!< the last one was answered
    /// 7/8 of what it was and 1/8 of the newest; starts at zero, so it takes a while to be right.
    Duration smoothedRtt{0};
};

/**
 * One member's questions to its peers (etcd 3.4.23):
 *
 *   - two probers for each peer, each 4 s GET /raft/probing: one over a connection that is kept (the transport
 *     of the pipeline), one over a new connection each time (the transport of the streams, whose keep-alive
 *     is off), which therefore sees two round trips (rafthttp/probing_status.go);
 *   - while it leads, GET /version of one member after the other, 4 s after the last was answered
 *     (etcdserver/server.go: monitorVersions).
 *
 * A prober that waits for an answer skips its turns. None of this costs the members' processors anything here.
 */
class PeerProbers
{
  public:
    /// In the order in which GetStatus has them.
    enum class Transport : std::size_t
    {
        PIPELINE,
        STREAM
    };

    /// @param dialTimeout after which opening a connection has failed
    /// @param leads whether this member leads now
    PeerProbers(Network& network,
                const Peer& self,
                const std::vector<Peer>& peers,
                Duration dialTimeout,
                std::function<bool()> leads);
    /// Resets all connections.
    ~PeerProbers();

    PeerProbers(const PeerProbers&) = delete;
    PeerProbers& operator=(const PeerProbers&) = delete;

    /// @param phase from now on until the first interval begins: members were not started in step
    void Start(Duration phase);

    /// Probe whoever is new, from the next turn on, and nobody who is not among these.
    void SetPeers(const std::vector<Peer>& peers);

    /// What both probers of a peer have been found at by those who watch them
    /// (etcd_network_peer_round_trip_time_seconds): the smoothed time of each, 5 s after the start and then every
    /// 30 s, every 5 s while probes fail. Empty for a member it does not probe.
    const Histogram& GetRoundTrips(raft::NodeId peer) const;

    /// All zero for a member it does not probe.
    const ProbeStatus& GetStatus(raft::NodeId peer, Transport transport) const;

  private:
    struct Target;

    void Add(const Peer& peer);
    void Remove(raft::NodeId peer);
    void Probe();
    void Watch(Target& target, Transport transport, Duration after);
    void WatchVersions();
    void AskVersion(raft::NodeId after);

    Network& m_network;
    Peer m_self;
    Duration m_dialTimeout;
    std::function<bool()> m_leads;
    std::vector<std::unique_ptr<Target>> m_targets; //!< by ascending id
    ns3::EventId m_probe;
    ns3::EventId m_versions;
};

} // namespace etcdlab
