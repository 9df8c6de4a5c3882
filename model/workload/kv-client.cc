#include "model/workload/kv-client.h"

#include "model/base/clock.h"
#include "model/base/config-attributes.h"
#include "model/workload/lease-load.h"
#include "model/workload/watch-load.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

NS_OBJECT_ENSURE_REGISTERED(KvClient);

ns3::TypeId
KvClient::GetTypeId()
{
    static ns3::TypeId tid = [] {
        auto type = ns3::TypeId("etcdlab::KvClient")
                        .SetParent<ns3::Application>()
                        .SetGroupName("etcdlab")
                        .AddConstructor<KvClient>()
                        .AddTraceSource("Request",
                                        "A request has ended: its record.",
                                        ns3::MakeTraceSourceAccessor(&KvClient::m_requestTrace),
                                        "etcdlab::KvClient::RequestCallback");
        AttributeDeclarer(type, &KvClient::m_clientConfig);
        AttributeDeclarer(type, &KvClient::m_workloadConfig);
        return type;
    }();
    return tid;
}

KvClient::KvClient()
    : m_random(ns3::CreateObject<ns3::UniformRandomVariable>()),
      m_retryRandom(ns3::CreateObject<ns3::UniformRandomVariable>())
{
}

KvClient::~KvClient() = default;

void
KvClient::SetConfig(const ClientConfig& client, const WorkloadConfig& workload)
{
    m_clientConfig = client;
    m_workloadConfig = workload;
}

void
KvClient::SetUp(ClientSetup setup)
{
    m_setup = std::move(setup);
    BalancerContext balancer;
    balancer.pinned = m_clientConfig.pinnedEndpoint;
    for (const auto& endpoint : m_setup.endpoints)
    {
        balancer.endpoints.push_back(endpoint.name);
    }
    GrpcChannelOptions options;
    options.keepalive = {m_clientConfig.keepaliveTime, m_clientConfig.keepaliveTimeout};
    m_channel =
        std::make_unique<GrpcChannel>(*m_setup.network,
                                      GetNode(),
                                      m_setup.endpoints,
                                      BalancerRegistry::Make(m_clientConfig.balancer, balancer),
                                      options);
    std::optional<RetryPolicy> retry;
    if (m_clientConfig.retry == "clientv3")
    {
        retry.emplace(m_setup.endpoints.size(),
                      [random = m_retryRandom] { return random->GetValue(0, 1); });
    }
    m_interceptor =
        std::make_unique<UnaryInterceptor>(*m_channel, std::move(retry), m_clientConfig.timeout);
    const WorkloadContext context{
        m_workloadConfig, m_setup.number, [random = m_random] { return random->GetValue(0, 1); }};
    m_workload = WorkloadRegistry::Make(m_workloadConfig.type, context);
    SetUpLoads();
}

/// Watches and leases begin as soon as all connections stand.
void
KvClient::SetUpLoads()
{
    const auto& workload = m_workloadConfig;
    if (workload.watchers > 0)
    {
        const std::string prefix = "/"; // of all keys of workloads
        m_watches =
            std::make_unique<WatchLoad>(*m_channel, workload.watchers, prefix, PrefixEnd(prefix));
    }
    if (workload.leases > 0)
    {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(workload.leaseTtl).count();
        m_leases = std::make_unique<LeaseLoad>(*m_channel, workload.leases, seconds);
    }
    if (m_watches || m_leases)
    {
        m_channel->OnChange([this, started = false]() mutable {
            if (!m_channel->AllReady() || std::exchange(started, true))
            {
                return;
            }
            if (m_watches)
            {
                m_watches->Start();
            }
            if (m_leases)
            {
                m_leases->Start();
            }
        });
    }
}

bool
KvClient::IsConnected() const
{
    return m_channel->AllReady() && (!m_watches || m_watches->IsReady()) &&
           (!m_leases || m_leases->IsReady());
}

void
KvClient::OnWatch(std::function<void(const WatchNews&)> handler)
{
    if (m_watches)
    {
        m_watches->OnNews(std::move(handler));
    }
}

void
KvClient::OnEnded(EndedHandler handler)
{
    m_ended = std::move(handler);
}

const std::vector<RequestRecord>&
KvClient::Records() const
{
    return m_records;
}

std::vector<RequestRecord>
KvClient::TakeRecords()
{
    return std::exchange(m_records, {});
}

std::int64_t
KvClient::AssignStreams(std::int64_t stream)
{
    m_random->SetStream(stream);
    const auto used = 1 + m_channel->AssignStreams(stream + 1);
    m_retryRandom->SetStream(stream + used);
    return used + 1;
}

void
KvClient::DoDispose()
{
    StopApplication();
    m_interceptor.reset();
    m_watches.reset();
    m_leases.reset();
    m_channel.reset();
    m_workload.reset();
    m_done = nullptr;
    ns3::Application::DoDispose();
}

void
KvClient::StartApplication()
{
    m_channel->Start();
}

void
KvClient::StopApplication()
{
    m_next.Cancel();
    if (m_watches)
    {
        m_watches->Stop();
    }
    if (m_leases)
    {
        m_leases->Stop();
    }
    if (m_channel)
    {
        m_interceptor->Abort();
        m_channel->Abort();
    }
}

std::uint64_t
KvClient::GetTotal() const
{
    const auto* script = m_workload ? m_workload->GetScript() : nullptr;
    return script ? script->preload + script->requests
                  : m_workloadConfig.warmup + m_workloadConfig.count;
}

void
KvClient::Begin(std::function<void()> done)
{
    m_done = std::move(done);
    m_begin = Now();
    m_records.reserve(GetTotal());
    if (m_workload->GetScript())
    {
        NextOfScript(0);
        return;
    }
    if (m_workloadConfig.rate > 0)
    {
        IssueAtRate();
        return;
    }
    const auto first = std::min(m_workloadConfig.concurrency, GetTotal());
    for (std::uint64_t i = 0; i < first; ++i)
    {
        Issue(m_issued++);
    }
}

void
KvClient::IssueAtRate()
{
    Issue(m_issued++);
    if (m_issued < GetTotal())
    {
        const auto offset = static_cast<double>(m_issued) / m_workloadConfig.rate;
        const auto when = m_begin + Duration(static_cast<std::int64_t>(offset * 1e9));
        m_next = ns3::Simulator::Schedule(ToTime(when - Now()), &KvClient::IssueAtRate, this);
    }
}

void
KvClient::Issue(std::uint64_t number)
{
    Send(m_workload->Next(), number < m_workloadConfig.warmup, 0);
}

/// @param chain of a script
void
KvClient::Send(Operation operation, bool warmup, std::uint64_t chain)
{
    if (m_leases)
    {
        m_leases->Attach(operation.request);
    }
    RequestRecord record;
    record.start = Now();
    record.operation = operation.name;
    record.client = m_setup.name;
    record.warmup = warmup;
    auto call = MakeCall(std::move(operation.request));
    record.requestBytes = call.bytes;
    const auto body = call.body;
    const bool repeatable = // clientv3/retry.go
        std::holds_alternative<RangeRequest>(static_cast<const KvCall&>(*body).request);
    m_interceptor->Call(
        std::move(call), repeatable, [this, record, body, chain](const RpcResult& result) {
            Ended(record, static_cast<const KvCall&>(*body).request, result, chain);
        });
}

void
KvClient::Ended(RequestRecord record,
                const Request& request,
                const RpcResult& result,
                std::uint64_t chain)
{
    record.end = Now();
    record.responseBytes = result.response.bytes;
    const auto* reply = dynamic_cast<const KvReply*>(result.response.body.get());
    if (reply != nullptr)
    {
        record.member = reply->member;
        m_workload->OnResponse(request, reply->response);
    }
    else
    {
        record.outcome = result.response.error.empty()
                             ? std::string(GrpcCodeName(result.response.code))
                             : result.response.error;
    }
    m_requestTrace(record);
    if (m_ended)
    {
        m_ended(record, request, reply);
    }
    m_records.push_back(std::move(record));
    if (m_workload->GetScript())
    {
        if (m_records.size() < GetTotal())
        {
            NextOfScript(chain);
        }
        else if (m_done)
        {
            m_done();
        }
        return;
    }
    if (m_workloadConfig.rate == 0 && m_issued < GetTotal())
    {
        ns3::Simulator::Schedule(
            ToTime(m_workloadConfig.thinkTime), &KvClient::Issue, this, m_issued++);
    }
    else if (m_records.size() == GetTotal() && m_done)
    {
        m_done();
    }
}

/// The preload one by one; then all chains, or the first request at its time; later the chain's next.
void
KvClient::NextOfScript(std::uint64_t chain)
{
    const auto& script = *m_workload->GetScript();
    if (m_issued < script.preload)
    {
        ++m_issued;
        Send(m_workload->Next(), true, 0);
        return;
    }
    if (m_records.size() == script.preload)
    {
        m_begin = Now();
        for (std::uint64_t i = 0; i < script.chains; ++i)
        {
            IssueOfChain(i);
        }
        if (script.chains == 0)
        {
            IssueAsLogged();
        }
    }
    else if (script.chains > 0 && m_workload->HasNext(chain))
    {
        ns3::Simulator::Schedule(
            ToTime(m_workloadConfig.thinkTime), &KvClient::IssueOfChain, this, chain);
    }
}

void
KvClient::IssueAsLogged()
{
    const auto wait = m_begin + m_workload->NextAt() - Now();
    if (wait > Duration(0))
    {
        m_next = ns3::Simulator::Schedule(ToTime(wait), &KvClient::IssueAsLogged, this);
        return;
    }
    ++m_issued;
    Send(m_workload->Next(), false, 0);
    if (m_issued < GetTotal())
    {
        m_next = ns3::Simulator::ScheduleNow(&KvClient::IssueAsLogged, this);
    }
}

void
KvClient::IssueOfChain(std::uint64_t chain)
{
    ++m_issued;
    Send(m_workload->NextOf(chain), false, chain);
}

} // namespace etcdlab
