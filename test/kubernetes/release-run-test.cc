#include "helper/scenario/read-profile.h"
#include "model/kubernetes/release-run.h"
#include "test/kubernetes/fake-api.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace etcdlab::kube
{
namespace
{

using namespace std::chrono_literals;

constexpr Duration L = 100ms;

class ReleaseRunTest : public ::testing::Test
{
  protected:
    ~ReleaseRunTest() override
    {
        m_run.reset();
        m_clients.clear();
        ns3::Simulator::Destroy();
    }

    /// Run a profile for these releases, to the end.
    std::vector<ReleaseResult> Run(const Profile& profile, const std::vector<std::string>& releases)
    {
        m_run = std::make_unique<WorkloadRun>(std::make_shared<Profile>(profile),
                                              [this](const std::string& node, bool on) {
                                                  m_power.push_back(node + (on ? " on" : " off"));
                                              });
        for (const auto& release : releases)
        {
            m_clients.push_back(m_api.MakeClient(release));
            m_run->Add(*m_clients.back(), release);
        }
        m_run->Begin([this] { m_ended = true; });
        ns3::Simulator::Run();
        EXPECT_TRUE(m_ended);
        return m_run->Results();
    }

    std::vector<ReleaseResult> Run(const std::string& text,
                                   const std::vector<std::string>& releases = {"r"})
    {
        return Run(ReadProfileText(text, "p.json"), releases);
    }

    /// Establish a definition as the API server's controllers do, and make a job complete, some time after they appear.
    void PlayControllers(Duration after)
    {
        m_user = m_api.MakeClient("controllers");
        m_watches.push_back(Follow("customresourcedefinitions", [this, after](const Object& seen) {
            const auto& defined = std::get<DefinitionBody>(seen.body);
            m_api.Types().Add({defined.resource,
                               defined.group,
                               defined.kind,
                               "/registry/" + defined.group + "/" + defined.resource + "/",
                               true,
                               true,
                               true,
                               1});
            Later(after, seen, [](Object& object) {
                std::get<DefinitionBody>(object.body).established = true;
            });
        }));
        m_watches.push_back(Follow("jobs", [this, after](const Object& seen) {
            Later(after, seen, [](Object& object) {
                std::get<WorkloadBody>(object.body).status.complete = true;
            });
        }));
    }

    ApiWatchPtr Follow(const std::string& resource, std::function<void(const Object&)> added)
    {
        return m_user->Watch(m_api.Types().Get(resource),
                             "",
                             0,
                             {[added](const WatchEvent& event) {
                                  if (event.type == WatchEventType::ADDED)
                                  {
                                      added(*event.object);
                                  }
                              },
                              [](const std::string&) {}});
    }

    void Later(Duration after, const Object& seen, std::function<void(Object&)> change)
    {
        ns3::Simulator::Schedule(ToTime(after), [this, key = seen.key, type = seen.type, change] {
            m_user->Patch(
                *type,
                key,
                [change](const Object& current) -> std::optional<Object> {
                    auto object = current;
                    change(object);
                    return object;
                },
                [](const ApiResult&) {});
        });
    }

    FakeApi m_api{L};
    std::vector<std::unique_ptr<ApiClient>> m_clients;
    std::unique_ptr<ApiClient> m_user;
    std::vector<ApiWatchPtr> m_watches;
    std::unique_ptr<WorkloadRun> m_run;
    std::vector<std::string> m_power;
    bool m_ended = false;
};

const PhaseResult&
PhaseOf(const ReleaseResult& result, const std::string& name)
{
    const auto found = std::find_if(result.phases.begin(),
                                    result.phases.end(),
                                    [&](const PhaseResult& phase) { return phase.name == name; });
    EXPECT_NE(found, result.phases.end()) << name;
    return *found;
}

Duration
TimeOf(const PhaseResult& phase)
{
    return phase.end - phase.start;
}

/// kube-prometheus-stack without think times: what remains is round trips.
Profile
Stack()
{
    const ProfileParameters none = {{"discovery_time", "0s"},
                                    {"definition_time", "0s"},
                                    {"render_time", "0s"},
                                    {"object_time", "0s"},
                                    {"secret_time", "0s"},
                                    {"step_time", "0s"}};
    auto profile =
        ReadProfileFile(ETCDLAB_SOURCE_DIR "/scenarios/profiles/kube-prometheus-stack.json", none);
    for (auto& phase : profile.phases)
    {
        for (auto& step : phase.steps)
        {
            step.think = Duration(0);
        }
    }
    return profile;
}

TEST_F(ReleaseRunTest, InstallTakesTheRoundTripsOfItsSequence)
{
    PlayControllers(50ms);
    const auto result = Run(Stack(), {"prometheus"})[0];
    ASSERT_EQ(result.error, "");
    EXPECT_EQ(TimeOf(PhaseOf(result, "available-name")), L);
    EXPECT_EQ(TimeOf(PhaseOf(result, "definitions-create")), 8 * L);
    EXPECT_EQ(TimeOf(PhaseOf(result, "existing-check")), 108 * L);
    EXPECT_EQ(PhaseOf(result, "existing-check").refused, 108U);
    EXPECT_EQ(TimeOf(PhaseOf(result, "release-create")), L);
    // Not found R, secret T, the hook itself T.
    EXPECT_EQ(TimeOf(PhaseOf(result, "hook-pre-install-roles")), 3 * L);
    EXPECT_EQ(PhaseOf(result, "hook-pre-install-roles").requests, 3U);
    // Six times R, R, T.
    EXPECT_EQ(TimeOf(PhaseOf(result, "hook-pre-install-cleanup")), 18 * L);
    // Sixteen batches one after another, each at once.
    EXPECT_EQ(TimeOf(PhaseOf(result, "create")), 16 * L);
    EXPECT_EQ(TimeOf(PhaseOf(result, "release-final")), L);
    // R: list 1, definitions 8, check 108, hooks 12, deletions 24 = 153; the fake's allocator has none.
    EXPECT_EQ(m_api.Reads("prometheus"), 153);
    // T: definitions 8, secret 14, hooks 12, deletions 12, objects 108 = 154.
    EXPECT_EQ(m_api.Writes("prometheus"), 154);
    // One after another (T of the 108 objects: 16): 153 R and 62 T. The facts' 176 R and 86 T count in addition the pods
    // and programs of two jobs, the allocator of cluster addresses and storages of custom resources: 23 and 24.
    const auto jobs = TimeOf(PhaseOf(result, "hook-pre-install-wait")) +
                      TimeOf(PhaseOf(result, "hook-post-install-wait"));
    EXPECT_EQ(result.end - result.start - jobs, (153 + 8 + 14 + 12 + 12 + 16) * L);
}

TEST_F(ReleaseRunTest, OfTwoReleasesOneCreatesEachDefinitionAndOneFindsIt)
{
    PlayControllers(50ms);
    const auto results = Run(Stack(), {"prometheus", "prometheus1"});
    ASSERT_EQ(results[0].error, "");
    ASSERT_EQ(results[1].error, "");
    const auto& first = PhaseOf(results[0], "definitions-create");
    const auto& second = PhaseOf(results[1], "definitions-create");
    EXPECT_EQ(first.requests, 8U);
    EXPECT_EQ(second.requests, 8U);
    EXPECT_EQ(first.refused + second.refused, 8U);
    EXPECT_EQ(m_api.All("customresourcedefinitions").size(), 8U);
    // Whoever lost all of them waits for none: a poll takes a read for each definition of one's own.
    const auto waited = PhaseOf(results[0], "definitions-wait").requests +
                        PhaseOf(results[1], "definitions-wait").requests;
    EXPECT_GE(waited, 8U);
    EXPECT_EQ(m_api.All("prometheusrules").size(), 58U);
    EXPECT_NE(m_api.Find("services", {"default", "prometheus1-kube-prometheu-operator"}), nullptr);
    EXPECT_NE(m_api.Find("services", {"kube-system", "prometheus-kube-prometheus-coredns"}),
              nullptr);
}

TEST_F(ReleaseRunTest, DefinitionsThatAreThereAreNotWaitedFor)
{
    PlayControllers(50ms);
    Run(Stack(), {"prometheus"});
    const auto result = Run(Stack(), {"prometheus1"})[0];
    ASSERT_EQ(result.error, "");
    EXPECT_EQ(TimeOf(PhaseOf(result, "definitions-create")), 16 * L); // T that fails, R
    EXPECT_EQ(PhaseOf(result, "definitions-wait").requests, 0U);
}

TEST_F(ReleaseRunTest, PollLooksAgainAfterItsInterval)
{
    PlayControllers(350ms); // after the first look, which is L after the creation
    const auto result = Run(R"({"phases": [{"name": "a", "steps": [
        {"do": "create", "objects": "d"},
        {"do": "wait", "until": "established", "objects": "d", "which": "created", "poll": "2s"}]}],
        "objects": {"d": [{"resource": "customresourcedefinitions", "name": "x", "bytes": "1kB",
                           "defines": {"resource": "xs", "group": "g", "kind": "X"}}]}})")[0];
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(result.end - result.start, L + L + 2s + L); // create, look, pause, look
}

const std::string MAPS = R"("objects": {"maps": [
    {"resource": "configmaps", "name": "a", "bytes": "1kB"},
    {"resource": "configmaps", "name": "b", "bytes": "1kB"},
    {"resource": "secrets", "name": "c", "bytes": "1kB"}]})";
const std::string NUMBERED = R"("objects": {"maps": [
    {"resource": "configmaps", "name": "${release}-${i}", "bytes": "1kB"}]})";

std::string
Steps(const std::string& steps, const std::string& objects = MAPS)
{
    return "{\"phases\": [{\"name\": \"a\", \"steps\": [" + steps + "]}], " + objects + "}";
}

TEST_F(ReleaseRunTest, ModesAreSerialBatchesParallel)
{
    EXPECT_EQ(Run(Steps(R"({"do": "create", "objects": "maps"})"))[0].end, 3 * L);
    EXPECT_EQ(
        TimeOf(Run(Steps(R"({"do": "get", "objects": "maps", "mode": "batches"})"))[0].phases[0]),
        2 * L);
    EXPECT_EQ(
        TimeOf(Run(Steps(R"({"do": "get", "objects": "maps", "mode": "parallel"})"))[0].phases[0]),
        L);
    // Prepared one after another: 10, 20, 30 ms.
    EXPECT_EQ(TimeOf(Run(Steps(
                  R"({"do": "get", "objects": "maps", "mode": "parallel", "think": "10ms"})"))[0]
                         .phases[0]),
              L + 30ms);
}

TEST_F(ReleaseRunTest, RepetitionsCountAndOverlapIfTheyHaveARate)
{
    const auto after =
        Run(Steps(R"({"do": "repeat", "times": 3, "steps": [{"do": "create", "objects": "maps"}]})",
                  NUMBERED))[0];
    EXPECT_EQ(after.end - after.start, 3 * L);
    EXPECT_NE(m_api.Find("configmaps", {"default", "r-2"}), nullptr);
    const auto rate = Run(Steps(R"({"do": "repeat", "times": 3, "every": "10ms",
                                    "steps": [{"do": "get", "objects": "maps"}]})",
                                NUMBERED))[0];
    EXPECT_EQ(rate.end - rate.start, 20ms + L);
}

TEST_F(ReleaseRunTest, LocksAreSharedByReleases)
{
    const auto results = Run(Steps(R"({"do": "lock", "lock": "one", "steps": [
        {"do": "create", "objects": "maps", "accept": ["ok", "AlreadyExists"]}]})"),
                             {"r", "s"});
    EXPECT_EQ(results[0].end, 3 * L);
    EXPECT_EQ(results[1].end, 3 * L + 3 * 2 * L); // each T fails and R
}

TEST_F(ReleaseRunTest, UnexpectedOutcomeEndsTheReleaseAndSaysWhere)
{
    const auto result =
        Run(Steps(R"({"do": "get", "objects": "maps"}, {"do": "create", "objects": "maps"})"))[0];
    EXPECT_EQ(result.error, "a: get configmaps/a: 404 NotFound");
    EXPECT_EQ(result.end, L);
    EXPECT_EQ(m_api.Writes("r"), 0);
}

TEST_F(ReleaseRunTest, UnansweredRequestsAreMadeAgainIfTheProfileSaysSo)
{
    m_api.SetDown(true);
    ns3::Simulator::Schedule(ToTime(1s), [this] { m_api.SetDown(false); });
    const auto text =
        R"({"retry": "500ms", "phases": [{"name": "a", "steps": [{"do": "create", "objects": "maps"}]}], )" +
        MAPS + "}";
    const auto result = Run(text)[0];
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(m_api.All("configmaps").size(), 2U);
    EXPECT_GE(result.phases[0].retried, 1U);
}

TEST_F(ReleaseRunTest, NodesAreSwitchedByTheWorld)
{
    Run(R"({"phases": [{"name": "a", "steps": [{"do": "node", "node": "worker1", "power": "off"},
                                               {"do": "node", "node": "worker1", "power": "on"}]}]})");
    EXPECT_EQ(m_power, (std::vector<std::string>{"worker1 off", "worker1 on"}));
}

TEST_F(ReleaseRunTest, JobThatFailedTooOftenEndsTheWait)
{
    m_user = m_api.MakeClient("controllers");
    m_watches.push_back(Follow("jobs", [this](const Object& seen) {
        Later(50ms, seen, [](Object& object) {
            std::get<WorkloadBody>(object.body).status.failed = 7;
        });
    }));
    const auto result =
        Run(R"({"pods": {"p": {"containers": [{}]}}, "phases": [{"name": "a", "steps": [
        {"do": "create", "objects": "j"}, {"do": "wait", "until": "complete", "objects": "j"}]}],
        "objects": {"j": [{"resource": "jobs", "name": "x", "bytes": "1kB", "pod": "p"}]}})")[0];
    EXPECT_EQ(result.error, "a: jobs/x: never complete");
}

} // namespace
} // namespace etcdlab::kube
