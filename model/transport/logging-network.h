// A network that keeps a log of the messages it carries; for ladders and traces.
#pragma once

#include "model/transport/byte-stream.h"

#include <vector>

namespace etcdlab
{

/// A message that has arrived. Ends are node numbers (ns3::Node::GetId).
struct LoggedMessage
{
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint32_t bytes = 0; //!< of the stream, from the end of the message before
    Duration sent{0};        //!< when it was handed to the stream
    Duration received{0};    //!< when its last byte was handed over
    MessagePtr message;
};

using MessageLog = std::vector<LoggedMessage>;

/// Another network's streams, logged. What is lost with a connection is never in the log. Nothing else changes: a run takes
/// the same course with and without it.
class LoggingNetwork : public Network
{
  public:
    /// @param log both must outlive the network and its streams
    LoggingNetwork(Network& network, MessageLog& log);

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
    Network& m_network;
    MessageLog& m_log;
};

} // namespace etcdlab
