// GOAWAY, draining and gRPC's transparent retry.
#include "model/transport/grpc-sizes.h"
#include "test/transport/grpc-fixture.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace etcdlab
{

namespace
{

class GrpcDrain : public GrpcTest
{
  protected:
    /// Serve with answers that take their time: given when the test says so.
    void ServeLater(std::size_t i)
    {
        servers[i]->Listen(
            recording,
            wan.GetNode("s" + std::to_string(i)),
            2379,
            [this, i](const RpcRequest& request, GrpcServer::Responder respond) {
                (void)request;
                held[i].push_back(respond);
            },
            [this](GrpcServerStreamPtr stream) { opened.push_back(std::move(stream)); });
    }

    void BuildAndServeLater(const std::vector<int>& oneWayMs,
                            const std::string& policy = "round-robin")
    {
        Build(oneWayMs, policy);
        for (std::size_t i = 0; i < oneWayMs.size(); ++i)
        {
            ServeLater(i);
        }
        channel->Start();
        RunUntil(Ms(1000));
        ASSERT_TRUE(channel->AllReady());
    }

    void Answer(std::size_t i)
    {
        for (const auto& respond : std::exchange(held[i], {}))
        {
            respond({.code = GrpcCode::OK, .error = "", .bytes = 28, .body = nullptr});
        }
    }

    void StopGracefully(std::size_t i)
    {
        servers[i]->StopGracefully([this] { drained = Now(); });
    }

    std::map<std::size_t, std::vector<GrpcServer::Responder>> held;
    std::vector<GrpcServerStreamPtr> opened;
    std::optional<Duration> drained;
};

TEST_F(GrpcDrain, IdleConnectionEndsAfterOneTripThereAndItsBytesAreThoseCaptured)
{
    BuildAndServeLater({10});
    const auto before = recording.accepted[0]->BytesSent();
    StopGracefully(0);
    EXPECT_FALSE(drained);
    RunUntil(Ms(1500));
    // GOAWAY and PING are 17 bytes each, as captured of etcd 3.4.23 (ids 0x7fffffff, then 0106010800030309).
    // The client has no call and closes at the first GOAWAY: 10 ms there, FIN 10 ms back.
    EXPECT_EQ(recording.accepted[0]->BytesSent() - before, 34U);
    ASSERT_TRUE(drained);
    EXPECT_GE(*drained, Ms(1020));
    EXPECT_LT(*drained, Ms(1021));
    EXPECT_EQ(servers[0]->Connections(), 0U);
    EXPECT_FALSE(channel->IsReady(0));
}

TEST_F(GrpcDrain, CallsUnderWayEndAndNewOnesGoElsewhere)
{
    BuildAndServeLater({10, 10});
    Call(100); // to s0, by turns
    Call(100); // to s1
    RunUntil(Ms(1015));
    ASSERT_EQ(servers[0]->Running(), 1U);
    const auto before = recording.accepted[0]->BytesSent();
    StopGracefully(0);
    Call(100); // to s0: the news has not reached the client; it is accepted
    RunUntil(Ms(1030));
    EXPECT_EQ(held[0].size(), 2U);
    Call(100); // GOAWAY has: to s1
    Call(100);
    RunUntil(Ms(1100));
    EXPECT_EQ(held[0].size(), 2U);
    EXPECT_EQ(held[1].size(), 3U);
    EXPECT_FALSE(drained);
    // GOAWAY, PING; the second GOAWAY when the PING was acknowledged; and for the third call's DATA a PING
    // of the bandwidth estimator (the first call's had been sent before).
    EXPECT_GE(recording.accepted[0]->BytesSent() - before, 34U + grpc::GOAWAY);
    Answer(0);
    Answer(1);
    RunUntil(Ms(1200));
    EXPECT_EQ(results.size(), 5U);
    for (const auto& result : results)
    {
        EXPECT_TRUE(result.Ok());
    }
    // The answer takes 10 ms, the client's FIN 10 ms.
    ASSERT_TRUE(drained);
    EXPECT_GE(*drained, Ms(1120));
    EXPECT_LT(*drained, Ms(1121));
    EXPECT_EQ(channel->InFlight(), 0U);
}

TEST_F(GrpcDrain, OpenStreamKeepsItsConnectionUntilItEnds)
{
    BuildAndServeLater({10});
    int messages = 0;
    std::optional<GrpcCode> end;
    const auto stream = channel->OpenStream("/etcdserverpb.Watch/Watch", RpcMessage{20, nullptr});
    stream->OnMessage([&](const RpcMessage&) { ++messages; });
    stream->OnEnd([&](GrpcCode code, const std::string&) { end = code; });
    RunUntil(Ms(1100));
    StopGracefully(0);
    RunUntil(Ms(6000));
    EXPECT_FALSE(drained);
    opened[0]->Send({30, nullptr});
    RunUntil(Ms(6100));
    EXPECT_EQ(messages, 1);
    EXPECT_EQ(channel->Streams(), 1U);
    opened[0]->End(GrpcCode::OK);
    RunUntil(Ms(6200));
    EXPECT_EQ(end, GrpcCode::OK);
    EXPECT_TRUE(drained);
}

TEST_F(GrpcDrain, StopCutsTheDrainingShort)
{
    BuildAndServeLater({10});
    Call(100);
    RunUntil(Ms(1100));
    StopGracefully(0);
    RunUntil(Ms(1200));
    servers[0]->Stop();
    Answer(0); // nobody hears it
    RunUntil(Ms(1300));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].response.code, GrpcCode::UNAVAILABLE);
    EXPECT_EQ(results[0].response.error, "transport is closing");
    EXPECT_FALSE(drained);
    EXPECT_EQ(times[0] / Ms(1), 1210);
}

TEST_F(GrpcDrain, CancelledCallIsNotWaitedFor)
{
    BuildAndServeLater({10});
    const auto call =
        channel->Call({.method = "/etcdserverpb.KV/Put", .bytes = 10, .body = {}}, nullptr);
    RunUntil(Ms(1100));
    StopGracefully(0);
    RunUntil(Ms(1200));
    channel->Cancel(call);
    RunUntil(Ms(1300));
    EXPECT_TRUE(drained);
    EXPECT_EQ(servers[0]->Running(), 0U);
}

/// A server that says GOAWAY without warning, as Go's net/http does when it serves gRPC behind TLS.
class AbruptServer
{
  public:
    AbruptServer(Network& network, ns3::Ptr<ns3::Node> node)
    {
        network.Listen(node, 2379, {}, [this](ByteStreamPtr stream) {
            auto made =
                std::make_shared<GrpcConnection>(GrpcConnection::Role::SERVER, std::move(stream));
            made->OnRequest(
                [this, weak = std::weak_ptr(made)](std::uint32_t id, const RpcRequest&) {
                    ++requests;
                    if (answers)
                    {
                        weak.lock()->SendResponse(
                            id, {.code = GrpcCode::OK, .error = "", .bytes = 28, .body = nullptr});
                    }
                });
            made->OnStream([this, weak = std::weak_ptr(made)](const StreamEvent& event) {
                if (event.kind == StreamEvent::Kind::MESSAGE)
                {
                    streamBytes.push_back(event.message.bytes);
                    weak.lock()->SendMessage(event.id, {7, nullptr}, true);
                }
            });
            connections.push_back(made);
        });
    }

    bool answers = true;
    int requests = 0;
    std::vector<std::uint32_t> streamBytes;
    std::vector<std::shared_ptr<GrpcConnection>> connections;
};

TEST_F(GrpcDrain, CallThatTheServerHasNotProcessedIsMadeAgain)
{
    Build({10, 10});
    AbruptServer abrupt(recording, wan.GetNode("s0"));
    ServeLater(1);
    abrupt.answers = false;
    channel->Start();
    RunUntil(Ms(1000));
    Call(100); // to s0, which has processed it when it says GOAWAY
    Call(100); // to s1
    RunUntil(Ms(1015));
    Call(100); // to s0: meets the GOAWAY
    abrupt.connections[0]->Refuse();
    abrupt.answers = true;
    abrupt.connections[0]->SendResponse(
        1, {.code = GrpcCode::OK, .error = "", .bytes = 28, .body = nullptr});
    RunUntil(Ms(1035));
    EXPECT_EQ(abrupt.requests, 1); // the second is not looked at
    EXPECT_EQ(held[1].size(), 1U); // the second is on its way here: at the GOAWAY only s1 was ready
    RunUntil(Ms(1040));
    EXPECT_EQ(held[1].size(), 2U);
    Answer(1);
    RunUntil(Ms(1100));
    ASSERT_EQ(results.size(), 3U);
    for (const auto& result : results)
    {
        EXPECT_TRUE(result.Ok()) << result.response.error;
    }
    EXPECT_EQ(results[0].endpoint, 0U);
    EXPECT_EQ(results[2].endpoint, 1U);
    // The endpoint still listens: it was connected anew.
    EXPECT_TRUE(channel->AllReady());
    EXPECT_EQ(abrupt.connections.size(), 2U);
}

TEST_F(GrpcDrain, CallIsMadeAgainOnlyOnce)
{
    Build({10});
    AbruptServer abrupt(recording, wan.GetNode("s0"));
    channel->Start();
    RunUntil(Ms(1000));
    Call(100);
    abrupt.connections[0]->Refuse();
    RunUntil(Ms(1039)); // GOAWAY at 1010, the new connection's SETTINGS at 1050
    EXPECT_EQ(channel->Waiting(), 1U);
    RunUntil(Ms(1051)); // sent again
    EXPECT_EQ(channel->InFlight(), 1U);
    abrupt.connections[1]->Refuse();
    RunUntil(Ms(1100));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].response.code, GrpcCode::UNAVAILABLE);
    EXPECT_EQ(results[0].response.error,
              "the stream is rejected because server is draining the connection");
    EXPECT_EQ(abrupt.requests, 0);
}

TEST_F(GrpcDrain, StreamThatTheServerHasNotProcessedIsOpenedAgainWithItsMessages)
{
    Build({10});
    AbruptServer abrupt(recording, wan.GetNode("s0"));
    channel->Start();
    RunUntil(Ms(1000));
    int messages = 0;
    const auto stream = channel->OpenStream("/etcdserverpb.Watch/Watch", RpcMessage{20, nullptr});
    stream->OnMessage([&](const RpcMessage&) { ++messages; });
    stream->Send({21, nullptr});
    abrupt.connections[0]->Refuse();
    RunUntil(Ms(1040));
    stream->Send({22, nullptr});
    RunUntil(Ms(1200));
    EXPECT_TRUE(stream->IsOpen());
    EXPECT_EQ(abrupt.streamBytes, (std::vector<std::uint32_t>{20, 21, 22}));
    EXPECT_EQ(messages, 3);
    // It is pinned to the new connection.
    abrupt.connections[1]->Abort();
    RunUntil(Ms(1300));
    EXPECT_FALSE(stream->IsOpen());
}

TEST_F(GrpcDrain, ServerThatHearsNothingRefusesAfterAMinute)
{
    BuildAndServeLater({10});
    Call(100);
    RunUntil(Ms(1100));
    wan.GetLink("a", "s0").channel->SetDown(0, true);
    StopGracefully(0);
    const auto sent = recording.accepted[0]->BytesSent();
    RunUntil(Ms(61'099));
    EXPECT_EQ(recording.accepted[0]->BytesSent(), sent);
    RunUntil(Ms(61'101));
    EXPECT_EQ(recording.accepted[0]->BytesSent(), sent + grpc::GOAWAY);
}

} // namespace

} // namespace etcdlab
