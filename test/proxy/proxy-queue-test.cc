// A proxy's cores and its questions' deadline, with clients and targets that the test plays itself.
#include "model/proxy/tcp-proxy.h"
#include "model/transport/grpc-connection.h"
#include "test/transport/transport-fixture.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace etcdlab
{

namespace
{

class ProxyQueue : public TransportTest
{
  protected:
    ~ProxyQueue() override
    {
        proxy->Crash(); // the network goes before the nodes do
    }

    /// Client c, proxy p and target t, 1 ms from one to the next. The target counts what comes.
    void Build(const ProxyConfig& config)
    {
        for (const char* name : {"c", "p", "t"})
        {
            wan.AddNode(name);
        }
        wan.AddLink("c", "p", Link(Ms(1)));
        wan.AddLink("p", "t", Link(Ms(1)));
        wan.Install();
        network.Listen(wan.GetNode("t"), 2379, {}, [this](ByteStreamPtr stream) {
            auto connection =
                std::make_shared<GrpcConnection>(GrpcConnection::Role::SERVER, stream);
            connection->OnRequest([this](std::uint32_t, const RpcRequest& request) {
                (request.method == "x" ? arrived : asked).push_back(Now());
            });
            connections.push_back(std::move(connection));
        });
        proxy = ns3::CreateObject<TcpProxy>();
        wan.GetNode("p")->AddApplication(proxy);
        proxy->SetConfig(config);
        proxy->SetUp({&network, {{"t", wan.GetNode("t"), 2379}}});
        proxy->AssignStreams(7);
        RunUntil(Ms(1));
    }

    /// A connection through the proxy.
    std::shared_ptr<GrpcConnection> Connect()
    {
        std::shared_ptr<GrpcConnection> made;
        network.Connect(wan.GetNode("c"), wan.GetNode("p"), 2379, {}, [&](ByteStreamPtr stream) {
            made =
                std::make_shared<GrpcConnection>(GrpcConnection::Role::CLIENT, std::move(stream));
            made->Start();
        });
        RunUntil(Now() + Ms(300));
        return made;
    }

    /// Milliseconds from sending to the arrival of each request, sent on these connections at once.
    std::vector<double> Send(const std::vector<std::shared_ptr<GrpcConnection>>& to)
    {
        const auto start = Now();
        std::uint32_t id = 1;
        for (const auto& connection : to)
        {
            connection->SendRequest(id, {.method = "x", .bytes = 1000, .body = nullptr});
            id += 2;
        }
        RunUntil(start + Ms(300));
        std::vector<double> times;
        for (const auto& time : arrived)
        {
            times.push_back(std::chrono::duration<double, std::milli>(time - start).count());
        }
        return times;
    }

    TcpNetwork network;
    ns3::Ptr<TcpProxy> proxy;
    std::vector<std::shared_ptr<GrpcConnection>> connections;
    std::vector<Duration> arrived;
    std::vector<Duration> asked; //!< questions to a member
};

ProxyConfig
Busy(std::uint64_t cores)
{
    ProxyConfig config;
    config.targetPolicy = "pinned";
    config.discoveryInterval =
        std::chrono::hours(1); // its questions do not pass its relay in any case
    config.cores = cores;
    config.cpuPerChunk = Ms(10);
    return config;
}

// Two links of 1 ms each, and 10 ms of work per chunk between them.

TEST_F(ProxyQueue, OneCoreServesOneChunkAfterTheOther)
{
    Build(Busy(1));
    const auto a = Connect();
    const auto b = Connect();
    const auto times = Send({a, b});
    ASSERT_EQ(times.size(), 2U);
    EXPECT_NEAR(times[0], 1 + 10 + 1, 0.1);
    EXPECT_NEAR(times[1], 1 + 20 + 1, 0.1);
}

TEST_F(ProxyQueue, TwoCoresServeTwoConnectionsAtOnce)
{
    Build(Busy(2));
    const auto a = Connect();
    const auto b = Connect();
    const auto c = Connect();
    const auto times = Send({a, b, c});
    ASSERT_EQ(times.size(), 3U);
    EXPECT_NEAR(times[0], 1 + 10 + 1, 0.1);
    EXPECT_NEAR(times[1], 1 + 10 + 1, 0.1);
    EXPECT_NEAR(times[2], 1 + 20 + 1, 0.1);
}

TEST_F(ProxyQueue, OneDirectionOfAConnectionUsesOneCore)
{
    Build(Busy(2));
    const auto a = Connect();
    const auto times = Send({a, a});
    ASSERT_EQ(times.size(), 2U);
    EXPECT_NEAR(times[0], 1 + 10 + 1, 0.1);
    EXPECT_NEAR(times[1], 1 + 20 + 1, 0.1);
}

TEST_F(ProxyQueue, BytesCostTheirWork)
{
    auto config = Busy(1);
    config.cpuPerChunk = Duration(0);
    config.cpuPerByte = std::chrono::microseconds(10);
    Build(config);
    const auto a = Connect();
    const auto times = Send({a});
    ASSERT_EQ(times.size(), 1U);
    // HEADERS 86, first on the connection, DATA 9 + 5 + 1000: 1100 bytes of 10 us.
    EXPECT_NEAR(times[0], 1 + 11 + 1, 0.1);
}

TEST_F(ProxyQueue, QuestionsAreGivenUpAndAskedAgain)
{
    // One a second, given up after 1.5 s: at 0, 2 and 4 s.
    auto config = Busy(1);
    config.discoveryInterval = Ms(1000);
    config.discoveryTimeout = Ms(1500);
    Build(config);
    RunUntil(Ms(5500));
    EXPECT_EQ(asked.size(), 3U);
}

TEST_F(ProxyQueue, WithoutADeadlineAQuestionIsAskedOnce)
{
    auto config = Busy(1);
    config.discoveryInterval = Ms(1000);
    config.discoveryTimeout = Duration(0);
    Build(config);
    RunUntil(Ms(5500));
    EXPECT_EQ(asked.size(), 1U);
}

} // namespace

} // namespace etcdlab
