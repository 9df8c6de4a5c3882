// The settings of kubelets.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <chrono>
#include <cstdint>

namespace etcdlab::kube
{

/// Defaults of Kubernetes 1.20 (pkg/kubelet/apis/config/v1beta1/defaults.go), where it has one.
struct KubeletConfig
{
    Duration leaseRenewal = std::chrono::seconds(10);
    bool nodeStatus = true;
    Duration statusUpdate = std::chrono::seconds(10);
    Duration statusReport = std::chrono::minutes(5);
    Duration relist = std::chrono::seconds(1);
    Duration volumes = std::chrono::milliseconds(300);
    Duration sandbox = std::chrono::milliseconds(200);
    Duration stop = std::chrono::milliseconds(500);
    Duration startSpread = std::chrono::seconds(10);
    bool serializeImagePulls = true;
    double apiRate = 5;
    std::uint64_t apiBurst = 10;
    double eventRate = 5;
    std::uint64_t eventBurst = 10;
    auto operator<=>(const KubeletConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, KubeletConfig& c)
{
    constexpr double HOUR = 3600e9;
    v.Field("lease_renewal",
            c.leaseRenewal,
            {.help = "from one renewal of the node's lease to the next",
             .source = "a quarter of nodeLeaseDurationSeconds",
             .min = 1e6,
             .max = HOUR});
    v.Field("node_status",
            c.nodeStatus,
            {.help = "it looks after its node's status; off: leases only"});
    v.Field("status_update",
            c.statusUpdate,
            {.help = "from one look at the node's status to the next",
             .source = "nodeStatusUpdateFrequency",
             .min = 1e6,
             .max = HOUR});
    v.Field("status_report",
            c.statusReport,
            {.help = "how often the node's status is written when it has not changed",
             .source = "nodeStatusReportFrequency",
             .min = 1e6,
             .max = 86400e9});
    v.Field("relist",
            c.relist,
            {.help = "from one look at the containers to the next",
             .source = "kubelet.go plegRelistPeriod",
             .min = 1e6,
             .max = HOUR});
    v.Field("volumes",
            c.volumes,
            {.help = "until a new pod's volumes are found mounted",
             .source = "volume_manager.go podAttachAndMountRetryInterval",
             .max = HOUR});
    v.Field("sandbox", c.sandbox, {.help = "to make a pod's sandbox; assumed", .max = HOUR});
    v.Field("stop", c.stop, {.help = "until told containers have stopped; assumed", .max = HOUR});
    v.Field("start_spread",
            c.startSpread,
            {.help = "kubelets start at random within this", .max = HOUR});
    v.Field("serialize_image_pulls",
            c.serializeImagePulls,
            {.help = "images are pulled one after another", .source = "serializeImagePulls"});
    v.Field("api_rate",
            c.apiRate,
            {.help = "requests it may make per second",
             .source = "kubeAPIQPS",
             .min = 0.01,
             .max = 1e6,
             .unit = "/s"});
    v.Field(
        "api_burst",
        c.apiBurst,
        {.help = "requests that may exceed it", .source = "kubeAPIBurst", .min = 1, .max = 1e6});
    v.Field("event_rate",
            c.eventRate,
            {.help = "events it may record per second",
             .source = "eventRecordQPS",
             .min = 0.01,
             .max = 1e6,
             .unit = "/s"});
    v.Field("event_burst",
            c.eventBurst,
            {.help = "events that may exceed it", .source = "eventBurst", .min = 1, .max = 1e6});
}

} // namespace etcdlab::kube
