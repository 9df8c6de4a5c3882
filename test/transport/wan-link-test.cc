#include "test/transport/transport-fixture.h"

#include <ns3/inet-socket-address.h>
#include <ns3/ipv4.h>
#include <ns3/packet.h>
#include <ns3/queue-disc.h>
#include <ns3/socket.h>
#include <ns3/traffic-control-layer.h>
#include <ns3/udp-socket-factory.h>

#include <cmath>
#include <stdexcept>

namespace etcdlab
{
namespace
{

/// Links are measured with UDP: packet i has 100 + i bytes, so that its number can be read off.
class WanLinkTest : public TransportTest
{
  protected:
    void Receive(const std::string& node)
    {
        sink = ns3::Socket::CreateSocket(wan.GetNode(node), ns3::UdpSocketFactory::GetTypeId());
        sink->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), 9));
        sink->SetRecvCallback(
            ns3::Callback<void, ns3::Ptr<ns3::Socket>>([this](ns3::Ptr<ns3::Socket> s) {
                while (const auto packet = s->Recv())
                {
                    arrivals.emplace_back(Now(), static_cast<int>(packet->GetSize()) - 100);
                }
            }));
    }

    void SendAt(Duration time, const std::string& from, const std::string& to, int number)
    {
        if (!source)
        {
            source =
                ns3::Socket::CreateSocket(wan.GetNode(from), ns3::UdpSocketFactory::GetTypeId());
        }
        const ns3::InetSocketAddress address(wan.GetAddress(to), 9);
        At(time, [this, address, number] {
            source->SendTo(ns3::Create<ns3::Packet>(100 + number), 0, address);
        });
    }

    ns3::Ptr<ns3::Socket> sink;
    ns3::Ptr<ns3::Socket> source;
    std::vector<std::pair<Duration, int>> arrivals;
};

/// On the wire: UDP 8, IPv4 20, PPP 2.
constexpr int OVERHEAD = 30;

TEST_F(WanLinkTest, PacketTakesDelayAndTransmissionTime)
{
    LinkConfig config = Link(Ms(25));
    config.rate = {1'000'000};
    JoinTwo(config);
    Receive("b");
    SendAt(Ms(0), "a", "b", 20);
    RunUntil(Ms(100));
    // 120 + 30 = 150 B at 1 Mbps: 1.2 ms.
    ASSERT_EQ(arrivals.size(), 1u);
    EXPECT_EQ(arrivals[0].first, Ms(25) + std::chrono::microseconds(1200));
}

TEST_F(WanLinkTest, PacketsAreSentOneAfterTheOther)
{
    LinkConfig config = Link(Ms(25));
    config.rate = {1'000'000};
    JoinTwo(config);
    Receive("b");
    SendAt(Ms(0), "a", "b", 20);
    SendAt(Ms(0), "a", "b", 45);
    RunUntil(Ms(100));
    // 150 B, then 175 B: 1.2 ms, then 1.4 ms more.
    ASSERT_EQ(arrivals.size(), 2u);
    EXPECT_EQ(arrivals[1].first, Ms(25) + std::chrono::microseconds(2600));
}

TEST_F(WanLinkTest, ZeroRateIsUnlimited)
{
    LinkConfig config = Link(Ms(25));
    config.rate = {0};
    JoinTwo(config);
    Receive("b");
    SendAt(Ms(0), "a", "b", 900);
    RunUntil(Ms(100));
    ASSERT_EQ(arrivals.size(), 1u);
    EXPECT_LE(arrivals[0].first - Ms(25), Duration(1));
}

TEST_F(WanLinkTest, DirectLinkIsUsedEvenIfADetourIsShorter)
{
    for (const char* name : {"a", "b", "c"})
    {
        wan.AddNode(name);
    }
    wan.AddLink("a", "b", Link(Ms(100)));
    wan.AddLink("a", "c", Link(Ms(1)));
    wan.AddLink("c", "b", Link(Ms(1)));
    wan.Install();
    Receive("b");
    SendAt(Ms(0), "a", "b", 0);
    RunUntil(Ms(300));
    // 130 B at 1 Gbps: 1.04 us.
    ASSERT_EQ(arrivals.size(), 1u);
    EXPECT_EQ(arrivals[0].first, Ms(100) + Duration(1040));
}

TEST_F(WanLinkTest, OtherNodesAreReachedOverTheirNeighbours)
{
    for (const char* name : {"a", "b", "c", "d"})
    {
        wan.AddNode(name);
    }
    wan.AddLink("a", "b", Link(Ms(10)));
    wan.AddLink("b", "c", Link(Ms(20)));
    wan.AddLink("c", "d", Link(Ms(30)));
    wan.Install();
    EXPECT_EQ(wan.ComputeRoutes().Delay("a", "d"), Ms(60));
    Receive("d");
    SendAt(Ms(0), "a", "d", 0);
    RunUntil(Ms(300));
    // Three links of 1.04 us transmission time each.
    ASSERT_EQ(arrivals.size(), 1u);
    EXPECT_EQ(arrivals[0].first, Ms(60) + Duration(3 * 1040));
}

TEST_F(WanLinkTest, TheDeviceHoldsOneQueueAndThereIsNoOther)
{
    LinkConfig config = Link(Ms(5));
    config.rate = {1'000'000};
    config.queue = 10;
    JoinTwo(config);
    Receive("b");
    for (int i = 0; i < 30; ++i)
    {
        SendAt(Ms(0), "a", "b", i);
    }
    RunUntil(Ms(300));
    // One in transmission and 10 in the queue; the other 19 are dropped at once.
    ASSERT_EQ(arrivals.size(), 11u);
    for (int i = 0; i < 11; ++i)
    {
        EXPECT_EQ(arrivals[static_cast<std::size_t>(i)].second, i);
    }
    const auto control = wan.GetNode("a")->GetObject<ns3::TrafficControlLayer>();
    for (std::uint32_t i = 0; i < wan.GetNode("a")->GetNDevices(); ++i)
    {
        EXPECT_FALSE(control->GetRootQueueDiscOnDevice(wan.GetNode("a")->GetDevice(i)));
    }
}

TEST_F(WanLinkTest, LossTakesItsShareOfPackets)
{
    LinkConfig config = Link(Ms(1));
    config.loss = {0.1};
    JoinTwo(config);
    EXPECT_EQ(wan.AssignStreams(1), 3);
    Receive("b");
    for (int i = 0; i < 10000; ++i)
    {
        SendAt(std::chrono::microseconds(100 * i), "a", "b", 0);
    }
    RunUntil(Ms(2000));
    // Binomial: mean 9000, standard deviation sqrt(10000 * 0.1 * 0.9) = 30; four of those either
    // way.
    EXPECT_NEAR(static_cast<double>(arrivals.size()), 9000, 120);
}

TEST_F(WanLinkTest, LossCanChangeWhileRunning)
{
    JoinTwo(Link(Ms(1)));
    Receive("b");
    for (int i = 0; i < 30; ++i)
    {
        SendAt(Ms(10 * i), "a", "b", i);
    }
    At(Ms(95), [this] { wan.GetLink("b", "a").SetLoss(1); });
    At(Ms(195), [this] { wan.GetLink("a", "b").SetLoss(0); });
    RunUntil(Ms(1000));
    // Numbers 0 to 9 arrive, 10 to 19 are lost, 20 to 29 arrive.
    ASSERT_EQ(arrivals.size(), 20u);
    EXPECT_EQ(arrivals[9].second, 9);
    EXPECT_EQ(arrivals[10].second, 20);
}

TEST_F(WanLinkTest, JitterIsUniform)
{
    LinkConfig config = Link(Ms(10));
    config.jitter = Ms(8);
    JoinTwo(config);
    wan.AssignStreams(1);
    Receive("b");
    const int n = 4000;
    for (int i = 0; i < n; ++i)
    {
        SendAt(
            Ms(20 * i), "a", "b", 0); // further apart than the jitter: no packet waits for another
    }
    RunUntil(Ms(20 * n + 1000));
    ASSERT_EQ(arrivals.size(), static_cast<std::size_t>(n));
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; ++i)
    {
        const double extra = Milliseconds(arrivals[static_cast<std::size_t>(i)].first - Ms(20 * i) -
                                          Ms(10) - Duration(1040));
        ASSERT_GE(extra, 0);
        ASSERT_LE(extra, 8);
        sum += extra;
        squares += extra * extra;
    }
    // Uniform on [0, 8]: mean 4, variance 64 / 12 = 5.333. The mean's standard deviation is
    // sqrt(5.333 / 4000) = 0.0365; the mean square's (21.333) is sqrt(4096 / 5 - 455.1) /
    // sqrt(4000) = 0.302.
    EXPECT_NEAR(sum / n, 4, 4 * 0.0365);
    EXPECT_NEAR(squares / n, 21.333, 4 * 0.302);
}

TEST_F(WanLinkTest, JitterKeepsTheOrder)
{
    LinkConfig config = Link(Ms(10));
    config.jitter = Ms(8);
    JoinTwo(config);
    wan.AssignStreams(1);
    Receive("b");
    for (int i = 0; i < 500; ++i)
    {
        SendAt(std::chrono::microseconds(100 * i), "a", "b", i);
    }
    RunUntil(Ms(1000));
    ASSERT_EQ(arrivals.size(), 500u);
    for (int i = 0; i < 500; ++i)
    {
        EXPECT_EQ(arrivals[static_cast<std::size_t>(i)].second, i);
    }
}

TEST_F(WanLinkTest, DelayChangesPerDirectionWhileRunning)
{
    JoinTwo(Link(Ms(10)));
    Receive("b");
    SendAt(Ms(0), "a", "b", 0);
    At(Ms(5), [this] { wan.GetLink("a", "b").channel->SetDelay(1, ns3::MilliSeconds(99)); });
    SendAt(Ms(20), "a", "b", 1); // the other direction changed
    At(Ms(40), [this] { wan.GetLink("a", "b").channel->SetDelay(0, ns3::MilliSeconds(50)); });
    SendAt(Ms(50), "a", "b", 2);
    At(Ms(60), [this] { wan.GetLink("a", "b").channel->SetDelay(0, ns3::MilliSeconds(1)); });
    SendAt(Ms(70), "a", "b", 3); // would overtake number 2, arriving at 100
    RunUntil(Ms(1000));
    ASSERT_EQ(arrivals.size(), 4u);
    EXPECT_EQ(arrivals[0].first, Ms(10) + Duration(8 * (100 + OVERHEAD)));
    EXPECT_EQ(arrivals[1].first, Ms(30) + Duration(8 * (101 + OVERHEAD)));
    EXPECT_EQ(arrivals[2].first, Ms(100) + Duration(8 * (102 + OVERHEAD)));
    EXPECT_EQ(arrivals[3].first, arrivals[2].first);
    EXPECT_EQ(arrivals[3].second, 3);
}

TEST_F(WanLinkTest, ADirectionThatIsDownLosesWhatIsSent)
{
    JoinTwo(Link(Ms(10)));
    Receive("b");
    SendAt(Ms(0), "a", "b", 0);
    At(Ms(5), [this] { wan.GetLink("a", "b").channel->SetDown(0, true); }); // number 0 is under way
    SendAt(Ms(20), "a", "b", 1);
    At(Ms(30), [this] {
        wan.GetLink("a", "b").channel->SetDown(0, false);
        wan.GetLink("a", "b").channel->SetDown(1, true); // the way back does not matter
    });
    SendAt(Ms(40), "a", "b", 2);
    RunUntil(Ms(1000));
    ASSERT_EQ(arrivals.size(), 2u);
    EXPECT_EQ(arrivals[0].second, 0);
    EXPECT_EQ(arrivals[1].second, 2);
    EXPECT_EQ(wan.GetLink("a", "b").channel->Lost(), 1u);
    EXPECT_TRUE(wan.GetLink("a", "b").channel->IsDown(1));
}

TEST_F(WanLinkTest, NodesHaveOneAddressOnAllTheirLinks)
{
    for (const char* name : {"a", "b", "c"})
    {
        wan.AddNode(name);
    }
    wan.AddLink("a", "b", Link(Ms(1)));
    wan.AddLink("a", "c", Link(Ms(1)));
    wan.Install();
    const auto ipv4 = wan.GetNode("a")->GetObject<ns3::Ipv4>();
    ASSERT_EQ(ipv4->GetNInterfaces(), 3u);
    EXPECT_EQ(ipv4->GetAddress(1, 0).GetLocal(), ns3::Ipv4Address("10.0.0.1"));
    EXPECT_EQ(ipv4->GetAddress(2, 0).GetLocal(), ns3::Ipv4Address("10.0.0.1"));
    EXPECT_EQ(wan.GetAddress("c"), ns3::Ipv4Address("10.0.0.3"));
}

TEST_F(WanLinkTest, BadInputIsRefused)
{
    wan.AddNode("a");
    wan.AddNode("b");
    wan.AddLink("a", "b", Link(Ms(1)));
    EXPECT_THROW(wan.AddNode("a"), std::invalid_argument);
    EXPECT_THROW(wan.AddLink("b", "a", Link(Ms(1))), std::invalid_argument);
    EXPECT_THROW(wan.AddLink("a", "a", Link(Ms(1))), std::invalid_argument);
    EXPECT_THROW(wan.AddLink("a", "x", Link(Ms(1))), std::invalid_argument);
    EXPECT_THROW(wan.GetLink("a", "x"), std::invalid_argument);
    EXPECT_THROW(wan.GetNode("x"), std::invalid_argument);
}

} // namespace
} // namespace etcdlab
