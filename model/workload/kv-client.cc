#include "model/workload/kv-client.h"

#include "model/base/clock.h"
#include "model/base/config-attributes.h"

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
    : m_random(ns3::CreateObject<ns3::UniformRandomVariable>())
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
    m_channel =
        std::make_unique<GrpcChannel>(*m_setup.network,
                                      GetNode(),
                                      m_setup.endpoints,
                                      BalancerRegistry::Make(m_clientConfig.balancer, balancer));
    const WorkloadContext context{
        m_workloadConfig, m_setup.number, [random = m_random] { return random->GetValue(0, 1); }};
    m_workload = WorkloadRegistry::Make(m_workloadConfig.type, context);
}

bool
KvClient::IsConnected() const
{
    return m_channel->AllReady();
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
    return 1 + m_channel->AssignStreams(stream + 1);
}

void
KvClient::DoDispose()
{
    StopApplication();
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
    if (m_channel)
    {
        m_channel->Abort();
    }
}

void
KvClient::Begin(std::function<void()> done)
{
    m_done = std::move(done);
    m_begin = Now();
    m_records.reserve(GetTotal());
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
    auto operation = m_workload->Next();
    RequestRecord record;
    record.start = Now();
    record.operation = operation.name;
    record.client = m_setup.name;
    record.warmup = number < m_workloadConfig.warmup;
    auto call = MakeCall(std::move(operation.request));
    record.requestBytes = call.bytes;
    const auto body = call.body;
    m_channel->Call(std::move(call), [this, record, body](const RpcResult& result) {
        Ended(record, static_cast<const KvCall&>(*body).request, result);
    });
}

void
KvClient::Ended(RequestRecord record, const Request& request, const RpcResult& result)
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

} // namespace etcdlab
