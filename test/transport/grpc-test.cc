#include "model/transport/grpc-sizes.h"
#include "test/transport/grpc-fixture.h"

#include <stdexcept>

namespace etcdlab
{
namespace
{

TEST(GrpcSizesTest, DataOfAMessage)
{
    EXPECT_EQ(grpc::DataBytes(0), 14u);
    EXPECT_EQ(grpc::DataBytes(1024), 1038u);
    EXPECT_EQ(grpc::DataBytes(16379), 9u + 16384u);             // with the prefix just one frame
    EXPECT_EQ(grpc::DataBytes(16380), 2u * 9u + 16385u);        // two
    EXPECT_EQ(grpc::DataBytes(1'000'000), 62u * 9u + 1000005u); // 1000005 / 16384 = 61.04
}

TEST_F(GrpcTest, SetUpExchangesThePrefacesBytes)
{
    BuildAndServe({10});
    ASSERT_EQ(recording.opened.size(), 1u);
    EXPECT_EQ(recording.opened[0]->BytesSent(), 42u);   // 24 + 9 + 9
    EXPECT_EQ(recording.accepted[0]->BytesSent(), 30u); // 21 + 9
    EXPECT_EQ(recording.opened[0]->BytesReceived(), 30u);
}

TEST_F(GrpcTest, AConnectionIsReadyAfterTwoRoundTrips)
{
    Build({10});
    Serve(0, 28);
    Duration ready{0};
    channel->OnChange([&] { ready = Now(); });
    channel->Start();
    RunUntil(Ms(1000));
    EXPECT_NEAR(Milliseconds(ready), 40, 0.01);
    EXPECT_TRUE(channel->IsReady(0));
}

TEST_F(GrpcTest, BytesOfACallEqualTheFacts)
{
    BuildAndServe({10}, 28);
    // First: HEADERS 86, DATA 9 + 5 + 1092; answer HEADERS 23, DATA 9 + 5 + 28, trailers 33.
    const RpcResult first = CallAndWait(1092);
    EXPECT_EQ(first.requestBytes, 86u + 14u + 1092u);
    EXPECT_EQ(first.responseBytes, 23u + 14u + 28u + 33u);
    // Later: req + 30, resp + 36 (16 + 14 and 11 + 14 + 11).
    const RpcResult later = CallAndWait(1092);
    EXPECT_EQ(later.requestBytes, 1092u + 30u);
    EXPECT_EQ(later.responseBytes, 28u + 36u);
    // With a deadline 25 instead of 16.
    EXPECT_EQ(CallAndWait(1092, true).requestBytes, 1092u + 39u);
}

TEST_F(GrpcTest, SequentialCallsHaveOnePingEachWay)
{
    BuildAndServe({10}, 28);
    CallAndWait(1092);
    const std::uint64_t up = recording.opened[0]->BytesSent();
    const std::uint64_t down = recording.accepted[0]->BytesSent();
    CallAndWait(1092);
    // req + 30 + 47 and resp + 36 + 47: PING 17, WINDOW_UPDATE 13, PING-ACK 17 on top.
    EXPECT_EQ(recording.opened[0]->BytesSent() - up, 1092u + 30u + 47u);
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 28u + 36u + 47u);
    EXPECT_EQ(recording.opened[0]->BytesReceived(), recording.accepted[0]->BytesSent());
    EXPECT_EQ(recording.accepted[0]->BytesReceived(), recording.opened[0]->BytesSent());
}

TEST_F(GrpcTest, ParallelCallsShareOnePingPerRoundTrip)
{
    BuildAndServe({10}, 28);
    CallAndWait(1092);
    const std::uint64_t up = recording.opened[0]->BytesSent();
    const std::uint64_t down = recording.accepted[0]->BytesSent();
    for (int i = 0; i < 5; ++i)
    {
        Call(100);
    }
    RunUntil(Now() + Ms(1000));
    // The server sees five DATA frames within a round trip and pings for the first only; so does
    // the client.
    EXPECT_EQ(recording.opened[0]->BytesSent() - up, 5u * 130u + 47u);
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 5u * (28u + 36u) + 47u);
}

TEST_F(GrpcTest, ALargeMessageIsCutIntoFrames)
{
    BuildAndServe({10}, 100'000);
    CallAndWait(10);
    const RpcResult result = CallAndWait(1'000'000);
    EXPECT_EQ(result.requestBytes, 16u + 62u * 9u + 5u + 1'000'000u);
    EXPECT_EQ(result.responseBytes, 22u + 7u * 9u + 5u + 100'000u); // 100005 / 16384 = 6.1
}

TEST_F(GrpcTest, TrafficCountsProtobufBytes)
{
    BuildAndServe({10}, 28);
    CallAndWait(1092);
    CallAndWait(100);
    EXPECT_EQ(servers[0]->Traffic().received, 1192u);
    EXPECT_EQ(servers[0]->Traffic().sent, 56u);
    EXPECT_EQ(channel->Traffic().sent, 1192u);
    EXPECT_EQ(channel->Traffic().received, 56u);
}

TEST_F(GrpcTest, ACallTakesARoundTrip)
{
    BuildAndServe({25});
    CallAndWait(100);
    const Duration start = Now();
    CallAndWait(100);
    // 130 + 54 B there and, with the server's WINDOW_UPDATE and PING of 30 B in front, 30 + 64 + 54
    // back.
    EXPECT_NEAR(Milliseconds(times.back() - start), 50 + (184 + 148) * 8e-6, 0.0001);
    EXPECT_EQ(NumberOf(results.back().response.body), 1);
}

TEST_F(GrpcTest, AnswersMayComeLateAndInAnyOrder)
{
    Build({10});
    std::vector<GrpcServer::Responder> responders;
    servers[0]->Listen(
        recording, wan.GetNode("s0"), 2379, [&](const RpcRequest&, GrpcServer::Responder respond) {
            responders.push_back(respond);
        });
    channel->Start();
    RunUntil(Ms(1000));
    Call(10);
    Call(20);
    RunUntil(Ms(2000));
    ASSERT_EQ(responders.size(), 2u);
    EXPECT_EQ(channel->InFlight(), 2u);
    responders[1]({.code = GrpcCode::OK, .error = "", .bytes = 2, .body = Number(2)});
    responders[0]({.code = GrpcCode::OK, .error = "", .bytes = 1, .body = Number(1)});
    responders[0]({.code = GrpcCode::OK, .error = "", .bytes = 1, .body = Number(3)}); // ignored
    RunUntil(Ms(3000));
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(NumberOf(results[0].response.body), 2);
    EXPECT_EQ(results[0].requestBytes, 50u);
    EXPECT_EQ(NumberOf(results[1].response.body), 1);
    EXPECT_EQ(results[1].requestBytes, 86u + 24u);
}

TEST_F(GrpcTest, ErrorsTravelWithTheirText)
{
    Build({10});
    servers[0]->Listen(
        recording, wan.GetNode("s0"), 2379, [](const RpcRequest&, GrpcServer::Responder respond) {
            respond({.code = GrpcCode::UNAVAILABLE,
                     .error = "etcdserver: request timed out",
                     .bytes = 0,
                     .body = nullptr});
        });
    channel->Start();
    RunUntil(Ms(1000));
    const RpcResult result = CallAndWait(10);
    EXPECT_FALSE(result.Ok());
    EXPECT_EQ(GrpcCodeName(result.response.code), "Unavailable");
    EXPECT_EQ(result.response.error, "etcdserver: request timed out");
    EXPECT_EQ(result.responseBytes, 47u + 29u);
    EXPECT_EQ(CallAndWait(10).responseBytes, 17u + 29u);
}

TEST_F(GrpcTest, CallsGoRoundTheEndpoints)
{
    BuildAndServe({30, 10, 20});
    for (int i = 0; i < 7; ++i)
    {
        CallAndWait(10);
    }
    std::vector<std::size_t> endpoints;
    for (const auto& result : results)
    {
        EXPECT_TRUE(result.Ok());
        endpoints.push_back(result.endpoint);
    }
    EXPECT_EQ(endpoints, (std::vector<std::size_t>{0, 1, 2, 0, 1, 2, 0}));
}

TEST_F(GrpcTest, CallsWaitForAConnection)
{
    Build({10});
    Serve(0, 28);
    Call(10);
    Call(10);
    EXPECT_EQ(channel->Waiting(), 2u);
    channel->Start();
    RunUntil(Ms(1000));
    // Two round trips for the set-up, one for the calls.
    ASSERT_EQ(results.size(), 2u);
    EXPECT_NEAR(Milliseconds(times[0]), 60, 0.02);
    EXPECT_EQ(channel->Waiting(), 0u);
}

TEST_F(GrpcTest, ABrokenConnectionFailsItsCallsAndIsReopenedAtOnce)
{
    Build({10});
    int asked = 0;
    GrpcServer::Responder first;
    servers[0]->Listen(
        recording, wan.GetNode("s0"), 2379, [&](const RpcRequest&, GrpcServer::Responder respond) {
            ++asked;
            first = respond; // and never answers
        });
    channel->Start();
    RunUntil(Ms(1000));
    Call(10);
    RunUntil(Ms(1500));
    ASSERT_EQ(asked, 1);
    recording.accepted[0]->Abort();
    RunUntil(Ms(1511));
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].response.code, GrpcCode::UNAVAILABLE);
    EXPECT_EQ(results[0].endpoint, 0u);
    EXPECT_NEAR(Milliseconds(times[0]), 1510, 0.01);
    RunUntil(Ms(1600));
    EXPECT_TRUE(channel->AllReady());
    EXPECT_EQ(recording.attempts.size(), 2u);
    EXPECT_EQ(recording.attempts[1], times[0]);
    first({.code = GrpcCode::OK,
           .error = "",
           .bytes = 1,
           .body = nullptr}); // to a connection that has ended
    RunUntil(Ms(2000));
    EXPECT_EQ(results.size(), 1u);
}

TEST_F(GrpcTest, FailedAttemptsAreRepeatedWithAGrowingWait)
{
    Build({10}); // nobody listens
    channel->Start();
    RunUntil(std::chrono::seconds(1000));
    // Each attempt is refused after a round trip of 20 ms. The waits between: 1 s exactly, then
    // 1.6, 2.56, ... +- 20 %, at most 120 s +- 20 %.
    ASSERT_GE(recording.attempts.size(), 14u);
    EXPECT_NEAR(Milliseconds(recording.attempts[1] - recording.attempts[0]), 1020, 0.01);
    double expected = 1000;
    bool jittered = false;
    for (std::size_t i = 2; i < recording.attempts.size(); ++i)
    {
        expected = std::min(expected * 1.6, 120'000.0);
        const double wait = Milliseconds(recording.attempts[i] - recording.attempts[i - 1]) - 20;
        EXPECT_GE(wait, 0.8 * expected - 0.01) << i;
        EXPECT_LE(wait, 1.2 * expected + 0.01) << i;
        jittered = jittered || std::abs(wait - expected) > 0.01 * expected;
    }
    EXPECT_TRUE(jittered);
}

TEST_F(GrpcTest, ASuccessfulConnectionResetsTheWait)
{
    Build({10});
    channel->Start();
    RunUntil(Ms(2000)); // attempts at 0 and 1.02 s are refused
    Serve(0, 28);
    RunUntil(Ms(10'000));
    ASSERT_TRUE(channel->AllReady());
    const std::size_t before = recording.attempts.size();
    servers[0]->Stop();
    RunUntil(Ms(20'000));
    // Again at once, refused, then 1 s exactly.
    ASSERT_GE(recording.attempts.size(), before + 2);
    EXPECT_NEAR(Milliseconds(recording.attempts[before]), 10'010, 0.01);
    EXPECT_NEAR(Milliseconds(recording.attempts[before + 1]), 11'030, 0.02);
}

TEST_F(GrpcTest, AnAttemptWithoutAnAnswerIsGivenUpAfterTwentySeconds)
{
    Build({10});
    Serve(0, 28);
    wan.GetLink("a", "s0").channel->SetDown(0, true);
    channel->Start();
    RunUntil(std::chrono::seconds(25));
    ASSERT_EQ(recording.attempts.size(), 2u);
    EXPECT_EQ(recording.attempts[1], std::chrono::seconds(21)); // and a second's wait
}

TEST_F(GrpcTest, CallsGoAroundAnEndpointThatIsAway)
{
    BuildAndServe({10, 10, 10});
    servers[1]->Abort();
    RunUntil(Ms(4000));
    EXPECT_FALSE(channel->AllReady());
    for (int i = 0; i < 4; ++i)
    {
        CallAndWait(10);
    }
    std::vector<std::size_t> endpoints;
    for (const auto& result : results)
    {
        EXPECT_TRUE(result.Ok());
        endpoints.push_back(result.endpoint);
    }
    EXPECT_EQ(endpoints, (std::vector<std::size_t>{0, 2, 0, 2}));
}

TEST_F(GrpcTest, StopDeliversWhatWasAnswered)
{
    Build({10});
    servers[0]->Listen(
        recording,
        wan.GetNode("s0"),
        2379,
        [this](const RpcRequest&, GrpcServer::Responder respond) {
            respond({.code = GrpcCode::OK, .error = "", .bytes = 50'000, .body = nullptr});
            servers[0]->Stop();
        });
    channel->Start();
    RunUntil(Ms(1000));
    EXPECT_TRUE(CallAndWait(10).Ok());
    EXPECT_EQ(servers[0]->Connections(), 0u);
}

TEST_F(GrpcTest, ShutdownCancelsAndClosesInOrder)
{
    Build({10});
    servers[0]->Listen(recording, wan.GetNode("s0"), 2379, [](const RpcRequest&, auto) {});
    channel->Start();
    RunUntil(Ms(1000));
    Call(10);
    RunUntil(Ms(1005)); // under way
    channel->Shutdown();
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].response.code, GrpcCode::CANCELLED);
    Call(10);
    RunUntil(Ms(2000));
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results[1].response.code, GrpcCode::CANCELLED);
    EXPECT_EQ(servers[0]->Connections(), 0u);
    EXPECT_EQ(recording.attempts.size(), 1u);
}

TEST_F(GrpcTest, ServerAndChannelMayBeDroppedAtAnyTime)
{
    Build({10, 10});
    Serve(0, 28);
    servers[1]->Listen(recording,
                       wan.GetNode("s1"),
                       2379,
                       [this](const RpcRequest&, GrpcServer::Responder) { servers[1] = nullptr; });
    channel->Start();
    RunUntil(Ms(1000));
    channel->Call({.method = "", .bytes = 1, .body = nullptr},
                  [this](const RpcResult&) { channel = nullptr; });
    channel->Call({.method = "", .bytes = 1, .body = nullptr}, [](const RpcResult&) { FAIL(); });
    RunUntil(Ms(2000));
    EXPECT_FALSE(channel);
    EXPECT_FALSE(servers[1]);
}

TEST_F(GrpcTest, AChannelWithoutEndpointsIsRefused)
{
    Build({10});
    EXPECT_THROW(GrpcChannel(recording, wan.GetNode("a"), {}, nullptr), std::invalid_argument);
}

} // namespace
} // namespace etcdlab
