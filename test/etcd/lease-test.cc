// Leases in whole worlds: how long they last, and what keeping them alive costs.
#include "helper/world.h"
#include "model/base/clock.h"
#include "model/workload/lease-keeper.h"
#include "test/system/runs.h"

#include <ns3/simulator.h>

#include <gtest/gtest.h>

#include <memory>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

void
At(Duration when, std::function<void()> what)
{
    ns3::Simulator::Schedule(ns3::NanoSeconds(when.count()), std::move(what));
}

/// A world with one put a second, beside which a test's own client keeps leases.
class LeaseTest : public testing::Test
{
  protected:
    void Build(const std::string& name, std::vector<std::string> settings = {})
    {
        settings.insert(settings.end(),
                        {"workload.concurrency=1",
                         "workload.rate=1/s",
                         "workload.count=40",
                         "workload.warmup=0",
                         "client.balancer=pinned",
                         "client.pinned_endpoint=e2"});
        m_scenario = ReadScenarioFile(
            ETCDLAB_SOURCE_DIR "/scenarios/" + name + ".json", settings, RegisteredNames());
        m_world = std::make_unique<World>(m_scenario);
    }

    void TearDown() override
    {
        m_keeper.reset();
        if (m_channel)
        {
            m_channel->Abort();
        }
    }

    /// A channel to one member.
    void Connect(const std::string& member)
    {
        const auto& wan = m_world->GetWan();
        m_channel = std::make_unique<GrpcChannel>(
            m_world->GetNetwork(),
            wan.GetNode("api"),
            std::vector<Endpoint>{{member, wan.GetNode(member), ETCD_CLIENT_PORT}},
            BalancerRegistry::Make("pick-first", {{member}, "", nullptr}));
        m_channel->Start();
        m_keeper = std::make_unique<LeaseKeeper>(*m_channel);
    }

    /// Grant a lease and put a key under it.
    void Grant(std::int64_t ttl)
    {
        m_keeper->Grant(ttl, [this](LeaseId lease, const std::string& error) {
            ASSERT_EQ(error, "");
            m_lease = lease;
            m_granted = Now();
            m_channel->Call(MakeCall(PutRequest{"leased", {10, 1}, lease}),
                            [](const RpcResult& result) { EXPECT_TRUE(result.Ok()); });
        });
    }

    void KeepAlive()
    {
        m_keeper->KeepAlive(m_lease,
                            {[this](Duration took, const std::string& member) {
                                 m_renewals.emplace_back(Now(), took);
                                 m_renewer = member;
                             },
                             [this] { m_lost = Now(); }});
    }

    bool Exists(int member) const
    {
        const auto& store = m_world->GetMembers()[static_cast<std::size_t>(member - 1)]->GetStore();
        return store.Get("leased", store.CurrentRevision()) != nullptr;
    }

    /// Note when the key goes from a member's store, looking every millisecond.
    void WatchKey(int member)
    {
        if (!Exists(member))
        {
            m_gone = Now();
            return;
        }
        At(1ms, [this, member] { WatchKey(member); });
    }

    EtcdMember& Member(int number)
    {
        return *m_world->GetMembers()[static_cast<std::size_t>(number - 1)];
    }

    Scenario m_scenario;
    std::unique_ptr<World> m_world;
    std::unique_ptr<GrpcChannel> m_channel;
    std::unique_ptr<LeaseKeeper> m_keeper;
    LeaseId m_lease = 0;
    Duration m_granted{0}; //!< the answer came
    Duration m_gone{0};
    Duration m_lost{0};
    std::vector<std::pair<Duration, Duration>> m_renewals; //!< when, and how long it took
    std::string m_renewer;
};

TEST_F(LeaseTest, ALeaseThatNobodyKeepsGoesAfterItsTimeToLiveAndTheNextLookOfTheLeader)
{
    Build("lan", {"member.disk=ideal"});
    At(5s, [&] { Connect("e1"); });
    At(5200ms, [&] { Grant(5); });
    At(6s, [&] {
        EXPECT_TRUE(Exists(1));
        WatchKey(1);
    });
    m_world->Run();
    // A round trip of 0.2 ms to the client, another one to a follower, and some work: granted after 0.5 to 0.7 ms. Over
    // at 10,200.6 ms; looks are made every 500 ms since the member's start at 0; then one commit, seen by a look of
    // this test's every millisecond.
    EXPECT_NEAR(Milliseconds(m_granted), 5200.6, 0.1);
    EXPECT_NEAR(Milliseconds(m_gone), 10'501, 0.1);
}

TEST_F(LeaseTest, ALeaseThatIsKeptAliveStaysAndOneThatIsNotGoes)
{
    Build("lan");
    At(5s, [&] { Connect("e1"); });
    At(5200ms, [&] { Grant(3); });
    At(5300ms, [&] { KeepAlive(); });
    At(20s, [&] {
        EXPECT_TRUE(Exists(1));
        EXPECT_EQ(m_lost, 0s);
        m_keeper->Stop();
        WatchKey(1);
    });
    m_world->Run();
    // At once, then at the first look of the send loop, every 500 ms, after a third of 3 s: 1.5 s each, for the
    // answer comes a little after the look.
    ASSERT_GE(m_renewals.size(), 9U);
    EXPECT_NEAR(Milliseconds(m_renewals[0].first), 5300, 2);
    EXPECT_NEAR(Milliseconds(m_renewals[1].first - m_renewals[0].first), 1500, 2);
    const auto last = m_renewals.back().first;
    EXPECT_GE(m_gone, last + 3s - 2ms);
    EXPECT_LE(m_gone, last + 3s + 500ms + 5ms);
}

TEST_F(LeaseTest, KeepingAliveAtTheLeaderTakesOneRoundTripAndThroughAFollowerOneMore)
{
    // The thesis' links: api-e2 50 ms, api-e1 250 ms, e1-e2 300 ms. e2 leads.
    for (const bool follower : {false, true})
    {
        SCOPED_TRACE(follower);
        m_renewals.clear();
        Build("baseline");
        At(10s, [&] { Connect(follower ? "e1" : "e2"); });
        At(12s, [&] { Grant(6); });
        At(14s, [&] { KeepAlive(); });
        m_world->Run();
        ASSERT_GE(m_renewals.size(), 5U);
        EXPECT_EQ(m_renewer, follower ? "e1" : "e2");
        // The first one through a follower also opens its connection to the leader: 300 ms.
        EXPECT_NEAR(Milliseconds(m_renewals[0].second), follower ? 250 + 300 + 300 : 50, 0.3);
        // Through e1, the send loop's next look comes before the answer, so everything is asked twice. The first
        // repetition reaches e1 at 625 ms and waits for 100 ms, until the leader's first answer is there: requests of
        // a stream are worked off one after the other.
        EXPECT_NEAR(Milliseconds(m_renewals[1].second), follower ? 250 + 100 + 300 : 50, 0.3);
        EXPECT_NEAR(Milliseconds(m_renewals[2].second), follower ? 250 + 300 : 50, 0.3);
        EXPECT_NEAR(Milliseconds(m_renewals[3].second), follower ? 250 + 300 : 50, 0.3);
        TearDown();
        m_world.reset();
    }
}

TEST_F(LeaseTest, ALeaseThatIsKeptSurvivesAChangeOfLeader)
{
    Build("lan");
    At(5s, [&] { Connect("e2"); });
    At(5200ms, [&] { Grant(4); });
    At(5300ms, [&] { KeepAlive(); });
    At(10s, [&] { Member(1).Crash(); });
    At(14s, [&] {
        EXPECT_NE(Member(2).GetLeader(), "");
        Member(1).Restart();
    });
    m_world->Run();
    EXPECT_EQ(m_lost, 0s);
    EXPECT_TRUE(Exists(2));
    EXPECT_GT(m_renewals.back().first, 35s);
}

TEST_F(LeaseTest, ANewLeaderGivesEveryLeaseItsWholeTimeAgain)
{
    Build("lan");
    At(5s, [&] { Connect("e2"); });
    At(5200ms, [&] { Grant(5); });
    Duration elected{0};
    At(9s, [&] { Member(1).Crash(); }); // 1.2 s before it would be over
    const std::function<void()> look = [&] {
        if (Member(2).GetLeader().empty() || Member(2).GetLeader() == "e1")
        {
            At(1ms, look);
            return;
        }
        elected = Now();
        WatchKey(2);
    };
    At(9s, look);
    m_world->Run();
    // 5 s and the election timeout of 1 s after the new leader's first entry of its term, and up to 0.5 s for its look.
    EXPECT_GE(m_gone - elected, 6s - 3ms);
    EXPECT_LE(m_gone - elected, 6500ms + 5ms);
}

TEST_F(LeaseTest, AMemberThatComesBackGivesNoLeaseMoreTime)
{
    // It publishes itself by an entry that no client asked for, which is not the first one of a term.
    Build("lan", {"member.disk=ideal"});
    At(5s, [&] { Connect("e1"); });
    At(5200ms, [&] { Grant(5); });
    At(6s, [&] { Member(3).Crash(); });
    At(8s, [&] { Member(3).Restart(); });
    At(9500ms, [&] {
        EXPECT_TRUE(Member(3).IsReady());
        WatchKey(1);
    });
    m_world->Run();
    EXPECT_NEAR(Milliseconds(m_gone), 10'501, 0.1);
}

TEST_F(LeaseTest, ARevokedLeaseIsGoneWithItsKeysOnAllMembers)
{
    Build("lan");
    At(5s, [&] { Connect("e3"); });
    At(5200ms, [&] { Grant(60); });
    std::string second;
    At(6s, [&] {
        m_keeper->Revoke(m_lease, [&](const RpcResult& result) {
            EXPECT_TRUE(result.Ok());
            m_keeper->Revoke(m_lease,
                             [&](const RpcResult& again) { second = again.response.error; });
        });
    });
    At(6500ms, [&] {
        for (int member = 1; member <= 3; ++member)
        {
            EXPECT_FALSE(Exists(member));
        }
        // What is gone cannot be kept alive.
        KeepAlive();
    });
    m_world->Run();
    EXPECT_EQ(second, "etcdserver: requested lease not found");
    EXPECT_NEAR(Milliseconds(m_lost), 6502, 2);
    EXPECT_TRUE(m_renewals.empty());
}

TEST_F(LeaseTest, AWorkloadsKeysLiveAsLongAsItsLeasesAreKept)
{
    Build("lan", {"workload.leases=3", "workload.lease_ttl=3s"});
    m_world->Run();
    const auto& store = Member(1).GetStore();
    RangeRequest all;
    all.key = "/";
    all.rangeEnd = "0";
    EXPECT_EQ(store.Range(all).count, 40);
    for (const auto& kv : store.Range(all).kvs)
    {
        EXPECT_NE(kv.lease, 0);
    }
    EXPECT_EQ(m_world->GetClients()[0]->Records().size(), 40U);
}

} // namespace

} // namespace etcdlab
