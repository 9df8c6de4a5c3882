// pkg/controller/endpointslice and endpointslicemirroring of Kubernetes 1.20; one slice for each service and address
// type, however many endpoints it has
#include "model/kubernetes/controller.h"
#include "model/kubernetes/pods-of-services.h"

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

const std::string SERVICE_LABEL = "kubernetes.io/service-name";
const std::string ADDRESS_LABEL = "address-type"; //!< stands for the field of that name

// endpointSliceChangeMinSyncDelay: from a slice that somebody else seems to have written to the next look at it
constexpr Duration SLICE_CHANGE_DELAY = 1s;
// Measured: the annotation endpoints.kubernetes.io/last-change-trigger-time; a slice beside its service; an endpoint.
constexpr std::uint32_t TRIGGER_BYTES = 64;
constexpr std::uint32_t SLICE_BYTES = 320;
constexpr std::uint32_t ENDPOINT_BYTES = 200;

ObjectKey
ServiceOf(const Object& slice)
{
    const auto label = slice.labels.find(SERVICE_LABEL);
    return {slice.key.nameSpace, label == slice.labels.end() ? "" : label->second};
}

/**
 * A slice is created with the time of the change that it is for. The watch tells of it before the controller has taken
 * note of the answer, so that it looks stale, and a second later the service is looked at again: a slice without endpoints
 * is then replaced by a fresh one without that time (one write), and a second after that once more (no change: one read).
 * Slices with endpoints stay as they are.
 */
class EndpointSliceController : public Controller
{
  public:
    explicit EndpointSliceController(ControllerContext& context)
        : m_client(context.makeClient("endpointslice-controller")),
          m_names(context.names),
          m_bothTypes(context.headlessSlicesOfBothTypes),
          m_slices(context.informers.For("endpointslices")),
          m_services(context.informers.For("services")),
          m_pods(context.informers.For("pods")),
          m_queue(
              5, [this](ObjectKey key) { return Sync(std::move(key)); }, 1s, 100s)
    {
        WatchServicesAndPods(m_services, m_pods, [this](const ObjectKey& service, bool timed) {
            if (timed)
            {
                m_triggered.insert(service);
            }
            m_queue.Add(service);
        });
        m_slices.AddHandlers(
            {[this](const ObjectPtr& slice) { SliceChanged(*slice); },
             [this](const ObjectPtr&, const ObjectPtr& slice) { SliceChanged(*slice); },
             [this](const ObjectPtr& slice) { SliceGone(*slice); }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    void SliceChanged(const Object& slice)
    {
        const auto service = ServiceOf(slice);
        if (service.name.empty())
        {
            return;
        }
        m_ofService[service].insert(slice.key);
        const auto known = m_written.find(slice.key);
        if (known == m_written.end() || known->second != slice.resourceVersion)
        {
            m_queue.AddAfter(service, SLICE_CHANGE_DELAY);
        }
    }

    void SliceGone(const Object& slice)
    {
        const auto service = ServiceOf(slice);
        m_written.erase(slice.key);
        if (const auto found = m_ofService.find(service); found != m_ofService.end())
        {
            found->second.erase(slice.key);
            m_queue.AddAfter(service, SLICE_CHANGE_DELAY);
        }
    }

    ObjectPtr SliceOf(const ObjectKey& service, const std::string& addressType) const
    {
        const auto found = m_ofService.find(service);
        if (found == m_ofService.end())
        {
            return nullptr;
        }
        for (const auto& key : found->second)
        {
            const auto slice = m_slices.Get(key);
            if (slice && slice->labels.at(ADDRESS_LABEL) == addressType)
            {
                return slice;
            }
        }
        return nullptr;
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const bool triggered = m_triggered.erase(key) > 0;
        const auto service = m_services.Get(key);
        if (!service)
        {
            m_ofService.erase(key); // the garbage collector deletes its slices
            co_return SyncResult::DONE;
        }
        const auto& body = std::get<ServiceBody>(service->body);
        if (body.selector.empty())
        {
            co_return SyncResult::DONE;
        }
        std::vector<std::string> addressTypes{"IPv4"};
        if (body.headless && m_bothTypes)
        {
            addressTypes.emplace_back("IPv6");
        }
        bool failed = false;
        for (const auto& addressType : addressTypes)
        {
            const bool reconciled = co_await Reconcile(service, addressType, triggered);
            failed = failed || !reconciled;
        }
        co_return failed ? SyncResult::AGAIN : SyncResult::DONE;
    }

    Task<bool> Reconcile(ObjectPtr service, std::string addressType, bool triggered)
    {
        EndpointsBody wanted;
        if (addressType == "IPv4")
        {
            wanted = EndpointsOf(m_pods, *service);
        }
        const auto size = wanted.ready.size() + wanted.notReady.size();
        const auto current = SliceOf(service->key, addressType);
        if (current && size > 0 && std::get<EndpointsBody>(current->body) == wanted)
        {
            co_return true;
        }
        Object slice;
        if (current)
        {
            slice = *current;
        }
        else
        {
            slice.type = &m_slices.Type();
            slice.key = {service->key.nameSpace, service->key.name + "-" + m_names.Suffix()};
            slice.labels = {{SERVICE_LABEL, service->key.name}, {ADDRESS_LABEL, addressType}};
            SetController(slice, *service);
        }
        slice.bytes = service->bytes + SLICE_BYTES +
                      static_cast<std::uint32_t>(size) * ENDPOINT_BYTES +
                      (triggered ? TRIGGER_BYTES : 0);
        slice.body = wanted;
        ApiResult result;
        if (current)
        {
            result = co_await Update(*m_client, slice);
        }
        else
        {
            result = co_await Create(*m_client, slice);
        }
        if (result.Ok())
        {
            m_written[slice.key] = result.object->resourceVersion;
        }
        co_return result.Ok();
    }

    std::unique_ptr<ApiClient> m_client;
    NameSource& m_names;
    bool m_bothTypes;
    Informer& m_slices;
    Informer& m_services;
    Informer& m_pods;
    std::set<ObjectKey>
        m_triggered; //!< services with a timed change since they were last looked at
    std::map<ObjectKey, std::set<ObjectKey>> m_ofService;
    std::map<ObjectKey, Revision> m_written; //!< slices as this controller has written them
    WorkQueue<ObjectKey> m_queue;
};

/// A slice for endpoints that no controller keeps, of services without a selector.
class MirroringController : public Controller
{
  public:
    explicit MirroringController(ControllerContext& context)
        : m_client(context.makeClient("endpointslicemirroring-controller")),
          m_names(context.names),
          m_endpoints(context.informers.For("endpoints")),
          m_services(context.informers.For("services")),
          m_slices(context.informers.For("endpointslices")),
          m_queue(5, [this](ObjectKey key) { return Sync(std::move(key)); })
    {
        m_endpoints.AddHandlers(
            {[this](const ObjectPtr& endpoints) { Changed(*endpoints); },
             [this](const ObjectPtr&, const ObjectPtr& endpoints) { Changed(*endpoints); },
             nullptr});
        m_services.AddHandlers(
            {[this](const ObjectPtr& service) { m_queue.Add(service->key); }, nullptr, nullptr});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    /// Those of elections, and the API server's own, are not mirrored.
    void Changed(const Object& endpoints)
    {
        if (std::get<EndpointsBody>(endpoints.body).leader.empty() &&
            endpoints.key.name != "kubernetes")
        {
            m_queue.Add(endpoints.key);
        }
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto endpoints = m_endpoints.Get(key);
        const auto service = m_services.Get(key);
        if (!endpoints || !service || !std::get<ServiceBody>(service->body).selector.empty())
        {
            co_return SyncResult::DONE;
        }
        const auto& wanted = std::get<EndpointsBody>(endpoints->body);
        const auto mirrored = m_slices.ControlledBy(endpoints->uid);
        if (!mirrored.empty() && std::get<EndpointsBody>(mirrored.front()->body) == wanted)
        {
            co_return SyncResult::DONE;
        }
        Object slice;
        if (!mirrored.empty())
        {
            slice = *mirrored.front();
        }
        else
        {
            slice.type = &m_slices.Type();
            slice.key = {key.nameSpace, key.name + "-" + m_names.Suffix()};
            SetController(slice, *endpoints);
        }
        slice.bytes = endpoints->bytes + SLICE_BYTES;
        slice.body = wanted;
        ApiResult result;
        if (mirrored.empty())
        {
            result = co_await Create(*m_client, slice);
        }
        else
        {
            result = co_await Update(*m_client, slice);
        }
        co_return result.Ok() ? SyncResult::DONE : SyncResult::AGAIN;
    }

    std::unique_ptr<ApiClient> m_client;
    NameSource& m_names;
    Informer& m_endpoints;
    Informer& m_services;
    Informer& m_slices;
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeEndpointSliceController(ControllerContext& context)
{
    return std::make_unique<EndpointSliceController>(context);
}

ControllerPtr
MakeEndpointSliceMirroringController(ControllerContext& context)
{
    return std::make_unique<MirroringController>(context);
}

} // namespace etcdlab::kube
