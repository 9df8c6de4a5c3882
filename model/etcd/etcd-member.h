// An etcd member as an ns-3 application.
#pragma once

#include "model/base/cpu.h"
#include "model/etcd/etcd-server.h"
#include "model/etcd/peer-streams.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/raft-node.h"
#include "model/raft/invariants.h"
#include "model/storage/member-storage.h"
#include "model/transport/grpc-server.h"

#include <ns3/application.h>
#include <ns3/random-variable-stream.h>
#include <ns3/traced-callback.h>

#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/// What a member needs to know before it starts, its settings aside.
struct MemberSetup
{
    std::string name;
    std::vector<Peer> cluster; //!< all members, this one included
    Network* network = nullptr;
    Accounting accounting = Accounting::ETCD;
    /// The member that shall lead from the start, or empty. Until it has been elected nobody else stands
    /// for election; from then on everything takes its natural course.
    std::string placedLeader;
    raft::Observer* observer = nullptr; //!< may be null; not owned
};

/**
 * The process `etcd`: listens to its peers at port 2380 and, once it has applied an entry of the present
 * term, to clients at its client port.
 *
 * Attributes: the knobs of MemberConfig (HeartbeatInterval, ElectionTimeout, PreVote, DiskSyncMax, CpuCores …).
 * Trace sources: Leader, Applied, Synced, Ready.
 */
class EtcdMember : public ns3::Application
{
  public:
    static ns3::TypeId GetTypeId();

    EtcdMember();
    ~EtcdMember() override;

    /// Call once, before the application starts.
    void SetUp(MemberSetup setup);
    void SetConfig(const MemberConfig& config);
    const MemberConfig& GetConfig() const;

    const std::string& GetName() const;
    raft::NodeId GetMemberId() const;

    /// True once it serves clients.
    bool IsReady() const;
    /// The leader it knows; empty if none.
    std::string GetLeader() const;
    raft::Index GetAppliedIndex() const;
    Revision GetRevision() const;
    /// The store as it is now; empty before the first start.
    const KvStore& GetStore() const;
    const Wal& GetWal() const;
    const Disk& GetDisk() const;
    const GrpcServer& GetClientServer() const;
    const PeerCounters& GetSentTo(const std::string& peer) const;

    /// Ask the leader to hand over to this member (etcdctl move-leader).
    void RequestLeadership();

    /// kill -9: connections are reset, and what was not synced is lost. Nothing happens if it is not running.
    void Crash();

    /// Start again from what the disk holds. Nothing happens if it is running.
    void Restart();

    bool IsRunning() const;

    /**
     * Random numbers: election timeouts, the phase of the ticks, sync latencies.
     * @return the number of streams used (2)
     */
    std::int64_t AssignStreams(std::int64_t stream);

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    void Tick();
    void OnConnected();
    void AdjustTicks(int attemptsLeft);
    void OnSoftState(const raft::SoftState& state);
    void OnApplied(const raft::Entry& entry);
    void Receive(const raft::Message& message);
    void Serve(const RpcRequest& call, const GrpcServer::Responder& respond);
    void ServeStatus(const GrpcServer::Responder& respond);
    void Answer(const ServerResult& result, const GrpcServer::Responder& respond);
    ResponseHeader Header() const;
    const std::string& NameOf(raft::NodeId id) const;

    MemberSetup m_setup;
    MemberConfig m_config;
    raft::NodeId m_id = raft::NO_NODE;
    std::uint64_t m_clusterId = 0;
    raft::NodeId m_leader = raft::NO_NODE;
    bool m_held = false; //!< waits for the placed leader
    bool m_ready = false;
    std::uint32_t m_incarnation = 0; //!< restarts so far

    ns3::Ptr<ns3::UniformRandomVariable> m_random;     //!< elections and ticks
    ns3::Ptr<ns3::UniformRandomVariable> m_diskRandom; //!< sync latencies
    std::unique_ptr<Cpu> m_cpu;
    std::unique_ptr<MemberStorage> m_storage; //!< from the first start on
    std::unique_ptr<RaftNode> m_raft;
    std::unique_ptr<EtcdServer> m_server;
    std::unique_ptr<PeerStreams> m_peers;
    GrpcServer m_grpc;
    ns3::EventId m_tick;
    ns3::EventId m_adjust;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(false);

    ns3::TracedCallback<std::string> m_leaderTrace;
    ns3::TracedCallback<std::uint64_t> m_appliedTrace;
    ns3::TracedCallback<std::uint64_t, ns3::Time> m_syncedTrace;
    ns3::TracedCallback<> m_readyTrace;
};

} // namespace etcdlab
