#include "model/transport/grpc-sizes.h"
#include "test/transport/grpc-fixture.h"

namespace etcdlab
{
namespace
{

/// A server on s0 that keeps the streams opened, and what it was told of them.
class GrpcStreamTest : public GrpcTest
{
  protected:
    void ServeStreams(std::size_t i)
    {
        servers[i]->Listen(
            recording,
            wan.GetNode("s" + std::to_string(i)),
            2379,
            [](const RpcRequest& request, GrpcServer::Responder respond) {
                respond({.code = GrpcCode::OK, .error = "", .bytes = 28, .body = request.body});
            },
            [this](GrpcServerStreamPtr stream) {
                stream->OnMessage([this](const RpcMessage& message) {
                    asked.emplace_back(Now(), NumberOf(message.body));
                });
                stream->OnHalfClose([this] { ++halfCloses; });
                stream->OnEnd([this] { ++serverEnds; });
                atServers.push_back(std::move(stream));
            });
    }

    void BuildWithStreams(const std::vector<int>& oneWayMs)
    {
        Build(oneWayMs);
        for (std::size_t i = 0; i < oneWayMs.size(); ++i)
        {
            ServeStreams(i);
        }
        channel->Start();
        RunUntil(Ms(1000));
        ASSERT_TRUE(channel->AllReady());
    }

    /// Open a stream that writes down what it hears. @param bytes of its first message
    GrpcClientStreamPtr OpenWatch(std::uint32_t bytes)
    {
        auto stream = channel->OpenStream("/etcdserverpb.Watch/Watch",
                                          RpcMessage{bytes, Number(streamsOpened++)});
        stream->OnMessage([this](const RpcMessage& message) {
            heard.emplace_back(Now(), NumberOf(message.body));
        });
        stream->OnEnd([this](GrpcCode code, const std::string& error) {
            ends.emplace_back(Now(), std::make_pair(code, error));
        });
        return stream;
    }

    using Ends = std::vector<std::pair<Duration, std::pair<GrpcCode, std::string>>>;

    std::vector<GrpcServerStreamPtr> atServers;
    std::vector<std::pair<Duration, int>> asked; //!< at the servers
    std::vector<std::pair<Duration, int>> heard; //!< at the client
    Ends ends;                                   //!< at the client
    int streamsOpened = 0;
    int halfCloses = 0;
    int serverEnds = 0;
};

TEST_F(GrpcStreamTest, MessagesTakeOneWayEachAndAnyNumberMayCome)
{
    BuildWithStreams({25});
    const auto stream = OpenWatch(40);
    EXPECT_EQ(stream->Endpoint(), 0u);
    RunUntil(Ms(1100));
    ASSERT_EQ(atServers.size(), 1u);
    EXPECT_EQ(atServers[0]->Method(), "/etcdserverpb.Watch/Watch");
    ASSERT_EQ(asked.size(), 1u);
    // 25 ms and one packet at 1 Gbit/s: HEADERS 86, DATA 54, and 54 of the layers below.
    EXPECT_NEAR(Milliseconds(asked[0].first), 1025 + 194 * 8e-6, 0.0001);
    for (int i = 0; i < 3; ++i)
    {
        atServers[0]->Send({1000, Number(10 + i)});
    }
    stream->Send({20, Number(7)});
    RunUntil(Ms(1200));
    ASSERT_EQ(heard.size(), 3u);
    EXPECT_EQ(heard[0].second, 10);
    EXPECT_EQ(heard[2].second, 12);
    EXPECT_NEAR(Milliseconds(heard[0].first), 1125, 0.02);
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_EQ(asked[1].second, 7);
    EXPECT_TRUE(ends.empty());
    EXPECT_EQ(channel->Streams(), 1u);
    EXPECT_EQ(servers[0]->Streams(), 1u);
}

TEST_F(GrpcStreamTest, BytesOfAStreamsFrames)
{
    BuildWithStreams({10});
    CallAndWait(100); // fills HPACK's tables
    std::uint64_t up = recording.opened[0]->BytesSent();
    std::uint64_t down = recording.accepted[0]->BytesSent();
    const auto stream = OpenWatch(40);
    RunUntil(Now() + Ms(1000));
    // HEADERS 16, DATA 9 + 5 + 40; the server's WINDOW_UPDATE 13, PING 17; PING-ACK 17.
    EXPECT_EQ(recording.opened[0]->BytesSent() - up, 16u + 54u + 17u);
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 30u);

    up = recording.opened[0]->BytesSent();
    down = recording.accepted[0]->BytesSent();
    atServers[0]->Send({1000, Number(1)});
    RunUntil(Now() + Ms(1000));
    atServers[0]->Send({1000, Number(2)});
    RunUntil(Now() + Ms(1000));
    // HEADERS 11 before the first message only; each message is pinged for and the ping answered.
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 11u + 2 * (14u + 1000u + 17u));
    EXPECT_EQ(recording.opened[0]->BytesSent() - up, 2 * 30u);

    down = recording.accepted[0]->BytesSent();
    atServers[0]->End(GrpcCode::OK);
    RunUntil(Now() + Ms(1000));
    // Trailers 11; RST_STREAM 13, for the client had not half-closed.
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 11u + 13u);
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].second.first, GrpcCode::OK);
    EXPECT_EQ(channel->Streams(), 0u);
    EXPECT_EQ(servers[0]->Streams(), 0u);
    EXPECT_EQ(serverEnds, 0);
    EXPECT_EQ(channel->Traffic().sent, 140u);
    EXPECT_EQ(servers[0]->Traffic().sent, 2028u);
}

TEST_F(GrpcStreamTest, AStreamStaysWhereItWasOpened)
{
    BuildWithStreams({10, 10, 10});
    const auto first = OpenWatch(10);
    const auto second = OpenWatch(10);
    EXPECT_EQ(first->Endpoint(), 0u);
    EXPECT_EQ(second->Endpoint(), 1u);
    CallAndWait(10);
    EXPECT_EQ(results.back().endpoint, 2u);
    for (int i = 0; i < 5; ++i)
    {
        first->Send({10, Number(i)});
    }
    RunUntil(Now() + Ms(100));
    EXPECT_EQ(servers[0]->Traffic().received, 60u);
    EXPECT_EQ(servers[1]->Traffic().received, 10u);
}

TEST_F(GrpcStreamTest, AStreamWaitsForAConnectionWithItsMessages)
{
    Build({10});
    ServeStreams(0);
    const auto stream = OpenWatch(10);
    stream->Send({10, Number(1)});
    stream->CloseSend();
    EXPECT_EQ(stream->Endpoint(), 1u); // none yet
    EXPECT_EQ(channel->Waiting(), 1u);
    channel->Start();
    RunUntil(Ms(1000));
    ASSERT_EQ(asked.size(), 2u);
    // Two round trips for the set-up and one way.
    EXPECT_NEAR(Milliseconds(asked[0].first), 50, 0.02);
    EXPECT_EQ(halfCloses, 1);
    EXPECT_EQ(channel->Waiting(), 0u);
}

TEST_F(GrpcStreamTest, AfterHalfCloseTheServerGoesOn)
{
    BuildWithStreams({10});
    const auto stream = OpenWatch(10);
    stream->CloseSend();
    stream->Send({10, Number(5)}); // too late
    RunUntil(Ms(1100));
    EXPECT_EQ(asked.size(), 1u);
    EXPECT_EQ(halfCloses, 1);
    const std::uint64_t down = recording.accepted[0]->BytesSent();
    atServers[0]->Send({10, Number(1)});
    atServers[0]->End(GrpcCode::OUT_OF_RANGE, "compacted");
    RunUntil(Ms(1200));
    EXPECT_EQ(heard.size(), 1u);
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].second.first, GrpcCode::OUT_OF_RANGE);
    EXPECT_EQ(ends[0].second.second, "compacted");
    // First answer on the connection: HEADERS 23, DATA 24, trailers 9 + 24 and the text's 9, no
    // RST_STREAM; PING-ACK 17.
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 23u + 24u + 33u + 9u + 17u);
    EXPECT_FALSE(stream->IsOpen());
    EXPECT_FALSE(atServers[0]->IsOpen());
}

TEST_F(GrpcStreamTest, ARefusedStreamIsOneHeadersFrame)
{
    BuildWithStreams({10});
    CallAndWait(10);
    const auto stream = OpenWatch(10);
    RunUntil(Now() + Ms(100));
    const std::uint64_t down = recording.accepted[0]->BytesSent();
    atServers[0]->End(GrpcCode::UNAVAILABLE, "etcdserver: no leader");
    RunUntil(Now() + Ms(100));
    EXPECT_EQ(recording.accepted[0]->BytesSent() - down, 17u + 21u + 13u);
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].second.second, "etcdserver: no leader");
}

TEST_F(GrpcStreamTest, CancelTellsTheServerAndNobodyElse)
{
    BuildWithStreams({10});
    const auto stream = OpenWatch(10);
    RunUntil(Ms(1100));
    atServers[0]->Send({10, Number(1)}); // crosses the cancellation
    const std::uint64_t up = recording.opened[0]->BytesSent();
    stream->Cancel();
    EXPECT_EQ(recording.opened[0]->BytesSent() - up, 13u);
    RunUntil(Ms(1200));
    EXPECT_TRUE(heard.empty());
    EXPECT_TRUE(ends.empty());
    EXPECT_EQ(serverEnds, 1);
    EXPECT_EQ(servers[0]->Streams(), 0u);
    atServers[0]->Send({10, Number(1)}); // ignored
    atServers[0]->End(GrpcCode::OK);
    RunUntil(Ms(1300));
    EXPECT_TRUE(heard.empty());
}

TEST_F(GrpcStreamTest, AWaitingStreamMayBeCancelled)
{
    Build({10});
    ServeStreams(0);
    OpenWatch(10)->Cancel();
    EXPECT_EQ(channel->Waiting(), 0u);
    channel->Start();
    RunUntil(Ms(1000));
    EXPECT_TRUE(atServers.empty());
}

TEST_F(GrpcStreamTest, ABrokenConnectionEndsItsStreamsAtBothEnds)
{
    BuildWithStreams({10, 10});
    OpenWatch(10);
    const auto other = OpenWatch(10);
    RunUntil(Ms(1500));
    ASSERT_EQ(recording.accepted.size(), 2u);
    servers[0]->Abort();
    RunUntil(Ms(1600));
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].second.first, GrpcCode::UNAVAILABLE);
    EXPECT_EQ(ends[0].second.second, "transport is closing");
    EXPECT_NEAR(Milliseconds(ends[0].first), 1510, 0.01);
    EXPECT_TRUE(other->IsOpen());
    EXPECT_EQ(serverEnds, 0); // the server did it itself
    recording.opened[1]->Abort();
    RunUntil(Ms(1700));
    EXPECT_EQ(serverEnds, 1);
    EXPECT_EQ(servers[1]->Streams(), 0u);
}

TEST_F(GrpcStreamTest, ShutdownCancelsStreams)
{
    BuildWithStreams({10});
    OpenWatch(10);
    RunUntil(Ms(1100));
    channel->Shutdown();
    OpenWatch(10);
    RunUntil(Ms(1200));
    ASSERT_EQ(ends.size(), 2u);
    EXPECT_EQ(ends[0].second.first, GrpcCode::CANCELLED);
    EXPECT_EQ(ends[1].second.first, GrpcCode::CANCELLED);
    EXPECT_EQ(serverEnds, 1);
}

TEST_F(GrpcStreamTest, WithoutAHandlerStreamsAreUnimplemented)
{
    BuildAndServe({10});
    OpenWatch(10);
    RunUntil(Now() + Ms(100));
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].second.first, GrpcCode::UNIMPLEMENTED);
    EXPECT_EQ(servers[0]->Streams(), 0u);
}

TEST_F(GrpcStreamTest, HandlersMayDropEverything)
{
    BuildWithStreams({10});
    const auto stream = OpenWatch(10);
    stream->OnMessage([this, stream](const RpcMessage&) {
        stream->OnMessage(nullptr);
        channel = nullptr;
    });
    RunUntil(Ms(1100));
    atServers[0]->OnMessage([this](const RpcMessage&) { servers[0] = nullptr; });
    atServers[0]->Send({10, Number(1)});
    stream->Send({10, Number(2)});
    RunUntil(Ms(1200));
    EXPECT_FALSE(channel);
    EXPECT_FALSE(servers[0]);
}

} // namespace
} // namespace etcdlab
