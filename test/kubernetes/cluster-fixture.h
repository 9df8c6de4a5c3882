// A cluster before the fake API server, with chance switched off.
#pragma once

#include "model/base/clock.h"
#include "model/kubernetes/cluster.h"
#include "test/kubernetes/fake-api.h"

#include <gtest/gtest.h>

namespace etcdlab::kube
{

using namespace std::chrono_literals;

inline constexpr Duration LATENCY = 100ms;

class ClusterTest : public ::testing::Test
{
  protected:
    ClusterTest()
    {
        m_config.serviceAccountCredentials = false;
        m_config.leaderElection.reset();
    }

    ~ClusterTest() override
    {
        m_cluster.reset();
        ns3::Simulator::Destroy();
    }

    /// Start it, and let it settle for 5 s.
    void StartCluster()
    {
        m_cluster = std::make_unique<Cluster>(
            m_config,
            [this](const std::string& name) { return m_api.MakeClient(name); },
            [] { return 0.0; });
        m_cluster->Start();
        RunFor(5s);
    }

    static void RunFor(Duration duration)
    {
        ns3::Simulator::Stop(ToTime(duration));
        ns3::Simulator::Run();
    }

    static PodSpec OneContainer(const std::string& name = "main")
    {
        PodSpec spec;
        ContainerSpec container;
        container.name = name;
        container.start = 500ms;
        spec.containers.push_back(container);
        return spec;
    }

    Object Workload(const std::string& resource,
                    const std::string& name,
                    int replicas,
                    PodSpec spec)
    {
        auto object = m_api.Make(resource, {"default", name}, 4000);
        WorkloadBody body;
        body.replicas = replicas;
        body.selector = {{"app", name}};
        body.podTemplate.labels = {{"app", name}};
        body.podTemplate.spec = std::move(spec);
        body.hash = 77;
        object.body = body;
        return object;
    }

    const PodBody& OnlyPod() const
    {
        return std::get<PodBody>(m_api.All("pods").at(0)->body);
    }

    FakeApi m_api{LATENCY};
    ClusterConfig m_config;
    std::unique_ptr<Cluster> m_cluster;
};

} // namespace etcdlab::kube
