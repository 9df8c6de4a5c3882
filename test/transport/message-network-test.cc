// The transport without packets, by the expectations that tcp-network-test.cc has of TCP.
#include "model/transport/message-network.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace etcdlab
{
namespace
{

using namespace std::chrono_literals;

struct NumberMessage : Message
{
    explicit NumberMessage(int n)
        : number(n)
    {
    }

    int number;
};

class MessageNetworkTest : public testing::Test
{
  protected:
    ~MessageNetworkTest() override
    {
        ns3::Simulator::Destroy();
    }

    static Duration Now()
    {
        return Duration(ns3::Simulator::Now().GetNanoSeconds());
    }

    static void After(Duration time, std::function<void()> action)
    {
        ns3::Simulator::Schedule(ns3::NanoSeconds(time.count()), std::move(action));
    }

    static void RunFor(Duration time)
    {
        ns3::Simulator::Stop(ns3::NanoSeconds(time.count()));
        ns3::Simulator::Run();
    }

    static LinkConfig Link(Duration delay)
    {
        LinkConfig config;
        config.delay = delay;
        return config;
    }

    void JoinTwo(const LinkConfig& config)
    {
        wan.AddNode("a");
        wan.AddNode("b");
        wan.AddLink("a", "b", config);
        wan.Install();
        wan.AssignStreams(1);
    }

    void Open(const std::string& from, const std::string& to, StreamOptions options = {})
    {
        network.Listen(wan.GetNode(to), 80, {}, [this](ByteStreamPtr stream) {
            server = stream;
            Observe(server, atServer);
            server->OnEnd([this](StreamEnd how) { serverEnds.push_back(how); });
        });
        network.Connect(
            wan.GetNode(from), wan.GetNode(to), 80, options, [this](ByteStreamPtr stream) {
                client = stream;
                Observe(client, atClient);
                client->OnEnd([this](StreamEnd how) { clientEnds.push_back(how); });
            });
        RunFor(2s);
        ASSERT_TRUE(client);
        ASSERT_TRUE(server);
    }

    using Arrivals = std::vector<std::pair<Duration, int>>;

    static void Observe(const ByteStreamPtr& stream, Arrivals& seen)
    {
        stream->OnReceive([&seen](Chunk chunk) {
            for (const auto& mark : chunk.marks)
            {
                seen.emplace_back(Now(), dynamic_cast<const NumberMessage&>(*mark.message).number);
            }
        });
    }

    static Chunk Bytes(std::uint32_t size, int number)
    {
        return {size, std::make_shared<NumberMessage>(number)};
    }

    static Duration When(const Arrivals& seen, int number)
    {
        for (const auto& [time, n] : seen)
        {
            if (n == number)
            {
                return time;
            }
        }
        ADD_FAILURE() << "message " << number << " did not arrive";
        return Duration(0);
    }

    MessageWan wan;
    MessageNetwork network{wan};
    ByteStreamPtr client;
    ByteStreamPtr server;
    Arrivals atClient;
    Arrivals atServer;
    std::vector<StreamEnd> clientEnds;
    std::vector<StreamEnd> serverEnds;
};

TEST_F(MessageNetworkTest, NodesHaveNoDevices)
{
    JoinTwo(Link(1ms));
    EXPECT_EQ(wan.GetNode("a")->GetNDevices(), 0U);
}

TEST_F(MessageNetworkTest, RoundTripIsTwiceTheDelayAndTheTransmissionTimes)
{
    JoinTwo(Link(25ms));
    Open("a", "b");
    server->OnReceive([this](Chunk) { server->Send(Bytes(200, 2)); });
    const auto start = Now();
    client->Send(Bytes(100, 1));
    RunFor(1s);
    // 100 + 52 + 2 B and 200 + 52 + 2 B at 1 Gbps.
    EXPECT_EQ(When(atClient, 2) - start, 50ms + 1232ns + 2032ns);
}

TEST_F(MessageNetworkTest, RoundTripOverSeveralLinksIsTheirSum)
{
    for (const char* name : {"a", "b", "c"})
    {
        wan.AddNode(name);
    }
    wan.AddLink("a", "b", Link(30ms));
    wan.AddLink("b", "c", Link(80ms));
    wan.Install();
    Open("a", "c");
    server->OnReceive([this](Chunk) { server->Send(Bytes(100, 2)); });
    const auto start = Now();
    client->Send(Bytes(100, 1));
    RunFor(1s);
    EXPECT_EQ(When(atClient, 2) - start, 220ms + 4 * 1232ns);
}

TEST_F(MessageNetworkTest, ConnectTakesARoundTripAndTheServerHearsHalfOneLater)
{
    JoinTwo(Link(40ms));
    Duration connected{0};
    Duration accepted{0};
    network.Listen(wan.GetNode("b"), 80, {}, [&](ByteStreamPtr) { accepted = Now(); });
    network.Connect(
        wan.GetNode("a"), wan.GetNode("b"), 80, {}, [&](ByteStreamPtr) { connected = Now(); });
    RunFor(1s);
    EXPECT_NEAR(Milliseconds(connected), 80, 0.01);
    EXPECT_NEAR(Milliseconds(accepted), 120, 0.01);
}

TEST_F(MessageNetworkTest, BigTransferTakesTheRoundTripsOfSlowStart)
{
    auto config = Link(50ms);
    config.rate = {10'000'000'000};
    config.queue = 10000;
    JoinTwo(config);
    Open("a", "b");
    const auto start = Now();
    client->Send(Bytes(1'000'000, 1));
    RunFor(5s);
    // As of TCP: 691 segments; 10, 20, ... 320 make 630 in six round trips, the rest leaves after them.
    const auto took = When(atServer, 1) - start;
    EXPECT_GE(took, 650ms);
    EXPECT_LE(took, 650ms + 2ms);
}

TEST_F(MessageNetworkTest, ALossyPathDeliversEverythingInOrder)
{
    auto config = Link(5ms);
    config.loss = {0.02};
    config.jitter = 2ms;
    JoinTwo(config);
    Open("a", "b");
    for (int i = 0; i < 300; ++i)
    {
        client->Send(Bytes(3001, i));
    }
    RunFor(120s);
    ASSERT_EQ(atServer.size(), 300U);
    for (int i = 0; i < 300; ++i)
    {
        EXPECT_EQ(atServer[static_cast<std::size_t>(i)].second, i);
    }
}

TEST_F(MessageNetworkTest, ALossIsRepairedAfterTheRoundTripTimeAndTheMinimumRto)
{
    JoinTwo(Link(50ms));
    Open("a", "b");
    server->OnReceive([this](Chunk chunk) {
        for (const auto& mark : chunk.marks)
        {
            atServer.emplace_back(Now(), dynamic_cast<const NumberMessage&>(*mark.message).number);
        }
        server->Send(Bytes(10, 2));
    });
    for (int i = 0; i < 40; ++i)
    {
        client->Send(Bytes(10, 0));
        RunFor(500ms);
    }
    const auto start = Now();
    wan.GetLink("a", "b").SetDown(0, true);
    client->Send(Bytes(10, 1));
    After(100ms, [this] { wan.GetLink("a", "b").SetDown(0, false); });
    RunFor(5s);
    // Sent again after 100 (round trip) + 200 ms, there 50 ms later.
    EXPECT_NEAR(Milliseconds(When(atServer, 1) - start), 350, 1.01);
}

TEST_F(MessageNetworkTest, NaglesSecondWriteWaitsForTheDelayedAcknowledgement)
{
    JoinTwo(Link(20ms));
    Open("a", "b", {.nagle = true});
    const auto start = Now();
    client->Send(Bytes(100, 1));
    After(1ms, [this] { client->Send(Bytes(100, 2)); });
    RunFor(1s);
    // First write 20 there, 40 delay of the acknowledgement, 20 back, second write 20 there.
    EXPECT_NEAR(Milliseconds(When(atServer, 2) - start), 100, 0.02);
}

TEST_F(MessageNetworkTest, AClosedPortRefusesAfterARoundTrip)
{
    JoinTwo(Link(30ms));
    Duration answered{0};
    network.Connect(wan.GetNode("a"), wan.GetNode("b"), 80, {}, [&](ByteStreamPtr stream) {
        EXPECT_FALSE(stream);
        answered = Now();
    });
    RunFor(5s);
    EXPECT_NEAR(Milliseconds(answered), 60, 0.01);
}

TEST_F(MessageNetworkTest, ADeadPathTimesOutAfterAllRetries)
{
    JoinTwo(Link(30ms));
    wan.GetLink("a", "b").SetDown(0, true);
    Duration answered{0};
    network.Connect(
        wan.GetNode("a"), wan.GetNode("b"), 80, {}, [&](ByteStreamPtr) { answered = Now(); });
    RunFor(200s);
    EXPECT_EQ(answered, 127s); // 1 + 2 + 4 + ... + 64
    EXPECT_EQ(wan.GetLink("a", "b").Lost(), 7U);
}

TEST_F(MessageNetworkTest, CloseDeliversEverythingFirst)
{
    JoinTwo(Link(10ms));
    Open("a", "b");
    client->Send(Bytes(500'000, 1));
    client->Close();
    client.reset();
    RunFor(5s);
    ASSERT_EQ(atServer.size(), 1U);
    EXPECT_EQ(serverEnds, std::vector{StreamEnd::CLOSED});
}

TEST_F(MessageNetworkTest, AbortResetsTheOtherSide)
{
    JoinTwo(Link(10ms));
    Open("a", "b");
    client->Abort();
    RunFor(1s);
    EXPECT_EQ(serverEnds, std::vector{StreamEnd::RESET});
    EXPECT_TRUE(clientEnds.empty());
}

TEST_F(MessageNetworkTest, ABlockedPairLosesAndTheUserTimeoutEndsTheStream)
{
    JoinTwo(Link(10ms));
    Open("a", "b", {.userTimeout = 3s});
    wan.Block("b", "a"); // data arrive, acknowledgements do not
    const auto start = Now();
    Duration ended{0};
    client->OnEnd([&](StreamEnd) { ended = Now() - start; });
    client->Send(Bytes(10, 1));
    RunFor(20s);
    EXPECT_EQ(atServer.size(), 1U);
    EXPECT_NEAR(Milliseconds(ended), 3000, 1);
}

TEST_F(MessageNetworkTest, CountsThePacketsOfAnExchange)
{
    JoinTwo(Link(10ms));
    Open("a", "b");
    const auto before = wan.GetLink("a", "b").GetCount(0);
    EXPECT_EQ(before.packets, 2U); // SYN of 56 B, acknowledgement of 52
    EXPECT_EQ(before.bytes, 108U);
    client->Send(Bytes(3000, 1));
    RunFor(1s);
    // Three segments; the first two are acknowledged at once, the third 40 ms later (when somebody looks).
    client->Send(Bytes(10, 2));
    RunFor(1s);
    const auto& link = wan.GetLink("a", "b");
    EXPECT_EQ(link.GetCount(0).packets - before.packets, 4U);
    EXPECT_EQ(link.GetCount(0).bytes - before.bytes, 3010U + 4 * 52);
    EXPECT_EQ(link.GetCount(1).packets, 3U) << "SYN's acknowledgement and two more";
}

TEST_F(MessageNetworkTest, APortIsTakenOnceAndFreeAgainAfterwards)
{
    JoinTwo(Link(10ms));
    const auto ignore = [](ByteStreamPtr) {};
    network.Listen(wan.GetNode("a"), 80, {}, ignore);
    EXPECT_THROW(network.Listen(wan.GetNode("a"), 80, {}, ignore), std::invalid_argument);
    network.StopListening(wan.GetNode("a"), 80);
    network.Listen(wan.GetNode("a"), 80, {}, ignore);
}

} // namespace
} // namespace etcdlab
