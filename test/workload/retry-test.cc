// Calls tried again and called off: clientv3's decision from plain values, the rest on a simulated network.
#include "model/workload/retry-policy.h"
#include "model/workload/unary-interceptor.h"
#include "test/system/runs.h"
#include "test/transport/grpc-fixture.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

constexpr auto UNAVAILABLE = GrpcCode::UNAVAILABLE;

/// Of a client with so many endpoints, whose random numbers are all `random`.
RetryPolicy
Policy(std::size_t endpoints, double random = 0.5)
{
    return RetryPolicy(endpoints, [random] { return random; });
}

TEST(RetryPolicy, ReadsAreTriedAgainWhateverMadeThemUnavailable)
{
    const auto policy = Policy(3);
    EXPECT_TRUE(policy.Next(1, true, UNAVAILABLE, "transport is closing"));
    EXPECT_TRUE(policy.Next(1, true, UNAVAILABLE, "etcdserver: request timed out"));
    EXPECT_FALSE(
        policy.Next(1, true, GrpcCode::OUT_OF_RANGE, "required revision has been compacted"));
    EXPECT_FALSE(policy.Next(1, true, GrpcCode::UNKNOWN, "raft proposal dropped"));
}

TEST(RetryPolicy, WritesOnlyWhenTheyCertainlyWereNotSent)
{
    const auto policy = Policy(3);
    EXPECT_TRUE(policy.Next(1, false, UNAVAILABLE, "there is no address available"));
    EXPECT_TRUE(policy.Next(1, false, UNAVAILABLE, "there is no connection available"));
    EXPECT_FALSE(policy.Next(1, false, UNAVAILABLE, "transport is closing"));
    EXPECT_FALSE(policy.Next(1, false, UNAVAILABLE, "etcdserver: request timed out"));
    EXPECT_FALSE(policy.Next(1, false, GrpcCode::UNKNOWN, "there is no address available"));
}

TEST(RetryPolicy, AnInnerContextsErrorIsTriedAgain)
{
    EXPECT_TRUE(Policy(3).Next(1, false, GrpcCode::DEADLINE_EXCEEDED, "context deadline exceeded"));
    EXPECT_TRUE(Policy(3).Next(1, true, GrpcCode::CANCELLED, "context canceled"));
}

TEST(RetryPolicy, WaitsBeforeEveryQuorumthAttemptOnly)
{
    // Of three endpoints the quorum is 2: no wait after attempts 1, 3, 5; 25 ms after 2, 4.
    for (const auto& [attempts, expected] :
         std::vector<std::pair<std::uint32_t, int>>{{1, 0}, {2, 25}, {3, 0}, {4, 25}, {5, 0}})
    {
        EXPECT_EQ(Policy(3).Next(attempts, true, UNAVAILABLE, ""), Ms(expected)) << attempts;
    }
    // Of five it is 3; of one it is 1.
    EXPECT_EQ(Policy(5).Next(2, true, UNAVAILABLE, ""), Ms(0));
    EXPECT_EQ(Policy(5).Next(3, true, UNAVAILABLE, ""), Ms(25));
    EXPECT_EQ(Policy(1).Next(1, true, UNAVAILABLE, ""), Ms(25));
}

TEST(RetryPolicy, TheWaitVariesByATenth)
{
    // 25 ms * (1 + 0.1 * (2 r - 1)): r = 0 gives 22.5, r = 0.75 gives 26.25.
    EXPECT_NEAR(Milliseconds(*Policy(1, 0).Next(1, true, UNAVAILABLE, "")), 22.5, 1e-5);
    EXPECT_NEAR(Milliseconds(*Policy(1, 0.75).Next(1, true, UNAVAILABLE, "")), 26.25, 1e-5);
}

TEST(RetryPolicy, TheHundredthAttemptIsTheLast)
{
    EXPECT_TRUE(Policy(3).Next(99, true, UNAVAILABLE, ""));
    EXPECT_FALSE(Policy(3).Next(100, true, UNAVAILABLE, ""));
}

/// One server, 10 ms away, that answers as `serve` says; the client calls at 3 s.
class InterceptorTest : public GrpcTest
{
  protected:
    void Make(const GrpcServer::Handler& serve, bool retry, Duration timeout)
    {
        Build({10});
        servers[0]->Listen(recording, wan.GetNode("s0"), 2379, serve);
        channel->Start();
        RunUntil(Ms(3000));
        interceptor = std::make_unique<UnaryInterceptor>(
            *channel, retry ? std::optional(Policy(1)) : std::nullopt, timeout);
    }

    void CallOnce(bool repeatable)
    {
        interceptor->Call({.method = "/etcdserverpb.KV/Range", .bytes = 42, .body = nullptr},
                          repeatable,
                          [this](const RpcResult& result) {
                              results.push_back(result);
                              times.push_back(Now());
                          });
    }

    std::unique_ptr<UnaryInterceptor> interceptor;
};

TEST_F(InterceptorTest, TriesAgainUntilItIsServed)
{
    int asked = 0;
    Make(
        [&asked](const RpcRequest&, GrpcServer::Responder respond) {
            ++asked;
            respond(asked < 3 ? RpcResponse{UNAVAILABLE, "etcdserver: no leader", 0, nullptr}
                              : RpcResponse{GrpcCode::OK, "", 28, nullptr});
        },
        true,
        Ms(0));
    CallOnce(true);
    RunUntil(Ms(4000));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_TRUE(results[0].Ok());
    EXPECT_EQ(asked, 3);
    EXPECT_NEAR(
        Milliseconds(times[0]), 3000 + 3 * 20 + 2 * 25, 0.1); // three round trips, two waits
}

TEST_F(InterceptorTest, WithoutRetriesTheFirstErrorIsTheLast)
{
    Make(
        [](const RpcRequest&, GrpcServer::Responder respond) {
            respond({UNAVAILABLE, "no leader", 0, nullptr});
        },
        false,
        Ms(0));
    CallOnce(true);
    RunUntil(Ms(4000));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].response.error, "no leader");
    EXPECT_NEAR(Milliseconds(times[0]), 3020, 0.1);
}

TEST_F(InterceptorTest, TheDeadlineEndsACallAndTellsTheServer)
{
    // Asked at 3010, the server would answer at 3110; the client gives up at 3050 and says so in 13 bytes.
    std::uint32_t headers = 0;
    Make(
        [&headers](const RpcRequest& request, GrpcServer::Responder respond) {
            headers = request.deadline ? 25 : 16;
            ns3::Simulator::Schedule(ns3::MilliSeconds(100), [respond] {
                respond({GrpcCode::OK, "", 28, nullptr});
            });
        },
        false,
        Ms(50));
    CallOnce(false);
    RunUntil(Ms(3049));
    EXPECT_EQ(headers, 25U); // with grpc-timeout
    const auto sent = recording.opened[0]->BytesSent();
    const auto answered = recording.accepted[0]->BytesSent();
    RunUntil(Ms(4000));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(GrpcCodeName(results[0].response.code), "DeadlineExceeded");
    EXPECT_EQ(results[0].response.error, "context deadline exceeded");
    EXPECT_EQ(times[0], Ms(3050));
    EXPECT_EQ(recording.opened[0]->BytesSent(), sent + 13);
    EXPECT_EQ(recording.accepted[0]->BytesSent(), answered) << "nobody waits for the answer";
    EXPECT_EQ(channel->InFlight(), 0U);
}

TEST_F(InterceptorTest, AnAnswerUnderWayAtTheDeadlineIsIgnored)
{
    // Answered at 3010, there at 3020, given up at 3015.
    Make(
        [](const RpcRequest&, GrpcServer::Responder respond) {
            respond({GrpcCode::OK, "", 28, nullptr});
        },
        false,
        Ms(15));
    CallOnce(false);
    RunUntil(Ms(4000));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].response.code, GrpcCode::DEADLINE_EXCEEDED);
    EXPECT_TRUE(channel->AllReady());
}

TEST_F(InterceptorTest, TheDeadlineCoversAllAttempts)
{
    // Attempts at 3000, 3045, 3090: each fails 20 ms later and the next one is 25 ms off. Given up at 3100.
    int asked = 0;
    Make(
        [&asked](const RpcRequest&, GrpcServer::Responder respond) {
            ++asked;
            respond({UNAVAILABLE, "etcdserver: no leader", 0, nullptr});
        },
        true,
        Ms(100));
    CallOnce(true);
    RunUntil(Ms(5000));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].response.code, GrpcCode::DEADLINE_EXCEEDED);
    EXPECT_EQ(times[0], Ms(3100));
    EXPECT_EQ(asked, 3);
}

TEST(ClientTimeout, EndsTheCallsThatTakeLonger)
{
    // Puts by way of e1, e2 and e3 take 710, 210 and 430 ms: with 300 ms, those by e2 alone are served.
    const auto run = RunShipped("baseline", {"client.timeout=300ms", "workload.count=30"});
    for (const auto& request : run.result.requests)
    {
        if (request.outcome == "ok")
        {
            EXPECT_EQ(request.member, "e2");
            continue;
        }
        EXPECT_EQ(request.outcome, "context deadline exceeded");
        EXPECT_EQ(request.end - request.start, Ms(300));
    }
    EXPECT_NEAR(run.Mean("put", "e2"), 210, 0.3);
}

} // namespace

} // namespace etcdlab
