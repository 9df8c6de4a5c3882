#include "test/kubernetes/cluster-fixture.h"

namespace etcdlab::kube
{
namespace
{

class KubeletTest : public ClusterTest
{
  protected:
    KubeletTest()
    {
        m_config.nodes = 1;
        m_config.controllerManager = false;
        m_config.scheduler = false;
    }

    /// A pod that is bound already.
    Object BoundPod(const std::string& name, PodSpec spec)
    {
        auto pod = m_api.Make("pods", {"default", name}, 2700);
        spec.nodeName = "worker1";
        pod.body = PodBody{std::move(spec), {}};
        return pod;
    }

    /// When etcd was asked for a pod by the kubelet.
    std::vector<Duration> PodRequests(bool write) const
    {
        std::vector<Duration> times;
        for (const auto& entry : m_api.Log())
        {
            if (entry.component == "kubelet/worker1" && entry.resource == "pods" &&
                entry.write == write)
            {
                times.push_back(entry.time);
            }
        }
        return times;
    }
};

TEST_F(KubeletTest, StatusesAreWrittenOneAfterTheOtherTwoLatenciesEach)
{
    StartCluster();
    for (const auto* name : {"a", "b", "c"})
    {
        m_api.Create(BoundPod(name, OneContainer()));
    }
    RunFor(450ms); // all are seen at 100 ms; nothing runs before 1 s
    const auto reads = PodRequests(false);
    const auto writes = PodRequests(true);
    ASSERT_EQ(reads.size(), 2U); // the third is read at 500 ms
    ASSERT_EQ(writes.size(), 2U);
    EXPECT_EQ(writes[0] - reads[0], LATENCY);
    EXPECT_EQ(reads[1] - reads[0], 2 * LATENCY);
}

TEST_F(KubeletTest, ImagesArePulledOneAfterTheOtherAndOnce)
{
    StartCluster();
    const auto start = Now();
    auto spec = OneContainer("x");
    spec.containers[0].pull = 3s;
    m_api.Create(BoundPod("a", spec));
    m_api.Create(BoundPod("b", spec));
    spec.containers[0].name = "y";
    m_api.Create(BoundPod("c", spec));
    // Seen at 0.1 s, sandboxes at 0.6; x is there at 3.6 s for both, y at 6.6; 0.5 s to start, and the next relist.
    RunFor(6s);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::RUNNING), 2);
    RunFor(start + 10s - Now());
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::RUNNING), 3);
}

TEST_F(KubeletTest, ReadinessProbeIsAChangeMore)
{
    StartCluster();
    auto spec = OneContainer();
    spec.containers[0].ready = 3s;
    m_api.Create(BoundPod("a", spec));
    RunFor(3s);
    EXPECT_EQ(OnlyPod().status.phase, PodPhase::RUNNING);
    EXPECT_FALSE(OnlyPod().status.ready);
    RunFor(3s);
    EXPECT_TRUE(OnlyPod().status.ready);
    EXPECT_EQ(PodRequests(true).size(), 3U); // ContainerCreating, Running, Ready
}

TEST_F(KubeletTest, DeletedPodStopsAndGoes)
{
    StartCluster();
    m_api.Create(BoundPod("a", OneContainer()));
    RunFor(5s);
    m_api.Delete("pods", {"default", "a"});
    RunFor(400ms);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::TERMINATING), 1);
    RunFor(3s);
    EXPECT_TRUE(m_api.All("pods").empty());
}

TEST_F(KubeletTest, CrashLoopBacksOffTwiceAsLongEachTimeUpToFiveMinutes)
{
    StartCluster();
    auto spec = OneContainer();
    spec.containers[0].start = Duration(0);
    spec.containers[0].runs = 1500ms;
    spec.containers[0].exitCode = 1;
    m_api.Create(BoundPod("a", spec));
    RunFor(1100s);
    // How long it showed CrashLoopBackOff each time.
    std::vector<double> waits;
    Duration since{0};
    const auto crashLoop = static_cast<std::size_t>(DisplayPhase::CRASH_LOOP_BACK_OFF);
    for (const auto& row : m_cluster->Phases().Rows())
    {
        if (row.pods[crashLoop] > 0 && since == Duration(0))
        {
            since = row.time;
        }
        else if (row.pods[crashLoop] == 0 && since != Duration(0))
        {
            waits.push_back(Milliseconds(row.time - since) / 1000);
            since = Duration(0);
        }
    }
    // The first restart is at once. Then the back-off, in looks 10 s apart from the one that found it dead; shown a second
    // later, and over up to a second after the restart: the back-off, 1 s less and up to 1 s more.
    const std::vector<double> backOffs = {10, 20, 40, 80, 160, 300, 300};
    ASSERT_GE(waits.size(), backOffs.size() - 1);
    for (std::size_t i = 0; i + 1 < backOffs.size(); ++i)
    {
        EXPECT_GE(waits[i], backOffs[i] - 1) << i;
        EXPECT_LE(waits[i], backOffs[i] + 1) << i;
    }
}

TEST_F(KubeletTest, ProgramRunsWithItsContainerAndEndsIt)
{
    class Quitter : public Program
    {
      public:
        void Start(std::function<void(int)> ended) override
        {
            m_event = ns3::Simulator::Schedule(ns3::Seconds(2), [ended] { ended(3); });
        }

        void Stop() override
        {
            m_event.Cancel();
        }

      private:
        ns3::EventId m_event;
    };

    StartCluster();
    m_cluster->Programs()["quitter"] = [](ProgramContext) { return std::make_unique<Quitter>(); };
    auto spec = OneContainer();
    spec.containers[0].program = "quitter";
    spec.restartPolicy = RestartPolicy::NEVER;
    m_api.Create(BoundPod("a", spec));
    RunFor(6s);
    EXPECT_EQ(OnlyPod().status.phase, PodPhase::FAILED);
    EXPECT_EQ(OnlyPod().status.containers.at(0).reason, "Error");
}

TEST_F(KubeletTest, CrashedNodeStartsItsContainersAgain)
{
    StartCluster();
    m_api.Create(BoundPod("a", OneContainer()));
    RunFor(5s);
    m_cluster->Node("worker1").Crash();
    EXPECT_FALSE(m_cluster->Node("worker1").Running());
    RunFor(5s);
    m_cluster->Node("worker1").Restart();
    RunFor(10s);
    EXPECT_EQ(OnlyPod().status.phase, PodPhase::RUNNING);
    EXPECT_EQ(OnlyPod().status.containers.at(0).restarts, 1);
}

} // namespace
} // namespace etcdlab::kube
