// The settings of an etcd member.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"
#include "model/etcd/pure/limits.h"
#include "model/storage/disk-config.h"

#include <optional>
#include <string>

namespace etcdlab
{

/// What a member's processors cost. Work occupies a core; a wake-up only passes time (goroutine
/// scheduling, timers, gateways), so it delays a request without limiting throughput.
struct CpuConfig
{
    std::uint64_t cores = 2;
    Duration request{0};       //!< work per client request, taken before it is acted on
    Duration message{0};       //!< work per Raft message received
    Duration apply{0};         //!< work per entry applied
    Duration requestWakeup{0}; //!< idle time per client request
    Duration messageWakeup{0}; //!< idle time per Raft message received
    auto operator<=>(const CpuConfig&) const = default;
};

/// etcd's flags that matter here, under etcd's names (embed/config.go), and the machine below it.
struct MemberConfig
{
    std::string version = "3.4"; //!< "3.4" or "3.5": decides what preVote defaults to
    Duration heartbeatInterval{100'000'000};
    Duration electionTimeout{1'000'000'000};
    std::optional<bool> preVote; //!< unset: off in 3.4, on in 3.5
    std::uint64_t clientPort = ETCD_CLIENT_PORT;
    DiskConfig disk;
    CpuConfig cpu;

    bool PreVote() const
    {
        return preVote.value_or(version == "3.5");
    }

    /// How long a request may wait inside a member: 5 s + 2 election timeouts (etcd config.go: ReqTimeout).
    Duration RequestTimeout() const
    {
        return std::chrono::seconds(5) + 2 * electionTimeout;
    }

    auto operator<=>(const MemberConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, CpuConfig& c)
{
    v.Field("cores",
            c.cores,
            {.help = "cores that work can occupy at the same time", .min = 1, .max = 1024});
    v.Field("request",
            c.request,
            {.help = "work per client request, before it is acted on", .max = 10e9});
    v.Field("message", c.message, {.help = "work per Raft message received", .max = 10e9});
    v.Field("apply", c.apply, {.help = "work per entry applied", .max = 10e9});
    v.Field("request_wakeup",
            c.requestWakeup,
            {.help = "delay per client request that occupies no core", .max = 10e9});
    v.Field("message_wakeup",
            c.messageWakeup,
            {.help = "delay per Raft message received that occupies no core", .max = 10e9});
}

template <class Visitor>
void
Describe(Visitor& v, MemberConfig& c)
{
    v.Field("version",
            c.version,
            {.help = "etcd's minor version; decides what pre_vote is unless given",
             .choices = {"3.4", "3.5"},
             .kind = "version"});
    v.Field("heartbeat_interval",
            c.heartbeatInterval,
            {.help = "time between two heartbeats, and a tick of Raft's clock; whole milliseconds",
             .source = "etcd embed/config.go:NewConfig, --heartbeat-interval",
             .min = 1e6,
             .max = 50e9});
    v.Field("election_timeout",
            c.electionTimeout,
            {.help =
                 "silence after which a follower campaigns: between one and two of these; whole "
                 "milliseconds, at least 5 heartbeat intervals, at most 50s",
             .source = "etcd embed/config.go:NewConfig, --election-timeout",
             .min = 1e6});
    v.Field("pre_vote",
            c.preVote,
            {.help = "ask whether an election could be won before disturbing the leader with one; "
                     "off in 3.4, on in 3.5",
             .source = "etcd embed/config.go:NewConfig, --pre-vote"});
    v.Field("client_port",
            c.clientPort,
            {.help = "the port the member listens on for clients",
             .source = "etcd embed/config.go:DefaultListenClientURLs, --listen-client-urls",
             .min = 1,
             .max = 65535});
    v.Group("disk", c.disk, {.help = "the disk under the write-ahead log"});
    v.Group("cpu", c.cpu, {.help = "what the member's processors cost"});
}

} // namespace etcdlab
