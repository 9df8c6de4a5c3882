// What summary.json says of a Kubernetes cluster, from records made by hand.
#include "analysis/pure/kubernetes-summary.h"
#include "analysis/pure/summary.h"

#include <gtest/gtest.h>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

kube::EtcdRequest
EtcdRequestOf(std::string_view rpc,
              std::string_view origin,
              std::uint32_t request,
              std::uint32_t response)
{
    kube::EtcdRequest record;
    record.rpc = rpc;
    record.origin = origin;
    record.requestBytes = request;
    record.responseBytes = response;
    return record;
}

/// Two releases from 10 s on: one takes 20 s in two phases, the other 25 s in one.
KubernetesResult
TwoReleases()
{
    KubernetesResult result;
    result.begin = 10s;
    result.releases = {
        {"a", 10s, 30s, "", true, {{"crds", 10s, 14s, 8, 1, 0}, {"create", 14s, 30s, 104, 0, 2}}},
        {"b", 10s, 35s, "", true, {{"create", 10s, 35s, 100, 0, 0}}}};
    result.etcd = {EtcdRequestOf("Range", "client", 30, 200),
                   EtcdRequestOf("Txn", "client", 1000, 28),
                   EtcdRequestOf("Range", "client", 40, 300),
                   EtcdRequestOf("LeaseGrant", "events", 5, 20),
                   EtcdRequestOf("Txn", "kubelet", 600, 28)};
    result.connections = {{"e1", 83}, {"e2", 82}};
    result.watches = 75;
    kube::PodCounts first;
    first.pods[static_cast<std::size_t>(kube::DisplayPhase::WAITING)] = 9;
    kube::PodCounts last;
    last.time = 34s;
    last.pods[static_cast<std::size_t>(kube::DisplayPhase::RUNNING)] = 12;
    last.pods[static_cast<std::size_t>(kube::DisplayPhase::SUCCEEDED)] = 4;
    result.pods = {first, last};
    return result;
}

TEST(KubernetesSummaryTest, TimesCountFromTheBeginAndRequestsByWhoCausedThem)
{
    const auto summary = MakeKubernetesSummary(TwoReleases());
    EXPECT_EQ(summary.wall, 25s);
    EXPECT_EQ(summary.releases[0].phases[1].start, 4s);
    EXPECT_EQ(summary.releases[0].phases[1].end, 20s);
    EXPECT_EQ(summary.releases[0].Requests(), 112U);
    const std::map<std::string, OriginTraffic> expected = {{"client", {2, 1, 0, 1070, 528}},
                                                           {"events", {0, 0, 1, 5, 20}},
                                                           {"kubelet", {0, 1, 0, 600, 28}}};
    EXPECT_EQ(summary.origins, expected);
    EXPECT_EQ(summary.pods,
              (std::map<std::string, std::uint64_t>{{"running", 12}, {"succeeded", 4}}));
}

TEST(KubernetesSummaryTest, ThereIsNoWallTimeIfAReleaseFailedOrHasNotEnded)
{
    auto failed = TwoReleases();
    failed.releases[1].error = "create: POST services: 504";
    EXPECT_EQ(MakeKubernetesSummary(failed).wall, std::nullopt);
    auto unfinished = TwoReleases();
    unfinished.releases[0].ended = false;
    EXPECT_EQ(MakeKubernetesSummary(unfinished).wall, std::nullopt);
    EXPECT_EQ(MakeKubernetesSummary({}).wall, std::nullopt);
    EXPECT_TRUE(KubernetesJson(MakeKubernetesSummary(failed))["wall_s"].is_null());
}

TEST(KubernetesSummaryTest, ItsJsonReadsBackAsTheSame)
{
    Summary summary;
    summary.kubernetes = MakeKubernetesSummary(TwoReleases());
    EXPECT_EQ(ParseSummary(SummaryText(summary), "summary.json").kubernetes, summary.kubernetes);
    const auto json = KubernetesJson(*summary.kubernetes);
    EXPECT_EQ(json["wall_s"], 25.0);
    EXPECT_EQ(json["releases"]["a"]["phases"]["create"]["start_s"], 4.0);
    EXPECT_EQ(json["releases"]["a"]["phases"]["create"]["duration_s"], 16.0);
    EXPECT_EQ(json["releases"]["a"]["phases"]["create"]["retried"], 2);
    EXPECT_EQ(json["connections"]["e2"], 82);
}

} // namespace

} // namespace etcdlab
