// An etcd member as an ns-3 application.
#pragma once

#include "model/base/cpu.h"
#include "model/etcd/client-service.h"
#include "model/etcd/etcd-server.h"
#include "model/etcd/member-admin.h"
#include "model/etcd/peer-probers.h"
#include "model/etcd/peer-streams.h"
#include "model/etcd/pure/member-config.h"
#include "model/etcd/raft-node.h"
#include "model/etcd/snapshots.h"
#include "model/raft/invariants.h"
#include "model/storage/member-storage.h"
#include "model/transport/grpc-server.h"
#include "model/transport/process-network.h"

#include <ns3/application.h>
#include <ns3/random-variable-stream.h>
#include <ns3/traced-callback.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace etcdlab
{

class EtcdMetrics;

/// What a member needs to know before it starts, its settings aside.
struct MemberSetup
{
    std::string name;
    std::vector<Peer>
        cluster; //!< all members that the cluster began with, this one included unless `joining`
    /// Not one of those: the others are asked to add it before or after it starts. It begins with an empty disk and
    /// serves clients once it has caught up.
    bool joining = false;
    std::vector<Peer>
        contacts; //!< who belongs to the cluster when it joins (etcd asks them itself)
    /// Where a member of that name runs, as DNS would say of the URL http://NAME:2380. Only for those who join.
    std::function<ns3::Ptr<ns3::Node>(const std::string&)> findNode;
    Network* network = nullptr;
    Accounting accounting = Accounting::ETCD;
    /// The member that shall lead from the start, or empty. Until it has been elected nobody else stands
    /// for election; from then on everything takes its natural course.
    std::string placedLeader;
    raft::Observer* observer = nullptr; //!< may be null; not owned
    std::shared_ptr<Cpu> cpu;           //!< of a machine shared with others; nullptr: its own
    Disk::Queue disk;                   //!< likewise
};

/**
 * The process `etcd`: listens to its peers at port 2380 and, once it has applied an entry of the present
 * term, to clients at its client port.
 *
 * Attributes: the knobs of MemberConfig (HeartbeatInterval, ElectionTimeout, PreVote, DiskSyncMax, CpuCores …).
 * A member that has been removed from its cluster stops by itself and cannot be started again.
 *
 * Trace sources: Leader, Applied, Revision, Synced, CpuWork, Ready.
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
    /// The term it is in; 0 before the first start.
    raft::Term GetTerm() const;
    raft::Index GetAppliedIndex() const;
    Revision GetRevision() const;
    /// The store as it is now; empty before the first start.
    const KvStore& GetStore() const;
    const Wal& GetWal() const;
    std::uint64_t GetWalSyncs() const;
    /// Its syncs are those of the log and of the backend.
    const Disk& GetDisk() const;
    /// Since the last start.
    const Backend& GetBackend() const;
    /// Members whose store is full as this one has heard: while there are any, puts are refused by all.
    const std::set<raft::NodeId>& GetAlarms() const;
    /// etcdctl defrag: the backend's file shrinks to what is in use. Takes no time here.
    void Defragment();
    const GrpcServer& GetClientServer() const;
    const PeerCounters& GetSentTo(const std::string& peer) const;
    /// Raft messages from others that were dropped because too many waited for the processor.
    std::uint64_t GetReceiveFailures() const;
    const SnapshotCounters& GetSnapshotCounters() const;
    /// The consensus state, to look at.
    const raft::Raft& GetRaft() const;
    /// Who belongs to the cluster, as far as this member has applied changes.
    const Membership& GetMembers() const;
    bool IsLearner() const;
    /// True once it knows that it has been removed.
    bool IsRemoved() const;

    /// Change the members of the cluster (etcdctl member add, promote, remove). `done` is called once, unless the
    /// member stops before; with etcd's error if the change fails.
    void ChangeMembers(const MemberRequest& request, MemberAdmin::Done done);
    /// What its probers have measured; only while it runs.
    const PeerProbers& GetProbers() const;
    /// What it shows at /metrics. After the first start.
    const EtcdMetrics& GetMetrics() const;

    /// Ask the leader to hand over to this member (etcdctl move-leader).
    void RequestLeadership();

    /// kill -9: connections are reset, and what was not synced is lost. Nothing happens if it is not running.
    void Crash();

    /// Start again from what the disk holds. Nothing happens if it is running, or has been removed.
    void Restart();

    bool IsRunning() const;

    /// Whether it has ever run: before that there is not much to ask it for.
    bool HasStarted() const
    {
        return m_storage != nullptr;
    }

    /**
     * SIGTERM: takes no more requests, ends its client connections, hands leadership to the voter that has been
     * connected longest if it has it, looks every tick whether that has taken over, and exits. Calls under way are
     * cut off, or with drain_clients waited for, as long as RequestTimeout. Nothing happens if it is not running or
     * has been told already.
     */
    void StopGracefully();

    /// Ask this member, if it leads, to hand over to another one. @return whether it leads and that is another one
    bool MoveLeader(const std::string& to);

    /**
     * SIGSTOP and SIGCONT. While it is paused it does nothing that anybody could notice, while its connections are
     * acknowledged and buffered by the kernel. When it goes on, it finds all that has arrived, and one late tick.
     */
    void Pause();
    void Resume();
    bool IsPaused() const;

    /// How fast its clock runs, compared with the true time: ticks, and so heartbeats and elections. The other timers
    /// (of requests, reads, connections) keep the true time.
    void SetClockRate(double rate);

    /// Trouble with the disk, from now on, whether the process runs or not (after its first start): see Disk. A full one is fatal to the
    /// process as soon as it has something to write to its log.
    void SetDiskSlowdown(double factor, Duration latency);
    void SetDiskStuck(bool stuck);
    void SetDiskFull(bool full);

    /**
     * Random numbers: election timeouts, the phase of the ticks, sync latencies, progress intervals of watches.
     * @return the number of streams used (3)
     */
    std::int64_t AssignStreams(std::int64_t stream);

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    void Tick();
    Duration TickInterval() const;
    void ScheduleTick(Duration when);
    /// Part from the clients and from leadership, then exit.
    void HandOver();
    /// Look whether the other one leads by now, and exit if so or if it takes too long.
    void AwaitTransfer(raft::NodeId to, Duration deadline);
    /// The longest connected other member; NO_NODE if there is none.
    raft::NodeId LongestConnected() const;
    void Exit();
    void OnConnected();
    void AdjustTicks(int attemptsLeft);
    void OnSoftState(const raft::SoftState& state);
    /// After a restart: tell the cluster its client address, as often as it takes. Until that is applied it
    /// serves no clients (etcdserver/server.go: publish), and nobody else need write anything.
    void Publish();
    void OnApplied(const raft::Entry& entry);
    void Receive(const raft::Message& message);
    void OnMembersChanged(const raft::ConfChange* change);
    void OnPeerRequest(const MessagePtr& request, const PeerHttpResponder& respond);
    void OnGone();
    void BeginToServe();
    bool HandleOrRefuse(const RpcRequest& call, const GrpcServer::Responder& respond);
    raft::Config RaftConfig();
    void StartService();
    void StartPeers();
    std::vector<Peer> Others() const;
    const std::string& NameOf(raft::NodeId id) const;
    ns3::Ptr<ns3::Node> NodeOf(raft::NodeId id) const;

    MemberSetup m_setup;
    MemberConfig m_config;
    raft::NodeId m_id = raft::NO_NODE;
    std::uint64_t m_clusterId = 0;
    raft::NodeId m_leader = raft::NO_NODE;
    bool m_held = false; //!< waits for the placed leader
    bool m_ready = false;
    std::uint32_t m_incarnation = 0; //!< restarts so far

    ns3::Ptr<ns3::UniformRandomVariable> m_random;      //!< elections and ticks
    ns3::Ptr<ns3::UniformRandomVariable> m_diskRandom;  //!< sync latencies
    ns3::Ptr<ns3::UniformRandomVariable> m_watchRandom; //!< progress intervals of watch streams
    std::unique_ptr<ProcessCpu> m_cpu;
    std::unique_ptr<MemberStorage> m_storage; //!< from the first start on
    std::unique_ptr<RaftNode> m_raft;
    std::unique_ptr<EtcdServer> m_server;
    std::unique_ptr<ClientService> m_service;
    std::unique_ptr<PeerStreams> m_peers;
    std::unique_ptr<PeerHttpClient> m_posts;
    std::unique_ptr<Snapshots> m_snapshots;
    std::unique_ptr<MemberAdmin> m_admin;
    bool m_removed = false;
    std::map<raft::NodeId, std::size_t>
        m_received; //!< from each peer: messages that wait for the processor
    std::uint64_t m_receiveFailures = 0;
    std::unique_ptr<PeerProbers> m_probers;
    GrpcServer m_grpc;
    std::unique_ptr<EtcdMetrics> m_metrics;
    std::unique_ptr<ProcessNetwork> m_process; //!< the network, while the process is not paused
    double m_clockRate = 1;
    Duration m_nextTick{0};
    bool m_stopping = false; //!< StopGracefully has been called
    ns3::EventId m_tick;
    ns3::EventId m_transfer;
    ns3::EventId m_adjust;
    ns3::EventId m_publish;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(false);

    ns3::TracedCallback<std::string> m_leaderTrace;
    ns3::TracedCallback<std::uint64_t> m_appliedTrace;
    ns3::TracedCallback<Revision> m_revisionTrace;
    ns3::TracedCallback<std::uint64_t, ns3::Time> m_syncedTrace;
    ns3::TracedCallback<const CpuWork&> m_cpuWorkTrace;
    ns3::TracedCallback<> m_readyTrace;
};

} // namespace etcdlab
