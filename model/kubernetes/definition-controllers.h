// What becomes of a CustomResourceDefinition: its type is served once its status says so.
#pragma once

#include "model/kubernetes/registry-store.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace etcdlab::kube
{

class ApiServer;

/**
 * The controllers inside an API server (apiextensions-apiserver pkg/controller/status, establish; kubernetes
 * pkg/controller/crdregistration and kube-aggregator's autoregister). They follow the watch cache of definitions. For
 * each one, the first writes that its names are accepted, then, when that has come back through the watch, the second
 * that it is established; each writes the whole definition. For each new group and version an APIService is made.
 * Each controller does one thing at a time. With several API servers the second waits 5 s.
 */
class DefinitionControllers
{
  public:
    explicit DefinitionControllers(ApiServer& server);
    ~DefinitionControllers();

    void Start();

    bool IsFollowing() const
    {
        return m_following;
    }

  private:
    /// Works through what it is given, one after the other.
    struct Queue
    {
        std::deque<std::function<void(std::function<void()> done)>> work;
        bool busy = false;
    };

    void Follow();
    void OnChange(const Object& definition);
    void Put(Queue& queue, std::function<void(std::function<void()> done)> work);
    void Next(Queue& queue);
    void SetStatus(const ObjectKey& key, bool established, std::function<void()> done);
    void Register(const std::string& groupVersion, std::function<void()> done);

    ApiServer& m_server;
    bool m_following = false;
    Queue m_naming;
    Queue m_establishing;
    Queue m_registration;
    std::set<std::string> m_registered; //!< group versions
    std::set<std::uint64_t> m_named;    //!< definitions, by uid
    std::set<std::uint64_t> m_established;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab::kube
