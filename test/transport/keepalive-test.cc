#include "model/transport/keepalive.h"
#include "test/transport/grpc-fixture.h"

namespace etcdlab
{
namespace
{

using std::chrono::seconds;

constexpr KeepaliveOptions API_SERVER{seconds(30), seconds(10)};

TEST(KeepaliveTimerTest, APingThatIsAnsweredStartsTheTimeAnew)
{
    KeepaliveTimer timer(API_SERVER, seconds(0));
    const auto first = timer.Fire(seconds(30), true);
    EXPECT_TRUE(first.ping);
    EXPECT_EQ(first.wait, seconds(10));
    timer.Read(seconds(31));
    const auto second = timer.Fire(seconds(40), true);
    EXPECT_FALSE(second.ping || second.close);
    EXPECT_EQ(second.wait, seconds(21)); // 31 + 30 - 40
}

TEST(KeepaliveTimerTest, SilenceAfterThePingEndsTheConnection)
{
    KeepaliveTimer timer(API_SERVER, seconds(0));
    timer.Fire(seconds(30), true);
    EXPECT_TRUE(timer.Fire(seconds(40), true).close);
}

TEST(KeepaliveTimerTest, ALongTimeoutIsWaitedForInPieces)
{
    KeepaliveTimer timer({seconds(10), seconds(25)}, seconds(0));
    EXPECT_EQ(timer.Fire(seconds(10), true).wait, seconds(10));
    EXPECT_EQ(timer.Fire(seconds(20), true).wait, seconds(10));
    const auto third = timer.Fire(seconds(30), true);
    EXPECT_FALSE(third.ping); // one is enough
    EXPECT_EQ(third.wait, seconds(5));
    EXPECT_TRUE(timer.Fire(seconds(35), true).close);
}

TEST(KeepaliveTimerTest, SleepsWithoutCallsAndPingsWhenWoken)
{
    KeepaliveTimer timer(API_SERVER, seconds(0));
    EXPECT_FALSE(timer.Wake().ping); // is not asleep
    const auto none = timer.Fire(seconds(30), false);
    EXPECT_FALSE(none.ping || none.close || none.wait);
    EXPECT_TRUE(timer.Wake().ping);
    EXPECT_FALSE(timer.Wake().ping);
}

/// A channel with the API server's keepalive, and a server that answers nothing.
class GrpcKeepaliveTest : public GrpcTest
{
  protected:
    void SetUpPair(KeepaliveOptions keepalive)
    {
        Build({10});
        GrpcChannelOptions options;
        options.keepalive = keepalive;
        BalancerContext context;
        context.endpoints = {"s0"};
        channel =
            std::make_unique<GrpcChannel>(recording,
                                          wan.GetNode("a"),
                                          std::vector<Endpoint>{{"s0", wan.GetNode("s0"), 2379}},
                                          BalancerRegistry::Make("round-robin", context),
                                          options);
        servers[0]->Listen(
            recording,
            wan.GetNode("s0"),
            2379,
            [](const RpcRequest&, GrpcServer::Responder) {},
            [](GrpcServerStreamPtr stream) { stream->OnEnd([stream] {}); });
        channel->Start();
        RunUntil(Ms(1000));
        ASSERT_TRUE(channel->AllReady());
    }

    void Cut(bool down)
    {
        wan.GetLink("a", "s0").channel->SetDown(0, down);
        wan.GetLink("a", "s0").channel->SetDown(1, down);
    }
};

TEST_F(GrpcKeepaliveTest, IdleStreamsArePingedEveryThirtySeconds)
{
    SetUpPair(API_SERVER);
    const std::uint64_t none = recording.opened[0]->BytesSent();
    RunUntil(seconds(100));
    EXPECT_EQ(recording.opened[0]->BytesSent(), none); // no stream: no ping
    channel->OpenStream("/etcdserverpb.Watch/Watch", RpcMessage{10, nullptr});
    RunUntil(seconds(101));
    const std::uint64_t up = recording.opened[0]->BytesSent();
    const std::uint64_t down = recording.accepted[0]->BytesSent();
    RunUntil(seconds(192)); // at 130, 160, 190
    EXPECT_EQ(recording.opened[0]->BytesSent() - up, 3 * 17u);
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 3 * 17u);
    EXPECT_EQ(channel->Streams(), 1u);
}

TEST_F(GrpcKeepaliveTest, ASilentPartitionIsNoticed)
{
    SetUpPair(API_SERVER);
    Duration ended{0};
    const auto stream = channel->OpenStream("/etcdserverpb.Watch/Watch", RpcMessage{10, nullptr});
    stream->OnEnd([&](GrpcCode code, const std::string&) {
        EXPECT_EQ(code, GrpcCode::UNAVAILABLE);
        ended = Now();
    });
    RunUntil(seconds(15));
    Cut(true);
    RunUntil(seconds(60));
    // Last heard of at 1.02 s (the answer to the first message's window update), so pinged at
    // 31.02 s, and given up 10 s later, by gRPC or TCP, whichever is first.
    EXPECT_NEAR(Milliseconds(ended), 41'020, 25);
    EXPECT_FALSE(channel->AllReady());
}

TEST_F(GrpcKeepaliveTest, UnacknowledgedDataBreakTheConnectionAfterTheTimeout)
{
    SetUpPair(API_SERVER);
    RunUntil(seconds(5));
    Cut(true);
    Call(100);
    RunUntil(seconds(20));
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].response.code, GrpcCode::UNAVAILABLE);
    EXPECT_NEAR(Milliseconds(times[0]), 15'000, 25);
}

TEST_F(GrpcKeepaliveTest, AShortPartitionIsSurvived)
{
    SetUpPair(API_SERVER);
    const auto stream = channel->OpenStream("/etcdserverpb.Watch/Watch", RpcMessage{10, nullptr});
    RunUntil(seconds(5));
    Cut(true);
    Call(100);
    RunUntil(seconds(8));
    Cut(false);
    RunUntil(seconds(100));
    EXPECT_TRUE(results.empty());
    EXPECT_TRUE(stream->IsOpen());
    EXPECT_EQ(recording.attempts.size(), 1u);
}

TEST_F(GrpcKeepaliveTest, OffAPartitionGoesUnnoticed)
{
    SetUpPair({});
    Call(100);
    RunUntil(seconds(5));
    Cut(true);
    RunUntil(seconds(300));
    EXPECT_TRUE(results.empty());
    EXPECT_TRUE(channel->AllReady());
}

} // namespace
} // namespace etcdlab
