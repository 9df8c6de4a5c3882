#include "model/kubernetes/component-client.h"

#include "model/base/clock.h"
#include "model/kubernetes/component-watch.h"

#include <algorithm>
#include <utility>

namespace etcdlab::kube
{

ComponentClient::ComponentClient(ApiServer& server, ComponentOptions options)
    : m_server(server),
      m_component(RequestLog::Name(options.component)),
      m_origin(RequestLog::Name(options.origin.empty() ? options.component : options.origin)),
      m_latency(options.latency.value_or(server.Setup().config.apiServer.componentLatency)),
      m_qps(options.qps),
      m_burst(static_cast<double>(std::max<std::uint64_t>(options.burst, 1))),
      m_tokens(m_burst)
{
}

ComponentClient::~ComponentClient()
{
    *m_alive = false;
}

const ResourceTypes&
ComponentClient::Types() const
{
    return m_server.Data().types;
}

/// A token bucket (golang.org/x/time/rate): who comes when it is empty takes a token of the future.
Duration
ComponentClient::Wait()
{
    if (m_qps <= 0)
    {
        return Duration(0);
    }
    const auto passed = ToSeconds(Now() - m_filled);
    m_tokens = std::min(m_burst, m_tokens + passed * m_qps) - 1;
    m_filled = Now();
    return m_tokens >= 0 ? Duration(0)
                         : Duration(static_cast<Duration::rep>(-m_tokens / m_qps * 1e9));
}

void
ComponentClient::Send(Head head, ApiServer::Work work, Done done)
{
    ApiRequest record;
    record.start = Now();
    record.component = m_component;
    record.verb = head.verb;
    record.resource = RequestLog::Name(head.type->resource);
    record.nameSpace = head.key.nameSpace;
    record.name = head.key.name;
    record.requestBytes = head.bytes;
    const auto back = [this, alive = m_alive, record, done = std::move(done)](
                          const ApiResult& result) {
        ns3::Simulator::Schedule(ToTime(m_latency), [this, alive, record, done, result]() mutable {
            if (*alive)
            {
                record.end = Now();
                record.status = result.status;
                m_server.Log().Add(std::move(record));
                done(result);
            }
        });
    };
    const auto arrives =
        [&server = m_server, alive = m_alive, head, origin = m_origin, work, back] {
            if (*alive)
            {
                server.Handle(*head.type,
                              head.write,
                              head.bytes,
                              origin,
                              work,
                              [alive, back](const auto& result) {
                                  if (*alive)
                                  {
                                      back(result);
                                  }
                              });
            }
        };
    ns3::Simulator::Schedule(ToTime(Wait() + m_latency), arrives);
}

void
ComponentClient::Get(const ResourceType& type, const ObjectKey& key, ReadFrom from, Done done)
{
    Send(
        {"GET", &type, key},
        [key, from](RegistryStore& registry, const Context& context, RegistryStore::Done then) {
            registry.Get(key, from, context, std::move(then));
        },
        std::move(done));
}

void
ComponentClient::List(const ResourceType& type,
                      const std::string& nameSpace,
                      ReadFrom from,
                      Done done)
{
    Send(
        {"LIST", &type, {nameSpace, ""}},
        [nameSpace,
         from](RegistryStore& registry, const Context& context, RegistryStore::Done then) {
            registry.List(nameSpace, from, context, std::move(then));
        },
        std::move(done));
}

void
ComponentClient::Create(Object object, Done done)
{
    Head head{"POST", object.type, object.key, object.bytes, true};
    Send(
        std::move(head),
        [object = std::move(object)](
            RegistryStore& registry, const Context& context, RegistryStore::Done then) {
            registry.Create(object, context, std::move(then));
        },
        std::move(done));
}

void
ComponentClient::Update(Object object, Done done)
{
    Head head{"PUT", object.type, object.key, object.bytes, true};
    Send(
        std::move(head),
        [object = std::move(object)](
            RegistryStore& registry, const Context& context, RegistryStore::Done then) {
            registry.Update(object, context, std::move(then));
        },
        std::move(done));
}

void
ComponentClient::Patch(const ResourceType& type, const ObjectKey& key, Mutation mutation, Done done)
{
    Send(
        {"PATCH", &type, key, 0, true},
        [key, mutation = std::move(mutation)](
            RegistryStore& registry, const Context& context, RegistryStore::Done then) {
            registry.Patch(key, mutation, context, std::move(then));
        },
        std::move(done));
}

void
ComponentClient::Delete(const ResourceType& type,
                        const ObjectKey& key,
                        DeleteOptions options,
                        Done done)
{
    Send(
        {"DELETE", &type, key, 0, true},
        [key, options](RegistryStore& registry, const Context& context, RegistryStore::Done then) {
            registry.Delete(key, options, context, std::move(then));
        },
        std::move(done));
}

ApiWatchPtr
ComponentClient::Watch(const ResourceType& type,
                       const std::string& nameSpace,
                       Revision after,
                       WatchHandlers handlers)
{
    auto watch =
        std::make_unique<ComponentWatch>(m_server, type, nameSpace, m_latency, std::move(handlers));
    watch->Start(after);
    return watch;
}

} // namespace etcdlab::kube
