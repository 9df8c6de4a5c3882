// A client on an API server's node, as an ns-3 application.
#pragma once

#include "model/etcd/kv-messages.h"
#include "model/transport/grpc-channel.h"
#include "model/workload/request-record.h"
#include "model/workload/unary-interceptor.h"
#include "model/workload/watch-news.h"
#include "model/workload/workload-config.h"
#include "model/workload/workload.h"

#include <ns3/application.h>
#include <ns3/random-variable-stream.h>
#include <ns3/traced-callback.h>

#include <memory>
#include <string>
#include <vector>

namespace etcdlab
{

class LeaseLoad;
class WatchLoad;

/// What a client needs to know before it starts, its settings aside.
struct ClientSetup
{
    std::string name;         //!< of its node
    std::uint64_t number = 0; //!< among the clients, from 0
    Network* network = nullptr;
    std::vector<Endpoint> endpoints;
};

/**
 * Connects to its endpoints when the application starts, and makes requests from Begin on: either
 * `concurrency` at a time, the next one `think_time` after an answer, or `rate` a second, whatever comes.
 *
 * Attributes: the knobs of ClientConfig and WorkloadConfig (Balancer, Count, ValueSize …). Trace source: Request, when
 * one ends.
 */
class KvClient : public ns3::Application
{
  public:
    static ns3::TypeId GetTypeId();

    KvClient();
    ~KvClient() override;

    /// All settings at once, instead of attributes; before SetUp.
    void SetConfig(const ClientConfig& client, const WorkloadConfig& workload);

    /// Call once, before the application starts.
    /// @throws std::invalid_argument for an unknown balancer or workload
    void SetUp(ClientSetup setup);

    /// True once it is connected to every endpoint, has its watches created and its leases granted.
    bool IsConnected() const;

    /// Start making requests. `done` is called when the last one has ended.
    void Begin(std::function<void()> done);

    /// Told of every request that ends, with what was asked and, unless it failed, answered.
    using EndedHandler =
        std::function<void(const RequestRecord&, const Request&, const KvReply* answer)>;
    void OnEnded(EndedHandler handler);

    /// Told of what happens to its watches; before the application starts.
    void OnWatch(std::function<void(const WatchNews&)> handler);

    /// Requests that have ended, in the order in which they did.
    const std::vector<RequestRecord>& Records() const;
    /// The same, handed over: the client keeps none.
    std::vector<RequestRecord> TakeRecords();

    std::uint64_t GetCompleted() const
    {
        return m_records.size();
    }

    /// Requests it will have made in the end, those of the warm-up included.
    std::uint64_t GetTotal() const;

    /// @return the number of streams used (3: the workload's choices, the channel's back-off, the retries')
    std::int64_t AssignStreams(std::int64_t stream);

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    void SetUpLoads();
    void Issue(std::uint64_t number);
    void IssueAtRate();
    void Send(Operation operation, bool warmup, std::uint64_t chain);
    void Ended(RequestRecord record,
               const Request& request,
               const RpcResult& result,
               std::uint64_t chain);
    void NextOfScript(std::uint64_t chain);
    void IssueAsLogged();
    void IssueOfChain(std::uint64_t chain);

    ClientSetup m_setup;
    ClientConfig m_clientConfig;
    WorkloadConfig m_workloadConfig;
    std::unique_ptr<GrpcChannel> m_channel;
    std::unique_ptr<UnaryInterceptor> m_interceptor;
    std::unique_ptr<Workload> m_workload;
    std::unique_ptr<WatchLoad> m_watches; //!< null if it has none
    std::unique_ptr<LeaseLoad> m_leases;  //!< likewise
    ns3::Ptr<ns3::UniformRandomVariable> m_random;
    ns3::Ptr<ns3::UniformRandomVariable> m_retryRandom;
    std::vector<RequestRecord> m_records;
    std::uint64_t m_issued = 0; //!< requests made, or to be made after a think time
    Duration m_begin{0};
    std::function<void()> m_done;
    EndedHandler m_ended;
    ns3::EventId m_next;

    ns3::TracedCallback<const RequestRecord&> m_requestTrace;
};

} // namespace etcdlab
