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
}

} // namespace etcdlab
