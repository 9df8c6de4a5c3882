// client-go: a component's side of its connection to an API server.
#pragma once

#include "model/kubernetes/api-server.h"

#include <memory>

namespace etcdlab::kube
{

/**
 * Each request waits for the rate limit (client-go util/flowcontrol), takes the latency there and back, and is
 * recorded. When the client goes, nothing is called any more.
 */
class ComponentClient : public ApiClient
{
  public:
    ComponentClient(ApiServer& server, ComponentOptions options);
    ~ComponentClient() override;

    const ResourceTypes& Types() const override;
    void Get(const ResourceType& type, const ObjectKey& key, ReadFrom from, Done done) override;
    void List(const ResourceType& type,
              const std::string& nameSpace,
              ReadFrom from,
              Done done) override;
    void Create(Object object, Done done) override;
    void Update(Object object, Done done) override;
    void Patch(const ResourceType& type,
               const ObjectKey& key,
               Mutation mutation,
               Done done) override;
    void Delete(const ResourceType& type,
                const ObjectKey& key,
                DeleteOptions options,
                Done done) override;

    /// Types without a watch cache cannot be watched: "MethodNotAllowed".
    ApiWatchPtr Watch(const ResourceType& type,
                      const std::string& nameSpace,
                      Revision after,
                      WatchHandlers handlers) override;

  private:
    /// What a request is, for the record.
    struct Head
    {
        std::string_view verb;
        const ResourceType* type = nullptr;
        ObjectKey key;
        std::uint32_t bytes = 0;
        bool write = false;
    };

    void Send(Head head, ApiServer::Work work, Done done);
    Duration Wait();

    ApiServer& m_server;
    std::string_view m_component;
    std::string_view m_origin;
    Duration m_latency;
    double m_qps;
    double m_burst;
    double m_tokens;
    Duration m_filled{0}; //!< when the tokens were counted
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace etcdlab::kube
