// How long a proxy takes to notice that its target or the leader is gone.
#include "helper/world.h"
#include "model/proxy/leader-belief.h"
#include "test/system/runs.h"
#include "test/transport/transport-fixture.h"

#include <gtest/gtest.h>

#include <map>

namespace etcdlab
{

namespace
{

TEST(LeaderBelief, FollowsTheHighestTerm)
{
    LeaderBelief belief;
    EXPECT_FALSE(belief.Hear("e1", "", 2)) << "names nobody";
    EXPECT_TRUE(belief.Hear("e1", "e2", 2));
    EXPECT_FALSE(belief.Hear("e3", "e2", 2));
    EXPECT_TRUE(belief.Hear("e3", "e3", 3));
    EXPECT_FALSE(belief.Hear("e1", "e2", 2)) << "of an earlier term";
    EXPECT_EQ(belief.Leader(), "e3");
}

TEST(LeaderBelief, ALostLeaderIsBelievedFromItselfOrOfALaterTermOnly)
{
    LeaderBelief belief;
    belief.Hear("e1", "e2", 2);
    EXPECT_FALSE(belief.Lose("e1"));
    EXPECT_TRUE(belief.Lose("e2"));
    EXPECT_EQ(belief.Leader(), "");
    EXPECT_FALSE(belief.Hear("e1", "e2", 2)) << "a follower that has not noticed";
    EXPECT_TRUE(belief.Hear("e2", "e2", 2));
    EXPECT_TRUE(belief.Lose("e2"));
    EXPECT_TRUE(belief.Hear("e1", "e2", 4)) << "elected again";
    EXPECT_TRUE(belief.Lose("e2"));
    EXPECT_TRUE(belief.Hear("e1", "e3", 5));
}

/// A proxy on "api" with targets "s0", 10 ms away, and "s1", 20 ms; nobody there answers its watch.
/// At 1 s a client on the same node connects and sends five bytes.
class ProxyTargetTest : public TransportTest
{
  protected:
    void Start(const ProxyConfig& changes, bool serve0, bool serve1)
    {
        for (const char* name : {"api", "s0", "s1"})
        {
            wan.AddNode(name);
        }
        wan.AddLink("api", "s0", Link(Ms(10)));
        wan.AddLink("api", "s1", Link(Ms(20)));
        wan.Install();
        auto config = changes;
        config.targetPort = 80;
        Serve("s0", serve0);
        Serve("s1", serve1);
        auto proxy = ns3::CreateObject<TcpProxy>();
        wan.GetNode("api")->AddApplication(proxy);
        proxy->SetConfig(config);
        proxy->SetUp({&network, {{"s0", wan.GetNode("s0"), 81}, {"s1", wan.GetNode("s1"), 81}}});
        proxy->AssignStreams(7);
        At(Ms(1000), [this] {
            network.Connect(wan.GetNode("api"), wan.GetNode("api"), 2379, {}, [this](auto stream) {
                client = stream;
                Observe(client, atClient);
                client->Send(Chunk(5, Number(1)));
            });
        });
    }

    static ProxyConfig Policy(const std::string& policy, std::uint64_t retries = 1)
    {
        ProxyConfig config;
        config.targetPolicy = policy;
        config.retries = retries;
        return config;
    }

    void Serve(const std::string& name, bool serve)
    {
        if (serve)
        {
            network.Listen(wan.GetNode(name), 80, {}, [this, name](ByteStreamPtr stream) {
                accepted.push_back(stream);
                Observe(stream, at[name]);
            });
        }
    }

    /// When the client's bytes were there, in ms; -1: never.
    double Arrived(const std::string& name)
    {
        return at[name].messages.empty() ? -1 : Milliseconds(at[name].messages[0].first);
    }

    /// The client's connection is reset then, in ms.
    void ExpectResetAt(int when)
    {
        RunUntil(Ms(when) - std::chrono::microseconds(500));
        EXPECT_TRUE(atClient.ends.empty());
        RunUntil(Ms(when) + std::chrono::microseconds(500));
        EXPECT_EQ(atClient.ends, std::vector<StreamEnd>{StreamEnd::RESET});
    }

    std::vector<ByteStreamPtr> accepted;
    std::map<std::string, Observed> at;
};

TEST_F(ProxyTargetTest, ARefusedConnectionIsOpenedToTheNextTarget)
{
    Start(Policy("round-robin"), false, true);
    RunUntil(Ms(3000));
    EXPECT_NEAR(Arrived("s1"), 1000 + 20 + 40 + 20, 0.1); // refused, opened, the way there
    EXPECT_TRUE(atClient.ends.empty());
}

TEST_F(ProxyTargetTest, ASilentTargetIsPassedOverAfterTheConnectTimeout)
{
    auto config = Policy("round-robin");
    config.connectTimeout = Ms(500);
    Start(config, true, true);
    wan.Block("api", "s0");
    RunUntil(Ms(3000));
    EXPECT_NEAR(Arrived("s1"), 1000 + 500 + 40 + 20, 0.1);
}

TEST_F(ProxyTargetTest, AfterTheRetriesTheClientIsReset)
{
    Start(Policy("round-robin", 0), false, true);
    ExpectResetAt(1020);
}

TEST_F(ProxyTargetTest, WhenNoTargetIsLeftTheClientIsReset)
{
    Start(Policy("round-robin", 9), false, false);
    ExpectResetAt(1000 + 20 + 40);
}

TEST_F(ProxyTargetTest, PinnedHasNoOtherTarget)
{
    Start(Policy("pinned", 9), false, true);
    ExpectResetAt(1020);
}

TEST_F(ProxyTargetTest, ATargetThatAcknowledgesNothingIsGivenUpAfterTheTargetTimeout)
{
    auto config = Policy("pinned");
    config.targetTimeout = Ms(3000);
    Start(config, true, true);
    At(Ms(2000), [this] { wan.Block("s0", "api"); });
    At(Ms(2500), [this] { client->Send(Chunk(5, Number(2))); });
    ExpectResetAt(2500 + 3000);
}

TEST_F(ProxyTargetTest, WithoutATargetTimeoutTcpTriesForMinutes)
{
    Start(Policy("pinned"), true, true);
    At(Ms(2000), [this] { wan.Block("s0", "api"); });
    At(Ms(2500), [this] { client->Send(Chunk(5, Number(2))); });
    // The last of 15 retransmissions is given up, too, after timeouts of 0.22 s (the round trip and 0.2 s), 0.44 … 56.3 s,
    // together 112.4 s, and 7 of 60 s, ns-3's longest: 2.5 + 112.4 + 420 s. (Linux goes on to 120 s: 15 minutes.)
    RunUntil(Ms(534'000));
    EXPECT_TRUE(atClient.ends.empty());
    RunUntil(Ms(536'000));
    EXPECT_EQ(atClient.ends, std::vector<StreamEnd>{StreamEnd::RESET});
}

/// optimised.json: e2 leads and something happens to it at 20 s. All times in ms.
class LeaderGoneTest : public testing::Test
{
  protected:
    static constexpr int GONE = 20'000;

    void RunWith(const std::function<void(World&)>& strike)
    {
        scenario = ReadScenarioFile(ETCDLAB_SOURCE_DIR "/scenarios/optimised.json",
                                    {"workload.count=150"},
                                    RegisteredNames());
        world = std::make_unique<World>(scenario);
        ns3::Simulator::Schedule(ns3::MilliSeconds(GONE), [&] { strike(*world); });
        Watch();
        world->Run();
    }

    /// Every ms: since when the proxy is there, and which member follows which leader.
    void Watch()
    {
        const auto now = ns3::Simulator::Now().GetMilliSeconds();
        if (asks < 0 && !world->GetProxies().empty())
        {
            asks = static_cast<double>(now);
            world->GetProxies()[0]->TraceConnectWithoutContext(
                "Leader", ns3::Callback<void, std::string>([this](std::string leader) {
                    heard.emplace_back(ns3::Simulator::Now().GetSeconds() * 1e3, leader);
                }));
        }
        for (const auto& member : world->GetMembers())
        {
            if (now > GONE && member->GetLeader() != "e2" && !member->GetLeader().empty())
            {
                knows.emplace(member->GetName(), now);
            }
        }
        ns3::Simulator::Schedule(ns3::MilliSeconds(1), [this] { Watch(); });
    }

    /// When the news can be there: the first question, asked every second from `from` on, that reaches one
    /// of `members` after that one knows, and its way back.
    double News(double from, const std::vector<std::string>& members) const
    {
        const std::map<std::string, double> oneWay{{"e1", 125}, {"e2", 25}, {"e3", 55}};
        double first = 1e9;
        for (const auto& name : members)
        {
            auto asked = from;
            while (asked + oneWay.at(name) < static_cast<double>(knows.at(name)))
            {
                asked += 1000;
            }
            first = std::min(first, asked + 2 * oneWay.at(name));
        }
        return first;
    }

    std::vector<RequestRecord> Failed() const
    {
        std::vector<RequestRecord> failed;
        for (const auto& record : world->GetClients()[0]->Records())
        {
            if (record.outcome != "ok")
            {
                failed.push_back(record);
            }
        }
        return failed;
    }

    Scenario scenario;
    std::unique_ptr<World> world;
    double asks = -1;                                  //!< since when the proxy asks who leads
    std::vector<std::pair<double, std::string>> heard; //!< by the proxy
    std::map<std::string, std::int64_t> knows;         //!< since when a member knows another leader
};

TEST_F(LeaderGoneTest, ACrashIsNoticedByTheReset)
{
    RunWith([](World& w) { w.GetMembers()[1]->Crash(); });
    ASSERT_EQ(heard.size(), 3U); // e2, nobody, another
    EXPECT_EQ(heard[1].second, "");
    EXPECT_NEAR(heard[1].first, GONE + 25, 0.1); // the reset's way
    // Then all members are asked at once and every second; only e1 and e3 can answer.
    EXPECT_NEAR(heard[2].first, News(GONE + 25, {"e1", "e3"}), 1);
    // The client's connection waited at the proxy: no back-off, one failed call.
    const auto failed = Failed();
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].outcome, "transport is closing");
    EXPECT_NEAR(Milliseconds(failed[0].end), GONE + 25, 0.1);
    for (const auto& record : world->GetClients()[0]->Records())
    {
        if (record.start >= failed[0].end)
        {
            // TCP to the new leader, HTTP/2's settings, the call, and its quorum: e1-e3.
            const double rtt = heard[2].second == "e3" ? 110 : 250;
            EXPECT_NEAR(Milliseconds(record.end), heard[2].first + 3 * rtt + 160, 1);
            break;
        }
    }
}

TEST_F(LeaderGoneTest, ASilentLeaderIsNoticedWhenAnotherMemberNamesItsSuccessor)
{
    RunWith([](World& w) {
        for (const char* other : {"api", "e1", "e3"})
        {
            w.GetWan().Block("e2", other);
            w.GetWan().Block(other, "e2");
        }
    });
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_NEAR(heard[1].first, News(asks, {"e1", "e3"}), 2);
    // The pair is cut then, and with it the call in flight.
    const auto failed = Failed();
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_NEAR(Milliseconds(failed[0].end), heard[1].first, 0.1);
}

TEST_F(LeaderGoneTest, AMoveIsNoticedByTheNextQuestion)
{
    RunWith([](World& w) { w.GetMembers()[2]->RequestLeadership(); });
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard[1].second, "e3");
    EXPECT_NEAR(heard[1].first, News(asks, {"e1", "e2", "e3"}), 2);
}

} // namespace

} // namespace etcdlab
