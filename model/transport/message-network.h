// Byte streams with TCP's timing and no packets.
#pragma once

#include "model/transport/byte-stream.h"
#include "model/transport/message-wan.h"
#include "model/transport/tcp-config.h"

#include <map>
#include <memory>
#include <utility>

namespace etcdlab
{

/**
 * TcpNetwork's twin for sweeps: the same handshakes, slow start, acknowledgements, losses and ends, computed for
 * segments that are sent together instead of simulated packet by packet (message-stream.h says how).
 * model/README.md tells how well the two agree, and where they do not.
 *
 * Listen and Connect may be called before the simulation starts.
 */
class MessageNetwork : public Network
{
  public:
    /// @param wan must outlive the network, its streams and the simulation
    explicit MessageNetwork(const MessageWan& wan, TcpConfig config = {});
    ~MessageNetwork() override;

    /// @throws std::invalid_argument if somebody listens there already, or the node is none of the network's
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

    struct State; //!< what listeners and attempts share

  private:
    std::shared_ptr<State> m_state;
};

} // namespace etcdlab
