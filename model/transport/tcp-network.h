// Byte streams over ns-3's TCP sockets, tuned to behave like Linux's.
#pragma once

#include "model/transport/byte-stream.h"
#include "model/transport/tcp-config.h"

#include <ns3/ipv4-address.h>
#include <ns3/nstime.h>

#include <map>
#include <memory>
#include <tuple>

namespace etcdlab
{

/**
 * The TCP of a simulated network of IPv4 nodes.
 *
 * Packets carry zeros: only their number of bytes travels. The messages wait beside the connection
 * until the bytes they stand for have arrived. A node reaches itself over its loopback interface,
 * which takes no time.
 *
 * A stream must be ended by Close or Abort, or by the other side; one that is merely dropped falls
 * silent, its socket staying open. Listen and Connect may be called before the simulation starts:
 * connections are then opened by an event at the current time.
 *
 * Nodes are addressed by the first address of their first interface after the loopback.
 */
class TcpNetwork : public Network
{
  public:
    explicit TcpNetwork(TcpConfig config = {});
    ~TcpNetwork() override;

    /// @throws std::invalid_argument if somebody listens there already, or the node has no TCP
    void Listen(ns3::Ptr<ns3::Node> node,
                std::uint16_t port,
                StreamOptions options,
                AcceptHandler accept) override;
    void StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port) override;

    /// The handler gets nullptr after a reset by the other side, 6 unanswered SYNs and their
    /// retries (127 s), or, in the next event, if there is no route.
    void Connect(ns3::Ptr<ns3::Node> from,
                 ns3::Ptr<ns3::Node> to,
                 std::uint16_t port,
                 StreamOptions options,
                 ConnectHandler connected) override;

    struct State; //!< what streams, listeners and attempts share

  private:
    std::shared_ptr<State> m_state;
};

} // namespace etcdlab
