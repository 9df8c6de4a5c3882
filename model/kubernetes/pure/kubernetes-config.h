// The settings of the Kubernetes side: the API servers, what acts on their objects, and what is asked of them.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"
#include "model/kubernetes/pure/kubelet-config.h"
#include "model/kubernetes/pure/profile.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// kube-apiserver's flags, and what its work costs.
struct ApiServerConfig
{
    std::uint64_t cores = 2;
    Duration readCpu{1'000'000};
    Duration writeCpu{4'000'000};
    Duration cpuPerKibibyte{30'000};
    Duration watchEventCpu{20'000};
    Duration componentLatency{500'000};
    Duration writeTimeout{34'000'000'000};
    Duration readTimeout{60'000'000'000};
    Duration readyzInterval{1'000'000'000};
    Duration livezInterval{10'000'000'000};
    Duration compactionInterval{300'000'000'000};
    Duration eventTtl{3600'000'000'000};
    std::uint64_t serviceRangeBits = 20;
    auto operator<=>(const ApiServerConfig&) const = default;
};

struct KubernetesConfig
{
    std::string version = "1.20";
    std::uint64_t nodes = 2;
    bool components = true;
    std::optional<std::string> resourceLock;
    bool serviceAccountCredentials = true;
    ApiServerConfig apiServer;
    KubeletConfig kubelet;
    Duration settle{30'000'000'000};
    Duration duration{60'000'000'000};
    /// What values the profile's own parameters shall have; gone once it is read.
    std::map<std::string, std::string> parameters;
    std::optional<Profile> profile; //!< what releases ask for, parameters filled in
    std::vector<std::string> releases = {"release"};
    bool operator==(const KubernetesConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, ApiServerConfig& c)
{
    v.Field("cores",
            c.cores,
            {.help = "processor cores that requests share",
             .source = "the machine of the thesis' control plane",
             .min = 1,
             .max = 1024});
    v.Field(
        "read_cpu",
        c.readCpu,
        {.help = "processor time of a request that reads: authentication, authorisation, coding",
         .source = "kube-apiserver 1.20.2: a GET takes 1.02 round trips of 210 ms to etcd",
         .max = 60e9});
    v.Field(
        "write_cpu",
        c.writeCpu,
        {.help = "processor time of a request that writes: the same, admission and managed fields",
         .source = "kube-apiserver 1.20.2: a POST takes 4 ms longer than a GET",
         .max = 60e9});
    v.Field(
        "cpu_per_kib",
        c.cpuPerKibibyte,
        {.help = "processor time for every KiB of objects that a request carries or is answered",
         .source = "kube-apiserver 1.20.2: a PUT of 975 kB takes 260 ms at 210 ms to etcd",
         .max = 1e9});
    v.Field("watch_event_cpu",
            c.watchEventCpu,
            {.help = "processor time for every event sent to a watch, the first coding included",
             .max = 1e9});
    v.Field(
        "component_latency",
        c.componentLatency,
        {.help = "one way between a component and the API server; no packets are simulated there",
         .max = 60e9});
    v.Field("write_timeout",
            c.writeTimeout,
            {.help = "a request that writes and is not answered by then ends with status 504",
             .source = "kube-apiserver 1.20 endpoints/handlers/rest.go: 34 s",
             .min = 1e6,
             .max = 3600e9});
    v.Field("read_timeout",
            c.readTimeout,
            {.help = "likewise one that reads",
             .source = "kube-apiserver --request-timeout",
             .min = 1e6,
             .max = 3600e9});
    v.Field("readyz_interval",
            c.readyzInterval,
            {.help = "from an answer of /readyz to the next probe; 0: none",
             .source = "kubeadm's readiness probe",
             .max = 3600e9});
    v.Field("livez_interval",
            c.livezInterval,
            {.help = "from an answer of /livez to the next probe; 0: none",
             .source = "kubeadm's liveness probe",
             .max = 3600e9});
    v.Field("compaction_interval",
            c.compactionInterval,
            {.help = "how often etcd's history up to the last time is compacted; 0: never",
             .source = "kube-apiserver --etcd-compaction-interval",
             .max = 86400e9});
    v.Field("event_ttl",
            c.eventTtl,
            {.help = "how long events are kept",
             .source = "kube-apiserver --event-ttl",
             .min = 1e9,
             .max = 9e18});
    v.Field(
        "service_range_bits",
        c.serviceRangeBits,
        {.help =
             "2 to this power addresses for services: etcd keeps a bit for each up to the highest "
             "one in use, all in one value",
         .source = "kubeadm: 10.96.0.0/12",
         .min = 4,
         .max = 20});
}

template <class Visitor>
void
Describe(Visitor& v, KubernetesConfig& c)
{
    v.Field("version",
            c.version,
            {.help = "of Kubernetes: 1.19 has no priority and fairness, and fewer API versions",
             .source = "the thesis used 1.19.2; the measured API server is 1.20.2",
             .choices = {"1.19", "1.20"}});
    v.Field("nodes", c.nodes, {.help = "worker nodes, each with a kubelet", .max = 1e5});
    v.Field("components",
            c.components,
            {.help = "a scheduler and a controller manager run; without them nothing happens to "
                     "pods but what "
                     "kubelets do"});
    v.Field(
        "resource_lock",
        c.resourceLock,
        {.help =
             "what the two elect their leaders by; null: endpointsleases in 1.19, leases in 1.20",
         .source = "--leader-elect-resource-lock",
         .choices = {"endpointsleases", "leases", "none"}});
    v.Field("service_account_credentials",
            c.serviceAccountCredentials,
            {.help = "each controller asks as a service account of its own, and gets itself a "
                     "token first (1.20)",
             .source = "--use-service-account-credentials, which kubeadm sets"});
    v.Group("api_server", c.apiServer, {.help = "kube-apiserver's flags, and what its work costs"});
    v.Group("kubelet", c.kubelet, {.help = "the kubelets' settings, and how fast nodes are"});
    v.Field(
        "settle",
        c.settle,
        {.help =
             "from when the API servers are ready and the components start to when the run begins",
         .max = 300e9});
    v.Field(
        "duration",
        c.duration,
        {.help = "the run ends after this time, and not before all releases have", .max = 9e18});
    v.Profile(
        "profile",
        "parameters",
        c.profile,
        c.parameters,
        {.help =
             "what releases ask of the API servers: a profile's file, relative to this one, or a "
             "profile; null: nobody asks for anything"});
    v.Field("releases",
            c.releases,
            {.help = "names of the releases that work through the profile, all at once",
             .min = 1,
             .max = 1e4});
}

} // namespace etcdlab::kube
