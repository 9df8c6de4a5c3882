// A network that notes what passes through it.
#pragma once

#include "model/transport/byte-stream.h"
#include "test/benchmark/recording.h"

#include <memory>
#include <optional>

namespace etcdlab::benchmark
{

/// Where the streams of a RecordingNetwork note what they do.
class Recorder
{
  public:
    /// A stream's number among all; its connection is known at once if it opened it.
    std::size_t AddEnd(std::optional<std::uint32_t> connection, std::uint32_t side, bool nagle);
    std::uint32_t AddConnection(const RecordedConnection& connection);

    /// Both are ends of one connection.
    void Pair(std::size_t a, std::size_t b);

    /// Something was sent: by the clock, or while an end took in bytes.
    void NoteSend(std::size_t end, std::uint32_t bytes);

    /// What is sent until Leave is an answer to what this end has received so far.
    struct Cause
    {
        std::size_t end = 0;
        std::uint64_t received = 0;
    };

    std::optional<Cause> Enter(Cause cause);
    void Leave(std::optional<Cause> before);

    /// All that was noted. @throws std::runtime_error if a connection was refused or carried no message
    Recording Finish() const;

  private:
    struct End
    {
        std::optional<std::uint32_t> connection;
        std::uint32_t side = 0;
        bool nagle = false;
    };

    struct Send
    {
        std::size_t end = 0;
        std::uint32_t bytes = 0;
        std::int64_t time = 0;
        std::optional<Cause> cause;
    };

    RecordedEnd Resolve(std::size_t end) const;

    std::vector<End> m_ends;
    std::vector<RecordedConnection> m_connections;
    std::vector<Send> m_sends;
    std::optional<Cause> m_cause;
};

/// Passes everything on to another network. Streams must not outlive it.
class RecordingNetwork : public Network
{
  public:
    explicit RecordingNetwork(Network& network);

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

    const Recorder& GetRecorder() const
    {
        return *m_recorder;
    }

  private:
    Network& m_network;
    std::shared_ptr<Recorder> m_recorder = std::make_shared<Recorder>();
};

} // namespace etcdlab::benchmark
