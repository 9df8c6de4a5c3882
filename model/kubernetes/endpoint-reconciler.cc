#include "model/kubernetes/endpoint-reconciler.h"

#include "model/base/clock.h"
#include "model/kubernetes/api-server.h"
#include "model/kubernetes/origins.h"

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration INTERVAL = 10s;            // pkg/master/controller.go: EndpointInterval
constexpr Duration NAMESPACES_INTERVAL = 60s; // SystemNamespacesInterval
constexpr Duration LEASE_TTL = 15s;           // pkg/master/master.go: DefaultEndpointReconcilerTTL
constexpr std::uint32_t MASTER_LEASE_BYTES = 60; // as measured

ResourceType
LeasesType()
{
    ResourceType type;
    type.resource = "masterleases";
    type.kind = "Endpoints";
    type.prefix = "/registry/masterleases/";
    type.namespaced = false;
    type.watchCached = false;
    return type;
}

} // namespace

EndpointReconciler::EndpointReconciler(ApiServer& server)
    : m_server(server),
      m_type(LeasesType()),
      m_key{"", "10.0.0." + std::to_string(server.Setup().number + 1)},
      m_client(server.Access(), "masterleases"),
      m_store(m_client, server.Data().objects, m_type),
      m_leases(m_client, LEASE_TTL)
{
}

EndpointReconciler::~EndpointReconciler()
{
    m_round.Cancel();
    m_namespaces.Cancel();
}

void
EndpointReconciler::Connect()
{
    m_client.Start();
}

void
EndpointReconciler::Start()
{
    Round();
    Namespaces();
}

/// A round that takes longer than the interval delays the next one.
void
EndpointReconciler::Round()
{
    m_round = ns3::Simulator::Schedule(ToTime(INTERVAL), &EndpointReconciler::Round, this);
    if (m_busy)
    {
        return;
    }
    m_busy = true;
    const auto listLeases = [this](auto next) {
        m_store.List("", 0, {ORIGIN_RECONCILER}, [next](const ListResult&) { next(); });
    };
    const auto end = [this](auto) { m_busy = false; };
    Do(std::make_shared<std::vector<Step>>(
           std::vector<Step>{Read("namespaces", "", "default"),
                             Read("services", "default", "kubernetes"),
                             [this](auto next) { RenewLease(std::move(next)); },
                             Read("endpoints", "default", "kubernetes"),
                             listLeases,
                             Read("endpointslices", "default", "kubernetes"),
                             end}),
       0);
}

void
EndpointReconciler::Namespaces()
{
    m_namespaces = ns3::Simulator::Schedule(
        ToTime(NAMESPACES_INTERVAL), &EndpointReconciler::Namespaces, this);
    Do(std::make_shared<std::vector<Step>>(
           std::vector<Step>{Read("namespaces", "", "kube-system"),
                             Read("namespaces", "", "kube-public"),
                             Read("namespaces", "", "kube-node-lease")}),
       0);
}

void
EndpointReconciler::Do(std::shared_ptr<std::vector<Step>> steps, std::size_t first)
{
    if (first < steps->size())
    {
        (*steps)[first]([this, steps, first] { Do(steps, first + 1); });
    }
}

EndpointReconciler::Step
EndpointReconciler::Read(const char* resource, const char* nameSpace, const char* name)
{
    const auto& type = m_server.Data().types.Get(resource);
    return [this, &type, key = ObjectKey{nameSpace, name}](std::function<void()> next) {
        m_server.Storages(type).front()->GetStore().Get(
            key, {ORIGIN_RECONCILER}, [next = std::move(next)](const StoreResult&) { next(); });
    };
}

/// reconcilers/lease.go:UpdateLease: a guaranteed update, with a time to live; the store asks for the etcd lease after it
/// has read the key.
void
EndpointReconciler::RenewLease(std::function<void()> next)
{
    m_store.Get(
        m_key, {ORIGIN_RECONCILER}, [this, next = std::move(next)](const StoreResult& read) {
            m_leases.Get([this, next, current = read.object](LeaseId lease, const auto& error) {
                if (error)
                {
                    next();
                    return;
                }
                const auto written = [next](const StoreResult&) { next(); };
                Object object;
                object.type = &m_type;
                object.key = m_key;
                object.bytes = MASTER_LEASE_BYTES;
                if (!current)
                {
                    m_store.Create(object, lease, {ORIGIN_RECONCILER}, written);
                    return;
                }
                const auto renew = [this](const Object& old) -> std::variant<Object, ApiError> {
                    auto renewed = old;
                    renewed.body = OpaqueBody{++m_renewals};
                    return renewed;
                };
                m_store.GuaranteedUpdate(
                    m_key, current, lease, {ORIGIN_RECONCILER}, renew, written);
            });
        });
}

} // namespace etcdlab::kube
