#include "model/kubernetes/bootstrap.h"

#include "model/base/clock.h"
#include "model/kubernetes/api-server.h"
#include "model/kubernetes/origins.h"

#include <string>
#include <utility>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration RETRY = 1s;

struct Row
{
    const char* resource;
    const char* nameSpace;
    std::vector<std::string> names;
    std::uint32_t bytes; //!< of one; as measured, the counts too
};

std::vector<std::string>
Numbered(const std::string& prefix, int count)
{
    std::vector<std::string> names;
    for (int i = 1; i <= count; ++i)
    {
        names.push_back(prefix + std::to_string(i));
    }
    return names;
}

std::vector<std::string>
With(std::vector<std::string> names, const std::vector<std::string>& more)
{
    names.insert(names.end(), more.begin(), more.end());
    return names;
}

std::vector<Row>
Rows()
{
    return {{"namespaces", "", {"default", "kube-system", "kube-public", "kube-node-lease"}, 210},
            {"clusterroles", "", Numbered("system:role-", 62), 900},
            {"clusterrolebindings", "", Numbered("system:binding-", 41), 600},
            {"roles", "kube-system", Numbered("system:role-", 7), 500},
            {"rolebindings", "kube-system", Numbered("system:binding-", 7), 500},
            {"apiservices", "", Numbered("v1.group-", 35), 540},
            {"priorityclasses", "", {"system-cluster-critical", "system-node-critical"}, 400},
            {"flowschemas", "", With({"exempt", "catch-all"}, Numbered("system-", 8)), 850},
            {"prioritylevelconfigurations",
             "",
             With({"exempt", "catch-all"}, Numbered("workload-", 5)),
             430},
            {"endpoints", "default", {"kubernetes"}, 370},
            {"endpointslices", "default", {"kubernetes"}, 430},
            {"services", "default", {"kubernetes"}, 590}};
}

Object
ObjectOf(const ResourceType& type, const Row& row, const std::string& name)
{
    Object object;
    object.type = &type;
    object.key = {row.nameSpace, name};
    object.bytes = row.bytes;
    if (type.resource == "services")
    {
        object.body = ServiceBody{{}, false, 1};
    }
    else if (type.resource == "endpoints" || type.resource == "endpointslices")
    {
        object.body = EndpointsBody{};
    }
    return object;
}

} // namespace

Bootstrap::Bootstrap(ApiServer& server)
    : m_server(server)
{
}

void
Bootstrap::Start(std::function<void()> done)
{
    m_started = true;
    m_done = std::move(done);
    const auto rows = Rows();
    m_hooks = rows.size() + 2; // and two ranges
    for (const auto& row : rows)
    {
        const auto& type = m_server.Data().types.Get(row.resource);
        auto objects = std::make_shared<std::vector<Object>>();
        if (m_server.RegistryOf(type) != nullptr)
        {
            for (const auto& name : row.names)
            {
                objects->push_back(ObjectOf(type, row, name));
            }
        }
        Ensure(objects, 0);
    }
    // Allocations wait for nothing but their turn, and so come after these.
    for (auto* allocator : {&m_server.ServiceIps(), &m_server.NodePorts()})
    {
        allocator->Create({ORIGIN_BOOTSTRAP}, [this](const auto&) { HookDone(); });
    }
}

void
Bootstrap::Ensure(std::shared_ptr<std::vector<Object>> objects, std::size_t first)
{
    if (first == objects->size())
    {
        HookDone();
        return;
    }
    const auto& object = (*objects)[first];
    auto* registry = m_server.RegistryOf(*object.type);
    const auto next = [this, objects, first](const ApiResult& result) {
        if (result.Ok() || result.status == 409)
        {
            Ensure(objects, first + 1);
            return;
        }
        ns3::Simulator::Schedule(ToTime(RETRY), [this, objects, first] { Ensure(objects, first); });
    };
    const Context context{ORIGIN_BOOTSTRAP};
    registry->Get(object.key,
                  ReadFrom::ETCD,
                  context,
                  [registry, &object, context, next](const auto& result) {
                      result.status == 404 ? registry->Create(object, context, next) : next(result);
                  });
}

void
Bootstrap::HookDone()
{
    if (--m_hooks == 0)
    {
        m_done();
    }
}

} // namespace etcdlab::kube
