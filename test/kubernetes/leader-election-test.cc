#include "model/kubernetes/work-queue.h"
#include "test/kubernetes/cluster-fixture.h"

namespace etcdlab::kube
{
namespace
{

class LeaderElectionTest : public ClusterTest
{
  protected:
    void Elect(const std::string& identity, LockType lock)
    {
        auto& copy = m_copies.emplace_back();
        copy.client = m_api.MakeClient(identity);
        copy.elector = std::make_unique<LeaderElector>(
            *copy.client,
            ElectionConfig{lock, "lock", identity},
            [] { return 0.0; },
            LeaderElector::Callbacks{[] {}, [this] { ++m_lost; }});
        copy.elector->Start();
    }

    struct Copy
    {
        std::unique_ptr<ApiClient> client;
        std::unique_ptr<LeaderElector> elector;
    };

    std::list<Copy> m_copies;
    int m_lost = 0;
};

TEST_F(LeaderElectionTest, EndpointsAndLeasesAreFiveRequestsEveryTwoSecondsAndFiveLatencies)
{
    Elect("a", LockType::ENDPOINTS_LEASES);
    RunFor(10s);
    const int reads = m_api.Reads("a");
    const int writes = m_api.Writes("a");
    RunFor(100s); // 40 periods of 2.5 s
    EXPECT_EQ(m_api.Reads("a") - reads, 40 * 3);
    EXPECT_EQ(m_api.Writes("a") - writes, 40 * 2);
}

TEST_F(LeaderElectionTest, LeasesAreTwoRequestsEveryTwoSecondsAndTwoLatencies)
{
    Elect("a", LockType::LEASES);
    RunFor(10s);
    const int reads = m_api.Reads("a");
    const int writes = m_api.Writes("a");
    RunFor(110s); // 50 periods of 2.2 s
    EXPECT_EQ(m_api.Reads("a") - reads, 50);
    EXPECT_EQ(m_api.Writes("a") - writes, 50);
}

TEST_F(LeaderElectionTest, AnotherLeadsWhenTheLockHasNotChangedForFifteenSeconds)
{
    Elect("a", LockType::LEASES);
    RunFor(5s);
    Elect("b", LockType::LEASES);
    RunFor(20s);
    EXPECT_TRUE(m_copies.front().elector->Leads());
    EXPECT_FALSE(m_copies.back().elector->Leads());
    m_copies.pop_front();
    RunFor(14s);
    EXPECT_FALSE(m_copies.back().elector->Leads());
    RunFor(6s);
    EXPECT_TRUE(m_copies.back().elector->Leads());
}

TEST_F(LeaderElectionTest, WhoCannotRenewForTenSecondsLeadsNoMore)
{
    Elect("a", LockType::LEASES);
    RunFor(5s);
    m_api.SetDown(true);
    RunFor(7s);
    EXPECT_EQ(m_lost, 0);
    RunFor(8s);
    EXPECT_EQ(m_lost, 1);
}

TEST(WorkQueue, KeyIsWorkedOnOnceAtATimeAndAgainIfAddedMeanwhile)
{
    std::vector<Duration> started;
    WorkQueue<int> queue(5, [&](int) -> Task<SyncResult> {
        started.push_back(Now());
        co_await Sleep(1s);
        co_return SyncResult::DONE;
    });
    queue.Start();
    queue.Add(1);
    queue.Add(1);
    ns3::Simulator::Schedule(ns3::MilliSeconds(300), [&] { queue.Add(1); });
    ns3::Simulator::Schedule(ns3::MilliSeconds(400), [&] { queue.Add(1); });
    ns3::Simulator::Run();
    EXPECT_EQ(started, (std::vector<Duration>{0s, 1s}));
    ns3::Simulator::Destroy();
}

TEST(WorkQueue, FailuresWaitTwiceAsLongEachTime)
{
    std::vector<Duration> started;
    WorkQueue<int> queue(1, [&](int) -> Task<SyncResult> {
        started.push_back(Now());
        co_return started.size() < 4 ? SyncResult::AGAIN : SyncResult::DONE;
    });
    queue.Start();
    queue.Add(1);
    ns3::Simulator::Run();
    EXPECT_EQ(started, (std::vector<Duration>{0ms, 5ms, 15ms, 35ms})); // 5, 10, 20 ms apart
    ns3::Simulator::Destroy();
}

TEST(TokenBucket, GivesItsBurstAtOnceAndThenItsRate)
{
    TokenBucket bucket(5, 2);
    EXPECT_EQ(bucket.Take(), 0ms);
    EXPECT_EQ(bucket.Take(), 0ms);
    EXPECT_EQ(bucket.Take(), 200ms);
    EXPECT_EQ(bucket.Take(), 400ms);
    EXPECT_EQ(TokenBucket(0, 0).Take(), 0ms);
}

} // namespace
} // namespace etcdlab::kube
