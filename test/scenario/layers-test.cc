// Scenarios that extend others, and settings of the command line.
#include "helper/scenario/layers.h"
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A directory with files of the test's own.
class Layers : public testing::Test
{
  protected:
    void SetUp() override
    {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        m_directory = fs::path(testing::TempDir()) /
                      ("etcdlab-" + std::string(test->name()) + "-" + std::to_string(getpid()));
        fs::create_directories(m_directory / "sub");
    }

    void TearDown() override
    {
        fs::remove_all(m_directory);
    }

    void Write(const std::string& name, const std::string& text) const
    {
        std::ofstream(m_directory / name) << text;
    }

    Scenario Read(const std::string& name, const std::vector<std::string>& settings = {}) const
    {
        return ReadScenarioFile(m_directory / name, settings);
    }

    /// The message without the directory's name.
    std::string ErrorOf(const std::string& name,
                        const std::vector<std::string>& settings = {}) const
    {
        try
        {
            Read(name, settings);
            return "(none)";
        }
        catch (const ScenarioError& e)
        {
            std::string message = e.what();
            const auto prefix = m_directory.string() + "/";
            for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
            {
                message.erase(at, prefix.size());
            }
            return message;
        }
    }

    /// A scenario that other files of a test extend.
    void WriteBase() const
    {
        Write("base.json", R"({
  "name": "the base",
  "description": "of all",
  "links": {
    "api-e1": {"rtt": "250ms", "loss": "1%"},
    "api-e2": {"rtt": "50ms"},
    "e1-e2": {"delay": "150ms"}
  },
  "topology": {"members": ["e1", "e2"]},
  "leader": "e2",
  "member": {"disk": "hdd"}
}
)");
    }

    fs::path m_directory;
};

TEST_F(Layers, ObjectsAreMergedAndTheRestReplaced)
{
    WriteBase();
    Write("child.json",
          R"({"extends": "base.json", "leader": "e1", "links": {"api-e1": {"rtt": "10ms"}}})");
    const auto child = Read("child.json");
    EXPECT_EQ(child.leader, "e1");
    EXPECT_EQ(child.links.at({"api", "e1"}).delay, 5ms);
    EXPECT_EQ(child.links.at({"api", "e1"}).loss.value, 0.01); // kept
    EXPECT_EQ(child.links.at({"api", "e2"}).delay, 25ms);
    EXPECT_EQ(child.topology.members, (std::vector<std::string>{"e1", "e2"}));
}

TEST_F(Layers, NameAndDescriptionAreNotInherited)
{
    WriteBase();
    Write("child.json", R"({"extends": "base.json"})");
    EXPECT_EQ(Read("base.json").name, "the base");
    EXPECT_EQ(Read("child.json").name, "child");
    EXPECT_EQ(Read("child.json").description, "");
}

TEST_F(Layers, ChainsAreRelativeToEachFile)
{
    WriteBase();
    Write("sub/middle.json", R"({"extends": "../base.json", "seed": 2, "leader": "e1"})");
    Write("child.json", R"({"extends": "sub/middle.json", "seed": 3})");
    const auto child = Read("child.json");
    EXPECT_EQ(child.seed, 3U);
    EXPECT_EQ(child.leader, "e1");
    EXPECT_EQ(child.links.size(), 3U);
}

TEST_F(Layers, NullTakesBack)
{
    WriteBase();
    Write("child.json", R"({
  "extends": "base.json", "leader": null, "member": null,
  "links": {"api-e1": null}
})");
    const auto child = Read("child.json");
    EXPECT_EQ(child.leader, "");
    EXPECT_EQ(child.member.disk.profile, "ideal");
    EXPECT_FALSE(child.links.contains({"api", "e1"})); // e1 is reached over e2
    EXPECT_EQ(child.links.size(), 2U);
}

TEST_F(Layers, DelayReplacesRttAndTheOtherWayRound)
{
    WriteBase();
    Write(
        "child.json",
        R"({"extends": "base.json", "links": {"api-e1": {"delay": "7ms"}, "e1-e2": {"rtt": "8ms"}}})");
    const auto child = Read("child.json");
    EXPECT_EQ(child.links.at({"api", "e1"}).delay, 7ms);
    EXPECT_EQ(child.links.at({"e1", "e2"}).delay, 4ms);
    EXPECT_EQ(Read("base.json", {"links.api-e1.delay=3ms"}).links.at({"api", "e1"}).delay, 3ms);
}

TEST_F(Layers, DisksStartFromAProfile)
{
    WriteBase();
    // hdd: 4.2 to 16.7 ms, ssd: 0.8 to 2.5 ms
    Write("figure.json", R"({"extends": "base.json", "member": {"disk": {"sync_max": "20ms"}}})");
    const auto figure = Read("figure.json").member.disk;
    EXPECT_EQ(figure.profile, "hdd");
    EXPECT_EQ(figure.syncMin, 4200us);
    EXPECT_EQ(figure.syncMax, 20ms);
    Write("profile.json", R"({"extends": "figure.json", "member": {"disk": {"profile": "ssd"}}})");
    EXPECT_EQ(Read("profile.json").member.disk.syncMax, 2500us); // the figure went with its profile
    Write(
        "override.json",
        R"({"extends": "figure.json", "member_overrides": {"e1": {"disk": {"sync_min": "1ms"}}}})");
    const auto override = Read("override.json");
    EXPECT_EQ(override.Member("e1").disk.syncMin, 1ms);
    EXPECT_EQ(override.Member("e1").disk.syncMax, 20ms); // from the common settings
    EXPECT_EQ(override.Member("e2").disk.syncMin, 4200us);
}

TEST_F(Layers, ErrorsPointToTheFileThatSaidIt)
{
    WriteBase();
    Write("bad.json",
          "{\n  \"extends\": \"base.json\",\n\n  \"member\": {\"cpu\": {\"cores\": 0}}\n}");
    Write("child.json", R"({"extends": "bad.json", "seed": 4})");
    EXPECT_EQ(ErrorOf("child.json"),
              "bad.json:4: /member/cpu/cores: expected at least 1, found the number 0");
    Write("fewer.json", R"({"extends": "base.json", "topology": {"members": 1}})");
    EXPECT_EQ(
        ErrorOf("fewer.json"),
        "base.json:6: /links/api-e2: unknown node \"e2\": did you mean \"e1\"? Known: api, e1");
    Write("broken.json", "{\n  \"seed\": \n}");
    Write("of-broken.json", R"({"extends": "broken.json"})");
    EXPECT_EQ(ErrorOf("of-broken.json"), "broken.json:3: expected a value, found '}'");
}

TEST_F(Layers, CyclesAreNamed)
{
    Write("a.json", "{\n  \"extends\": \"sub/b.json\"\n}");
    Write("sub/b.json", R"({"extends": "../c.json"})");
    Write("c.json", R"({"extends": "./sub/../a.json"})");
    EXPECT_EQ(ErrorOf("a.json"),
              "c.json:1: /extends: cyclic: a.json -> sub/b.json -> c.json -> a.json");
    Write("self.json", R"({"extends": "self.json"})");
    EXPECT_EQ(ErrorOf("self.json"), "self.json:1: /extends: cyclic: self.json -> self.json");
}

TEST_F(Layers, ChainsHaveALimit)
{
    WriteBase();
    std::string parent = "base.json";
    std::string chain;
    for (int i = 1; i <= 16; ++i)
    {
        const auto name = "f" + std::to_string(i) + ".json";
        Write(name, "{\"extends\": \"" + parent + "\"}");
        parent = name;
        chain = name + " -> " + chain;
    }
    EXPECT_EQ(ErrorOf("f15.json"), "(none)"); // 16 files
    EXPECT_EQ(ErrorOf("f16.json"),
              "f1.json:1: /extends: more than 16 files extend each other: " + chain + "base.json");
}

TEST_F(Layers, MissingFiles)
{
    WriteBase();
    Write("child.json", "{\n  \"extends\": \"bsae.json\"\n}");
    EXPECT_EQ(ErrorOf("child.json"),
              "child.json:2: /extends: cannot read \"bsae.json\": no such file, did you mean "
              "\"base.json\"?");
    Write("far.json", "{\n  \"extends\": \"no/such/file.json\"\n}");
    EXPECT_EQ(ErrorOf("far.json"),
              "far.json:2: /extends: cannot read \"no/such/file.json\": no such file");
    EXPECT_EQ(ErrorOf("chidl.json"),
              "cannot read \"chidl.json\": no such file, did you mean \"child.json\"?");
    EXPECT_EQ(ErrorOf("sub"), "cannot read \"sub\": it is a directory");
    Write("empty.json", "");
    EXPECT_EQ(ErrorOf("empty.json"), "empty.json:1: the file is empty: expected an object {...}");
}

TEST_F(Layers, TheSameLinkUnderBothItsNamesIsAnError)
{
    WriteBase();
    Write("child.json",
          "{\"extends\": \"base.json\",\n \"links\": {\"e1-api\": {\"rtt\": \"1ms\"}}}");
    EXPECT_EQ(ErrorOf("child.json"),
              "child.json:2: /links/e1-api: the same link as \"api-e1\" at base.json:5");
    Write("remove.json", R"({"extends": "base.json", "links": {"e1-api": null}})");
    EXPECT_EQ(ErrorOf("remove.json"),
              "remove.json:1: /links/e1-api: nothing to remove: unknown link \"e1-api\". "
              "Known: api-e1, api-e2, e1-e2");
}

TEST_F(Layers, SettingsComeLastAndInOrder)
{
    WriteBase();
    const auto scenario = Read("base.json",
                               {"member.disk=nvme",
                                "seed=5",
                                "/links/api-e1/rtt=100ms",
                                "proxy={\"nagle\": true}",
                                "proxy.targets=[\"e2\"]",
                                "seed=6",
                                "name=42",
                                "member.version=3.5",
                                "description=\"a=b\"",
                                "leader=null"});
    EXPECT_EQ(scenario.member.disk.profile, "nvme");
    EXPECT_EQ(scenario.seed, 6U);
    EXPECT_EQ(scenario.links.at({"api", "e1"}).delay, 50ms);
    ASSERT_TRUE(scenario.proxy);
    EXPECT_TRUE(scenario.proxy->nagle);
    EXPECT_EQ(scenario.proxy->targets, std::vector<std::string>{"e2"});
    EXPECT_EQ(scenario.name, "42"); // a text, though it looks like a number
    EXPECT_TRUE(scenario.member.PreVote());
    EXPECT_EQ(scenario.description, "a=b");
    EXPECT_EQ(scenario.leader, "");
}

TEST_F(Layers, ErrorsOfSettings)
{
    WriteBase();
    const auto error = [this](const std::string& setting) {
        return ErrorOf("base.json", {setting});
    };
    EXPECT_EQ(
        error("leader=e3"),
        "--set leader=e3: /leader: unknown member \"e3\": did you mean \"e1\"? Known: e1, e2");
    EXPECT_EQ(
        error("member.dsk=hdd"),
        "--set member.dsk=hdd: /member/dsk: unknown key \"dsk\": did you mean \"disk\"? Known: "
        "version, heartbeat_interval, election_timeout, pre_vote, client_port, "
        "metrics_port, watch_progress_notify_interval, quota_backend_bytes, drain_clients, "
        "machine, snapshot_count, "
        "snapshot_catchup_entries, strict_reconfig_check, disk, backend, cpu");
    EXPECT_EQ(error("member.dsk=null"),
              error("member.dsk=null").find("unknown key") != std::string::npos
                  ? error("member.dsk=null")
                  : "an unknown key even if it is null");
    EXPECT_EQ(error("links.api-e1.rtt=100"),
              "--set links.api-e1.rtt=100: /links/api-e1/rtt: 100 has no unit: write for instance "
              "\"250ms\"");
    EXPECT_EQ(error("seed=x"),
              "--set seed=x: /seed: expected a whole number from 0 on, found \"x\"");
    EXPECT_EQ(error("topology.members.0=e9"),
              "--set topology.members.0=e9: /topology/members: is a list: set it as a whole, as in "
              "[\"a\",\"b\"]");
    EXPECT_EQ(error("seed"), "--set seed: expected path=value, as in member.disk=hdd");
    EXPECT_EQ(error("=1"), "--set =1: expected path=value, as in member.disk=hdd");
    EXPECT_EQ(error("member..disk=hdd"),
              "--set member..disk=hdd: expected path=value, as in member.disk=hdd");
    EXPECT_EQ(error("extends=x.json"), "--set extends=x.json: extends can stand only in files");
    EXPECT_EQ(error("proxy={\"nagle\":"), "--set proxy={\"nagle\":: its \"{\" is never closed");
    EXPECT_EQ(error("proxy={\"nagel\":true}").substr(0, 76),
              "--set proxy={\"nagel\":true}: /proxy/nagel: unknown key \"nagel\": did you mean ");
    EXPECT_EQ(error("leader=a\nb"),
              "--set \"leader=a\\nb\": /leader: unknown member \"a\\nb\". Known: e1, e2");
}

TEST(Places, AreThoseOfTheValues)
{
    const auto document = ParseDocument("{\n\"a\": [1,\n 2\n],\n\"b\":\n{\"c/d\": null}}", "x");
    EXPECT_EQ(document.PlaceOf("").where, "x:1");
    EXPECT_EQ(document.PlaceOf("/a").where, "x:2");
    EXPECT_EQ(document.PlaceOf("/a/0").where, "x:2");
    EXPECT_EQ(document.PlaceOf("/a/1").where, "x:3"); // though its end shows only from the newline
    EXPECT_EQ(document.PlaceOf("/b").where, "x:6");
    EXPECT_EQ(document.PlaceOf("/b/c~1d").where, "x:6");
    EXPECT_EQ(document.PlaceOf("/a/7/x").where, "x:2"); // not there: what is around it
}

} // namespace

} // namespace etcdlab
