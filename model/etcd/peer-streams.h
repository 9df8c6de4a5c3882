// The connections between members (etcd 3.4.23 etcdserver/api/rafthttp: peer.go, stream.go).
#pragma once

#include "model/etcd/pure/raft-wire.h"
#include "model/raft/types.h"
#include "model/transport/byte-stream.h"

#include <ns3/event-id.h>
#include <ns3/node.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
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
    std::uint64_t failures = 0;      //!< messages dropped because no stream was up
};

/**
 * One member's side of all its peer connections.
 *
 * A member dials each peer twice, and what it reads on these two streams is what the peer has to say; so
 * a pair of members has four connections, each carrying data one way. A lost stream is dialled again, at
 * most every 100 ms; one on which nothing has arrived for 5 s is taken for lost.
 */
class PeerStreams
{
  public:
    struct Handlers
    {
        std::function<void(const raft::Message&)> receive;
        std::function<void(raft::NodeId)> unreachable; //!< a message to it was dropped
        std::function<void()> connected;               //!< a stream came up, in either direction
    };

    PeerStreams(Network& network, Peer self, std::vector<Peer> peers, Handlers handlers);
    ~PeerStreams();

    PeerStreams(const PeerStreams&) = delete;
    PeerStreams& operator=(const PeerStreams&) = delete;

    void Start();
    /// Close everything; no handler is called any more.
    void Stop();

    /// Send messages that are ready at the same moment: each stream flushes once.
    void Send(const std::vector<raft::Message>& messages);

    /// Peers from whom a stream is up (rafthttp/transport.go: ActivePeers).
    std::size_t ActivePeers() const;

    /// Peers to and from whom both streams are up.
    std::size_t ConnectedPeers() const;

    const PeerCounters& SentTo(raft::NodeId peer) const;

  private:
    struct Writer;
    struct Reader;
    struct Connection;

    void Dial(Connection& peer, PeerStreamType type);
    void Redial(Connection& peer, PeerStreamType type);
    void Accept(ByteStreamPtr stream);
    void Attach(raft::NodeId from, PeerStreamType type, const ByteStreamPtr& stream);
    void Receive(const Chunk& chunk);
    void Heartbeat();
    void GiveUpSilentReaders();

    Network& m_network;
    Peer m_self;
    Handlers m_handlers;
    std::vector<std::unique_ptr<Connection>> m_peers; //!< by ascending id
    std::vector<ByteStreamPtr> m_unidentified;        //!< accepted, request not read yet
    ns3::EventId m_heartbeat;
    /// Outlives this object in callbacks that may come later than Stop.
    std::shared_ptr<bool> m_running = std::make_shared<bool>(false);
};

} // namespace etcdlab
