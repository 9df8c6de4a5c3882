// Reading, writing and asking scenarios; the shipped ones.
#include "helper/scenario/read-scenario.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const fs::path SCENARIOS = fs::path(ETCDLAB_SOURCE_DIR) / "scenarios";

/// Every scenario in the directory, the schema aside.
std::vector<fs::path>
Shipped()
{
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(SCENARIOS))
    {
        if (entry.path().extension() == ".json" &&
            !entry.path().filename().string().ends_with(".schema.json"))
        {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

Scenario
Shipped(const std::string& name, const std::vector<std::string>& settings = {})
{
    return ReadScenarioFile(SCENARIOS / (name + ".json"), settings);
}

TEST(Scenario, WhatIsNotGivenHasItsDefault)
{
    const auto scenario = ReadScenarioText(R"({"default_link": {"rtt": "1ms"}})", "dir/small.json");
    Scenario expected;
    expected.name = "small";
    expected.defaultLink = LinkConfig{.delay = 500us};
    expected.member.preVote = false; // what unset means in 3.4
    EXPECT_EQ(scenario, expected);
}

TEST(Scenario, EveryFieldIsRead)
{
    const auto scenario = ReadScenarioText(R"({
  "name": "n", "description": "d", "seed": 18446744073709551615, "accounting": "thesis",
  "topology": {"type": "external", "members": 2, "joining": ["e5"], "api_servers": ["x-1", "y"]},
  "links": {"e1-x-1": {"delay": "1ms", "rate": "2Mbps", "queue": "3p", "loss": "4%", "jitter": "5us"}},
  "default_link": {"rtt": "6ms"}, "leader": "e2",
  "member": {"version": "3.5", "heartbeat_interval": "7ms", "election_timeout": "80ms", "pre_vote": false, "client_port": 28, "metrics_port": 29,
    "quota_backend_bytes": "30MiB", "machine": "m", "drain_clients": true, "backend": {"batch_interval": "31ms", "batch_limit": 32},
    "disk": {"profile": "ssd", "sync_min": "1us", "sync_max": "2us", "bandwidth": "9Gbps"},
    "cpu": {"cores": 10, "request": "11us", "message": "12us", "sync": "33us", "apply": "13us", "request_wakeup": "14us", "message_wakeup": "15us", "scrape": "40us"}},
  "prometheus": {"node": "p", "scrape_interval": "41s", "scrape_timeout": "42ms", "drop": ["a"], "own_scrape": "43us"},
  "member_overrides": {"e1": {"version": "3.4", "cpu": {"cores": 15}}},
  "client": {"balancer": "pinned", "pinned_endpoint": "e1", "endpoints": "all",
    "keepalive_time": "34s", "keepalive_timeout": "35s", "retry": "clientv3", "timeout": "36s"},
  "proxy": {"targets": ["e2"], "target_port": 28, "listen_address": "y", "listen_port": 16,
    "target_policy": "pinned", "pinned_target": "e2", "discovery_interval": "17ms", "discovery_timeout": "44s",
    "on_leader_change": "keep", "connect_timeout": "37s", "retries": 38, "target_timeout": "39s",
    "nagle": true, "cores": 45, "cpu_per_chunk": "18us", "cpu_per_byte": "46ns", "chunk": "19B"},
  "workload": {"type": "mix", "put": 0.5, "linearizable_range": 1, "serializable_range": 2,
    "delete_range": 3, "txn": 4, "count": 20, "warmup": 21, "concurrency": 1, "think_time": "27us", "rate": "23.5/s", "keys": 24,
    "key_size": "25B", "value_size": "26B"}
})",
                                           "all.json");
    const MemberConfig member{.version = "3.5",
                              .heartbeatInterval = 7ms,
                              .electionTimeout = 80ms,
                              .preVote = false,
                              .clientPort = 28,
                              .metricsPort = 29,
                              .quotaBackendBytes = {30 * 1024 * 1024},
                              .machine = "m",
                              .drainClients = true,
                              .disk = {"ssd", 1us, 2us, {9'000'000'000}},
                              .backend = {31ms, 32},
                              .cpu = {.cores = 10,
                                      .request = 11us,
                                      .message = 12us,
                                      .apply = 13us,
                                      .requestWakeup = 14us,
                                      .messageWakeup = 15us,
                                      .sync = 33us,
                                      .scrape = 40us}};
    auto e1 = member;
    e1.version = "3.4";
    e1.cpu.cores = 15;
    const ProxyConfig proxy{{"e2"},
                            28,
                            "y",
                            16,
                            "pinned",
                            "e2",
                            17ms,
                            "keep",
                            37s,
                            38,
                            39s,
                            true,
                            18us,
                            {19},
                            44s,
                            45,
                            46ns};
    Scenario expected{.name = "n",
                      .description = "d",
                      .seed = 18446744073709551615U,
                      .accounting = Accounting::THESIS,
                      .topology = {"external", {"e1", "e2"}, {"e5"}, {"x-1", "y"}},
                      .prometheus = PrometheusConfig{"p", 41s, 42ms, {"a"}, 43us},
                      .links = {{{"e1", "x-1"}, {1ms, {2'000'000}, 3, {0.04}, 5us}}},
                      .defaultLink = LinkConfig{.delay = 3ms},
                      .leader = "e2",
                      .member = member,
                      .memberOverrides = {{"e1", e1}},
                      .client = {"pinned", "e1", "all", 34s, 35s, "clientv3", 36s},
                      .proxy = proxy,
                      .workload = {.type = "mix",
                                   .put = 0.5,
                                   .linearizableRange = 1,
                                   .serializableRange = 2,
                                   .deleteRange = 3,
                                   .txn = 4,
                                   .count = 20,
                                   .warmup = 21,
                                   .concurrency = 1,
                                   .thinkTime = 27us,
                                   .rate = 23.5,
                                   .keys = 24,
                                   .keySize = {25},
                                   .valueSize = {26}},
                      .kubernetes = {},
                      .faults = {},
                      .randomFaults = {}};
    EXPECT_EQ(EffectiveScenario(scenario), EffectiveScenario(expected));
    EXPECT_EQ(scenario, expected);
    EXPECT_EQ(ReadScenarioText(EffectiveScenario(scenario), "other.json"), expected);
}

TEST(Scenario, OnlyRequestsThatAreMadeHaveToFitIntoEtcds)
{
    // A put takes 64 bytes more than its value: 46 for a key of 40, 4 for the value's head, 14 for the
    // proposal's header; all numbers as long as they can get.
    const auto read = [](const std::string& workload) {
        ReadScenarioText(R"({"default_link": {"rtt": "1ms"}, "workload": {)" + workload + "}}",
                         "x.json");
    };
    EXPECT_NO_THROW(read(R"("value_size": "1572800B")"));
    EXPECT_THROW(read(R"("value_size": "1572801B")"), ScenarioError);
    EXPECT_NO_THROW(read(R"("value_size": "1.5MiB", "put": 0, "serializable_range": 1)"));
    EXPECT_NO_THROW(read(R"("value_size": "1400KiB", "key_size": "64KiB")")); // see TxnTooLarge
}

TEST(Scenario, AProxysTargetPortIsItsTargetsClientPort)
{
    const auto scenario = ReadScenarioText(
        R"({"default_link": {"rtt": "1ms"}, "member_overrides": {"e2": {"client_port": 4001}},
            "proxy": {"targets": ["e2"], "target_port": 4001}})",
        "x.json");
    EXPECT_EQ(scenario.Member("e2").clientPort, 4001U);
    EXPECT_EQ(scenario.Member("e1").clientPort, 2379U);
}

TEST(Scenario, PreVoteFollowsEachMembersVersion)
{
    const auto scenario = ReadScenarioText(
        R"({"default_link": {"rtt": "1ms"}, "member_overrides": {"e1": {"version": "3.5"}, "e2": {}}})",
        "x.json");
    EXPECT_TRUE(scenario.Member("e1").PreVote());
    EXPECT_FALSE(scenario.Member("e2").PreVote());
    EXPECT_FALSE(scenario.Member("e3").PreVote());
}

TEST(Scenario, NumbersStandForNames)
{
    const auto read = [](const std::string& topology) {
        return ReadScenarioText(R"({"default_link": {"rtt": "1ms"}, "topology": )" + topology + "}",
                                "x.json");
    };
    EXPECT_EQ(read(R"({"members": 9})").topology.members.back(), "e9");
    EXPECT_EQ(read(R"({"api_servers": 1})").topology.apiServers, std::vector<std::string>{"api"});
    EXPECT_EQ(read(R"({"api_servers": 2})").topology.apiServers,
              (std::vector<std::string>{"api1", "api2"}));
}

TEST(Scenario, WhoIsWhere)
{
    const auto external = Shipped("seed");
    EXPECT_EQ(external.Nodes(), (std::vector<std::string>{"api", "e1", "e2", "e3"}));
    EXPECT_EQ(external.ClientNodes(), std::vector<std::string>{"api"});
    EXPECT_EQ(external.Endpoints(), "all");
    EXPECT_EQ(Shipped("optimised").Endpoints(), "proxy");
    const auto stacked = Shipped("stacked", {"client.endpoints=auto"});
    EXPECT_EQ(stacked.Nodes(), (std::vector<std::string>{"e1", "e2", "e3"}));
    EXPECT_EQ(stacked.ClientNodes(), stacked.Nodes());
    EXPECT_EQ(stacked.Endpoints(), "local");
    EXPECT_EQ(Shipped("stacked", {"proxy.listen_port=12379", "client.endpoints=auto"}).Endpoints(),
              "proxy");
}

TEST(Scenario, TheDefaultLinkFillsTheGaps)
{
    const auto scenario = ReadScenarioText(
        R"({"links": {"e2-api": {"rtt": "8ms"}}, "default_link": {"rtt": "2ms"}})", "x.json");
    const auto all = scenario.AllLinks();
    EXPECT_EQ(all.size(), 6U); // 4 nodes: 4 * 3 / 2 pairs
    EXPECT_EQ(all.at({"api", "e2"}).delay, 4ms);
    EXPECT_EQ(all.at({"e1", "e3"}).delay, 1ms);
    EXPECT_EQ(scenario.links.size(), 1U);
}

TEST(Scenario, ALinkMayTakeAnotherTimeBack)
{
    // There is as the link's name says; a Scenario holds the nodes in alphabetical order.
    for (const char* link : {R"("e1-e2": {"delay": "5ms", "return_delay": "20ms"})",
                             R"("e2-e1": {"delay": "20ms", "return_delay": "5ms"})"})
    {
        const auto text =
            std::string(R"({"default_link": {"rtt": "2ms"}, "links": {)") + link + "}}";
        const auto scenario = ReadScenarioText(text, "x.json");
        const auto& read = scenario.links.at({"e1", "e2"});
        EXPECT_EQ(read.DelayFrom(true), 5ms);
        EXPECT_EQ(read.DelayFrom(false), 20ms);
        EXPECT_EQ(read.MeanDelay(), 12500us);
        EXPECT_EQ(ReadScenarioText(EffectiveScenario(scenario), "x.json"), scenario);
    }
    // A round trip laid over it takes its place.
    const auto symmetric = ReadScenarioText(
        R"({"default_link": {"rtt": "2ms"}, "links": {"e1-e2": {"delay": "5ms", "return_delay": "20ms"}}})",
        "x.json",
        {"links.e1-e2={\"rtt\":\"8ms\"}"});
    EXPECT_EQ(symmetric.links.at({"e1", "e2"}).DelayFrom(false), 4ms);
}

TEST(Scenario, NodesMayHaveDashes)
{
    const auto scenario = ReadScenarioText(
        R"({"topology": {"members": ["eu-1", "eu-2"], "api_servers": ["api-eu"]},
            "links": {"api-eu-eu-1": {"rtt": "2ms"}, "eu-2-eu-1": {"rtt": "4ms"}}})",
        "x.json");
    EXPECT_EQ(scenario.links.at({"api-eu", "eu-1"}).delay, 1ms);
    EXPECT_EQ(scenario.links.at({"eu-1", "eu-2"}).delay, 2ms);
}

TEST(Scenario, RegisteredNamesCanBeAdded)
{
    const auto* text = R"({"default_link": {"rtt": "1ms"}, "client": {"balancer": "mine"}})";
    EXPECT_THROW(ReadScenarioText(text, "x.json"), ScenarioError);
    EXPECT_EQ(ReadScenarioText(text, "x.json", {}, {.balancers = {"mine"}}).client.balancer,
              "mine");
    EXPECT_NE(ScenarioSchema({.balancers = {"mine"}}).find("\"mine\""), std::string::npos);
}

TEST(ShippedScenario, EachRoundTripsByteForByte)
{
    ASSERT_GE(Shipped().size(), 12U);
    for (const auto& path : Shipped())
    {
        SCOPED_TRACE(path);
        const auto scenario = ReadScenarioFile(path);
        const auto text = EffectiveScenario(scenario);
        const auto again = ReadScenarioText(text, "elsewhere.json");
        EXPECT_EQ(again, scenario);
        EXPECT_EQ(EffectiveScenario(again), text);
    }
}

TEST(ShippedScenario, EachHasADescriptionAndTheSchema)
{
    for (const auto& path : Shipped())
    {
        SCOPED_TRACE(path);
        std::ifstream file(path);
        const auto json = nlohmann::json::parse(file, nullptr, true, true);
        EXPECT_EQ(json.value("$schema", ""), "./etcdlab.schema.json");
        const auto description = json.value("description", "");
        EXPECT_FALSE(description.empty());
        EXPECT_LE(description.size(), 100U);
        EXPECT_EQ(json.contains("name"), false); // the file's name is the name
    }
}

TEST(ShippedScenario, TheSeedHasTheThesisDelays)
{
    const auto links = Shipped("seed").links;
    EXPECT_EQ(links.at({"api", "e1"}).delay, 125ms);
    EXPECT_EQ(links.at({"api", "e2"}).delay, 25ms);
    EXPECT_EQ(links.at({"api", "e3"}).delay, 55ms);
    EXPECT_EQ(links.at({"e1", "e2"}).delay, 150ms);
    EXPECT_EQ(links.at({"e2", "e3"}).delay, 80ms);
    EXPECT_EQ(Shipped("seed").leader, "e2");
    EXPECT_EQ(Shipped("baseline").accounting, Accounting::ETCD);
    EXPECT_EQ(Shipped("baseline-thesis").accounting, Accounting::THESIS);
    EXPECT_EQ(Shipped("optimised-thesis").accounting, Accounting::THESIS);
    EXPECT_EQ(Shipped("baseline").client.balancer, "round-robin");
    EXPECT_EQ(Shipped("optimised").proxy->targetPolicy, "leader");
    EXPECT_TRUE(Shipped("optimised-nagle").proxy->nagle);
    EXPECT_EQ(Shipped("five-members").topology.members.size(), 5U);
}

TEST(ShippedScenario, TheReferenceRigHasTheMeasuredDelays)
{
    std::ifstream file(fs::path(ETCDLAB_SOURCE_DIR) / "test/reference/etcd-3.4.23-seed-links.json");
    const auto reference = nlohmann::json::parse(file).at("conditions");
    const auto rig = Shipped("reference-rig");
    EXPECT_EQ(rig.leader, reference.at("leader"));
    EXPECT_EQ(rig.member.disk.profile, "reference-rig");
    ASSERT_EQ(rig.links.size(), reference.at("emulated_rtt_ms").size());
    for (const auto& [pair, link] : rig.links)
    {
        const auto rtt = reference.at("emulated_rtt_ms").at(pair.first + "-" + pair.second);
        EXPECT_DOUBLE_EQ(2 * Milliseconds(link.delay), rtt.get<double>());
    }
}

TEST(Warnings, AreGivenOnlyWhereTheyApply)
{
    const auto warnings = [](const std::string& more) {
        return ScenarioWarnings(
            ReadScenarioText(R"({"default_link": {"rtt": "100ms"})" + more + "}", "x.json"));
    };
    using Lines = std::vector<std::string>;
    EXPECT_EQ(warnings(""), Lines{}); // 10 * 100 ms is just 1 s
    EXPECT_EQ(warnings(R"(, "topology": {"members": 4})"),
              Lines{"4 members survive no more failures than 3: etcd recommends an odd number"});
    EXPECT_EQ(
        warnings(R"(, "links": {"e1-e2": {"rtt": "100.1ms"}})"),
        Lines{"the election timeout (1s) is below 10 round trips between e1 and e2 (100.1ms each): "
              "etcd's tuning guide asks for more"});
    EXPECT_EQ(warnings(R"(, "links": {"api-e2": {"rtt": "500ms"}})"),
              Lines{}); // not between members
    // A leader's first answer must come before its tenth tick, which may be 900 ms after its election: e3 is far from
    // both others, who are a majority on their own until they are as far from each other.
    const auto far = [](const std::string& e1e2) {
        return R"(, "links": {"e1-e2": {"rtt": ")" + e1e2 +
               R"("}, "e1-e3": {"rtt": "950ms"}, "e2-e3": {"rtt": "950ms"}})";
    };
    EXPECT_EQ(warnings(far("890ms")).size(), 1U); // only that the tuning guide asks for more
    const auto hopeless = warnings(far("900ms"));
    ASSERT_EQ(hopeless.size(), 2U);
    EXPECT_EQ(
        hopeless[0],
        "no leader may last: it steps down if no majority answers it within an election timeout "
        "(1s), and every member is 900ms or more, there and back, from a majority");
    EXPECT_EQ(warnings(R"(, "member_overrides": {"e2": {"election_timeout": "1050ms"}})"),
              Lines{"the election timeout of e2 (1.05s) is no multiple of the heartbeat interval "
                    "(100ms): etcd rounds it down to one"});
    EXPECT_EQ(warnings(R"(, "proxy": {}, "client": {"endpoints": "all"})"),
              Lines{"no client uses the proxy: client.endpoints is \"all\""});
    EXPECT_EQ(warnings(R"(, "proxy": {"targets": ["e1"]}, "leader": "e2")"),
              Lines{"the leader e2 is not among the proxy's targets"});
    EXPECT_EQ(warnings(R"(, "accounting": "thesis")"), Lines{});
    EXPECT_EQ(warnings(R"(, "links": {"e1-e2": {"rtt": "1ms", "loss": "0.1%"}})"), Lines{});
    EXPECT_EQ(warnings(R"(, "accounting": "thesis",
                           "links": {"e1-e2": {"rtt": "1ms", "loss": "0.1%"}})"),
              Lines{"the thesis' accounting gives up safety: a lost message may lose a committed "
                    "entry, and the run then stops"});
}

TEST(Warnings, OfTimeoutsCanBeLeftOut)
{
    const auto scenario = ReadScenarioText(
        R"({"default_link": {"rtt": "101ms"}, "topology": {"members": 4}})", "x.json");
    EXPECT_EQ(ScenarioWarnings(scenario).size(), 2U);
    EXPECT_EQ(ScenarioWarnings(scenario, false).size(), 1U); // that 4 is even
}

TEST(Scenario, DelayFactorStretchesEveryDelayAndNothingElse)
{
    const auto scenario = ReadScenarioText(
        R"({"delay_factor": 0.5, "default_link": {"rtt": "10ms", "jitter": "1ms"},
            "links": {"api-e1": {"delay": "8ms", "return_delay": "2ms"}}})",
        "x.json");
    const auto links = scenario.AllLinks();
    EXPECT_EQ(links.at(MakeNodePair("api", "e1")).delay, std::chrono::milliseconds(4));
    EXPECT_EQ(links.at(MakeNodePair("api", "e1")).returnDelay, std::chrono::milliseconds(1));
    EXPECT_EQ(links.at(MakeNodePair("e1", "e2")).delay, std::chrono::microseconds(2500));
    EXPECT_EQ(links.at(MakeNodePair("e1", "e2")).jitter, std::chrono::milliseconds(1));
}

} // namespace

} // namespace etcdlab
