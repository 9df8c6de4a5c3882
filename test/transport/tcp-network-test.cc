#include "test/transport/transport-fixture.h"

#include <stdexcept>

namespace etcdlab
{
namespace
{

class TcpNetworkTest : public TransportTest
{
  protected:
    /// Send a message both ways, so that what happens only at a connection's start is over.
    void WarmUp()
    {
        client->Send(Chunk(10, Number(-1)));
        RunUntil(Now() + Ms(1000));
        server->Send(Chunk(10, Number(-1)));
        RunUntil(Now() + Ms(1000));
        atClient = {};
        atServer = {};
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

TEST_F(TcpNetworkTest, TheCongestionWindowGrowsOnlyWhenItIsUsed)
{
    JoinTwo(Link(Ms(50)));
    Open("a", "b");
    for (int i = 0; i < 300; ++i)
    {
        At(Ms(110 * i), [this] { client->Send(Chunk(1000, Number(1))); });
    }
    RunUntil(Now() + Ms(40'000 - 2000)); // all but idle: each within the timeout of the last
    const Duration start = Now();
    client->Send(Chunk(100'000, Number(2)));
    RunUntil(start + Ms(1000));
    // 14480 + 28960 + 57920 = 101360 B: three flights, the last of which arrives after two round
    // trips and a half.
    ASSERT_EQ(atServer.messages.back().second, 2);
    EXPECT_NEAR(Milliseconds(atServer.messages.back().first - start), 250, 45);
}

TEST_F(TcpNetworkTest, RoundTripIsTwiceTheDelayAndTheTransmissionTimes)
{
    JoinTwo(Link(Ms(25)));
    Open("a", "b");
    WarmUp();
    server->OnReceive([this](Chunk) { server->Send(Chunk(200, Number(2))); });
    const Duration start = Now();
    client->Send(Chunk(100, Number(1)));
    RunUntil(start + Ms(1000));
    // 100 + 52 + 2 B and 200 + 52 + 2 B at 1 Gbps: 1232 and 2032 ns. ns-3's sockets write 1 ns
    // after Send; an answer given by the receiver's handler leaves at once.
    EXPECT_EQ(When(atClient, 2) - start, 2 * Ms(25) + Duration(1232 + 2032 + 1));
}

TEST_F(TcpNetworkTest, RoundTripOverSeveralLinksIsTheirSum)
{
    for (const char* name : {"a", "b", "c"})
    {
        wan.AddNode(name);
    }
    wan.AddLink("a", "b", Link(Ms(30)));
    wan.AddLink("b", "c", Link(Ms(80)));
    wan.Install();
    Open("a", "c");
    WarmUp();
    server->OnReceive([this](Chunk) { server->Send(Chunk(100, Number(2))); });
    const Duration start = Now();
    client->Send(Chunk(100, Number(1)));
    RunUntil(start + Ms(1000));
    EXPECT_EQ(When(atClient, 2) - start, 2 * Ms(110) + Duration(4 * 1232 + 1));
}

TEST_F(TcpNetworkTest, ConnectTakesARoundTrip)
{
    JoinTwo(Link(Ms(40)));
    network.Listen(wan.GetNode("b"), 80, {}, [this](ByteStreamPtr stream) { server = stream; });
    Duration connected{0};
    network.Connect(wan.GetNode("a"), wan.GetNode("b"), 80, {}, [&](ByteStreamPtr stream) {
        client = stream;
        connected = Now();
    });
    RunUntil(Ms(1000));
    ASSERT_TRUE(client);
    EXPECT_NEAR(Milliseconds(connected), 80, 0.01);
}

TEST_F(TcpNetworkTest, ANodeReachesItselfInNoTime)
{
    JoinTwo(Link(Ms(40)));
    Open("a", "a");
    WarmUp();
    server->OnReceive([this](Chunk chunk) { server->Send(std::move(chunk)); });
    const Duration start = Now();
    client->Send(Chunk(1'000'000, Number(1)));
    RunUntil(start + Ms(1000));
    // The bytes are echoed in segments of 65483 B: only the sockets' steps of 1 ns remain.
    EXPECT_LT(When(atClient, 1) - start, std::chrono::microseconds(1));
    ASSERT_FALSE(atClient.chunks.empty());
    EXPECT_EQ(atClient.chunks[0].second, 65483u);
}

TEST_F(TcpNetworkTest, MessagesArriveWithTheirLastByte)
{
    LinkConfig config = Link(Ms(10));
    config.rate = {1'000'000};
    JoinTwo(config);
    Open("a", "b");
    WarmUp();
    const Duration start = Now();
    Chunk chunk(1000, Number(1));
    chunk.Append(Chunk(1896, Number(2)));
    client->Send(std::move(chunk));
    client->Send(Chunk(1, Number(3)));
    RunUntil(start + Ms(1000));
    // Two segments of 1448 B, 1502 B on the wire, 12.016 ms each; message 1 ends in the first,
    // message 2 with the second; 1 + 54 B, 0.44 ms, for message 3.
    EXPECT_EQ(When(atServer, 1) - start, Ms(10) + Duration(12'016'000 + 1));
    EXPECT_EQ(When(atServer, 2) - start, Ms(10) + Duration(2 * 12'016'000 + 1));
    EXPECT_EQ(When(atServer, 3) - start, Ms(10) + Duration(2 * 12'016'000 + 440'000 + 1));
    EXPECT_EQ(atServer.bytes, 2897u);
    EXPECT_EQ(client->BytesSent(), 2907u); // with the warm-up's 10
    EXPECT_EQ(server->BytesReceived(), 2907u);
}

TEST_F(TcpNetworkTest, BigTransferTakesTheRoundTripsOfSlowStart)
{
    LinkConfig config = Link(Ms(50));
    config.rate = {10'000'000'000};
    config.queue = 10000;
    JoinTwo(config);
    Open("a", "b");
    const Duration start = Now();
    client->Send(Chunk(1'000'000, Number(1)));
    RunUntil(start + Ms(5000));
    // 691 segments of 1448 B. Slow start sends 10, 20, 40, 80, 160, 320, 640 in successive round
    // trips: 630 after six of them, so the seventh has the last. It leaves after 6 RTT and arrives
    // 50 ms later. (A delayed acknowledgement that covers a flight's odd last segment costs less
    // than the 579 spare.) 691 segments of 1502 B take 0.83 ms at 10 Gbps.
    const Duration took = When(atServer, 1) - start;
    EXPECT_GE(took, 6 * Ms(100) + Ms(50));
    EXPECT_LE(took, 6 * Ms(100) + Ms(50) + std::chrono::microseconds(900));
}

TEST_F(TcpNetworkTest, MoreThanTheSocketsBufferIsQueuedAndArrives)
{
    JoinTwo(Link(Ms(1)));
    Open("a", "b");
    for (int i = 0; i < 10; ++i)
    {
        client->Send(Chunk(1'000'000, Number(i)));
    }
    // The send buffer takes 4 MiB.
    EXPECT_EQ(client->Queued(), 10'000'000u - (4u << 20));
    RunUntil(Now() + Ms(5000));
    EXPECT_EQ(client->Queued(), 0u);
    EXPECT_EQ(atServer.bytes, 10'000'000u);
    ASSERT_EQ(atServer.messages.size(), 10u);
    for (int i = 0; i < 10; ++i)
    {
        EXPECT_EQ(atServer.messages[static_cast<std::size_t>(i)].second, i);
    }
}

TEST_F(TcpNetworkTest, ALossyPathDeliversEverythingInOrder)
{
    LinkConfig config = Link(Ms(5));
    config.loss = {0.02};
    config.jitter = Ms(2);
    JoinTwo(config);
    wan.AssignStreams(1);
    Open("a", "b");
    for (int i = 0; i < 300; ++i)
    {
        client->Send(Chunk(3001, Number(i)));
    }
    RunUntil(Now() + std::chrono::seconds(120));
    EXPECT_EQ(atServer.bytes, 300u * 3001u);
    ASSERT_EQ(atServer.messages.size(), 300u);
    for (int i = 0; i < 300; ++i)
    {
        EXPECT_EQ(atServer.messages[static_cast<std::size_t>(i)].second, i);
    }
}

TEST_F(TcpNetworkTest, DelayedAcknowledgementOnALongPathIsNotTakenForALoss)
{
    // RTT 500 ms, more than the minimum RTO of 200: with ns-3's estimator it would converge to 501
    // ms, and the 40 ms of a delayed acknowledgement bring a retransmission.
    JoinTwo(Link(Ms(250)));
    Open("a", "b");
    WarmUp();
    std::uint64_t packets = 0;
    wan.GetLink("a", "b").devices[0]->TraceConnectWithoutContext(
        "PhyTxBegin",
        ns3::Callback<void, ns3::Ptr<const ns3::Packet>>(
            [&packets](ns3::Ptr<const ns3::Packet>) { ++packets; }));
    server->OnReceive([this](Chunk) { server->Send(Chunk(10, Number(2))); });
    for (int i = 0; i < 20; ++i) // answered at once: samples of exactly 500 ms
    {
        client->Send(Chunk(10, Number(1)));
        RunUntil(Now() + Ms(2000));
    }
    server->OnReceive([](Chunk) {});
    packets = 0;
    client->Send(Chunk(10, Number(1))); // acknowledged 40 ms late
    RunUntil(Now() + Ms(5000));
    EXPECT_EQ(packets, 1u);
}

TEST_F(TcpNetworkTest, ALossIsRepairedAfterTheRoundTripTimeAndTheMinimumRto)
{
    JoinTwo(Link(Ms(50)));
    Open("a", "b");
    WarmUp();
    server->OnReceive([this](Chunk chunk) {
        for (const auto& mark : chunk.marks)
        {
            atServer.messages.emplace_back(Now(), NumberOf(mark.message));
        }
        server->Send(Chunk(10, Number(2)));
    });
    for (int i = 0; i < 40; ++i) // all acknowledgements of the requests ride on the answers
    {
        client->Send(Chunk(10, Number(0)));
        RunUntil(Now() + Ms(500));
    }
    const Duration start = Now();
    wan.GetLink("a", "b").channel->SetDown(0, true);
    client->Send(Chunk(10, Number(1)));
    At(Ms(100), [this] { wan.GetLink("a", "b").channel->SetDown(0, false); });
    RunUntil(start + Ms(5000));
    // Sent again after 100 (round trip) + 200 ms, there 50 ms later; TCP's timestamps count
    // milliseconds.
    EXPECT_NEAR(Milliseconds(When(atServer, 1) - start), 350, 1.01);
}

/// Two small writes 1 ms apart over a link of 20 ms, to a receiver that does or does not answer the
/// first.
class NagleTest : public TcpNetworkTest
{
  protected:
    Duration SecondWriteTakes(bool nagle, bool answer)
    {
        JoinTwo(Link(Ms(20)));
        Open("a", "b", {.nagle = nagle});
        WarmUp();
        if (answer)
        {
            server->OnReceive([this](Chunk chunk) {
                for (const auto& mark : chunk.marks)
                {
                    atServer.messages.emplace_back(Now(), NumberOf(mark.message));
                }
                server->Send(Chunk(100, Number(9)));
            });
        }
        const Duration start = Now();
        client->Send(Chunk(100, Number(1)));
        At(Ms(1), [this] { client->Send(Chunk(100, Number(2))); });
        RunUntil(start + Ms(1000));
        EXPECT_NEAR(Milliseconds(When(atServer, 1) - start), 20, 0.01);
        return When(atServer, 2) - start;
    }
};

TEST_F(NagleTest, SecondWriteWaitsForTheDelayedAcknowledgement)
{
    // First write 20 there, 40 delay of the acknowledgement, 20 back, second write 20 there.
    EXPECT_NEAR(Milliseconds(SecondWriteTakes(true, false)), 100, 0.02);
}

TEST_F(NagleTest, AnAnswerCarriesTheAcknowledgement)
{
    // 20 there, answered at once, 20 back, 20 there.
    EXPECT_NEAR(Milliseconds(SecondWriteTakes(true, true)), 60, 0.02);
}

TEST_F(NagleTest, WithoutNagleNothingWaits)
{
    EXPECT_NEAR(Milliseconds(SecondWriteTakes(false, false)), 21, 0.02);
}

TEST_F(TcpNetworkTest, AcceptedStreamsHaveTheListenersOptions)
{
    JoinTwo(Link(Ms(20)));
    network.Listen(wan.GetNode("b"), 81, {.nagle = true}, [this](ByteStreamPtr s) { server = s; });
    network.Connect(wan.GetNode("a"), wan.GetNode("b"), 81, {}, [this](ByteStreamPtr s) {
        client = s;
        Observe(s, atClient);
    });
    RunUntil(Ms(1000));
    ASSERT_TRUE(server);
    WarmUp();
    const Duration start = Now();
    server->Send(Chunk(100, Number(1)));
    At(Ms(1), [this] { server->Send(Chunk(100, Number(2))); });
    RunUntil(start + Ms(1000));
    EXPECT_NEAR(Milliseconds(When(atClient, 2) - start), 100, 0.02);
}

TEST_F(TcpNetworkTest, AClosedPortRefuses)
{
    JoinTwo(Link(Ms(20)));
    std::vector<Duration> answers;
    network.Connect(wan.GetNode("a"), wan.GetNode("b"), 80, {}, [&](ByteStreamPtr stream) {
        EXPECT_FALSE(stream);
        answers.push_back(Now());
    });
    RunUntil(std::chrono::seconds(300));
    // The reset comes back after a round trip.
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_NEAR(Milliseconds(answers[0]), 40, 0.01);
}

TEST_F(TcpNetworkTest, ADeadPathTimesOutAfterAllRetries)
{
    JoinTwo(Link(Ms(20)));
    network.Listen(wan.GetNode("b"), 80, {}, [](ByteStreamPtr) { FAIL(); });
    wan.GetLink("a", "b").channel->SetDown(0, true);
    std::vector<Duration> answers;
    network.Connect(wan.GetNode("a"), wan.GetNode("b"), 80, {}, [&](ByteStreamPtr stream) {
        EXPECT_FALSE(stream);
        answers.push_back(Now());
    });
    RunUntil(std::chrono::seconds(300));
    // SYNs at 0, 1, 3, 7, 15, 31, 63 s; given up at 127 s.
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0], std::chrono::seconds(127));
    EXPECT_EQ(wan.GetLink("a", "b").channel->Lost(), 7u);
}

TEST_F(TcpNetworkTest, NoRouteFailsAtOnce)
{
    wan.AddNode("a");
    wan.AddNode("b");
    wan.AddNode("c");
    wan.AddNode("d");
    wan.AddLink("a", "b", Link(Ms(1)));
    wan.AddLink("c", "d", Link(Ms(1)));
    wan.Install();
    int answers = 0;
    network.Connect(wan.GetNode("a"), wan.GetNode("c"), 80, {}, [&](ByteStreamPtr stream) {
        EXPECT_FALSE(stream);
        EXPECT_EQ(Now(), Duration(0));
        ++answers;
    });
    RunUntil(Ms(1000));
    EXPECT_EQ(answers, 1);
}

TEST_F(TcpNetworkTest, APortIsTakenOnceAndFreeAgainAfterwards)
{
    JoinTwo(Link(Ms(1)));
    network.Listen(wan.GetNode("b"), 80, {}, [](ByteStreamPtr) {});
    EXPECT_THROW(network.Listen(wan.GetNode("b"), 80, {}, [](ByteStreamPtr) {}),
                 std::invalid_argument);
    network.StopListening(wan.GetNode("b"), 80);
    Open("a", "b");
}

TEST_F(TcpNetworkTest, CloseDeliversEverythingFirst)
{
    LinkConfig config = Link(Ms(10));
    config.rate = {100'000'000};
    JoinTwo(config);
    Open("a", "b");
    client->Send(Chunk(6'000'000, Number(1))); // more than the socket's buffer
    client->Send(Chunk(7, Number(2)));
    client->Close();
    EXPECT_GT(client->Queued(), 0u);
    client->Send(Chunk(5, Number(3))); // too late
    client = nullptr;
    RunUntil(Now() + Ms(5000));
    EXPECT_EQ(atServer.bytes, 6'000'007u);
    ASSERT_EQ(atServer.messages.size(), 2u);
    EXPECT_EQ(atServer.messages[1].second, 2);
    EXPECT_EQ(atServer.ends, std::vector{StreamEnd::CLOSED});
    EXPECT_TRUE(atClient.ends.empty()); // its own doing
}

TEST_F(TcpNetworkTest, CloseByTheServerReachesTheClient)
{
    JoinTwo(Link(Ms(10)));
    Open("a", "b");
    server->Send(Chunk(100, Number(1)));
    server->Close();
    RunUntil(Now() + Ms(1000));
    EXPECT_EQ(atClient.bytes, 100u);
    EXPECT_EQ(atClient.ends, std::vector{StreamEnd::CLOSED});
    EXPECT_TRUE(atServer.ends.empty());
    client->Send(Chunk(1, Number(1))); // ignored: the stream has ended
    RunUntil(Now() + Ms(1000));
    EXPECT_EQ(client->BytesSent(), 0u);
}

TEST_F(TcpNetworkTest, AbortResetsTheOtherSide)
{
    JoinTwo(Link(Ms(10)));
    Open("a", "b");
    const Duration start = Now();
    client->Abort();
    client->Abort();
    server->OnEnd([&](StreamEnd end) {
        atServer.ends.push_back(end);
        EXPECT_NEAR(Milliseconds(Now() - start), 10, 0.01);
    });
    RunUntil(Now() + Ms(1000));
    EXPECT_EQ(atServer.ends, std::vector{StreamEnd::RESET});
    EXPECT_TRUE(atClient.ends.empty());
}

TEST_F(TcpNetworkTest, RetransmissionsThatAreNotAnsweredEndTheStream)
{
    TcpConfig config;
    config.dataRetries = 3;
    TcpNetwork impatient(config);
    JoinTwo(Link(Ms(10)));
    impatient.Listen(wan.GetNode("b"), 80, {}, [this](ByteStreamPtr s) { server = s; });
    impatient.Connect(wan.GetNode("a"), wan.GetNode("b"), 80, {}, [this](ByteStreamPtr s) {
        client = s;
        Observe(s, atClient);
    });
    RunUntil(Ms(1000));
    ASSERT_TRUE(client);
    wan.GetLink("a", "b").channel->SetDown(0, true);
    client->Send(Chunk(10, Number(1)));
    RunUntil(std::chrono::seconds(60));
    EXPECT_EQ(atClient.ends, std::vector{StreamEnd::RESET});
}

TEST_F(TcpNetworkTest, HandlersMayEndAndDropTheirStream)
{
    JoinTwo(Link(Ms(10)));
    Open("a", "b");
    server->OnReceive([this](Chunk) {
        server->Abort();
        server = nullptr;
    });
    client->OnEnd([this](StreamEnd end) {
        atClient.ends.push_back(end);
        client = nullptr;
    });
    client->Send(Chunk(10, Number(1)));
    RunUntil(Now() + Ms(1000));
    EXPECT_FALSE(server);
    EXPECT_FALSE(client);
    EXPECT_EQ(atClient.ends, std::vector{StreamEnd::RESET});
}

TEST_F(TcpNetworkTest, BothSidesMayCloseAtTheSameTime)
{
    JoinTwo(Link(Ms(10)));
    Open("a", "b");
    client->Close();
    server->Close();
    RunUntil(Now() + std::chrono::seconds(200));
    EXPECT_TRUE(atClient.ends.empty());
    EXPECT_TRUE(atServer.ends.empty());
}

TEST_F(TcpNetworkTest, MarksSurviveARelayThatCutsAnywhere)
{
    for (const char* name : {"a", "r", "b"})
    {
        wan.AddNode(name);
    }
    wan.AddLink("a", "r", Link(Ms(3)));
    wan.AddLink("r", "b", Link(Ms(7)));
    wan.Install();
    ByteStreamPtr upstream;
    ByteStreamPtr downstream;
    Observed relayed;
    network.Listen(wan.GetNode("b"), 80, {}, [&](ByteStreamPtr s) {
        server = s;
        Observe(s, atServer);
    });
    network.Listen(wan.GetNode("r"), 80, {}, [&](ByteStreamPtr s) {
        upstream = s;
        s->OnReceive([&](Chunk chunk) {
            // Cut behind the seventh byte, whatever ends there.
            Chunk head;
            Chunk tail;
            head.bytes = std::min(chunk.bytes, 7u);
            tail.bytes = chunk.bytes - head.bytes;
            for (const auto& mark : chunk.marks)
            {
                if (mark.end <= head.bytes)
                {
                    head.marks.push_back(mark);
                }
                else
                {
                    tail.marks.push_back({mark.end - head.bytes, mark.message});
                }
            }
            relayed.bytes += chunk.bytes;
            downstream->Send(std::move(head));
            downstream->Send(std::move(tail));
        });
    });
    network.Connect(wan.GetNode("r"), wan.GetNode("b"), 80, {.nagle = true}, [&](ByteStreamPtr s) {
        downstream = s;
    });
    network.Connect(
        wan.GetNode("a"), wan.GetNode("r"), 80, {}, [&](ByteStreamPtr s) { client = s; });
    RunUntil(Ms(1000));
    std::uint64_t sent = 0;
    for (int i = 0; i < 200; ++i)
    {
        const auto size = static_cast<std::uint32_t>(1 + i * 37 % 2000);
        sent += size;
        At(std::chrono::microseconds(i * 300),
           [this, size, i] { client->Send(Chunk(size, Number(i))); });
    }
    RunUntil(std::chrono::seconds(20));
    EXPECT_EQ(relayed.bytes, sent);
    EXPECT_EQ(atServer.bytes, sent);
    ASSERT_EQ(atServer.messages.size(), 200u);
    for (int i = 0; i < 200; ++i)
    {
        EXPECT_EQ(atServer.messages[static_cast<std::size_t>(i)].second, i);
    }
}

TEST_F(TcpNetworkTest, TheNetworkMayGoBeforeItsStreams)
{
    JoinTwo(Link(Ms(10)));
    auto passing = std::make_unique<TcpNetwork>();
    passing->Listen(wan.GetNode("b"), 80, {}, [this](ByteStreamPtr s) { server = s; });
    passing->Connect(
        wan.GetNode("a"), wan.GetNode("b"), 80, {}, [this](ByteStreamPtr s) { client = s; });
    RunUntil(Ms(100));
    ASSERT_TRUE(client);
    passing->Connect(wan.GetNode("a"), wan.GetNode("b"), 80, {}, [](ByteStreamPtr) {});
    passing = nullptr;
    client->Send(Chunk(10'000'000, Number(1)));
    client->Close();
    RunUntil(Ms(200));
}

/// Everything that arrives on a path with loss and jitter, with its time.
std::vector<std::pair<std::int64_t, std::uint32_t>>
RunLossyWorld()
{
    std::vector<std::pair<std::int64_t, std::uint32_t>> arrivals;
    {
        WanBuilder wan;
        TcpNetwork network;
        wan.AddNode("a");
        wan.AddNode("b");
        LinkConfig config;
        config.delay = Ms(5);
        config.loss = {0.05};
        config.jitter = Ms(3);
        wan.AddLink("a", "b", config);
        wan.Install();
        wan.AssignStreams(7);
        ByteStreamPtr client;
        ByteStreamPtr server;
        network.Listen(wan.GetNode("b"), 80, {}, [&](ByteStreamPtr s) {
            server = s;
            s->OnReceive([&](Chunk chunk) {
                arrivals.emplace_back(ns3::Simulator::Now().GetNanoSeconds(), chunk.bytes);
            });
        });
        network.Connect(wan.GetNode("a"), wan.GetNode("b"), 80, {}, [&](ByteStreamPtr s) {
            client = s;
            client->Send(Chunk(300'000, Number(1)));
        });
        ns3::Simulator::Stop(ns3::Seconds(60));
        ns3::Simulator::Run();
    }
    ns3::Simulator::Destroy();
    return arrivals;
}

TEST(TcpNetworkDeterminismTest, TheSameWorldTwiceGivesTheSameArrivals)
{
    const auto first = RunLossyWorld();
    EXPECT_GT(first.size(), 100u);
    EXPECT_EQ(first, RunLossyWorld());
}

} // namespace
} // namespace etcdlab
