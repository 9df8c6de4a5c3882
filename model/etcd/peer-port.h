// A member's peer port: accepts connections, and has the requests that come on them answered (etcd 3.4.23 rafthttp/http.go,
// etcdserver/api/etcdhttp/peer.go).
#pragma once

#include "model/etcd/peer-http.h"
#include "model/transport/byte-stream.h"

#include <ns3/node.h>

#include <functional>
#include <vector>

namespace etcdlab
{

/// The server's side of PeerHttpClient.
class PeerPort
{
  public:
    struct Handlers
    {
        /// A request of HTTP/1.1's kind has come, but no PeerHttpGet, which the port answers by itself.
        std::function<void(const MessagePtr& body, PeerHttpResponder respond)> request;
        /// Anything else: the port has forgotten the connection, which is now the handler's.
        std::function<void(const ByteStreamPtr& stream, const Message& message)> takeOver;
    };

    PeerPort(Network& network, ns3::Ptr<ns3::Node> node, Handlers handlers);
    /// Stop must have been called, if Listen was.
    ~PeerPort() = default;
    PeerPort(const PeerPort&) = delete;
    PeerPort& operator=(const PeerPort&) = delete;

    void Listen();

    /// Reset all connections that were not taken over; no handler is called any more.
    void Stop();

  private:
    void Accept(const ByteStreamPtr& stream);
    void Receive(const ByteStreamPtr& stream, const Chunk& chunk);
    void Serve(const ByteStreamPtr& stream, const PeerHttpRequest& request);
    void Answer(const ByteStreamPtr& stream, bool keepAlive, std::uint32_t bytes, MessagePtr body);

    Network& m_network;
    ns3::Ptr<ns3::Node> m_node;
    Handlers m_handlers;
    std::vector<ByteStreamPtr> m_connections;
};

} // namespace etcdlab
