#include "model/kubernetes/definition-controllers.h"

#include "model/base/clock.h"
#include "model/kubernetes/api-server.h"
#include "model/kubernetes/origins.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

/// apiextensions-apiserver pkg/apiserver/apiserver.go: for the other API servers' handlers to hear of the names
constexpr Duration ESTABLISHING_DELAY = 5s;
/// How much longer the two statuses make a definition, and an APIService: as measured.
constexpr std::uint32_t NAMES_BYTES = 735;
constexpr std::uint32_t ESTABLISHED_BYTES = 9;
constexpr std::uint32_t API_SERVICE_BYTES = 540;

} // namespace

DefinitionControllers::DefinitionControllers(ApiServer& server)
    : m_server(server)
{
}

DefinitionControllers::~DefinitionControllers()
{
    *m_alive = false;
}

void
DefinitionControllers::Start()
{
    auto* cacher = m_server.Storages(m_server.Data().types.Get("customresourcedefinitions"))
                       .front()
                       ->GetCacher();
    cacher->WhenReady([this, alive = m_alive] {
        if (*alive)
        {
            Follow();
        }
    });
}

void
DefinitionControllers::Follow()
{
    m_following = true;
    auto* cacher = m_server.Storages(m_server.Data().types.Get("customresourcedefinitions"))
                       .front()
                       ->GetCacher();
    Cacher::Subscriber subscriber;
    subscriber.deliver = [this](const WatchEvent& event) {
        if (event.type != WatchEventType::DELETED)
        {
            OnChange(*event.object);
        }
    };
    // The informer lists again.
    subscriber.end = [this](const std::string&) { Start(); };
    cacher->Subscribe(0, std::move(subscriber));
}

void
DefinitionControllers::OnChange(const Object& definition)
{
    const auto* body = std::get_if<DefinitionBody>(&definition.body);
    if (body == nullptr)
    {
        return;
    }
    m_server.Data().AddCustomType(*body);
    for (const auto& version : body->versions)
    {
        const auto name = version + "." + body->group;
        if (m_registered.insert(name).second)
        {
            Put(m_registration, [this, name](auto done) { Register(name, std::move(done)); });
        }
    }
    const auto key = definition.key;
    if (!body->namesAccepted && m_named.insert(definition.uid).second)
    {
        Put(m_naming, [this, key](auto done) { SetStatus(key, false, std::move(done)); });
    }
    if (body->namesAccepted && !body->established && m_established.insert(definition.uid).second)
    {
        const auto delay = m_server.Setup().count > 1 ? ESTABLISHING_DELAY : Duration(0);
        ns3::Simulator::Schedule(ToTime(delay), [this, alive = m_alive, key] {
            if (*alive)
            {
                Put(m_establishing,
                    [this, key](auto done) { SetStatus(key, true, std::move(done)); });
            }
        });
    }
}

void
DefinitionControllers::Put(Queue& queue, std::function<void(std::function<void()>)> work)
{
    queue.work.push_back(std::move(work));
    if (!queue.busy)
    {
        Next(queue);
    }
}

void
DefinitionControllers::Next(Queue& queue)
{
    queue.busy = !queue.work.empty();
    if (queue.busy)
    {
        const auto work = std::move(queue.work.front());
        queue.work.pop_front();
        work([this, &queue] { Next(queue); });
    }
}

void
DefinitionControllers::SetStatus(const ObjectKey& key, bool established, std::function<void()> done)
{
    const auto mutation = [established](const Object& current) -> std::optional<Object> {
        auto next = current;
        auto& body = std::get<DefinitionBody>(next.body);
        if (established ? body.established : body.namesAccepted)
        {
            return std::nullopt;
        }
        (established ? body.established : body.namesAccepted) = true;
        next.bytes += established ? ESTABLISHED_BYTES : NAMES_BYTES;
        return next;
    };
    auto* registry = m_server.RegistryOf(m_server.Data().types.Get("customresourcedefinitions"));
    registry->Patch(key,
                    mutation,
                    {ORIGIN_DEFINITIONS},
                    [this, key, established, done = std::move(done)](const ApiResult& result) {
                        if (!result.Ok() && result.status != 404)
                        {
                            // The work queue's rate limiter brings it back.
                            auto& queue = established ? m_establishing : m_naming;
                            Put(queue, [this, key, established](auto then) {
                                SetStatus(key, established, std::move(then));
                            });
                        }
                        done();
                    });
}

void
DefinitionControllers::Register(const std::string& groupVersion, std::function<void()> done)
{
    Object service;
    service.type = &m_server.Data().types.Get("apiservices");
    service.key = {"", groupVersion};
    service.bytes = API_SERVICE_BYTES + static_cast<std::uint32_t>(groupVersion.size());
    m_server.RegistryOf(*service.type)
        ->Create(std::move(service),
                 {ORIGIN_API_SERVICES},
                 [done = std::move(done)](const ApiResult&) { done(); });
}

} // namespace etcdlab::kube
