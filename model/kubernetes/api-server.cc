#include "model/kubernetes/api-server.h"

#include "model/base/clock.h"
#include "model/kubernetes/api-server-loops.h"
#include "model/kubernetes/bootstrap.h"
#include "model/kubernetes/component-client.h"
#include "model/kubernetes/definition-controllers.h"

#include <ns3/event-id.h>

#include <algorithm>
#include <utility>

namespace etcdlab::kube
{

namespace
{

/// What 1.19 does not serve: priority and fairness is alpha there, node.k8s.io/v1 does not exist.
int
StoragesIn119(const ResourceType& type)
{
    const bool runtime = type.resource == "runtimeclasses";
    return type.group == "flowcontrol.apiserver.k8s.io" ? 0 : type.storages - (runtime ? 1 : 0);
}

} // namespace

ApiServer::ApiServer(ApiServerSetup setup, ClusterData& data)
    : m_setup(std::move(setup)),
      m_data(data),
      m_cpu(std::make_shared<Cpu>(m_setup.config.apiServer.cores)),
      m_random(ns3::CreateObject<ns3::UniformRandomVariable>()),
      m_nextStream(m_setup.streams),
      m_access{m_setup.network,
               m_setup.node,
               m_setup.endpoints,
               m_setup.client,
               &m_log,
               [this] { return Random(); },
               [this] { return m_nextStream++; }},
      m_serviceIps(
          m_access, data.objects, "serviceips", [this] { return m_data.serviceIps.Bytes(); }),
      // Node ports 30000 to 32767 are few, and nobody here asks for one.
      m_nodePorts(m_access, data.objects, "servicenodeports", [] { return 80U; })
{
    m_random->SetStream(m_nextStream++);
    for (const auto* type : m_data.types.All())
    {
        if (!type->custom && StoragesOf(*type) > 0)
        {
            Build(*type);
        }
    }
    const auto storage = [this](const char* resource) -> ResourceStorage& {
        return *m_resources.at(&m_data.types.Get(resource)).storages.front();
    };
    m_admission = std::make_unique<Admission>(storage("limitranges"), storage("resourcequotas"));
    m_eventLeases = std::make_unique<LeaseManager>(storage("events").Client(),
                                                   m_setup.config.apiServer.eventTtl);
    for (auto& [type, resource] : m_resources)
    {
        resource.registry = std::make_unique<RegistryStore>(
            *resource.storages.front(),
            RegistryParts{m_data, *m_admission, *m_eventLeases, m_serviceIps, m_access.random});
    }
    m_loops = std::make_unique<ApiServerLoops>(*this);
    m_definitions = std::make_unique<DefinitionControllers>(*this);
    m_bootstrap = std::make_unique<Bootstrap>(*this);
}

ApiServer::~ApiServer()
{
    *m_alive = false;
}

int
ApiServer::StoragesOf(const ResourceType& type) const
{
    return m_setup.config.version == "1.19" ? StoragesIn119(type) : type.storages;
}

ApiServer::Resource&
ApiServer::Build(const ResourceType& type)
{
    auto& resource = m_resources[&type];
    for (int i = 0; i < StoragesOf(type); ++i)
    {
        resource.storages.push_back(
            std::make_unique<ResourceStorage>(m_access, m_data.objects, type, i == 0));
    }
    m_built.push_back(&type);
    return resource;
}

void
ApiServer::Start()
{
    m_started = true;
    m_serviceIps.Start();
    m_nodePorts.Start();
    for (const auto* type : m_built)
    {
        for (const auto& storage : m_resources.at(type).storages)
        {
            storage->Start();
        }
    }
    m_loops->Connect();
    m_bootstrap->Start([this] {
        m_definitions->Start();
        m_loops->Start();
    });
}

bool
ApiServer::IsReady() const
{
    for (const auto& [type, resource] : m_resources)
    {
        for (const auto& storage : resource.storages)
        {
            if (!storage->IsReady())
            {
                return false;
            }
        }
    }
    return m_started && m_bootstrap->IsDone() && m_loops->IsConnected() &&
           m_definitions->IsFollowing();
}

std::unique_ptr<ApiClient>
ApiServer::Connect(ComponentOptions options)
{
    return std::make_unique<ComponentClient>(*this, std::move(options));
}

std::size_t
ApiServer::EtcdClients() const
{
    std::size_t count = 2 + m_loops->EtcdClients(); // the allocators'
    for (const auto& [type, resource] : m_resources)
    {
        count += resource.storages.size();
    }
    return count;
}

std::size_t
ApiServer::EtcdWatches() const
{
    std::size_t count = 0;
    for (const auto& [type, resource] : m_resources)
    {
        for (const auto& storage : resource.storages)
        {
            count += storage->GetCacher() != nullptr && storage->GetCacher()->IsWatching() ? 1 : 0;
        }
    }
    return count;
}

std::vector<ResourceStorage*>
ApiServer::Storages(const ResourceType& type)
{
    std::vector<ResourceStorage*> all;
    const auto found = m_resources.find(&type);
    if (found != m_resources.end())
    {
        for (const auto& storage : found->second.storages)
        {
            all.push_back(storage.get());
        }
    }
    return all;
}

/// A custom type, as long as its definition is established.
bool
ApiServer::IsServed(const ResourceType& type)
{
    if (!type.custom)
    {
        return m_resources.contains(&type);
    }
    const auto& definitions = m_data.types.Get("customresourcedefinitions");
    const auto found = m_resources.at(&definitions)
                           .storages.front()
                           ->GetCacher()
                           ->Cache()
                           .Find({"", type.resource + "." + type.group});
    const auto* body = found ? std::get_if<DefinitionBody>(&found->body) : nullptr;
    return body != nullptr && body->established;
}

/// apiextensions-apiserver pkg/apiserver/customresource_handler.go:getOrCreateServingInfoFor
RegistryStore*
ApiServer::RegistryOf(const ResourceType& type)
{
    if (!IsServed(type))
    {
        return nullptr;
    }
    const auto found = m_resources.find(&type);
    if (found != m_resources.end())
    {
        return found->second.registry.get();
    }
    auto& resource = Build(type);
    resource.registry = std::make_unique<RegistryStore>(
        *resource.storages.front(),
        RegistryParts{m_data, *m_admission, *m_eventLeases, m_serviceIps, m_access.random});
    for (const auto& storage : resource.storages)
    {
        storage->Start();
    }
    return resource.registry.get();
}

Duration
ApiServer::Spend(Duration work, const char* what)
{
    return m_cpu.Run(Now(), work, what);
}

namespace
{

/// Bytes of the objects in an answer.
std::uint64_t
BytesOf(const ApiResult& result)
{
    std::uint64_t bytes = result.object ? result.object->bytes : 0;
    for (const auto& item : result.items)
    {
        bytes += item->bytes;
    }
    return bytes;
}

} // namespace

void
ApiServer::Handle(const ResourceType& type,
                  bool write,
                  std::uint32_t bytes,
                  std::string_view origin,
                  Work work,
                  RegistryStore::Done done)
{
    const auto& config = m_setup.config.apiServer;
    const auto perByte = [&config](std::uint64_t count) {
        return config.cpuPerKibibyte * static_cast<std::int64_t>(count) / 1024;
    };
    const auto limit = write ? config.writeTimeout : config.readTimeout;
    const Context context{origin, Now() + limit};
    // Whatever hangs, the handler answers in time (endpoints/handlers/rest.go:finishRequest).
    auto answer = std::make_shared<RegistryStore::Done>(std::move(done));
    const auto timer = ns3::Simulator::Schedule(ToTime(limit), [answer] {
        if (const auto once = std::exchange(*answer, nullptr))
        {
            once(ResultOf(ApiError{504, "Timeout"}));
        }
    });
    const auto finish = [this, alive = m_alive, answer, timer, perByte](const ApiResult& result) {
        if (!*alive || !*answer)
        {
            return;
        }
        ns3::EventId(timer).Cancel();
        RunAt(Spend(perByte(BytesOf(result)), "answer"), [answer, result] {
            if (const auto once = std::exchange(*answer, nullptr))
            {
                once(result);
            }
        });
    };
    const auto cpu = write ? config.writeCpu : config.readCpu;
    RunAt(Spend(cpu + perByte(bytes), write ? "write" : "read"),
          [this, alive = m_alive, &type, context, work, finish] {
              if (!*alive)
              {
                  return;
              }
              auto* registry = RegistryOf(type);
              registry != nullptr ? work(*registry, context, finish)
                                  : finish(ResultOf(ApiError{404, "NotFound"}));
          });
}

} // namespace etcdlab::kube
