// What a member's process shows at /metrics (etcd 3.4.23), from the counters of its parts.
#pragma once

#include "model/base/cpu.h"
#include "model/etcd/client-service.h"
#include "model/etcd/peer-probers.h"
#include "model/etcd/peer-streams.h"
#include "model/etcd/snapshots.h"
#include "model/monitoring/http-server.h"
#include "model/monitoring/pure/metric-page.h"
#include "model/storage/member-storage.h"

#include <memory>
#include <vector>

namespace etcdlab
{

/// The parts of a running member. All must outlive who looks at them.
struct MemberParts
{
    raft::NodeId id;
    const MemberConfig& config;
    const MemberStorage& storage;
    const RaftNode& raft;
    EtcdServer& server;
    const ClientService& service;
    const PeerStreams& peers;
    const PeerProbers& probers;
    const Snapshots& snapshots;
    const GrpcServer& grpc;
    ProcessCpu& cpu;
};

/**
 * Serves /metrics at a port of its own, as etcd does with --listen-metrics-urls, from the process' start to its end.
 * (The client port of a real member has the same page; kubeadm sets the other one.)
 *
 * The page is made when somebody asks; until then there are only plain counters, and here those that nobody else
 * needs. What the model does not know has a constant value, so that the page has etcd's size and shape; the families'
 * table says which (etcd-families.cc). 3.5's additions and omissions are not modelled.
 */
class EtcdMetrics
{
  public:
    EtcdMetrics(MemberParts parts, Network& network, ns3::Ptr<ns3::Node> node);
    ~EtcdMetrics();

    /// A sync of the log took so long.
    void OnSynced(Duration took)
    {
        m_walSyncs.Observe(took);
    }

    /// The member has heard of a leader, another one than before or after a time without.
    void OnLeader()
    {
        ++m_leaderChanges;
    }

    /// As it is now.
    MetricPage MakePage() const;

    /// The process dies.
    void Stop();

  private:
    void Serve(const HttpServer::Respond& respond);
    void AddServer(MetricPage& page) const;
    void AddStorage(MetricPage& page) const;
    void AddStore(MetricPage& page) const;
    void AddLeases(MetricPage& page) const;
    void AddWatches(MetricPage& page) const;
    void AddPeers(MetricPage& page) const;
    void AddSnapshots(MetricPage& page) const;
    void AddGrpc(MetricPage& page) const;
    void AddProcess(MetricPage& page) const;

    MemberParts m_parts;
    Duration m_started;
    std::uint64_t m_scrapes = 0;
    Histogram m_walSyncs{DURATION_BUCKETS};
    std::uint64_t m_leaderChanges = 0;
    // These outlive a process, what it shows begins at zero.
    std::uint64_t m_walBytesBefore;
    GrpcTraffic m_trafficBefore;
    std::vector<GrpcMethodCounts> m_methodsBefore;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    HttpServer m_http;
};

} // namespace etcdlab
