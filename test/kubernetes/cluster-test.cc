#include "test/kubernetes/cluster-fixture.h"

namespace etcdlab::kube
{
namespace
{

TEST_F(ClusterTest, DeploymentOfTwoFromCreateToAvailable)
{
    StartCluster();
    m_api.Create(Workload("deployments", "web", 2, OneContainer()));
    RunFor(20s);
    const auto deployment = m_api.Find("deployments", {"default", "web"});
    const auto& status = std::get<WorkloadBody>(deployment->body).status;
    EXPECT_EQ(status.available, 2);
    EXPECT_TRUE(status.progressing);
    // The replica set; then the revision, the first status, one with 2 replicas, and as both pods become ready in one
    // relist of two kubelets each writing on its own at the same time, one with 2 available.
    EXPECT_EQ(m_api.Writes("deployment-controller", "replicasets"), 1);
    EXPECT_EQ(m_api.Writes("deployment-controller", "deployments"), 4);
    // The status after the revision is that of an old version: Conflict, a read at the API server.
    EXPECT_EQ(m_api.Reads("deployment-controller"), 1);
    // Two pods; statuses: seen, 2 replicas, 2 ready.
    EXPECT_EQ(m_api.Writes("replicaset-controller", "pods"), 2);
    EXPECT_EQ(m_api.Writes("replicaset-controller", "replicasets"), 3);
    EXPECT_EQ(m_api.Writes("kube-scheduler", "pods"), 2);
    // ContainerCreating and Running, a read and a write each, of two pods
    EXPECT_EQ(m_api.Reads("kubelet/*", "pods"), 4);
    EXPECT_EQ(m_api.Writes("kubelet/*", "pods"), 4);
    // ScalingReplicaSet; 2 SuccessfulCreate; 2 Scheduled; 2 x (Pulled, Created, Started)
    EXPECT_EQ(m_api.Writes("", "events"), 1 + 2 + 2 + 6);
}

TEST_F(ClusterTest, PodsOfADeploymentAreSpread)
{
    StartCluster();
    m_api.Create(Workload("deployments", "web", 2, OneContainer()));
    RunFor(10s);
    std::set<std::string> nodes;
    for (const auto& pod : m_api.All("pods"))
    {
        nodes.insert(std::get<PodBody>(pod->body).spec.nodeName);
    }
    EXPECT_EQ(nodes, (std::set<std::string>{"worker1", "worker2"}));
}

TEST_F(ClusterTest, DaemonSetsWithTheSameHostPortDoNotFitTogether)
{
    StartCluster();
    auto spec = OneContainer();
    spec.hostPorts = {9100};
    m_api.Create(Workload("daemonsets", "first", 0, spec));
    RunFor(10s);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::RUNNING), 2);
    // The revision; a status counted after both pods were created and seen, and one when both are ready, which their
    // kubelets write at the same time (measured: 2 for each set).
    EXPECT_EQ(m_api.Writes("daemon-set-controller", "controllerrevisions"), 1);
    EXPECT_EQ(m_api.Writes("daemon-set-controller", "daemonsets"), 2);
    const int bound = m_api.Writes("kube-scheduler", "pods");
    m_api.Create(Workload("daemonsets", "second", 0, spec));
    RunFor(10s);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::PENDING), 2);
    // The condition PodScheduled=False once for each, and an event.
    EXPECT_EQ(m_api.Writes("kube-scheduler", "pods"), bound + 2);
    EXPECT_EQ(m_api.Writes("kube-scheduler", "events"), 2 + 2);
    m_api.Delete("daemonsets", {"default", "first"});
    RunFor(30s);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::RUNNING),
              2); // the second's: the ports are free
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::PENDING), 0);
}

TEST_F(ClusterTest, JobWhosePodRunsForTwoSeconds)
{
    StartCluster();
    auto spec = OneContainer();
    spec.restartPolicy = RestartPolicy::NEVER;
    spec.containers[0].runs = 2s;
    m_api.Create(Workload("jobs", "once", 1, spec));
    RunFor(15s);
    EXPECT_TRUE(
        std::get<WorkloadBody>(m_api.Find("jobs", {"default", "once"})->body).status.complete);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::SUCCEEDED), 1);
    // Active, complete: a read and a write each.
    EXPECT_EQ(m_api.Writes("job-controller", "jobs"), 2);
    EXPECT_EQ(m_api.Reads("job-controller", "jobs"), 2);
    // ContainerCreating, Running, Succeeded
    EXPECT_EQ(m_api.Writes("kubelet/*", "pods"), 3);
    EXPECT_EQ(m_api.Reads("kubelet/*", "pods"), 3);
    m_api.Delete("jobs", {"default", "once"});
    RunFor(5s);
    EXPECT_TRUE(m_api.All("pods").empty());
    // The collector reads the pod; its deletion reads it, marks it, reads it again and deletes it.
    EXPECT_EQ(m_api.Reads("generic-garbage-collector", "pods"), 3);
    EXPECT_EQ(m_api.Writes("generic-garbage-collector", "pods"), 2);
}

TEST_F(ClusterTest, ServiceAccountGetsATokenAndLosesIt)
{
    StartCluster();
    m_api.Create(m_api.Make("serviceaccounts", {"default", "robot"}));
    RunFor(5s);
    EXPECT_EQ(m_api.All("secrets").size(), 1U);
    // A look at the account, the secret, the reference: 1 R, 2 T.
    EXPECT_EQ(m_api.Reads("tokens-controller"), 1);
    EXPECT_EQ(m_api.Writes("tokens-controller"), 2);
    m_api.Delete("serviceaccounts", {"default", "robot"});
    RunFor(5s);
    EXPECT_TRUE(m_api.All("secrets").empty());
    // The deletion of the secret: 2 R, 1 T.
    EXPECT_EQ(m_api.Reads("tokens-controller"), 1 + 2);
    EXPECT_EQ(m_api.Writes("tokens-controller"), 2 + 1);
}

TEST_F(ClusterTest, StatefulSetIsARevisionAPodAndTwoStatuses)
{
    StartCluster();
    m_api.Create(Workload("statefulsets", "db", 1, OneContainer()));
    RunFor(10s);
    EXPECT_NE(m_api.Find("pods", {"default", "db-0"}), nullptr);
    EXPECT_EQ(m_api.Writes("statefulset-controller", "controllerrevisions"), 1);
    EXPECT_EQ(m_api.Writes("statefulset-controller", "pods"), 1);
    EXPECT_EQ(m_api.Writes("statefulset-controller", "statefulsets"), 2); // a replica; ready
}

TEST_F(ClusterTest, ServiceWithoutPodsCostsFourRequestsMoreAndSevenIfHeadless)
{
    StartCluster();
    auto service = m_api.Make("services", {"default", "web"}, 1300);
    service.body = ServiceBody{{{"app", "web"}}, false, 1};
    m_api.Create(service);
    RunFor(5s);
    EXPECT_EQ(m_api.Writes("endpoint-controller"), 1);
    // Created, replaced without the time of the change after 1 s, found unchanged after another.
    EXPECT_EQ(m_api.Writes("endpointslice-controller"), 2);
    EXPECT_EQ(m_api.Reads("endpointslice-controller"), 1);
    service.key.name = "headless";
    service.body = ServiceBody{{{"app", "web"}}, true, 0};
    m_api.Create(service);
    RunFor(5s);
    EXPECT_EQ(m_api.Writes("endpoint-controller"), 1 + 1);
    EXPECT_EQ(m_api.Writes("endpointslice-controller"), 2 + 4); // IPv4 and IPv6
    EXPECT_EQ(m_api.Reads("endpointslice-controller"), 1 + 2);
}

TEST_F(ClusterTest, LostNodeIsNotReadyAfterFortySecondsAndEvictedAfterFiveMinutes)
{
    StartCluster();
    m_api.Create(Workload("deployments", "web", 1, OneContainer()));
    RunFor(5s);
    const auto node = OnlyPod().spec.nodeName;
    m_cluster->Node(node).Crash();
    // Its last lease is at most 10 s old; it is looked at every 5 s: unknown 30 to 45 s after the crash.
    RunFor(29s);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::UNKNOWN), 0);
    RunFor(18s);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::UNKNOWN), 1);
    // Condition Ready, taint NoSchedule, taint NoExecute; the pod's condition.
    EXPECT_EQ(m_api.Writes("node-controller", "nodes"), 3);
    EXPECT_EQ(m_api.Writes("node-controller", "pods"), 1);
    EXPECT_EQ(m_api.All("pods").size(), 1U);
    RunFor(320s);
    // Marked for deletion, and replaced on the other node; the old one stays until its kubelet is back.
    EXPECT_EQ(m_api.All("pods").size(), 2U);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::RUNNING), 1);
    m_cluster->Node(node).Restart();
    RunFor(30s);
    EXPECT_EQ(m_api.All("pods").size(), 1U);
    EXPECT_TRUE(std::get<NodeBody>(m_api.Find("nodes", {"", node})->body).ready);
}

TEST_F(ClusterTest, IdleNodesWriteTheirLeasesOnly)
{
    m_config.nodes = 50;
    m_config.scheduler = false;
    m_config.controllerManager = false;
    StartCluster();
    const int before = m_api.Writes("");
    RunFor(101s); // ten periods of 10 s and the request's own 100 ms
    EXPECT_EQ(m_api.Writes("") - before, 50 * 10);
    EXPECT_EQ(m_api.Reads(""), 50); // of the lease, before the first
}

TEST_F(ClusterTest, GoesOnWhenTheApiServerComesBack)
{
    StartCluster();
    m_api.Create(Workload("deployments", "web", 2, OneContainer()));
    RunFor(700ms);
    m_api.SetDown(true);
    RunFor(20s);
    m_api.SetDown(false);
    RunFor(120s);
    EXPECT_EQ(m_cluster->Phases().Now(DisplayPhase::RUNNING), 2);
    EXPECT_EQ(m_api.All("pods").size(), 2U);
}

} // namespace
} // namespace etcdlab::kube
