// A network of named nodes for tests of what runs on it.
#pragma once

#include "model/transport/tcp-network.h"
#include "model/transport/wan-link.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace etcdlab
{

constexpr Duration
Ms(int n)
{
    return std::chrono::milliseconds(n);
}

/// A message with a number, to tell one from another.
struct NumberMessage : Message
{
    explicit NumberMessage(int n)
        : number(n)
    {
    }

    int number;
};

inline MessagePtr
Number(int n)
{
    return std::make_shared<NumberMessage>(n);
}

inline int
NumberOf(const MessagePtr& message)
{
    return dynamic_cast<const NumberMessage&>(*message).number;
}

/// What one end of a stream saw.
struct Observed
{
    std::vector<std::pair<Duration, std::uint32_t>> chunks; //!< time, bytes
    std::vector<std::pair<Duration, int>> messages;
    std::uint64_t bytes = 0;
    std::vector<StreamEnd> ends;
};

/// Each test has a simulation of its own.
template <class WanType, class NetworkType>
class TransportFixture : public testing::Test
{
  protected:
    ~TransportFixture() override
    {
        ns3::Simulator::Destroy();
    }

    static Duration Now()
    {
        return Duration(ns3::Simulator::Now().GetNanoSeconds());
    }

    static void At(Duration time, std::function<void()> action)
    {
        ns3::Simulator::Schedule(ns3::NanoSeconds(time.count()), std::move(action));
    }

    static void RunUntil(Duration time)
    {
        ns3::Simulator::Stop(ns3::NanoSeconds(time.count()) - ns3::Simulator::Now());
        ns3::Simulator::Run();
    }

    static void RunFor(Duration time)
    {
        RunUntil(Now() + time);
    }

    static LinkConfig Link(Duration delay)
    {
        LinkConfig config;
        config.delay = delay;
        return config;
    }

    /// Nodes "a" and "b" joined by a link.
    void JoinTwo(const LinkConfig& config)
    {
        wan.AddNode("a");
        wan.AddNode("b");
        wan.AddLink("a", "b", config);
        wan.Install();
        wan.AssignStreams(1);
    }

    static void Observe(const ByteStreamPtr& stream, Observed& seen)
    {
        stream->OnReceive([&seen](Chunk chunk) {
            seen.chunks.emplace_back(Now(), chunk.bytes);
            seen.bytes += chunk.bytes;
            for (const auto& mark : chunk.marks)
            {
                seen.messages.emplace_back(Now(), NumberOf(mark.message));
            }
        });
        stream->OnEnd([&seen](StreamEnd end) { seen.ends.push_back(end); });
    }

    /// Open a stream and run until it stands; it was opened at the present time.
    void Open(const std::string& from, const std::string& to, StreamOptions clientOptions = {})
    {
        network.Listen(wan.GetNode(to), 80, {}, [this](ByteStreamPtr stream) {
            server = stream;
            Observe(stream, atServer);
        });
        network.Connect(
            wan.GetNode(from), wan.GetNode(to), 80, clientOptions, [this](ByteStreamPtr stream) {
                ASSERT_TRUE(stream);
                client = stream;
                Observe(stream, atClient);
            });
        RunFor(Ms(2000));
        ASSERT_TRUE(client);
        ASSERT_TRUE(server);
    }

    static NetworkType MakeNetwork(WanType& wan)
    {
        if constexpr (std::is_constructible_v<NetworkType, WanType&>)
        {
            return NetworkType(wan);
        }
        else
        {
            return NetworkType();
        }
    }

    WanType wan;
    NetworkType network = MakeNetwork(wan);
    ByteStreamPtr client;
    ByteStreamPtr server;
    Observed atClient;
    Observed atServer;
};

/// Packets, by TCP.
using TransportTest = TransportFixture<WanBuilder, TcpNetwork>;

} // namespace etcdlab
