// An API server and its etcd, and what tests do with them.
#pragma once

#include "analysis/registered-names.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"
#include "model/base/clock.h"
#include "model/kubernetes/api-server.h"
#include "model/kubernetes/origins.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// A cluster whose API server is ready, and a component without latency of its own.
class ApiServerLab
{
  public:
    /// @param members each `rtt` away from the API server and from each other
    explicit ApiServerLab(const std::string& rtt,
                          int members = 1,
                          const std::vector<std::string>& settings = {})
        : m_scenario(ReadScenarioText(
              R"({"leader": "e1", "kubernetes": {"duration": "1ms", "settle": "0s", "nodes": 0, "components": false},)"
              R"("topology": {"members": )" +
                  std::to_string(members) + R"(}, "default_link": {"rtt": ")" + rtt + R"("}})",
              "lab",
              settings,
              RegisteredNames())),
          world(m_scenario)
    {
        world.Run();
        world.RunOn(std::chrono::seconds(1));
        client = Connect("test");
    }

    ApiServer& Server()
    {
        return *world.GetKubernetes()->ApiServers().front();
    }

    EtcdMember& Member(std::size_t number)
    {
        return *world.GetMembers().at(number - 1);
    }

    std::unique_ptr<ApiClient> Connect(const std::string& component,
                                       double qps = 0,
                                       std::uint64_t burst = 1)
    {
        ComponentOptions options;
        options.component = component;
        options.latency = Duration(0);
        options.qps = qps;
        options.burst = burst;
        return Server().Connect(options);
    }

    const ResourceType& Type(const char* resource)
    {
        return Server().Data().types.Get(resource);
    }

    using Request = std::function<void(ApiClient::Done)>;

    /// Make a request and run until it has ended.
    ApiResult Do(const Request& request)
    {
        ApiResult result;
        bool done = false;
        const auto start = Now();
        request([&](const ApiResult& answer) {
            result = answer;
            done = true;
            took = Now() - start;
        });
        for (int i = 0; i < 100'000 && !done; ++i)
        {
            world.RunOn(std::chrono::milliseconds(1));
        }
        EXPECT_TRUE(done);
        return result;
    }

    Object Make(const char* resource, const std::string& name, std::uint32_t bytes = 1000)
    {
        Object object;
        object.type = &Type(resource);
        object.key = {object.type->namespaced ? "default" : "", name};
        object.bytes = bytes;
        return object;
    }

    ApiResult Post(Object object)
    {
        return Do([&](auto done) { client->Create(object, done); });
    }

    ApiResult Put(Object object)
    {
        return Do([&](auto done) { client->Update(object, done); });
    }

    ApiResult Get(const char* resource, const std::string& name, ReadFrom from = ReadFrom::ETCD)
    {
        return Do(
            [&](auto done) { client->Get(Type(resource), Make(resource, name).key, from, done); });
    }

    ApiResult Delete(const char* resource,
                     const std::string& name,
                     ApiClient::DeleteOptions options = {})
    {
        return Do([&](auto done) {
            client->Delete(Type(resource), Make(resource, name).key, options, done);
        });
    }

    /// Let watches catch up.
    void Settle(Duration time = std::chrono::seconds(2))
    {
        world.RunOn(time);
    }

    /// What has been asked of etcd since the last call on behalf of an origin, in order.
    std::vector<std::string> Calls(const std::vector<std::string_view>& origins = {"test"})
    {
        std::vector<std::string> calls;
        for (const auto& each : Server().Log().EtcdRequests())
        {
            if (std::find(origins.begin(), origins.end(), each.origin) != origins.end())
            {
                calls.emplace_back(each.kind);
            }
        }
        Server().Log().Clear();
        return calls;
    }

    /// The time that `round trips` take.
    double RoundTrips(double rttMs) const
    {
        return Milliseconds(took) / rttMs;
    }

  private:
    Scenario m_scenario;

  public:
    World world;
    std::unique_ptr<ApiClient> client; //!< gone before its server
    Duration took{0};                  //!< by the last request
};

} // namespace etcdlab::kube
