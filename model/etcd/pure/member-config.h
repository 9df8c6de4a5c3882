// The settings of an etcd member.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"
#include "model/etcd/pure/limits.h"
#include "model/storage/backend-config.h"
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
    Duration request{0};        //!< work per client request, taken before it is acted on
    Duration message{0};        //!< work per Raft message received
    Duration apply{0};          //!< work per entry applied
    Duration requestWakeup{0};  //!< idle time per client request
    Duration messageWakeup{0};  //!< idle time per Raft message received
    Duration sync{0};           //!< work per sync of the log, while the disk is busy with it
    Duration scrape{4'000'000}; //!< work per answer at /metrics
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
    std::uint64_t metricsPort = ETCD_METRICS_PORT;
    ByteSize quotaBackendBytes{DEFAULT_QUOTA_BYTES}; //!< 0: none
    std::string
        machine; //!< members that name the same one share its cores and its disk; empty: its own
    std::uint64_t snapshotCount = 100'000;        //!< applied entries between two snapshots
    std::uint64_t snapshotCatchUpEntries = 5'000; //!< entries kept before a snapshot
    bool strictReconfigCheck = true;
    bool drainClients = false; //!< on SIGTERM, let client calls end
    Duration watchProgressNotifyInterval{600'000'000'000};
    DiskConfig disk;
    BackendConfig backend;
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

    /// How long a member waits for a connection to another one (etcd config.go: peerDialTimeout).
    Duration PeerDialTimeout() const
    {
        return std::chrono::seconds(1) + electionTimeout;
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
    v.Field("sync",
            c.sync,
            {.help = "work per sync of the log, done while the disk is busy with it", .max = 10e9});
    v.Field("scrape",
            c.scrape,
            {.help = "work per scrape of the member's metrics, on one core",
             .source = "measured: what a Prometheus on the same machine waits for etcd 3.4.23",
             .max = 10e9});
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
    v.Field("metrics_port",
            c.metricsPort,
            {.help = "the port of the member's /metrics",
             .source = "kubeadm app/phases/etcd/local.go:getEtcdCommand, --listen-metrics-urls",
             .min = 1,
             .max = 65535});
    v.Field("watch_progress_notify_interval",
            c.watchProgressNotifyInterval,
            {.help =
                 "idle time after which watchers that asked for it are told how far the store is; "
                 "up to a tenth is added at random",
             .source = "etcd etcdserver/api/v3rpc/watch.go, "
                       "--experimental-watch-progress-notify-interval",
             .min = 100e6,
             .max = 86400e9});
    v.Field("quota_backend_bytes",
            c.quotaBackendBytes,
            {.help = "size of the store above which puts are refused; 0B: no limit (etcd: a "
                     "negative number)",
             .source = "etcd etcdserver/quota.go:DefaultQuotaBytes, --quota-backend-bytes",
             .max = 1e15});
    v.Field(
        "drain_clients",
        c.drainClients,
        {.help =
             "when told to stop, let client calls that are under way end, for as long as a request "
             "may take, before leadership is handed over; false: cut them off, as etcd without "
             "--listen-client-http-urls does",
         .source = "etcd embed/etcd.go:stopServers, which embed/serve.go:serve cuts short when "
                   "cmux's listener closes; measured of 3.4.23"});
    v.Field("machine",
            c.machine,
            {.help = "members that name the same machine share its cores, as many as the first of "
                     "them has, and wait for each other's disk; empty: a machine of its own"});
    v.Field(
        "snapshot_count",
        c.snapshotCount,
        {.help =
             "applied entries after which a member takes a snapshot and forgets entries before it",
         .source = "etcd etcdserver/server.go:DefaultSnapshotCount, --snapshot-count",
         .min = 1,
         .max = 1e9});
    v.Field("snapshot_catchup_entries",
            c.snapshotCatchUpEntries,
            {.help = "entries kept before a snapshot for slow followers; who lacks more is sent "
                     "the whole store",
             .source = "etcd etcdserver/server.go:DefaultSnapshotCatchUpEntries",
             .max = 1e9});
    v.Field("strict_reconfig_check",
            c.strictReconfigCheck,
            {.help = "refuse a change of members that could cost the quorum",
             .source = "etcd embed/config.go:DefaultStrictReconfigCheck, --strict-reconfig-check"});
    v.Group("disk", c.disk, {.help = "the disk under the write-ahead log and the store"});
    v.Group("backend", c.backend, {.help = "when the store is committed to the disk"});
    v.Group("cpu", c.cpu, {.help = "what the member's processors cost"});
}

} // namespace etcdlab
