// An API server as a whole: how it connects, what it does on its own, how long requests take, and what it does when
// etcd fails. Figures are of kube-apiserver 1.20.2 and etcd 3.4.23.
#include "test/kubernetes/api-server-lab.h"
#include "test/system/runs.h"

#include <map>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;
using Calls = std::vector<std::string>;

Object
Definition(ApiServerLab& lab, const std::string& resource, std::uint32_t bytes)
{
    const std::string group = "monitoring.coreos.com";
    auto object = lab.Make("customresourcedefinitions", resource + "." + group, bytes);
    object.body = DefinitionBody{resource, group, resource, {"v1"}};
    return object;
}

TEST(ApiServer, HasAConnectionOfItsOwnForEveryStorage)
{
    // 67 storages with a watch cache, three of events, two ranges, masterleases, health and compaction.
    ApiServerLab lab("10ms", 3);
    EXPECT_EQ(lab.Server().EtcdClients(), 75U);
    EXPECT_EQ(lab.Server().EtcdWatches(), 67U);
    std::size_t watches = 0;
    for (const auto& member : lab.world.GetMembers())
    {
        EXPECT_EQ(member->GetClientServer().Connections(), 75U) << member->GetName();
        watches += member->GetClientServer().Streams();
    }
    EXPECT_EQ(watches, 67U);
}

TEST(ApiServer, Version119ServesLess)
{
    ApiServerLab lab("10ms", 1, {"kubernetes.version=1.19"});
    EXPECT_EQ(lab.Server().EtcdClients(), 72U)
        << "no flow schemas, priority levels, node.k8s.io/v1";
    EXPECT_EQ(lab.Server().EtcdWatches(), 64U);
    lab.Calls();
    lab.Settle(120s);
    EXPECT_EQ(lab.Calls({ORIGIN_PRIORITY}), Calls{});
}

TEST(ApiServer, EachCustomResourceAddsAConnectionAndAWatchWhenItIsFirstAskedFor)
{
    ApiServerLab lab("10ms");
    const std::vector<std::string> resources = {"alertmanagerconfigs",
                                                "alertmanagers",
                                                "podmonitors",
                                                "probes",
                                                "prometheuses",
                                                "prometheusrules",
                                                "servicemonitors",
                                                "thanosrulers"};
    for (const auto& resource : resources)
    {
        EXPECT_EQ(lab.Post(Definition(lab, resource, 20'000)).status, 201);
    }
    lab.Settle(5s);
    // Each: names accepted, established. One group version.
    EXPECT_EQ(lab.Calls({ORIGIN_DEFINITIONS}), Calls(16, "Txn-update"));
    EXPECT_EQ(lab.Member(1).GetClientServer().Connections(), 75U);
    for (const auto& resource : resources)
    {
        EXPECT_EQ(lab.Get(resource.c_str(), "x").status, 404);
    }
    lab.Settle();
    EXPECT_EQ(lab.Calls({ORIGIN_CUSTOM_CACHER}), Calls(16, "Range-list"));
    EXPECT_EQ(lab.Member(1).GetClientServer().Connections(), 83U);
    EXPECT_EQ(lab.Server().EtcdWatches(), 75U);
    EXPECT_EQ(lab.Post(lab.Make("prometheuses", "k8s")).status, 201);
}

TEST(ApiServer, ADefinitionIsServedOnceItIsEstablished)
{
    ApiServerLab lab("210ms");
    EXPECT_EQ(lab.Post(Definition(lab, "probes", 22'408)).status, 201);
    EXPECT_EQ(lab.Get("probes", "x").status, 404);
    EXPECT_EQ(lab.Server().Storages(lab.Type("probes")).size(), 0U);
    lab.Settle(2s);
    const auto definition =
        lab.Get("customresourcedefinitions", "probes.monitoring.coreos.com").object;
    EXPECT_TRUE(std::get<DefinitionBody>(definition->body).established);
    // Measured: 22,408 B on creation, 23,120 B in the end.
    EXPECT_NEAR(definition->bytes, 23'120, 40);
    lab.Get("probes", "x");
    EXPECT_EQ(lab.Server().Storages(lab.Type("probes")).size(), 1U);
}

/// Requests of an origin in a time, by operation.
std::map<std::string, double>
Rates(ApiServerLab& lab, Duration time, std::string_view origin)
{
    std::map<std::string, double> rates;
    for (const auto& each : lab.Server().Log().EtcdRequests())
    {
        if (each.origin == origin)
        {
            rates[std::string(each.rpc)] += 1e9 / static_cast<double>(time.count());
        }
    }
    return rates;
}

TEST(ApiServer, ItsIdleRequestsComeAtTheMeasuredRates)
{
    ApiServerLab lab("0.1ms");
    lab.Settle(300s); // past the first counts, which come all at once
    lab.Calls();
    constexpr Duration TIME = 1800s;
    lab.Settle(TIME);
    const auto rate = [&](std::string_view origin, const char* rpc) {
        return Rates(lab, TIME, origin)[rpc];
    };
    EXPECT_NEAR(rate(ORIGIN_PROBE, "Range"), 1.05, 0.105)
        << "0.95 without a round trip's time, 1.1";
    EXPECT_NEAR(rate(ORIGIN_COUNTS, "Range"), 0.77, 0.077) << "70 types every 60 to 132 s: 0.73";
    EXPECT_NEAR(rate(ORIGIN_RECONCILER, "Range"), 0.65, 0.065);
    EXPECT_NEAR(rate(ORIGIN_RECONCILER, "Txn"), 0.10, 0.01);
    EXPECT_NEAR(rate(ORIGIN_LEASE, "LeaseGrant"), 0.1, 0.01);
    EXPECT_NEAR(rate(ORIGIN_PRIORITY, "Range"), 4.0 / 60, 0.007);
    EXPECT_NEAR(rate(ORIGIN_SIZE, "Status"), 1 / 37.5, 0.003);
    EXPECT_NEAR(rate(ORIGIN_COMPACTION, "Txn"), 1 / 300.0, 0.0004);
    EXPECT_NEAR(rate(ORIGIN_COMPACTION, "Compact"), 1 / 300.0, 0.0004);
    EXPECT_NEAR(rate(ORIGIN_REPAIR, "Range"), 4 / 180.0, 0.0023);
    EXPECT_NEAR(rate(ORIGIN_REPAIR, "Txn"), 2 / 180.0, 0.0012);
}

TEST(ApiServer, ARunLeavesItsRequestsToEtcd)
{
    const auto run = RunShipped("idle-cluster",
                                {"kubernetes.duration=60s",
                                 "kubernetes.settle=0s",
                                 "kubernetes.nodes=0",
                                 "kubernetes.components=false"});
    ASSERT_TRUE(run.result.kubernetes);
    EXPECT_EQ(run.result.kubernetes->etcd.size(), run.result.requests.size());
    EXPECT_EQ(run.summary.ok, run.result.requests.size());
    // The sum of the rates above, without counts: these come a minute after the start at the earliest.
    EXPECT_NEAR(static_cast<double>(run.summary.ok) / 60, 2.05, 0.15);
    EXPECT_TRUE(run.summary.latency.contains("Range-get"));
    EXPECT_NEAR(
        Milliseconds(run.result.facts.simulatedTime - run.result.kubernetes->begin), 60'000, 0.001);
}

TEST(ApiServer, AnIdleClusterAsksAsOftenAsOnRealPrograms)
{
    // Measured on a master and two nodes, kube-apiserver 1.20.2, with etcd beside them: 5.8 Range and 2.3 Txn a second, 75
    // connections to each endpoint, 67 watches. Looked at for five minutes once what a start causes is over.
    const auto run = RunShipped("idle-cluster",
                                {"kubernetes.resource_lock=endpointsleases",
                                 "kubernetes.settle=300s",
                                 "kubernetes.duration=300s"});
    ASSERT_TRUE(run.summary.kubernetes);
    double reads = 0;
    double writes = 0;
    for (const auto& [origin, traffic] : run.summary.kubernetes->origins)
    {
        reads += static_cast<double>(traffic.reads);
        writes += static_cast<double>(traffic.writes);
    }
    EXPECT_NEAR(reads / 300, 5.8, 0.58);
    EXPECT_NEAR(writes / 300, 2.3, 0.23);
    ASSERT_EQ(run.summary.kubernetes->connections.size(), 3U);
    for (const auto& [endpoint, connections] : run.summary.kubernetes->connections)
    {
        EXPECT_EQ(connections, 75U) << endpoint;
    }
    EXPECT_EQ(run.summary.kubernetes->watches, 67U);
}

TEST(ApiServer, ANodeOfAnIdleClusterAddsALeaseRenewalEveryTenSeconds)
{
    const auto requests = [](const std::string& nodes) {
        return RunShipped(
                   "idle-cluster",
                   {"transport=message", "kubernetes.duration=60s", "kubernetes.nodes=" + nodes})
            .summary.ok;
    };
    EXPECT_NEAR(static_cast<double>(requests("1000") - requests("100")), 900 * 60 / 10.0, 54);
}

TEST(ApiServer, AHundredNodesRunThreeThousandPods)
{
    const auto run = RunShipped("many-pods");
    const auto& last = run.result.kubernetes->pods.back();
    EXPECT_EQ(last.pods[static_cast<std::size_t>(kube::DisplayPhase::RUNNING)], 3000U);
    EXPECT_EQ(run.summary.failed, 0U);
    EXPECT_EQ(run.summary.kubernetes->releases.front().error, "");
}

TEST(ApiServer, SmallRequestsTakeTheMeasuredRoundTripsAt210ms)
{
    ApiServerLab lab("210ms");
    lab.Get("configmaps", "none"); // the connection's first call has larger headers
    lab.Get("configmaps", "none");
    EXPECT_GE(lab.RoundTrips(210), 1.0);
    EXPECT_LE(lab.RoundTrips(210), 1.1);
    lab.Post(lab.Make("configmaps", "a")); // asks for quotas first
    lab.Post(lab.Make("configmaps", "b"));
    EXPECT_NEAR(lab.RoundTrips(210), 1.02, 0.02);
    lab.Settle();
    lab.Delete("configmaps", "a");
    EXPECT_NEAR(lab.RoundTrips(210), 3.04, 0.04);
}

TEST(ApiServer, AReleaseSecretTakesManyRoundTripsOnAFreshConnectionAndFewLaterAt210ms)
{
    // HTTP/2's windows begin at 64 KiB and double. Measured: POST of 975 kB 1.76 and 2.40 s, so 8.4 and 11.4 round
    // trips; its first PUT, which reads it first because the watch's event is still on its way, 8.5.
    // Later ones took 1.2 to 1.6 there, where a relay delayed the data and TCP itself saw no round trip. Here the
    // link has the delay: an idle connection's congestion window has shrunk by the next PUT, and the watch's event,
    // twice as long, takes the way first.
    ApiServerLab lab("210ms");
    auto secret = lab.Make("secrets", "sh.helm.release.v1.prometheus.v1", 974'850);
    lab.Post(lab.Make("secrets", "first")); // asks for quotas
    EXPECT_EQ(lab.Post(secret).status, 201);
    EXPECT_GE(lab.RoundTrips(210), 8.4);
    EXPECT_LE(lab.RoundTrips(210), 11.4);
    lab.Calls();
    const auto put = [&](std::uint64_t content) {
        secret.body = OpaqueBody{content};
        EXPECT_EQ(lab.Put(secret).status, 200);
        return lab.Calls();
    };
    EXPECT_EQ(put(1), (Calls{"Range-get", "Txn-update"}));
    EXPECT_NEAR(lab.RoundTrips(210), 8.5, 0.15 * 8.5);
    for (std::uint64_t i = 2; i <= 6; ++i)
    {
        lab.Settle(470ms); // two small requests of helm's
        EXPECT_EQ(put(i), Calls{"Txn-update"});
        EXPECT_GE(lab.RoundTrips(210), 1.2);
        EXPECT_LE(lab.RoundTrips(210), 4.5);
    }
}

TEST(ApiServer, RequestsAreLimitedAsClientGoLimitsThem)
{
    // Three at once, then two a second: the 7th after 2 s.
    ApiServerLab lab("1ms");
    const auto limited = lab.Connect("limited", 2, 3);
    const auto start = Now();
    std::vector<double> ends;
    for (int i = 0; i < 7; ++i)
    {
        limited->Get(lab.Type("nodes"), {"", "x"}, ReadFrom::WATCH_CACHE, [&](const ApiResult&) {
            ends.push_back(Milliseconds(Now() - start));
        });
    }
    lab.Settle(5s);
    ASSERT_EQ(ends.size(), 7U);
    EXPECT_NEAR(ends[2], 0, 5);
    EXPECT_NEAR(ends[3], 500, 5);
    EXPECT_NEAR(ends[6], 2000, 5);
}

TEST(ApiServer, RequestsThatEtcdDoesNotAnswerEndInTime)
{
    // Two of three members are gone: nothing is committed.
    ApiServerLab lab("1ms", 3);
    lab.Post(lab.Make("configmaps", "a"));
    lab.Settle();
    lab.Member(2).Crash();
    lab.Member(3).Crash();
    const auto cached = lab.Get("configmaps", "a", ReadFrom::WATCH_CACHE);
    EXPECT_EQ(cached.status, 200) << "the cache still answers";
    const auto post = lab.Post(lab.Make("configmaps", "b"));
    EXPECT_TRUE(post.status == 500 || post.status == 504) << post.status;
    EXPECT_GE(lab.took, 5s);
    EXPECT_LE(lab.took, 34s + 1ms);
    const auto get = lab.Get("configmaps", "a", ReadFrom::WATCH_CACHE);
    EXPECT_EQ(get.status, 500) << "without a leader its watch has ended, and it asks etcd";
}

/// Watches configmaps, and keeps what it is told.
struct Watching
{
    Watching(ApiServerLab& lab, Revision after)
    {
        WatchHandlers handlers;
        handlers.event = [this](const WatchEvent& event) { events.push_back(event); };
        handlers.ended = [this](const std::string& why) { ends.push_back(why); };
        watch = lab.client->Watch(lab.Type("configmaps"), "default", after, std::move(handlers));
    }

    std::vector<WatchEvent> events;
    std::vector<std::string> ends;
    ApiWatchPtr watch;
};

TEST(ApiServer, WatchesTellWhatHappensAfterARevision)
{
    ApiServerLab lab("10ms");
    const auto a = lab.Post(lab.Make("configmaps", "a")).object;
    lab.Post(lab.Make("configmaps", "b"));
    lab.Settle();
    auto c = lab.Make("configmaps", "c");
    c.key.nameSpace = "kube-system";
    Watching late(lab, a->resourceVersion);
    Watching all(lab, 0);
    lab.Settle();
    lab.Post(c);
    lab.Delete("configmaps", "a");
    lab.Settle();
    ASSERT_EQ(late.events.size(), 2U);
    EXPECT_EQ(late.events[0].object->key.name, "b");
    EXPECT_EQ(late.events[1].type, WatchEventType::DELETED);
    EXPECT_EQ(late.events[1].object->key.name, "a");
    EXPECT_GT(late.events[1].object->resourceVersion, late.events[0].object->resourceVersion);
    ASSERT_EQ(all.events.size(), 3U);
    EXPECT_EQ(all.events[1].type, WatchEventType::ADDED);
}

TEST(ApiServer, TheDeathOfAMemberCostsAWatchNoEvent)
{
    ApiServerLab lab("10ms", 3);
    Watching watching(lab, 0);
    const auto* cacher = lab.Server().Storages(lab.Type("configmaps")).front()->GetCacher();
    const auto victim = cacher->Endpoint() + 1;
    std::vector<Revision> written;
    for (int i = 0; i < 60; ++i)
    {
        if (i == 20)
        {
            lab.Member(victim).Crash();
        }
        if (i == 40)
        {
            lab.Member(victim).Restart();
        }
        const auto made = lab.Post(lab.Make("configmaps", "n" + std::to_string(i)));
        if (made.Ok())
        {
            written.push_back(made.object->resourceVersion);
        }
        lab.Settle(200ms);
    }
    lab.Settle(5s);
    EXPECT_GT(written.size(), 50U);
    std::vector<Revision> told;
    for (const auto& event : watching.events)
    {
        told.push_back(event.object->resourceVersion);
    }
    for (const auto revision : written)
    {
        EXPECT_EQ(std::count(told.begin(), told.end(), revision), 1) << revision;
    }
    EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
    EXPECT_TRUE(watching.ends.empty());
    EXPECT_EQ(cacher->Lists(), 1U) << "it went on where it was";
}

TEST(ApiServer, WithoutALeaderWatchesEndAndTheCacheListsAgain)
{
    ApiServerLab lab("10ms", 3);
    const auto made = lab.Post(lab.Make("configmaps", "a")).object;
    lab.Settle();
    Watching watching(lab, made->resourceVersion);
    lab.Settle();
    lab.Member(2).Crash();
    lab.Member(3).Crash();
    lab.Settle(10s);
    EXPECT_EQ(watching.ends, std::vector<std::string>{""});
    lab.Member(2).Restart();
    lab.Member(3).Restart();
    lab.Settle(10s);
    const auto* cacher = lab.Server().Storages(lab.Type("configmaps")).front()->GetCacher();
    EXPECT_TRUE(cacher->IsReady());
    EXPECT_GE(cacher->Lists(), 2U);
    Watching again(lab, made->resourceVersion);
    lab.Settle();
    EXPECT_EQ(again.ends, std::vector<std::string>{"Expired"})
        << "the list was made at a later revision";
}

TEST(ApiServer, ValuesThatHaveBeenReplacedAreForgotten)
{
    ApiServerLab lab("1ms");
    auto object = lab.Make("configmaps", "a");
    lab.Post(object);
    const auto before = lab.Server().Data().objects.Size();
    for (int i = 0; i < 200; ++i)
    {
        object.body = OpaqueBody{static_cast<std::uint64_t>(i) + 1};
        lab.Put(object);
        lab.Settle(1s);
    }
    // 120 seconds' versions are kept, and a lease of the API server's own every 10 s.
    EXPECT_LT(lab.Server().Data().objects.Size() - before, 120U + 40U);
}

} // namespace

} // namespace etcdlab::kube
