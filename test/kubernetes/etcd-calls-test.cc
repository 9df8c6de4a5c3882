// The etcd requests that each of the API's verbs makes, one test for each row of what was read in Kubernetes' source
// and measured at a real API server.
#include "test/kubernetes/api-server-lab.h"

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;
using Calls = std::vector<std::string>;

class EtcdCalls : public testing::Test
{
  protected:
    ApiServerLab lab{"10ms"};

    /// An object that is there, and in the watch cache.
    ApiResult There(Object object)
    {
        auto result = lab.Post(std::move(object));
        lab.Settle();
        lab.Calls();
        return result;
    }
};

TEST_F(EtcdCalls, GetAndListReadEtcd)
{
    There(lab.Make("configmaps", "a"));
    EXPECT_EQ(lab.Get("configmaps", "a").status, 200);
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
    EXPECT_EQ(lab.Get("configmaps", "b").status, 404);
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
    const auto list = lab.Do([&](auto done) {
        lab.client->List(lab.Type("configmaps"), "default", ReadFrom::ETCD, done);
    });
    ASSERT_EQ(list.items.size(), 1U);
    EXPECT_GT(list.revision, 0);
    EXPECT_EQ(lab.Calls(), Calls{"Range-list"});
}

TEST_F(EtcdCalls, ResourceVersion0IsServedByTheWatchCache)
{
    There(lab.Make("configmaps", "a"));
    EXPECT_EQ(lab.Get("configmaps", "a", ReadFrom::WATCH_CACHE).status, 200);
    EXPECT_EQ(lab.Get("configmaps", "b", ReadFrom::WATCH_CACHE).status, 404);
    const auto list = lab.Do([&](auto done) {
        lab.client->List(lab.Type("configmaps"), "", ReadFrom::WATCH_CACHE, done);
    });
    EXPECT_EQ(list.items.size(), 1U);
    EXPECT_EQ(lab.Calls(), Calls{});
}

TEST_F(EtcdCalls, PostIsOneTransaction)
{
    const auto made = lab.Post(lab.Make("configmaps", "a"));
    EXPECT_EQ(made.status, 201);
    EXPECT_GT(made.object->uid, 0U);
    EXPECT_EQ(made.object->generation, 1);
    EXPECT_GT(made.object->resourceVersion, 1);
    EXPECT_EQ(lab.Calls(), Calls{"Txn-create"});
}

TEST_F(EtcdCalls, PostOfWhatIsThereReadsItToo)
{
    There(lab.Make("configmaps", "a"));
    const auto made = lab.Post(lab.Make("configmaps", "a"));
    EXPECT_EQ(made.status, 409);
    EXPECT_EQ(made.reason, "AlreadyExists");
    EXPECT_EQ(lab.Calls(), (Calls{"Txn-create", "Range-get"}));
}

TEST_F(EtcdCalls, PutOfWhatTheCacheKnowsIsOneTransaction)
{
    auto object = *There(lab.Make("configmaps", "a")).object;
    object.bytes = 1001;
    EXPECT_EQ(lab.Put(object).status, 200);
    EXPECT_EQ(lab.Calls(), Calls{"Txn-update"});
}

TEST(EtcdCallsFarAway, PutRightAfterPostReadsFirst)
{
    // Its event is long, and is still on its way.
    ApiServerLab far("210ms");
    auto fresh = far.Make("configmaps", "b", 900'000);
    EXPECT_EQ(far.Post(fresh).status, 201);
    far.Calls();
    fresh.bytes = 900'001;
    EXPECT_EQ(far.Put(fresh).status, 200);
    EXPECT_EQ(far.Calls(), (Calls{"Range-get", "Txn-update"}));
}

TEST(EtcdCallsFarAway, AStaleCacheCostsAFailedTransaction)
{
    ApiServerLab far("210ms");
    auto object = far.Make("configmaps", "a", 100'000);
    far.Post(object);
    far.Settle(5s);
    object.bytes = 900'000; // unconditionally, as helm does
    EXPECT_EQ(far.Put(object).status, 200);
    far.Calls();
    object.bytes = 900'001;
    EXPECT_EQ(far.Put(object).status, 200);
    EXPECT_EQ(far.Calls(), (Calls{"Txn-update", "Txn-update"}));
}

TEST_F(EtcdCalls, PutOfAnOldVersionIsAConflictAfterALookAtEtcd)
{
    const auto first = *There(lab.Make("configmaps", "a")).object;
    auto object = first;
    object.bytes = 1001;
    lab.Put(object);
    lab.Settle();
    lab.Calls();
    object = first;
    object.bytes = 1002;
    const auto result = lab.Put(object);
    EXPECT_EQ(result.status, 409);
    EXPECT_EQ(result.reason, "Conflict");
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
}

TEST_F(EtcdCalls, AnUpdateThatChangesNothingIsARead)
{
    const auto object = *There(lab.Make("configmaps", "a")).object;
    EXPECT_EQ(lab.Put(object).object->resourceVersion, object.resourceVersion);
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
}

TEST_F(EtcdCalls, PatchIsOneTransactionAndMayBeANoOp)
{
    There(lab.Make("configmaps", "a"));
    const auto patch = [&](std::uint32_t bytes) {
        return lab.Do([&](auto done) {
            lab.client->Patch(
                lab.Type("configmaps"),
                {"default", "a"},
                [bytes](const Object& current) -> std::optional<Object> {
                    auto next = current;
                    next.bytes = bytes;
                    return next.bytes == current.bytes ? std::nullopt : std::optional(next);
                },
                done);
        });
    };
    EXPECT_EQ(patch(1001).status, 200);
    EXPECT_EQ(lab.Calls(), Calls{"Txn-update"});
    lab.Settle();
    lab.Calls();
    EXPECT_EQ(patch(1001).status, 200);
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
}

TEST_F(EtcdCalls, DeleteReadsTwice)
{
    There(lab.Make("configmaps", "a"));
    EXPECT_EQ(lab.Delete("configmaps", "a").status, 200);
    EXPECT_EQ(lab.Calls(), (Calls{"Range-get", "Range-get", "Txn-delete"}));
    EXPECT_EQ(lab.Delete("configmaps", "a").status, 404);
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
}

TEST_F(EtcdCalls, FinalizersHoldWhatIsDeletedUntilTheLastOneIsGone)
{
    auto object = lab.Make("persistentvolumeclaims", "a");
    object.finalizers = {"kubernetes.io/pvc-protection"};
    There(object);
    EXPECT_TRUE(lab.Delete("persistentvolumeclaims", "a").object->deletionTimestamp);
    EXPECT_EQ(lab.Calls(), (Calls{"Range-get", "Txn-update"}));
    lab.Settle();
    auto held = *lab.Get("persistentvolumeclaims", "a").object;
    held.finalizers.clear();
    lab.Calls();
    EXPECT_EQ(lab.Put(held).status, 200);
    // The cached version says that it goes; whether that is still so is read; then it is deleted.
    EXPECT_EQ(lab.Calls(), (Calls{"Range-get", "Range-get", "Txn-delete"}));
    EXPECT_EQ(lab.Get("persistentvolumeclaims", "a").status, 404);
}

TEST_F(EtcdCalls, ARunningPodIsMarkedAndGoesWhenItsKubeletSaysSo)
{
    auto pod = lab.Make("pods", "a", 2700);
    PodBody body;
    body.spec.nodeName = "worker1";
    pod.body = body;
    There(pod);
    const auto now = Now();
    const auto marked = lab.Delete("pods", "a");
    EXPECT_NEAR(Milliseconds(*marked.object->deletionTimestamp - now), 30'000, 50);
    EXPECT_EQ(lab.Calls(), (Calls{"Range-get", "Txn-update"}));
    lab.Settle();
    EXPECT_EQ(lab.Delete("pods", "a").status, 200) << "is under way already";
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
    ApiClient::DeleteOptions atOnce;
    atOnce.gracePeriod = Duration(0);
    EXPECT_EQ(lab.Delete("pods", "a", atOnce).status, 200);
    EXPECT_EQ(lab.Calls(), (Calls{"Range-get", "Txn-update", "Range-get", "Txn-delete"}));
}

TEST_F(EtcdCalls, DeletingAnotherIncarnationIsAConflict)
{
    There(lab.Make("configmaps", "a"));
    ApiClient::DeleteOptions options;
    options.uid = 1;
    EXPECT_EQ(lab.Delete("configmaps", "a", options).status, 409);
    EXPECT_EQ(lab.Calls(), Calls{"Range-get"});
}

TEST_F(EtcdCalls, AServiceTakesAnAddressFirst)
{
    auto service = lab.Make("services", "web");
    service.body = ServiceBody{};
    const auto made = lab.Post(service);
    EXPECT_EQ(made.status, 201);
    const auto ip = std::get<ServiceBody>(made.object->body).clusterIp;
    EXPECT_GT(ip, 1U);
    EXPECT_TRUE(lab.Server().Data().serviceIps.IsTaken(ip));
    EXPECT_EQ(lab.Calls(), (Calls{"Range-get", "Txn-update", "Txn-create"}));
    auto headless = lab.Make("services", "headless");
    headless.body = ServiceBody{{}, true};
    lab.Post(headless);
    EXPECT_EQ(lab.Calls(), Calls{"Txn-create"});
    lab.Delete("services", "web");
    lab.Settle();
    EXPECT_FALSE(lab.Server().Data().serviceIps.IsTaken(ip));
    lab.Calls();
}

TEST_F(EtcdCalls, AddressesAreGivenOutOneAfterTheOther)
{
    // 6 services at once: (R + T) each under the lock, and the last one's own T: 13 round trips of 10 ms, and what the
    // value of up to 127 kB takes in a window that is new.
    int done = 0;
    const auto start = Now();
    Duration last{0};
    for (int i = 0; i < 6; ++i)
    {
        auto service = lab.Make("services", "web" + std::to_string(i));
        service.body = ServiceBody{};
        lab.client->Create(service, [&](const ApiResult& result) {
            EXPECT_EQ(result.status, 201);
            ++done;
            last = Now() - start;
        });
    }
    lab.Settle(5s);
    EXPECT_EQ(done, 6);
    EXPECT_GT(Milliseconds(last), 130);
    const auto calls = lab.Calls();
    EXPECT_EQ(std::count(calls.begin(), calls.end(), "Txn-update"), 6) << "no conflict";
}

TEST_F(EtcdCalls, EventsShareALeaseForAMinute)
{
    const std::vector<std::string_view> origins = {"test", ORIGIN_LEASE};
    const auto events = [&] {
        std::size_t grants = 0;
        for (const auto& each : lab.Server().Log().EtcdRequests())
        {
            grants += each.origin == ORIGIN_LEASE && each.resource == "events" ? 1 : 0;
        }
        return grants;
    };
    lab.Calls();
    lab.Post(lab.Make("events", "a", 740));
    lab.Post(lab.Make("events", "b", 740));
    EXPECT_EQ(events(), 1U);
    EXPECT_EQ(lab.Calls(), (Calls{"Txn-create", "Txn-create"}));
    lab.Do([&](auto done) {
        lab.client->Patch(
            lab.Type("events"),
            {"default", "a"},
            [](const Object& current) -> std::optional<Object> {
                auto next = current;
                next.body = OpaqueBody{2};
                return next;
            },
            done);
    });
    EXPECT_EQ(lab.Calls(), (Calls{"Range-get", "Txn-update"})) << "events have no watch cache";
    lab.Settle(60s);
    lab.Calls();
    lab.Post(lab.Make("events", "c", 740));
    EXPECT_EQ(events(), 1U);
}

TEST_F(EtcdCalls, AdmissionAsksOncePerNamespaceAndHalfMinute)
{
    lab.Settle(31s);
    lab.Calls();
    const auto asked = [&] { return lab.Calls({ORIGIN_ADMISSION}); };
    lab.Post(lab.Make("configmaps", "a"));
    EXPECT_EQ(asked(), Calls{"Range-list"}) << "quotas";
    lab.Post(lab.Make("configmaps", "b"));
    EXPECT_EQ(asked(), Calls{});
    auto pod = lab.Make("pods", "a");
    pod.body = PodBody{};
    lab.Post(pod);
    EXPECT_EQ(asked(), Calls{"Range-list"}) << "limits";
    auto elsewhere = lab.Make("configmaps", "a");
    elsewhere.key.nameSpace = "kube-system";
    lab.Post(elsewhere);
    EXPECT_EQ(asked(), Calls{"Range-list"});
    lab.Settle(30s);
    lab.Calls();
    lab.Post(lab.Make("configmaps", "c"));
    EXPECT_EQ(asked(), Calls{"Range-list"});
    lab.Post(lab.Make("clusterroles", "c"));
    EXPECT_EQ(asked(), Calls{});
}

TEST_F(EtcdCalls, GenerationsCountChangesOfTheSpec)
{
    auto deployment = lab.Make("deployments", "a");
    deployment.body = WorkloadBody{};
    auto object = *There(deployment).object;
    std::get<WorkloadBody>(object.body).status.ready = 1;
    object = *lab.Put(object).object;
    EXPECT_EQ(object.generation, 1);
    std::get<WorkloadBody>(object.body).replicas = 3;
    object = *lab.Put(object).object;
    EXPECT_EQ(object.generation, 2);
}

} // namespace

} // namespace etcdlab::kube
