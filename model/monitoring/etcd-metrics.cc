#include "model/monitoring/etcd-metrics.h"

#include "model/base/clock.h"
#include "model/monitoring/pure/etcd-families.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>

namespace etcdlab
{

namespace
{

/// types.ID.String: hexadecimal
std::string
Hex(raft::NodeId id)
{
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%" PRIx64, id);
    return text.data();
}

double
Number(std::uint64_t value)
{
    return static_cast<double>(value);
}

double
Flag(bool value)
{
    return value ? 1 : 0;
}

} // namespace

EtcdMetrics::EtcdMetrics(MemberParts parts, Network& network, ns3::Ptr<ns3::Node> node)
    : m_parts(parts),
      m_started(Now()),
      m_walBytesBefore(parts.storage.wal.CountedBytes()),
      m_trafficBefore(parts.grpc.Traffic()),
      m_methodsBefore(parts.grpc.Methods()),
      m_http(network,
             std::move(node),
             static_cast<std::uint16_t>(parts.config.metricsPort),
             [this](auto respond) { Serve(respond); })
{
}

EtcdMetrics::~EtcdMetrics()
{
    Stop();
}

void
EtcdMetrics::Stop()
{
    *m_alive = false;
    m_http.Stop();
}

void
EtcdMetrics::Serve(const HttpServer::Respond& respond)
{
    RunAt(m_parts.cpu.Run(Now(), m_parts.config.cpu.scrape, "scrape"),
          [this, alive = m_alive, respond] {
              if (!*alive)
              {
                  return;
              }
              auto page = MakePage();
              ++m_scrapes;
              const auto body = static_cast<std::uint64_t>(ETCD_GZIP_SHARE *
                                                           static_cast<double>(page.TextBytes()));
              respond(METRICS_HEAD_BYTES + static_cast<std::uint32_t>(ChunkedBodyBytes(body)),
                      std::make_shared<MetricsResponse>(std::move(page)));
          });
}

MetricPage
EtcdMetrics::MakePage() const
{
    MetricPage page(EtcdFamilies());
    AddServer(page);
    AddStorage(page);
    AddStore(page);
    AddLeases(page);
    AddWatches(page);
    AddPeers(page);
    AddSnapshots(page);
    AddGrpc(page);
    AddProcess(page);
    return page;
}

void
EtcdMetrics::AddServer(MetricPage& page) const
{
    auto& server = m_parts.server;
    const auto& counters = server.Counters();
    const auto* self = server.Members().Find(m_parts.id);
    page.Set("etcd_server_has_leader", Flag(server.Leader() != raft::NO_NODE));
    page.Set("etcd_server_is_leader", Flag(server.IsLeader()));
    page.Set("etcd_server_is_learner", Flag(self != nullptr && self->learner));
    page.Set("etcd_server_leader_changes_seen_total", Number(m_leaderChanges));
    // Indexes of Raft's log, whatever their names say.
    page.Set("etcd_server_proposals_committed_total", Number(m_parts.raft.Raft().GetCommitIndex()));
    page.Set("etcd_server_proposals_applied_total", Number(server.AppliedIndex()));
    page.Set("etcd_server_proposals_pending", Number(server.PendingProposals()));
    page.Set("etcd_server_proposals_failed_total", Number(counters.proposalsFailed));
    page.Set("etcd_server_read_indexes_failed_total", Number(server.GetReads().FailedRounds()));
    page.Set("etcd_server_slow_read_indexes_total", Number(server.GetReads().SlowRounds()));
    page.Set("etcd_server_quota_backend_bytes", Number(m_parts.config.quotaBackendBytes.bytes));
    const auto& version = m_parts.config.version;
    page.Add("etcd_cluster_version", {{"cluster_version", version}}, 1);
    page.Add("etcd_server_version",
             {{"server_version", version == "3.4" ? "3.4.23" : version + ".0"}},
             1);
    page.Add("etcd_server_go_version", {{"server_go_version", "go1.19.8"}}, 1);
    page.Add("etcd_server_id", {{"server_id", Hex(m_parts.id)}}, 1);
}

void
EtcdMetrics::AddStorage(MetricPage& page) const
{
    const auto& backend = m_parts.server.GetBackend();
    page.Set("etcd_disk_wal_fsync_duration_seconds", m_walSyncs);
    page.Set("etcd_disk_wal_write_bytes_total",
             Number(m_parts.storage.wal.CountedBytes() - m_walBytesBefore));
    page.Set("etcd_disk_backend_commit_duration_seconds", backend.CommitDurations());
    // A commit's time is its writes' here; rebalancing and spilling take none.
    page.Set("etcd_debugging_disk_backend_commit_write_duration_seconds",
             backend.CommitDurations());
    Histogram instantly(DURATION_BUCKETS);
    for (auto left = backend.Commits(); left > 0; --left)
    {
        instantly.Observe(0.0);
    }
    page.Set("etcd_debugging_disk_backend_commit_rebalance_duration_seconds", instantly);
    page.Set("etcd_debugging_disk_backend_commit_spill_duration_seconds", instantly);
}

void
EtcdMetrics::AddStore(MetricPage& page) const
{
    const auto& store = m_parts.server.Store();
    const auto& counters = m_parts.server.Counters();
    const auto set = [&page](const std::string& name, std::uint64_t value) {
        page.Set("etcd_mvcc_" + name, Number(value));
        page.Set("etcd_debugging_mvcc_" + name, Number(value));
    };
    set("put_total", counters.store.puts);
    set("range_total", counters.store.ranges);
    set("delete_total", counters.store.deletes);
    set("txn_total", counters.store.txns);
    set("db_total_size_in_bytes", store.FileBytes());
    page.Set("etcd_mvcc_db_total_size_in_use_in_bytes", Number(store.BytesInUse()));
    page.Set("etcd_debugging_mvcc_total_put_size_in_bytes", Number(counters.store.putBytes));
    page.Set("etcd_debugging_mvcc_keys_total", Number(store.LiveKeys()));
    page.Set("etcd_debugging_mvcc_current_revision", static_cast<double>(store.CurrentRevision()));
    page.Set("etcd_debugging_mvcc_compact_revision",
             store.CompactedRevision() == 0 ? -1 : static_cast<double>(store.CompactedRevision()));
    page.Set("etcd_debugging_mvcc_db_compaction_keys_total",
             Number(m_parts.server.GetCompaction().Done()));
    page.Add("etcd_debugging_store_reads_total", {{"action", "getRecursive"}}, 1);
    page.Add("etcd_debugging_store_writes_total", {{"action", "create"}}, 1);
    page.Add("etcd_debugging_store_writes_total", {{"action", "set"}}, 2);
}

void
EtcdMetrics::AddLeases(MetricPage& page) const
{
    const auto& counters = m_parts.server.Counters();
    page.Set("etcd_debugging_lease_granted_total", Number(counters.leasesGranted));
    page.Set("etcd_debugging_lease_revoked_total", Number(counters.leasesRevoked));
    page.Set("etcd_debugging_lease_renewed_total", Number(counters.leasesRenewed));
    page.Set("etcd_debugging_lease_ttl_total", counters.leaseTtl);
    page.Set("etcd_debugging_server_lease_expired_total", Number(counters.leasesExpired));
}

void
EtcdMetrics::AddWatches(MetricPage& page) const
{
    const auto& watches = m_parts.service.Watches();
    const auto& watchers = m_parts.server.Watchers();
    page.Set("etcd_debugging_mvcc_watch_stream_total", Number(watches.Streams()));
    page.Set("etcd_debugging_mvcc_watcher_total", Number(watchers.Size()));
    page.Set("etcd_debugging_mvcc_slow_watcher_total",
             Number(watchers.Unsynced() + watchers.Victims()));
    page.Set("etcd_debugging_mvcc_pending_events_total", Number(watches.PendingEvents()));
    page.Set("etcd_debugging_mvcc_events_total", Number(m_parts.server.Counters().watchEvents));
}

void
EtcdMetrics::AddPeers(MetricPage& page) const
{
    const auto& streams = m_parts.peers;
    const auto some = [&page](const char* name, const char* label, raft::NodeId peer, auto value) {
        if (value > 0)
        {
            page.Add(name, {{label, Hex(peer)}}, Number(value));
        }
    };
    some("etcd_network_peer_received_bytes_total",
         "From",
         raft::NO_NODE,
         streams.ReceivedFrom(raft::NO_NODE).protobufBytes);
    std::vector<std::pair<std::string, raft::NodeId>> peers; // by what their labels say
    for (const auto& member : m_parts.server.Members().Members())
    {
        if (member.id != m_parts.id)
        {
            peers.emplace_back(Hex(member.id), member.id);
        }
    }
    std::sort(peers.begin(), peers.end());
    for (const auto& [name, peer] : peers)
    {
        const auto& sent = streams.SentTo(peer);
        const bool active = streams.ActiveSince(peer).has_value();
        const MetricLabels pair = {{"Local", Hex(m_parts.id)}, {"Remote", name}};
        const auto losses = streams.Disconnects(peer);
        if (active || losses > 0)
        {
            page.Add("etcd_network_active_peers", pair, Flag(active));
        }
        if (losses > 0)
        {
            page.Add("etcd_network_disconnected_peers_total", pair, Number(losses));
        }
        some("etcd_network_peer_sent_bytes_total", "To", peer, sent.protobufBytes);
        some("etcd_network_peer_sent_failures_total", "To", peer, sent.failures);
        some("etcd_network_peer_received_bytes_total",
             "From",
             peer,
             streams.ReceivedFrom(peer).protobufBytes);
        const auto& roundTrips = m_parts.probers.GetRoundTrips(peer);
        if (roundTrips.Count() > 0)
        {
            page.Add("etcd_network_peer_round_trip_time_seconds", {{"To", name}}, roundTrips);
        }
    }
}

void
EtcdMetrics::AddSnapshots(MetricPage& page) const
{
    const auto& counters = m_parts.snapshots.Counters();
    for (const auto& [peer, count] : counters.sentTo)
    {
        page.Add("etcd_network_snapshot_send_success", {{"To", Hex(peer)}}, Number(count));
    }
    for (const auto& [peer, count] : counters.failedTo)
    {
        page.Add("etcd_network_snapshot_send_failures", {{"To", Hex(peer)}}, Number(count));
    }
    for (const auto& [peer, count] : counters.receivedFrom)
    {
        page.Add("etcd_network_snapshot_receive_success", {{"From", Hex(peer)}}, Number(count));
    }
}

void
EtcdMetrics::AddGrpc(MetricPage& page) const
{
    const auto traffic = m_parts.grpc.Traffic();
    page.Set("etcd_network_client_grpc_received_bytes_total",
             Number(traffic.received - m_trafficBefore.received));
    page.Set("etcd_network_client_grpc_sent_bytes_total",
             Number(traffic.sent - m_trafficBefore.sent));

    auto counts = m_parts.grpc.Methods();
    std::uint64_t unary = 0;
    std::uint64_t streams = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
    {
        auto& now = counts[i];
        if (i < m_methodsBefore.size())
        {
            const auto& before = m_methodsBefore[i];
            now.started -= before.started;
            now.received -= before.received;
            now.sent -= before.sent;
            std::transform(now.handled.begin(),
                           now.handled.end(),
                           before.handled.begin(),
                           now.handled.begin(),
                           std::minus<>());
        }
        (now.streaming ? streams : unary) += now.started;
    }
    // Clients before 3.5 do not say which they are.
    for (const auto& [type, count] : {std::pair{"stream", streams}, std::pair{"unary", unary}})
    {
        if (count > 0)
        {
            page.Add("etcd_server_client_requests_total",
                     {{"client_api_version", "unknown"}, {"type", type}},
                     Number(count));
        }
    }

    static const GrpcMethodCounts none;
    std::vector<std::pair<MetricLabels, const GrpcMethodCounts*>> methods;
    for (const auto& info : EtcdGrpcMethods())
    {
        const auto found = std::find_if(counts.begin(), counts.end(), [&info](const auto& c) {
            return c.method.size() == info.service.size() + info.method.size() + 2 &&
                   c.method.substr(1).starts_with(info.service) && c.method.ends_with(info.method);
        });
        methods.emplace_back(MetricLabels{{"grpc_method", std::string(info.method)},
                                          {"grpc_service", std::string(info.service)},
                                          {"grpc_type", std::string(info.type)}},
                             found == counts.end() ? &none : &*found);
    }
    for (const auto& [labels, method] : methods)
    {
        page.Add("grpc_server_started_total", labels, Number(method->started));
        page.Add("grpc_server_msg_received_total", labels, Number(method->received));
        page.Add("grpc_server_msg_sent_total", labels, Number(method->sent));
    }
    for (const auto& [name, code] : GrpcCodesByName())
    {
        for (const auto& [labels, method] : methods)
        {
            MetricLabels all = {{"grpc_code", std::string(name)}};
            all.insert(all.end(), labels.begin(), labels.end());
            page.Add("grpc_server_handled_total",
                     all,
                     Number(method->handled[static_cast<std::size_t>(code)]));
        }
    }
}

void
EtcdMetrics::AddProcess(MetricPage& page) const
{
    page.Set("process_start_time_seconds", ToSeconds(m_started));
    page.Add("go_info", {{"version", "go1.19.8"}}, 1);
    for (const auto* quantile : {"0", "0.25", "0.5", "0.75", "1"})
    {
        page.Add("go_gc_duration_seconds", {{"quantile", quantile}}, 0.00005354);
    }
    page.Add("go_gc_duration_seconds", {}, 0.000256444, "_sum");
    page.Add("go_gc_duration_seconds", {}, 3, "_count");
    page.Add("promhttp_metric_handler_requests_total", {{"code", "200"}}, Number(m_scrapes));
    page.Add("promhttp_metric_handler_requests_total", {{"code", "500"}}, 0);
    page.Add("promhttp_metric_handler_requests_total", {{"code", "503"}}, 0);
}

} // namespace etcdlab
