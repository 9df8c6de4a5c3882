#include "model/kubernetes/etcd-client.h"

#include "model/base/clock.h"

#include <ns3/event-id.h>

#include <algorithm>
#include <utility>

namespace etcdlab::kube
{

namespace
{

GrpcChannelOptions
OptionsOf(const ClientConfig& config)
{
    GrpcChannelOptions options;
    options.keepalive = {config.keepaliveTime, config.keepaliveTimeout};
    return options;
}

/// "/etcdserverpb.KV/Range" -> "Range"
std::string_view
ShortName(std::string_view method)
{
    return method.substr(method.rfind('/') + 1);
}

std::int64_t
KeysIn(const Response& response)
{
    if (const auto* range = std::get_if<RangeResponse>(&response))
    {
        return range->count;
    }
    if (const auto* txn = std::get_if<TxnResponse>(&response))
    {
        std::int64_t count = 0;
        for (const auto& each : txn->responses)
        {
            const auto* inner = std::get_if<RangeResponse>(&each);
            count += inner != nullptr ? inner->count : 0;
        }
        return count;
    }
    return 0;
}

} // namespace

std::unique_ptr<Balancer>
MakeBalancer(const ClientConfig& config, const std::vector<Endpoint>& endpoints)
{
    BalancerContext context;
    context.pinned = config.pinnedEndpoint;
    for (const auto& endpoint : endpoints)
    {
        context.endpoints.push_back(endpoint.name);
    }
    return BalancerRegistry::Make(config.balancer, context);
}

/// A call under way.
struct EtcdClient::Pending
{
    EtcdRequest record;
    Done done;
    GrpcChannel::CallId call = 0;
    ns3::EventId deadline;
};

EtcdClient::EtcdClient(const EtcdAccess& access, std::string_view resource)
    : m_access(access),
      m_resource(RequestLog::Name(resource)),
      m_channel(*access.network,
                access.node,
                access.endpoints,
                MakeBalancer(access.config, access.endpoints),
                OptionsOf(access.config))
{
    m_channel.AssignStreams(access.newStream());
}

EtcdClient::~EtcdClient()
{
    *m_alive = false;
    m_channel.Abort();
}

void
EtcdClient::Start()
{
    m_channel.Start();
}

void
EtcdClient::Call(Request request, std::string_view kind, const Context& context, Done done)
{
    auto call = MakeCall(std::move(request));
    call.deadline = context.deadline > Duration(0);
    const auto pending = std::make_shared<Pending>();
    pending->done = std::move(done);
    auto& record = pending->record;
    record.start = Now();
    record.rpc = ShortName(call.method);
    record.kind = kind;
    record.resource = m_resource;
    record.origin = context.origin;
    record.requestBytes = call.bytes;
    if (call.deadline)
    {
        const auto left = std::max(context.deadline - Now(), Duration(0));
        // The event knows the call weakly: the call holds the event.
        pending->deadline = ns3::Simulator::Schedule(
            ToTime(left), [this, alive = m_alive, weak = std::weak_ptr(pending)] {
                if (const auto overdue = weak.lock(); overdue && *alive)
                {
                    m_channel.Cancel(overdue->call);
                    RpcResult result;
                    result.response.code = GrpcCode::DEADLINE_EXCEEDED;
                    result.response.error = "context deadline exceeded";
                    Ended(*overdue, result);
                }
            });
    }
    pending->call =
        m_channel.Call(std::move(call), [this, alive = m_alive, pending](const RpcResult& result) {
            if (*alive)
            {
                pending->deadline.Cancel();
                Ended(*pending, result);
            }
        });
}

void
EtcdClient::Ended(Pending& pending, const RpcResult& result)
{
    auto& record = pending.record;
    record.end = Now();
    Result answer;
    answer.code = result.response.code;
    answer.error = result.response.error;
    record.responseBytes = result.response.bytes;
    record.outcome = "ok";
    if (const auto* reply = dynamic_cast<const KvReply*>(result.response.body.get()))
    {
        answer.response = &reply->response;
        record.member = RequestLog::Name(reply->member);
        record.count = KeysIn(reply->response);
    }
    else
    {
        record.outcome = RequestLog::Name(answer.error.empty() ? GrpcCodeName(answer.code)
                                                               : std::string_view(answer.error));
    }
    m_access.log->Add(record);
    const auto done = std::exchange(pending.done, nullptr);
    done(answer);
}

} // namespace etcdlab::kube
