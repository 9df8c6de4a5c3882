#include "helper/scenario/read-profile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace etcdlab
{
namespace
{

using namespace kube;

/// What is wrong with a profile.
std::string
ErrorOf(const std::string& text, const ProfileParameters& parameters = {})
{
    try
    {
        ReadProfileText(text, "p.json", parameters);
    }
    catch (const ScenarioError& e)
    {
        return e.what();
    }
    return "nothing";
}

/// A profile with these steps in its only phase.
std::string
WithSteps(const std::string& steps, const std::string& more = "")
{
    return R"({"objects": {"maps": [{"resource": "configmaps", "name": "a", "bytes": "1kB"}]},)" +
           more + "\n\"phases\": [{\"name\": \"one\", \"steps\": [" + steps + "]}]}";
}

/// A profile with these objects.
std::string
WithObject(const std::string& object)
{
    return R"({"pods": {"web": {"containers": [{"name": "c"}]}}, "phases": [{"name": "one"}],)"
           "\n\"objects\": {\"list\": [" +
           object + "]}}";
}

struct Wrong
{
    const char* rule;
    std::string text;
    std::string message;
};

class ProfileErrors : public ::testing::TestWithParam<Wrong>
{
};

TEST_P(ProfileErrors, SayWhereAndWhatWasExpected)
{
    EXPECT_EQ(ErrorOf(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Language,
    ProfileErrors,
    ::testing::Values(
        Wrong{"empty", "", "p.json:1: the file is empty: expected an object {...}"},
        Wrong{"no object", "[]", "p.json:1: expected an object {...}, found an empty list"},
        Wrong{
            "key",
            R"({"phase": []})",
            "p.json:1: /phase: unknown key \"phase\": did you mean \"phases\"? Known: parameters, "
            "$schema, name, description, retry, variables, pods, programs, objects, phases"},
        Wrong{"no phases", "{}", "p.json:1: a profile needs phases"},
        Wrong{"phase without name",
              R"({"phases": [{}]})",
              "p.json:1: /phases/0: a phase needs a name"},
        Wrong{"phase twice",
              "{\"phases\": [{\"name\": \"a\"},\n{\"name\": \"a\"}]}",
              "p.json:2: /phases/1/name: a phase before has the name \"a\""},
        Wrong{"each",
              R"({"phases": [{"name": "a", "each": "x"}]})",
              "p.json:1: /phases/0/each: unknown objects \"x\". There is none"},
        Wrong{"no verb",
              WithSteps("{}"),
              "p.json:2: /phases/0/steps/0: a step needs do: expected one of get, list, create, "
              "update, "
              "delete, wait, think, serial, parallel, repeat, lock, node"},
        Wrong{
            "verb",
            WithSteps(R"({"do": "creat"})"),
            "p.json:2: /phases/0/steps/0/do: unknown verb \"creat\": did you mean \"create\"? "
            "Known: "
            "get, list, create, update, delete, wait, think, serial, parallel, repeat, lock, node"},
        Wrong{"foreign key",
              WithSteps(R"({"do": "think", "time": "1s", "objects": "maps"})"),
              "p.json:2: /phases/0/steps/0/objects: a step \"think\" takes no objects: it takes "
              "time"},
        Wrong{"needed key",
              WithSteps(R"({"do": "think"})"),
              "p.json:2: /phases/0/steps/0: a step \"think\" needs time"},
        Wrong{"no unit",
              WithSteps(R"({"do": "think", "time": 5})"),
              "p.json:2: /phases/0/steps/0/time: 5 has no unit: write for instance \"250ms\""},
        Wrong{
            "objects",
            WithSteps(R"({"do": "get", "objects": "map"})"),
            "p.json:2: /phases/0/steps/0/objects: unknown objects \"map\": did you mean \"maps\"? "
            "Known: maps"},
        Wrong{"no objects",
              WithSteps(R"({"do": "get"})"),
              "p.json:2: /phases/0/steps/0: a step \"get\" needs objects where no phase's each "
              "gives them"},
        Wrong{"outcome",
              WithSteps(R"({"do": "get", "objects": "maps", "accept": ["Notfound"]})"),
              "p.json:2: /phases/0/steps/0/accept/0: unknown outcome \"Notfound\": did you mean "
              "\"NotFound\"? Known: ok, NotFound, AlreadyExists, Conflict"},
        Wrong{
            "condition",
            WithSteps(R"({"do": "wait", "objects": "maps", "until": "established"})"),
            "p.json:2: /phases/0/steps/0/until: only customresourcedefinitions become established: "
            "\"maps\" has configmaps"},
        Wrong{"variable",
              WithSteps(R"({"do": "list", "resource": "pods", "namespace": "${relase}"})"),
              "p.json:2: /phases/0/steps/0/namespace: unknown variable \"relase\": did you mean "
              "\"release\"? Known: kind, object, release"},
        Wrong{"unclosed",
              WithSteps(R"({"do": "list", "resource": "pods", "namespace": "${release"})"),
              "p.json:2: /phases/0/steps/0/namespace: \"${\" without a name and a closing \"}\" in "
              "\"${release\""},
        Wrong{"given variable",
              R"({"variables": {"release": {"text": "x"}}, "phases": [{"name": "one"}]})",
              "p.json:1: /variables/release: \"release\" is given by the run: choose another name"},
        Wrong{"variable of variables",
              R"({"variables": {"a": {"text": "${b}"}}, "phases": [{"name": "one"}]})",
              "p.json:1: /variables/a/text: a variable may use ${release} alone, found ${b}"},
        Wrong{"program of nothing",
              R"({"programs": {"a": {}}, "phases": [{"name": "one"}]})",
              "p.json:1: /programs/a: a program needs steps, or builtin"},
        Wrong{
            "program of both",
            R"({"programs": {"a": {"builtin": "prometheus-operator", "steps": [{"do": "think", "time": "1s"}]}}})",
            "p.json:1: /programs/a: has both steps and builtin: expected one of them"},
        Wrong{"no containers",
              R"({"pods": {"a": {}}, "phases": [{"name": "one"}]})",
              "p.json:1: /pods/a: a pod needs at least one container"},
        Wrong{"unknown program",
              R"({"pods": {"a": {"containers": [{"program": "x"}]}}, "phases": [{"name": "one"}]})",
              "p.json:1: /pods/a/containers/0/program: unknown program \"x\". There is none"},
        Wrong{
            "port",
            R"({"pods": {"a": {"containers": [{}], "host_ports": ["http"]}}, "phases": [{"name": "one"}]})",
            "p.json:1: /pods/a/host_ports/0: expected a port from \"1\" to \"65535\", found "
            "\"http\""},
        Wrong{"no list",
              R"({"objects": {"a": []}})",
              "p.json:1: /objects/a: expected at least one object, found an empty list"},
        Wrong{"parameter's value",
              R"({"parameters": {"a": []}})",
              "p.json:1: /parameters/a: expected a text, a number, true, false or null, found an "
              "empty list"}));

INSTANTIATE_TEST_SUITE_P(
    Objects,
    ProfileErrors,
    ::testing::Values(
        Wrong{"no resource",
              WithObject(R"({"name": "a", "bytes": "1kB"})"),
              "p.json:2: /objects/list/0: an object needs a resource"},
        Wrong{"no name",
              WithObject(R"({"resource": "configmaps", "bytes": "1kB"})"),
              "p.json:2: /objects/list/0: an object needs a name"},
        Wrong{"no bytes",
              WithObject(R"({"resource": "configmaps", "name": "a"})"),
              "p.json:2: /objects/list/0: an object needs its bytes"},
        Wrong{"too large",
              WithObject(R"({"resource": "configmaps", "name": "a", "bytes": "2MB"})"),
              "p.json:2: /objects/list/0/bytes: expected at most 1.5MiB, found \"2MB\""},
        Wrong{"twice",
              WithObject("{\"resource\": \"configmaps\", \"name\": \"a\", \"bytes\": \"1kB\"},\n"
                         R"({"resource": "configmaps", "name": "a", "bytes": "1kB"})"),
              "p.json:3: /objects/list/1: the same object as in p.json:2"},
        Wrong{"no pod",
              WithObject(R"({"resource": "jobs", "name": "a", "bytes": "1kB"})"),
              "p.json:2: /objects/list/0: jobs need a pod: the name of a template under pods"},
        Wrong{"pod of others",
              WithObject(R"({"resource": "secrets", "name": "a", "bytes": "1kB", "pod": "web"})"),
              "p.json:2: /objects/list/0/pod: secrets have no pods; these have: pods, deployments, "
              "replicasets, daemonsets, statefulsets, jobs"},
        Wrong{"unknown pod",
              WithObject(R"({"resource": "jobs", "name": "a", "bytes": "1kB", "pod": "wob"})"),
              "p.json:2: /objects/list/0/pod: unknown pod template \"wob\": did you mean \"web\"? "
              "Known: web"},
        Wrong{
            "headless",
            WithObject(R"({"resource": "secrets", "name": "a", "bytes": "1kB", "headless": true})"),
            "p.json:2: /objects/list/0/headless: of services alone, not of secrets"},
        Wrong{
            "defines nothing",
            WithObject(R"({"resource": "customresourcedefinitions", "name": "a", "bytes": "1kB"})"),
            "p.json:2: /objects/list/0: customresourcedefinitions need defines: the resource that "
            "they define"},
        Wrong{"defines",
              WithObject(R"({"resource": "secrets", "name": "a", "bytes": "1kB", "defines": {}})"),
              "p.json:2: /objects/list/0/defines: of customresourcedefinitions alone, not of "
              "secrets"},
        Wrong{
            "half a definition",
            WithObject(
                R"({"resource": "customresourcedefinitions", "name": "a", "bytes": "1kB", "defines": {"kind": "A"}})"),
            "p.json:2: /objects/list/0/defines: needs resource, group, kind and at least one of "
            "versions"}));

TEST(Profile, UnknownResourceNamesTheNearest)
{
    const auto error =
        ErrorOf(WithObject(R"({"resource": "configmap", "name": "a", "bytes": "1kB"})"));
    EXPECT_TRUE(
        error.starts_with("p.json:2: /objects/list/0/resource: unknown resource \"configmap\": "
                          "did you mean \"configmaps\"? Known: configmaps, endpoints, "))
        << error;
}

TEST(Profile, ParametersAreWhateverStandsInTheirPlace)
{
    const std::string text = R"({"parameters": {"time": "2s", "times": 3, "poll": null}, "phases": [
        {"name": "one", "steps": [{"do": "repeat", "times": "${times}", "every": "${poll}",
                                   "steps": [{"do": "think", "time": "${time}"}]}]}]})";
    const auto repeat = ReadProfileText(text, "p.json").phases[0].steps[0];
    EXPECT_EQ(repeat.times, 3U);
    EXPECT_EQ(repeat.every, std::nullopt);
    EXPECT_EQ(repeat.steps[0].time, std::chrono::seconds(2));
    const auto changed =
        ReadProfileText(text, "p.json", {{"times", "7"}, {"poll", "5ms"}}).phases[0].steps[0];
    EXPECT_EQ(changed.times, 7U);
    EXPECT_EQ(changed.every, std::chrono::milliseconds(5));
    EXPECT_EQ(ErrorOf(text, {{"tim", "1s"}}),
              "p.json: unknown parameter \"tim\": did you mean \"time\"? Known: poll, time, times");
    EXPECT_EQ(
        ErrorOf(text, {{"time", "1"}}),
        "p.json:3: /phases/0/steps/0/steps/0/time: 1 has no unit: write for instance \"250ms\"");
}

TEST(Profile, VariablesAreCutAsChartsDo)
{
    Profile profile;
    profile.variables["fullname"] = {"${release}-kube-prometheus-stack", 26};
    EXPECT_EQ(VariablesOf(profile, "prometheus").at("fullname"), "prometheus-kube-prometheus");
    EXPECT_EQ(VariablesOf(profile, "prometheus1").at("fullname"), "prometheus1-kube-prometheu");
    EXPECT_EQ(VariablesOf(profile, "twenty-five-characters-aa").at("fullname"),
              "twenty-five-characters-aa");
    EXPECT_EQ(Expand("a-${x}-${y}", {{"x", "1"}}), "a-1-${y}");
}

struct Inventory
{
    std::size_t count;
    double bytes; //!< of all
};

/// facts: what one release of the chart 44.3.0 leaves in etcd, by type (measured on a real install).
TEST(KubePrometheusStack, HasTheObjectsOfARealRelease)
{
    const auto profile =
        ReadProfileFile(ETCDLAB_SOURCE_DIR "/scenarios/profiles/kube-prometheus-stack.json");
    std::map<std::string, Inventory> found;
    for (const auto& object : profile.objects.at("manifest"))
    {
        auto& [count, bytes] = found[object.resource];
        ++count;
        bytes += static_cast<double>(object.bytes.bytes);
    }
    const std::map<std::string, Inventory> expected = {
        {"serviceaccounts", {6, 6 * 990}},
        {"secrets", {2, 2 * 1280}},
        {"configmaps", {29, 29 * 47700}},
        {"clusterroles", {4, 4 * 1398}},
        {"clusterrolebindings", {4, 4 * 1133}},
        {"roles", {1, 790}},
        {"rolebindings", {1, 958}},
        {"services", {11, 11 * 1322}},
        {"daemonsets", {1, 4725}},
        {"deployments", {3, 3 * 4980}},
        {"alertmanagers", {1, 2080}},
        {"mutatingwebhookconfigurations", {1, 1527}},
        {"prometheuses", {1, 3150}},
        {"prometheusrules", {29, 29 * 5347}},
        {"servicemonitors", {13, 13 * 1770}},
        {"validatingwebhookconfigurations", {1, 1500}}};
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [resource, inventory] : expected)
    {
        EXPECT_EQ(found[resource].count, inventory.count) << resource;
        EXPECT_NEAR(found[resource].bytes, inventory.bytes, 0.007 * inventory.bytes) << resource;
    }
    EXPECT_EQ(profile.objects.at("manifest").size(), 108U);
    EXPECT_NEAR(static_cast<double>(BytesOf(profile.objects.at("manifest")).bytes), 1'625e3, 1.5e3);
    EXPECT_EQ(profile.objects.at("definitions").size(), 8U);
    EXPECT_EQ(BytesOf(profile.objects.at("definitions")).bytes, 967'819U);
    EXPECT_EQ(profile.objects.at("pre-install").size() + profile.objects.at("post-install").size(),
              12U);
}

TEST(KubePrometheusStack, CreatesSixteenBatchesAndWritesTheSecretFourteenTimes)
{
    const auto profile =
        ReadProfileFile(ETCDLAB_SOURCE_DIR "/scenarios/profiles/kube-prometheus-stack.json");
    int batches = 0;
    std::string before;
    for (const auto& object : profile.objects.at("manifest"))
    {
        batches += object.resource != before ? 1 : 0;
        before = object.resource;
    }
    EXPECT_EQ(batches, 16);
    int secretWrites = 0;
    std::uint64_t bytes = 0;
    for (const auto& run : PhaseRuns(profile, VariablesOf(profile, "prometheus")))
    {
        for (const auto& step : run.phase->steps)
        {
            if (step.objects == "release")
            {
                ++secretWrites;
                bytes += step.bytes.value_or(profile.objects.at("release")[0].bytes).bytes;
            }
        }
    }
    EXPECT_EQ(secretWrites, 14);
    EXPECT_NEAR(static_cast<double>(bytes), 13'650e3, 10e3); // 14 x 974,850
}

TEST(Profiles, AllThatAreShippedCanBeRead)
{
    int count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(ETCDLAB_SOURCE_DIR "/scenarios/profiles"))
    {
        if (!entry.path().string().ends_with(".schema.json"))
        {
            EXPECT_NO_THROW(ReadProfileFile(entry.path())) << entry.path();
            ++count;
        }
    }
    EXPECT_EQ(count, 5);
}

TEST(Profiles, SchemaInTheRepositoryIsThePrograms)
{
    std::ifstream file(ETCDLAB_SOURCE_DIR "/scenarios/profiles/profile.schema.json");
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), ProfileSchema());
}

} // namespace
} // namespace etcdlab
