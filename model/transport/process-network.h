// The network as one process has it: its streams stand still when the process does.
#pragma once

#include "model/transport/byte-stream.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

namespace etcdlab
{

/**
 * Passes everything on to another network, both ways, until it is paused.
 *
 * While it is paused (SIGSTOP), the other network still completes handshakes, acknowledges and buffers, as a
 * kernel does; what arrives waits for the process. What the process would send waits, too: its timers may expire
 * while it stands still, but what follows from them is seen only when it goes on. (A kernel's buffers are
 * limited, these are not.)
 */
class ProcessNetwork : public Network
{
  public:
    explicit ProcessNetwork(Network& below);

    void Pause();

    /// Goes on: what was to be sent leaves, then what has arrived is handed over, in order.
    void Resume();

    /// The process dies: what waits is lost, connections that wait are reset. It is not paused any more.
    void Kill();

    bool IsPaused() const;

    void Listen(ns3::Ptr<ns3::Node> node,
                std::uint16_t port,
                StreamOptions options,
                AcceptHandler accept) override;
    void StopListening(ns3::Ptr<ns3::Node> node, std::uint16_t port) override;
    void Connect(ns3::Ptr<ns3::Node> from,
                 ns3::Ptr<ns3::Node> to,
                 std::uint16_t port,
                 StreamOptions options,
                 ConnectHandler connected) override;

  private:
    class Stream;

    /// What waits.
    struct Gate
    {
        bool paused = false;
        std::deque<std::function<void()>> out;
        std::deque<std::function<void()>> in;
    };

    Network& m_below;
    std::shared_ptr<Gate> m_gate = std::make_shared<Gate>();
};

} // namespace etcdlab
