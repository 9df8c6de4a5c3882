// The connections between members (etcd 3.4.23 etcdserver/api/rafthttp: peer.go, stream.go).
#pragma once

#include "model/etcd/peer-port.h"
#include "model/etcd/peer-stream-writer.h"
#include "model/etcd/pure/raft-wire.h"
#include "model/raft/types.h"
#include "model/transport/byte-stream.h"

#include <ns3/event-id.h>
#include <ns3/node.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// What a member knows of another one.
struct Peer
{
    std::string name;
    raft::NodeId id;
    ns3::Ptr<ns3::Node> node;
};

/// What has gone to, or come from, one peer.
struct PeerCounters
{
    std::uint64_t messages = 0;
    std::uint64_t protobufBytes = 0; //!< as etcd_network_peer_sent_bytes_total counts
    std::uint64_t streamBytes = 0;   //!< framed and chunked, as TCP gets them
    /// Messages dropped because no stream was up, or its buffer was full (etcd_network_peer_sent_failures_total).
    std::uint64_t failures = 0;
};

/**
 * One member's side of all its peer connections.
 *
 * A member dials each peer twice, and what it reads on these two streams is what the peer has to say; so
 * a pair of members has four connections, each carrying data one way. A lost stream is dialled again, at
 * most every 100 ms; one on which nothing has arrived for 5 s is taken for lost, and so is one on which nothing
 * has left for 5 s although there is something to send. A connection attempt is given up after the dial timeout.
 *
 * What the socket does not take waits in a buffer of 4096 messages; what finds it full is dropped. An append request
 * goes by the other stream while its own is down. (etcd has one more way, four POSTs at a time, for when both are
 * down; the model has not.)
 */
class PeerStreams
{
  public:
    struct Handlers
    {
        std::function<void(const raft::Message&)> receive;
        std::function<void(raft::NodeId)> unreachable; //!< a message to it was dropped
        std::function<void()> connected;               //!< a stream came up, in either direction
        std::function<bool(raft::NodeId)>
            isRemoved;              //!< it has left the cluster: it is told so when it dials
        std::function<void()> gone; //!< a peer says that this member has left the cluster
        /// A request of another kind has come to the peer port (PeerPort).
        std::function<void(const MessagePtr& body, PeerHttpResponder respond)> request;
    };

    PeerStreams(Network& network,
                Peer self,
                std::vector<Peer> peers,
                Duration dialTimeout,
                Handlers handlers);
    ~PeerStreams();

    PeerStreams(const PeerStreams&) = delete;
    PeerStreams& operator=(const PeerStreams&) = delete;

    void Start();
    /// Close everything; no handler is called any more.
    void Stop();

    /// Dial a new peer; nothing happens if it is known.
    void AddPeer(Peer peer);

    /// What has been sent to it still arrives.
    void RemovePeer(raft::NodeId id);

    /// Add and remove such that these are the peers.
    void SetPeers(const std::vector<Peer>& peers);

    /// Since when a peer's streams have come without interruption (rafthttp/peer.go: activeSince); nothing if it is
    /// not there.
    std::optional<Duration> ActiveSince(raft::NodeId peer) const;

    /// Send messages that are ready at the same moment: each stream flushes once.
    void Send(const std::vector<raft::Message>& messages);

    /// Peers from whom a stream is up (rafthttp/transport.go: ActivePeers).
    std::size_t ActivePeers() const;

    /// Peers to and from whom both streams are up.
    std::size_t ConnectedPeers() const;

    const PeerCounters& SentTo(raft::NodeId peer) const;

    /// From a peer's streams: messages and protobufBytes only. Link heartbeats count as NO_NODE's
    /// (etcd_network_peer_received_bytes_total{From="0"}).
    const PeerCounters& ReceivedFrom(raft::NodeId peer) const;

    /// How often a peer that was there was lost.
    std::uint64_t Disconnects(raft::NodeId peer) const;

  private:
    struct Reader;
    struct Connection;

    void Dial(Connection& peer, PeerStreamType type);
    void Redial(Connection& peer, PeerStreamType type);
    void Dialled(Connection& peer, PeerStreamType type, ByteStreamPtr stream);
    Connection* Find(raft::NodeId id) const;
    bool Take(Connection& peer, const raft::Message& message);
    void Attach(raft::NodeId from, PeerStreamType type, const ByteStreamPtr& stream);
    void Receive(Connection& from, const Chunk& chunk);
    void Heartbeat();
    void GiveUpSilentReaders();
    void GiveUpStuckWriters();

    Network& m_network;
    Peer m_self;
    Duration m_dialTimeout;
    Handlers m_handlers;
    std::vector<std::unique_ptr<Connection>> m_peers; //!< by ascending id
    /// Removed: callbacks may still know them, and what was sent to them is remembered.
    std::vector<std::unique_ptr<Connection>> m_formerPeers;
    PeerPort m_port;
    PeerCounters m_linkHeartbeats; //!< received
    ns3::EventId m_heartbeat;
    /// Outlives this object in callbacks that may come later than Stop.
    std::shared_ptr<bool> m_running = std::make_shared<bool>(false);
};

} // namespace etcdlab
