// The settings of the load that the API servers' nodes put on etcd.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <optional>
#include <string>

namespace etcdlab
{

struct WorkloadConfig
{
    std::string type = "mix";
    /// Relative weights of the operations.
    double put = 1;
    double linearizableRange = 0;
    double serializableRange = 0;
    double deleteRange = 0;
    /// Likewise, of type kubernetes.
    double get = 0;
    double list = 0;
    double update = 90;
    double create = 5;
    double remove = 5;
    std::string log = {};      //!< of type replay: a CSV file
    std::string loop = "open"; //!< likewise: or "closed"
    double txn = 0; //!< compare-and-swap: put if the key's mod revision is the one last seen

    std::uint64_t count = 300;     //!< measured requests of each API server's node
    std::uint64_t warmup = 30;     //!< requests before those, not in the statistics
    std::uint64_t concurrency = 1; //!< requests in flight at most (closed loop)
    /// From an answer to the next call. A Go program takes some tens of microseconds to get going again, so that
    /// gRPC's own frames have left before: which matters to a relay with Nagle's algorithm.
    Duration thinkTime{50'000};
    double rate = 0; //!< requests per second, evenly spaced (open loop); 0: as fast as answers come
    std::uint64_t keys = 100; //!< distinct keys
    ByteSize keySize{40};
    ByteSize valueSize{1024};
    std::uint64_t watchers = 0; //!< watches of all keys that each API server's node keeps open
    std::uint64_t leases = 0;   //!< leases that each keeps alive, and puts its keys under in turn
    Duration leaseTtl{60'000'000'000}; //!< whole seconds
    auto operator<=>(const WorkloadConfig&) const = default;
};

/// How a client spreads its calls (clientv3): which balancer, over which endpoints.
struct ClientConfig
{
    std::string balancer = "round-robin";
    std::string pinnedEndpoint; //!< for balancer "pinned"; empty: the first endpoint
    /// "all": every member; "local": the member on the client's own node; "proxy": the proxy; unset ("auto"): proxy if
    /// there is one, else local when stacked, else all.
    std::string endpoints = "auto";
    Duration keepaliveTime{30'000'000'000};
    Duration keepaliveTimeout{10'000'000'000};
    std::string retry = "none"; //!< or "clientv3"
    Duration timeout{0};        //!< of a call, its retries included; 0: none
    auto operator<=>(const ClientConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, WorkloadConfig& c)
{
    v.Field("type", c.type, {.help = "what makes the requests", .kind = "workload"});
    v.Field("put", c.put, {.help = "relative weight of puts", .max = 1e9});
    v.Field("linearizable_range",
            c.linearizableRange,
            {.help = "relative weight of linearizable reads of one key", .max = 1e9});
    v.Field("serializable_range",
            c.serializableRange,
            {.help = "relative weight of serializable reads of one key", .max = 1e9});
    v.Field("delete_range",
            c.deleteRange,
            {.help = "relative weight of deletions of one key", .max = 1e9});
    v.Field("txn",
            c.txn,
            {.help = "relative weight of transactions: put if the key is unchanged since last seen",
             .max = 1e9});
    v.Field(
        "get", c.get, {.help = "kubernetes: relative weight of reads of one object", .max = 1e9});
    v.Field("list",
            c.list,
            {.help = "kubernetes: relative weight of reads of all objects", .max = 1e9});
    v.Field("update",
            c.update,
            {.help = "kubernetes: relative weight of updates",
             .source = "etcd 3.6 tests/robustness/traffic/kubernetes.go",
             .max = 1e9});
    v.Field("create",
            c.create,
            {.help = "kubernetes: relative weight of creations",
             .source = "etcd 3.6 tests/robustness/traffic/kubernetes.go",
             .max = 1e9});
    v.Field("delete",
            c.remove,
            {.help = "kubernetes: relative weight of deletions",
             .source = "etcd 3.6 tests/robustness/traffic/kubernetes.go",
             .max = 1e9});
    v.Field(
        "log",
        c.log,
        {.help =
             "replay: the log, a CSV file with the columns t_s, rpc, operation, resource, origin, "
             "request_bytes, response_bytes, response_count"});
    v.Field(
        "loop",
        c.loop,
        {.help =
             "replay: open, at the logged times; closed, each origin's requests one after another, "
             "think_time after the answer",
         .choices = {"open", "closed"}});
    v.Field("count",
            c.count,
            {.help = "measured requests of each API server's node", .min = 1, .max = 1e8});
    v.Field(
        "warmup", c.warmup, {.help = "requests before those, not in the statistics", .max = 1e8});
    v.Field("concurrency",
            c.concurrency,
            {.help = "requests in flight at most, if no rate is given", .min = 1, .max = 1e5});
    v.Field("think_time",
            c.thinkTime,
            {.help = "time from an answer to the next call, if no rate is given",
             .source = "wake-up of a goroutine",
             .max = 3600e9});
    v.Field("rate",
            c.rate,
            {.help =
                 "requests per second, evenly spaced; 0/s: each as soon as one of the concurrent "
                 "ones is answered",
             .max = 1e6,
             .unit = "/s"});
    v.Field("keys", c.keys, {.help = "distinct keys", .min = 1, .max = 1e8});
    v.Field("key_size", c.keySize, {.help = "bytes of a key", .min = 1, .max = 65536});
    v.Field("value_size",
            c.valueSize,
            {.help = "bytes of a value; etcd takes no request above 1.5 MiB",
             .max = 1.5 * 1024 * 1024});
    v.Field("watchers",
            c.watchers,
            {.help =
                 "watches of all keys that each API server's node keeps open, with previous values "
                 "and requiring a leader",
             .source = "Kubernetes storage/etcd3/watcher.go",
             .max = 1e5});
    v.Field(
        "leases",
        c.leases,
        {.help = "leases that each API server's node keeps alive and puts its keys under in turn",
         .max = 1e5});
    v.Field("lease_ttl",
            c.leaseTtl,
            {.help =
                 "time to live of these leases; rounded up to whole seconds, and by etcd to three "
                 "halves of the election timeout at least",
             .min = 1e9,
             .max = 9e18});
}

template <class Visitor>
void
Describe(Visitor& v, ClientConfig& c)
{
    v.Field("balancer",
            c.balancer,
            {.help = "which endpoint a call goes to",
             .source = "etcd clientv3/balancer",
             .kind = "balancer"});
    v.Field("pinned_endpoint",
            c.pinnedEndpoint,
            {.help = "the member that balancer pinned uses; empty: the first", .kind = "member"});
    v.Field("endpoints",
            c.endpoints,
            {.help =
                 "all: every member; local: the member on the client's own node; proxy: the proxy; "
                 "auto: proxy if there is one, else local when stacked, else all",
             .choices = {"auto", "all", "local", "proxy"}});
    v.Field(
        "keepalive_time",
        c.keepaliveTime,
        {.help = "a connection with calls under way that is silent for so long is pinged; 0: never",
         .source = "kube-apiserver 1.20 storage/storagebackend/factory/etcd3.go",
         .max = 86400e9});
    v.Field("keepalive_timeout",
            c.keepaliveTimeout,
            {.help = "and given up if it stays silent, or TCP's data unacknowledged, for so long",
             .source = "kube-apiserver 1.20 storage/storagebackend/factory/etcd3.go",
             .min = 1,
             .max = 86400e9});
    v.Field("retry",
            c.retry,
            {.help =
                 "none: as kube-apiserver, whose own interceptor replaces clientv3's; clientv3: "
                 "failed calls are tried again where that is safe",
             .source = "etcd 3.4.23 clientv3/retry_interceptor.go",
             .choices = {"none", "clientv3"}});
    v.Field(
        "timeout",
        c.timeout,
        {.help =
             "how long a call may take, its retries included: the context's deadline; 0: for ever",
         .max = 86400e9});
}

} // namespace etcdlab
