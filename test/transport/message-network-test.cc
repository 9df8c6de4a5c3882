// The transport without packets, by the expectations that tcp-network-test.cc has of TCP.
#include "model/transport/message-network.h"
#include "test/transport/transport-fixture.h"

#include <stdexcept>
#include <vector>

namespace etcdlab
{
namespace
{

using namespace std::chrono_literals;

class MessageNetworkTest : public TransportFixture<MessageWan, MessageNetwork>
{
  protected:
    static Chunk Bytes(std::uint32_t size, int number)
    {
        return {size, Number(number)};
    }

    static Duration When(const Observed& seen, int number)
    {
        for (const auto& [time, n] : seen.messages)
        {
            if (n == number)
            {
                return time;
            }
        }
        ADD_FAILURE() << "message " << number << " did not arrive";
        return Duration(0);
    }
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
    ASSERT_EQ(atServer.messages.size(), 300U);
    for (int i = 0; i < 300; ++i)
    {
        EXPECT_EQ(atServer.messages[static_cast<std::size_t>(i)].second, i);
    }
}

TEST_F(MessageNetworkTest, ALossIsRepairedAfterTheRoundTripTimeAndTheMinimumRto)
{
    JoinTwo(Link(50ms));
    Open("a", "b");
    server->OnReceive([this](Chunk chunk) {
        for (const auto& mark : chunk.marks)
        {
            atServer.messages.emplace_back(Now(), NumberOf(mark.message));
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
    At(100ms, [this] { wan.GetLink("a", "b").SetDown(0, false); });
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
    At(1ms, [this] { client->Send(Bytes(100, 2)); });
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
    ASSERT_EQ(atServer.messages.size(), 1U);
    EXPECT_EQ(atServer.ends, std::vector{StreamEnd::CLOSED});
}

TEST_F(MessageNetworkTest, AbortResetsTheOtherSide)
{
    JoinTwo(Link(10ms));
    Open("a", "b");
    client->Abort();
    RunFor(1s);
    EXPECT_EQ(atServer.ends, std::vector{StreamEnd::RESET});
    EXPECT_TRUE(atClient.ends.empty());
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
    EXPECT_EQ(atServer.messages.size(), 1U);
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
