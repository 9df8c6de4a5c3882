// The TCP proxy of the thesis, as an ns-3 application.
#pragma once

#include "model/base/cpu.h"
#include "model/proxy/leader-watch.h"
#include "model/proxy/proxy-config.h"
#include "model/proxy/target-policy.h"
#include "model/transport/byte-stream.h"

#include <ns3/application.h>
#include <ns3/traced-callback.h>

#include <list>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

/// What a proxy needs to know before it starts, its settings aside.
struct ProxySetup
{
    Network* network = nullptr;
    std::vector<Endpoint> targets;
};

/**
 * Accepts connections, opens one to a target for each, and relays bytes both ways without looking
 * at them. Each chunk costs work on one of the proxy's cores (one, unless told otherwise: the Python original is
 * single-threaded); who finds all busy waits, first come, first served. The chunks of one direction of a connection
 * are worked on one after the other.
 *
 * A connection that arrives before the policy can choose waits, and so does what is sent on it. When one
 * side ends, the other is ended alike, after what is still to be relayed. One that is refused by its
 * target, or not answered for connect_timeout, is tried again up to `retries` times, at another
 * target that the policy allows: policy leader waits until a leader is heard of. When the leader changes,
 * connections that the policy would now open elsewhere are closed (on_leader_change "close"): their clients
 * see the connection end, calls in flight fail, and they connect anew; or they stay where they are
 * ("keep"): later calls pay the follower's detour for as long as the connection lives.
 *
 * Attributes: the knobs of ProxyConfig (TargetPolicy, Nagle, CpuPerChunk …). Trace sources: Leader, Relayed.
 */
class TcpProxy : public ns3::Application
{
  public:
    static ns3::TypeId GetTypeId();

    TcpProxy();
    ~TcpProxy() override;

    /// All settings at once, instead of attributes; before SetUp.
    void SetConfig(const ProxyConfig& config);

    /// Call once, before the application starts. @throws std::invalid_argument for an unknown policy
    void SetUp(ProxySetup setup);

    /// True once it knows enough to choose a target.
    bool IsReady() const;
    /// The member it takes for the leader; empty if it has not heard.
    const std::string& GetLeader() const;
    /// Connections relayed at the moment.
    std::size_t GetConnections() const;
    std::uint64_t GetRelayedBytes() const;

    /// kill -9: all its connections are reset. Nothing happens if it is not running.
    void Crash();

    /// Start again, knowing no leader. Nothing happens if it is running.
    void Restart();

    bool IsRunning() const;

    /// @return the number of streams used (one per target)
    std::int64_t AssignStreams(std::int64_t stream);

  protected:
    void DoDispose() override;

  private:
    struct Direction;
    struct Pair;
    using PairPtr = std::shared_ptr<Pair>;

    void StartApplication() override;
    void StopApplication() override;

    void MakeWatch();
    void Accept(ByteStreamPtr client);
    void TryOpen(const PairPtr& pair);
    void Opened(const PairPtr& pair, ByteStreamPtr target);
    void Failed(const PairPtr& pair);
    void GiveUp(const PairPtr& pair);
    void Relay(const PairPtr& pair, bool toTarget, Chunk chunk);
    void Work(const PairPtr& pair, bool toTarget);
    void PassOn(Direction& direction);
    static void Finish(Direction& direction);
    void End(const PairPtr& pair, bool fromClient, StreamEnd how);
    void Drop(const PairPtr& pair);
    void OnLeader(const std::string& leader);

    ProxySetup m_setup;
    ProxyConfig m_config;
    ProxyView m_view;
    std::unique_ptr<TargetPolicy> m_policy;
    std::unique_ptr<LeaderWatch> m_watch;
    std::list<PairPtr> m_pairs;
    std::unique_ptr<ProcessCpu> m_cpu; //!< of the present life
    std::uint64_t m_relayedBytes = 0;
    bool m_running = false;
    std::int64_t m_stream = 0; //!< the first of its random streams

    ns3::TracedCallback<std::string> m_leaderTrace;
    ns3::TracedCallback<std::uint32_t> m_relayedTrace;
    ns3::TracedCallback<const CpuWork&> m_cpuWorkTrace;
};

} // namespace etcdlab
