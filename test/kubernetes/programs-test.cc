#include "helper/scenario/read-profile.h"
#include "model/kubernetes/profile-programs.h"
#include "model/kubernetes/prometheus-operator.h"
#include "test/kubernetes/fake-api.h"

#include <gtest/gtest.h>

namespace etcdlab::kube
{
namespace
{

using namespace std::chrono_literals;

constexpr Duration L = 100ms;

class ProgramsTest : public ::testing::Test
{
  protected:
    ProgramsTest()
    {
        AddPrograms(m_table,
                    std::make_shared<Profile>(ReadProfileFile(
                        ETCDLAB_SOURCE_DIR "/scenarios/profiles/kube-prometheus-stack.json")),
                    "prometheus");
    }

    ~ProgramsTest() override
    {
        m_operators.clear();
        ns3::Simulator::Destroy();
    }

    /// Run a program to its end. @return its exit code
    int Run(const std::string& name)
    {
        const auto program = Make(name, name);
        int code = -1;
        program->Start([&code](int exited) { code = exited; });
        ns3::Simulator::Run();
        return code;
    }

    std::unique_ptr<Program> Make(const std::string& name, const std::string& client)
    {
        return m_table.at(name)({m_api.MakeClient(client), nullptr, {}, [] { return 0.5; }});
    }

    void Define(const std::string& resource)
    {
        m_api.Types().Add({resource,
                           "monitoring.coreos.com",
                           resource,
                           "/registry/monitoring.coreos.com/" + resource + "/",
                           true,
                           true,
                           true,
                           1});
    }

    void StartOperator(const std::string& release, bool fight)
    {
        PrometheusOperatorConfig config;
        config.release = release;
        config.kubelet = release + "-kubelet";
        config.fight = fight;
        m_operators.push_back(std::make_unique<PrometheusOperator>(
            ProgramContext{
                m_api.MakeClient("operator of " + release), nullptr, {}, [] { return 0.5; }},
            config));
        m_operators.back()->Start([](int) { ADD_FAILURE() << "it has no reason to exit"; });
    }

    void RunFor(Duration time)
    {
        ns3::Simulator::Stop(ToTime(time));
        ns3::Simulator::Run();
    }

    FakeApi m_api{L};
    ProgramTable m_table;
    std::vector<std::unique_ptr<PrometheusOperator>> m_operators;
};

TEST_F(ProgramsTest, CertgenCreatesTheSecretAndPatchesBothWebhooks)
{
    EXPECT_EQ(m_table.size(), 3U);
    EXPECT_EQ(Run("prometheus/certgen-create"), 0);
    EXPECT_EQ(m_api.Reads("prometheus/certgen-create"), 1);
    EXPECT_EQ(m_api.Writes("prometheus/certgen-create"), 1);
    EXPECT_EQ(m_api.Find("secrets", {"default", "prometheus-kube-prometheus-admission"})->bytes,
              1739U);
    EXPECT_EQ(Run("prometheus/certgen-patch"), 1) << "without the webhooks";
    m_api.Create(m_api.Make("validatingwebhookconfigurations",
                            {"", "prometheus-kube-prometheus-admission"}));
    m_api.Create(
        m_api.Make("mutatingwebhookconfigurations", {"", "prometheus-kube-prometheus-admission"}));
    ns3::Simulator::Run();
    const auto program = Make("prometheus/certgen-patch", "again");
    int code = -1;
    program->Start([&code](int exited) { code = exited; });
    ns3::Simulator::Run();
    EXPECT_EQ(code, 0);
    EXPECT_EQ(m_api.Reads("again"), 3);
    EXPECT_EQ(m_api.Writes("again"), 2);
    EXPECT_EQ(
        m_api.Find("mutatingwebhookconfigurations", {"", "prometheus-kube-prometheus-admission"})
            ->bytes,
        1657U);
}

TEST_F(ProgramsTest, OperatorNeedsItsDefinitions)
{
    EXPECT_EQ(Run("prometheus/operator"), 1);
}

TEST_F(ProgramsTest, FirstSyncOfAPrometheusCreatesSixObjects)
{
    Define("prometheuses");
    Define("alertmanagers");
    m_api.Create(m_api.Make("prometheuses", {"default", "p"}));
    ns3::Simulator::Run();
    StartOperator("prometheus", false);
    RunFor(1900ms);
    const std::string all = "operator of prometheus";
    // Rules, three secrets, the governing service, the set: T each, beside what it keeps for the kubelets.
    EXPECT_EQ(m_api.Writes(all, "configmaps"), 1);
    EXPECT_EQ(m_api.Writes(all, "secrets"), 3);
    EXPECT_EQ(m_api.Writes(all, "services"), 2);
    EXPECT_EQ(m_api.Writes(all, "statefulsets"), 1);
    EXPECT_EQ(m_api.Find("configmaps", {"default", "prometheus-p-rulefiles-0"})->bytes, 140'750U);
    RunFor(10s);
    // The second one finds all of it, but for the set's hash; then nothing is left to do.
    EXPECT_EQ(m_operators[0]->Syncs(),
              3U); // the update of the set brings a last one, which changes nothing
    EXPECT_EQ(m_api.Writes(all, "statefulsets"), 2);
    EXPECT_EQ(m_api.Writes(all, "secrets"), 3);
    EXPECT_EQ(m_api.Reads(all, "configmaps"), 3 + 3); // lists, and what is not there to be deleted
}

TEST_F(ProgramsTest, TwoOperatorsFightOnlyIfTheirHashesDiffer)
{
    for (const bool fight : {false, true})
    {
        m_operators.clear();
        FakeApi& api = m_api;
        Define("prometheuses");
        Define("alertmanagers");
        api.Create(api.Make("alertmanagers", {"default", fight ? "b" : "a"}));
        ns3::Simulator::Run();
        StartOperator("prometheus", fight);
        StartOperator("prometheus1", fight);
        RunFor(30s);
        const auto before = m_operators[0]->Syncs();
        RunFor(30s);
        EXPECT_EQ(m_operators[0]->Syncs() > before, fight);
    }
}

} // namespace
} // namespace etcdlab::kube
