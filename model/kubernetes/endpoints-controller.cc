// pkg/controller/endpoint/endpoints_controller.go of Kubernetes 1.20
#include "model/kubernetes/controller.h"
#include "model/kubernetes/pods-of-services.h"

namespace etcdlab::kube
{

namespace
{

// Measured: beside the labels of the service, and for each address.
constexpr std::uint32_t ADDRESS_BYTES = 140;

class EndpointsController : public Controller
{
  public:
    explicit EndpointsController(ControllerContext& context)
        : m_client(context.makeClient("endpoint-controller")),
          m_endpoints(context.informers.For("endpoints")),
          m_services(context.informers.For("services")),
          m_pods(context.informers.For("pods")),
          m_queue(5, [this](ObjectKey key) { return Sync(std::move(key)); })
    {
        WatchServicesAndPods(
            m_services, m_pods, [this](const ObjectKey& service, bool) { m_queue.Add(service); });
        m_endpoints.AddHandlers({nullptr, nullptr, [this](const ObjectPtr& endpoints) {
                                     m_queue.Add(endpoints->key);
                                 }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto service = m_services.Get(key);
        const auto current = m_endpoints.Get(key);
        if (!service)
        {
            if (!current)
            {
                co_return SyncResult::DONE;
            }
            const ApiClient::DeleteOptions options;
            const ApiResult deleted = co_await Delete(*m_client, m_endpoints.Type(), key, options);
            co_return deleted.Ok() || deleted.status == 404 ? SyncResult::DONE : SyncResult::AGAIN;
        }
        if (std::get<ServiceBody>(service->body).selector.empty())
        {
            co_return SyncResult::DONE; // somebody else's
        }
        const auto wanted = EndpointsOf(m_pods, *service);
        if (current && std::get<EndpointsBody>(current->body) == wanted)
        {
            co_return SyncResult::DONE;
        }
        Object endpoints;
        if (current)
        {
            endpoints = *current;
        }
        endpoints.type = &m_endpoints.Type();
        endpoints.key = key;
        endpoints.labels = service->labels;
        endpoints.bytes = service->bytes * 3 / 4 +
                          static_cast<std::uint32_t>(wanted.ready.size() + wanted.notReady.size()) *
                              ADDRESS_BYTES;
        endpoints.body = wanted;
        ApiResult result;
        if (current)
        {
            result = co_await Update(*m_client, endpoints);
        }
        else
        {
            result = co_await Create(*m_client, endpoints);
        }
        co_return result.Ok() ? SyncResult::DONE : SyncResult::AGAIN;
    }

    std::unique_ptr<ApiClient> m_client;
    Informer& m_endpoints;
    Informer& m_services;
    Informer& m_pods;
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeEndpointsController(ControllerContext& context)
{
    return std::make_unique<EndpointsController>(context);
}

} // namespace etcdlab::kube
