#include "model/kubernetes/api-server-loops.h"

#include "model/base/clock.h"
#include "model/kubernetes/api-server.h"
#include "model/kubernetes/origins.h"

#include <array>
#include <utility>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration PROBE_TIMEOUT = 2s; // storagebackend/factory/etcd3.go: health check
// storage/etcd3/metrics: etcd3.go: dbMetricsMonitorJitter
constexpr Duration SIZE_INTERVAL = 30s;
constexpr double SIZE_JITTER = 0.5;
constexpr Duration PRIORITIES_INTERVAL = 60s; // registry/flowcontrol/rest/storage_flowcontrol.go
constexpr Duration REPAIR_INTERVAL = 180s;    // pkg/master/controller.go: ServiceClusterIPInterval

/// What priority and fairness makes sure of, in order.
constexpr std::array<std::pair<const char*, const char*>, 4> PRIORITIES = {
    {{"flowschemas", "exempt"},
     {"flowschemas", "catch-all"},
     {"prioritylevelconfigurations", "catch-all"},
     {"prioritylevelconfigurations", "exempt"}}};

} // namespace

ApiServerLoops::ApiServerLoops(ApiServer& server)
    : m_server(server),
      m_health(server.Access(), "health"),
      m_reconciler(server),
      m_compactor(server.Access(), server.Setup().config.apiServer.compactionInterval)
{
}

ApiServerLoops::~ApiServerLoops()
{
    *m_alive = false;
}

void
ApiServerLoops::Connect()
{
    m_health.Start();
    m_reconciler.Connect();
    m_compactor.Connect();
}

bool
ApiServerLoops::IsConnected() const
{
    auto& self = const_cast<ApiServerLoops&>(*this);
    return self.m_health.Channel().AllReady() && self.m_reconciler.Client().Channel().AllReady() &&
           self.m_compactor.Client().Channel().AllReady();
}

void
ApiServerLoops::Start()
{
    const auto& config = m_server.Setup().config;
    m_reconciler.Start();
    m_compactor.Start();
    Probe(config.apiServer.readyzInterval);
    Probe(config.apiServer.livezInterval);
    for (std::size_t i = 0; i < m_server.Setup().endpoints.size(); ++i)
    {
        AskSize(i);
    }
    if (config.version != "1.19")
    {
        ReadPriorities();
    }
    Repair();
}

void
ApiServerLoops::After(Duration pause, std::function<void()> what)
{
    ns3::Simulator::Schedule(ToTime(pause), [alive = m_alive, what = std::move(what)] {
        if (*alive)
        {
            what();
        }
    });
}

/// The prober asks again so long after the answer, as the measured one did; a kubelet's does not wait for it.
void
ApiServerLoops::Probe(Duration interval)
{
    if (interval == Duration(0))
    {
        return;
    }
    RangeRequest range;
    range.key = "/registry/health";
    m_health.Call(
        range, "Range-get", {ORIGIN_PROBE, Now() + PROBE_TIMEOUT}, [this, interval](const auto&) {
            After(interval, [this, interval] { Probe(interval); });
        });
}

/// clientv3/maintenance.go:Status dials the endpoint for each question.
void
ApiServerLoops::AskSize(std::size_t endpoint)
{
    const auto& access = m_server.Access();
    auto& channel = m_sizeChannels[endpoint];
    channel = std::make_unique<GrpcChannel>(*access.network,
                                            access.node,
                                            std::vector<Endpoint>{access.endpoints[endpoint]},
                                            MakeBalancer({}, {access.endpoints[endpoint]}));
    EtcdRequest record;
    record.start = Now();
    record.rpc = record.kind = "Status";
    record.origin = ORIGIN_SIZE;
    record.count = -1;
    channel->Start();
    channel->Call({STATUS_METHOD, 0, nullptr, false},
                  [this, alive = m_alive, endpoint, record](const RpcResult& result) mutable {
                      if (!*alive)
                      {
                          return;
                      }
                      record.end = Now();
                      record.responseBytes = result.response.bytes;
                      record.outcome = result.Ok() ? "ok" : RequestLog::Name(result.response.error);
                      if (const auto* reply =
                              dynamic_cast<const StatusReply*>(result.response.body.get()))
                      {
                          record.member = RequestLog::Name(reply->member);
                      }
                      m_server.Log().Add(record);
                      m_sizeChannels[endpoint]->Shutdown();
                  });
    const auto longer =
        m_server.Random() * SIZE_JITTER * static_cast<double>(SIZE_INTERVAL.count());
    After(SIZE_INTERVAL + Duration(static_cast<Duration::rep>(longer)),
          [this, endpoint] { AskSize(endpoint); });
}

void
ApiServerLoops::ReadPriorities()
{
    ReadNext(0);
    After(PRIORITIES_INTERVAL, [this] { ReadPriorities(); });
}

void
ApiServerLoops::ReadNext(std::size_t number)
{
    if (number == PRIORITIES.size())
    {
        return;
    }
    const auto& [resource, name] = PRIORITIES.at(number);
    auto* storage = m_server.Storages(m_server.Data().types.Get(resource)).front();
    storage->GetStore().Get({"", name}, {ORIGIN_PRIORITY}, [this, number](const StoreResult&) {
        ReadNext(number + 1);
    });
}

/// registry/core/service/ipallocator/controller/repair.go, and portallocator's: all services are read, and the
/// numbers in use are written anew.
void
ApiServerLoops::Repair()
{
    After(REPAIR_INTERVAL, [this] {
        auto& services =
            m_server.Storages(m_server.Data().types.Get("services")).front()->GetStore();
        for (auto* allocator : {&m_server.ServiceIps(), &m_server.NodePorts()})
        {
            services.List("", 0, {ORIGIN_REPAIR}, [allocator](const ListResult&) {
                allocator->Change(
                    {ORIGIN_REPAIR}, [] { return true; }, [](const auto&) {});
            });
        }
        Repair();
    });
}

} // namespace etcdlab::kube
