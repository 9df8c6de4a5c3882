#include "analysis/pure/explain.h"
#include "seed-scenario.h"

#include <gtest/gtest.h>

namespace etcdlab
{
namespace
{

using test::Ms;
using test::SeedScenario;

TEST(Explain, SeedScenario)
{
    Scenario scenario = SeedScenario();
    scenario.name = "baseline";
    EXPECT_EQ(Explain(scenario), R"(baseline: latency of one request on an idle cluster, e2 leads

put, txn, delete_range from api
  through e1  etcd       710 ms = client link 125 + forward 150 + quorum 160 (e3) + commit notice 150 + client link back 125
              thesis     550 ms = client link 125 + forward 150 + commit notice 150 + client link back 125
  through e2  both       210 ms = client link 25 + quorum 160 (e3) + client link back 25
  through e3  etcd       430 ms = client link 55 + forward 80 + quorum 160 (e3) + commit notice 80 + client link back 55
              thesis     270 ms = client link 55 + forward 80 + commit notice 80 + client link back 55
  mean        etcd       450 ms
              thesis  343.33 ms

linearizable_range from api
  through e1  etcd       710 ms = client link 125 + read index request 150 + leadership quorum 160 (e3) + read index answer 150 + client link back 125
              thesis     550 ms = client link 125 + read index request 150 + read index answer 150 + client link back 125
  through e2  both       210 ms = client link 25 + leadership quorum 160 (e3) + client link back 25
  through e3  etcd       430 ms = client link 55 + read index request 80 + leadership quorum 160 (e3) + read index answer 80 + client link back 55
              thesis     270 ms = client link 55 + read index request 80 + read index answer 80 + client link back 55
  mean        etcd       450 ms
              thesis  343.33 ms

serializable_range from api
  through e1  both       250 ms = client link 125 + client link back 125
  through e2  both        50 ms = client link 25 + client link back 25
  through e3  both       110 ms = client link 55 + client link back 55
  mean        both    136.67 ms

  client link         one way from the client to the member; "back" is the answer's way
  forward             a follower sends the write to the leader, who alone may append
  quorum              the leader's round trip to the follower that completes the majority
  commit notice       the leader tells the follower, which applies and answers its client itself
  read index request  a follower asks the leader up to where a read must see
  leadership quorum   the leader's heartbeat round that proves it still leads
  read index answer   the leader's answer to the follower
  etcd                what the protocol costs: only a follower's own acknowledgement counts
  thesis              the forward counts as that follower's acknowledgement
)");
}

TEST(Explain, BehindAProxyWithDiskAndProcessors)
{
    Scenario scenario = SeedScenario();
    scenario.name = "optimised";
    scenario.proxy.emplace();
    scenario.proxy->cpuPerChunk = Ms(0.5);
    scenario.member.disk.syncMax = Ms(2);
    scenario.member.cpu.message = Ms(0.1);
    scenario.member.cpu.requestWakeup = Ms(1);
    EXPECT_EQ(Explain(scenario), R"(optimised: latency of one request on an idle cluster, e2 leads

put, txn, delete_range from api
  through e2  both    213.2 ms = proxy CPU 1 + proxy to member 25 + wake-up 1 + quorum 160 (e3) + disk sync 1 (e3) + message handling 0.2 + member to proxy 25

linearizable_range from api
  through e2  both    212.2 ms = proxy CPU 1 + proxy to member 25 + wake-up 1 + leadership quorum 160 (e3) + message handling 0.2 + member to proxy 25

serializable_range from api
  through e2  both    52 ms = proxy CPU 1 + proxy to member 25 + wake-up 1 + member to proxy 25

  proxy CPU          the proxy's work for the request and for the answer
  proxy to member    one way; "member to proxy" is the answer's way
  wake-up            time that passes in the member without work
  quorum             the leader's round trip to the follower that completes the majority
  disk sync          what has to be waited for that member's log to be on disk
  leadership quorum  the leader's heartbeat round that proves it still leads
  message handling   work and wake-ups for the Raft messages received on the way
  etcd               what the protocol costs: only a follower's own acknowledgement counts
  thesis             the forward counts as that follower's acknowledgement

Not in these sums, or only estimated:
  - disks take varying time to sync: the sums have the mean of each, but the quicker ones complete a quorum
)");
}

/// How many notes a scenario has more than the seed, which has none, and the first of them.
std::string
Note(const Scenario& scenario)
{
    const auto notes = ExplainNotes(scenario);
    return notes.size() == 1 ? notes.front() : std::to_string(notes.size()) + " notes";
}

TEST(Explain, NotesSayWhatTheSumsLeaveOut)
{
    const Scenario seed = SeedScenario();
    EXPECT_EQ(Note(seed), "0 notes");
    EXPECT_EQ(Explain(seed).find("Not in these sums"), std::string::npos);

    Scenario nagle = seed;
    nagle.proxy.emplace().nagle = true;
    EXPECT_EQ(Note(nagle),
              "the proxy leaves Nagle's algorithm on: a request that follows one of gRPC's small "
              "frames waits for its acknowledgement, up to a round trip proxy-member more");
    EXPECT_NE(Explain(nagle).find("\nNot in these sums, or only estimated:\n  - the proxy leaves"),
              std::string::npos);
    EXPECT_EQ(ExplainJson(nagle).at("notes").size(), 1u);
    nagle.client.endpoints = "all"; // nobody goes through it
    EXPECT_EQ(Note(nagle), "0 notes");

    Scenario jitter = seed;
    jitter.links[{"e2", "e3"}].jitter = Ms(1);
    EXPECT_EQ(Note(jitter).find("links have jitter"), 0u);
    Scenario loss = seed;
    loss.links[{"e2", "e3"}].loss.value = 0.01;
    EXPECT_EQ(Note(loss).find("links lose packets"), 0u);
    Scenario together = seed;
    together.workload.concurrency = 2;
    EXPECT_EQ(Note(together).find("requests may be in flight together"), 0u);
    together.workload.concurrency = 1;
    together.workload.rate = 10;
    EXPECT_EQ(Note(together).find("requests may be in flight together"), 0u);
}

TEST(Explain, NotesMessagesBeyondTcpsInitialWindow)
{
    // The longest is a range's answer: key and value, and 36 + 28 + 20 bytes (see MessageSizes); for
    // large values it is a transaction, with the key three times.
    Scenario scenario = SeedScenario();
    scenario.workload.keySize = {10};
    scenario.workload.valueSize = {14'480 - 36 - 28 - 20 - 10};
    EXPECT_EQ(Note(scenario), "0 notes");
    scenario.workload.valueSize.bytes += 1;
    EXPECT_EQ(Note(scenario),
              "messages are up to 14481 bytes long: TCP sends 14480 at first, so that longer ones "
              "take several round trips");
}

TEST(Explain, SendingTimesAreIncludedWhereTheyMatter)
{
    // At 1 Gbps a put of 1 KiB takes 9 us a link, three times, of 210 ms.
    Scenario scenario = SeedScenario();
    EXPECT_EQ(ExplainJson(scenario).at("transmission"), false);
    EXPECT_EQ(Explain(scenario).find("to be sent"), std::string::npos);
    for (auto& [pair, link] : scenario.links)
    {
        link.rate = {8'000'000}; // a byte per microsecond
    }
    const auto json = ExplainJson(scenario);
    EXPECT_EQ(json.at("transmission"), true);
    // Through e2, as in ScenarioForm.TransmissionIsAnOption: each way its delay and its bytes.
    const auto& hops = json.at("etcd").at("forms").at(13).at("hops");
    EXPECT_EQ(hops.at(0).dump(), R"({"name":"client link","ms":25.128})");
    EXPECT_EQ(hops.at(1).dump(), R"({"name":"client link back","ms":26.202})");
    EXPECT_NE(Explain(scenario).find("  links               with the time that messages take to be "
                                     "sent at the links' rates\n"),
              std::string::npos)
        << Explain(scenario);
    // More than 1 % of a short way, though less than 0.05 ms: 9 us of 0.1 ms.
    Scenario near = SeedScenario();
    for (auto& [pair, link] : near.links)
    {
        link.delay = Ms(0.05);
    }
    EXPECT_EQ(ExplainJson(near).at("transmission"), true);
}

TEST(Explain, StackedClientsHaveABlockEach)
{
    Scenario scenario = SeedScenario();
    scenario.topology.type = "stacked";
    scenario.topology.apiServers.clear();
    std::erase_if(scenario.links, [](const auto& link) { return link.first.first == "api"; });
    const std::string text = Explain(scenario);
    EXPECT_NE(
        text.find(
            "put, txn, delete_range from e1\n"
            "  through e1  etcd    460 ms = forward 150 + quorum 160 (e3) + commit notice 150\n"
            "              thesis  300 ms = forward 150 + commit notice 150\n"
            "\n"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find("serializable_range from e3\n"
                        "  through e3  both    0 ms\n"),
              std::string::npos)
        << text;
}

TEST(Explain, AsJson)
{
    const auto json = ExplainJson(SeedScenario());
    EXPECT_EQ(json.at("scenario"), "seed");
    EXPECT_EQ(json.at("leader"), "e2");
    EXPECT_EQ(json.at("etcd").at("mean_ms").at("put"), 450.0);
    EXPECT_EQ(json.at("thesis").at("mean_ms").at("put"), 343.333333);
    EXPECT_EQ(json.at("etcd").at("forms").size(), 15u); // five operations, three members
    EXPECT_EQ(
        json.at("etcd").at("forms").at(1).dump(),
        R"({"client":"api","operation":"put","member":"e2","share":0.333333,"total_ms":210.0,)"
        R"("hops":[{"name":"client link","ms":25.0},{"name":"quorum","ms":160.0,"node":"e3"},)"
        R"({"name":"client link back","ms":25.0}]})");
}

TEST(Explain, JsonListsMembersWithoutCallsToo)
{
    Scenario scenario = SeedScenario();
    scenario.proxy.emplace();
    const auto forms = ExplainJson(scenario).at("etcd").at("forms");
    EXPECT_EQ(forms.at(0).at("member"), "e1");
    EXPECT_EQ(forms.at(0).at("share"), 0.0);
    EXPECT_EQ(forms.at(1).at("share"), 1.0);
}

} // namespace
} // namespace etcdlab
