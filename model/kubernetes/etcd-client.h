// An API server's way to etcd: a client of its own for every kind of storage.
#pragma once

#include "model/etcd/kv-messages.h"
#include "model/kubernetes/pure/request-log.h"
#include "model/transport/grpc-channel.h"
#include "model/workload/workload-config.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace etcdlab::kube
{

/// On whose behalf something is asked of etcd, and until when it is of use.
struct Context
{
    std::string_view origin; //!< of RequestLog::Name
    Duration deadline{0};    //!< simulated time; 0: none
};

/// What all clients of an API server have in common.
struct EtcdAccess
{
    Network* network = nullptr;
    ns3::Ptr<ns3::Node> node;
    std::vector<Endpoint> endpoints;
    ClientConfig config; //!< its retries and timeout do not count, see EtcdClient
    RequestLog* log = nullptr;
    std::function<double()> random;          //!< uniform in [0, 1)
    std::function<std::int64_t()> newStream; //!< numbers of random streams
};

/**
 * A clientv3.Client as kube-apiserver 1.20 makes them: one gRPC channel with its own connection to each
 * endpoint and its own round robin. No call is tried again: kube-apiserver's own interceptor takes the place of
 * clientv3's.
 */
class EtcdClient
{
  public:
    /// @param resource as the log names it
    EtcdClient(const EtcdAccess& access, std::string_view resource);
    ~EtcdClient();
    EtcdClient(const EtcdClient&) = delete;
    EtcdClient& operator=(const EtcdClient&) = delete;

    void Start();

    /// How a call ended: an answer, or the error and its text.
    struct Result
    {
        GrpcCode code = GrpcCode::OK;
        std::string error;
        const Response* response = nullptr; //!< nullptr unless OK; valid during the callback

        bool Ok() const
        {
            return response != nullptr;
        }
    };

    using Done = std::function<void(const Result&)>;

    /// Ask. `done` is called once, later than this; with DEADLINE_EXCEEDED when the context's has passed.
    /// @param kind as EtcdRequest::kind; a literal
    void Call(Request request, std::string_view kind, const Context& context, Done done);

    GrpcChannel& Channel()
    {
        return m_channel;
    }

    std::string_view Resource() const
    {
        return m_resource;
    }

  private:
    struct Pending;

    void Ended(Pending& pending, const RpcResult& result);

    const EtcdAccess& m_access;
    std::string_view m_resource;
    GrpcChannel m_channel;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

/// The channel that an API server's client of this kind has.
std::unique_ptr<Balancer> MakeBalancer(const ClientConfig& config,
                                       const std::vector<Endpoint>& endpoints);

} // namespace etcdlab::kube
