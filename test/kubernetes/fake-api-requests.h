// What a client of a fake API server has etcd asked for, request by request.
#pragma once

#include "test/kubernetes/fake-api-state.h"

namespace etcdlab::kube
{

/// What an update comes to, given the version it starts from.
struct Attempt
{
    std::optional<Object> wanted; //!< nothing: as it is
    bool conflict = false;
};

using Try = std::function<Attempt(const Object&)>;

ApiResult Failure(int status, const std::string& reason);
ApiResult Success(ObjectPtr object, int status = 200);

/// The part of a client that requests under way keep alive: what was sent is done even if the client goes.
class FakeRequests : public std::enable_shared_from_this<FakeRequests>
{
  public:
    FakeRequests(std::shared_ptr<FakeApi::State> of, std::string component)
        : state(std::move(of)),
          m_component(std::move(component))
    {
    }

    const std::shared_ptr<FakeApi::State> state;
    bool gone = false; //!< the client is

    ObjectPtr Cached(const ResourceType& type, const ObjectKey& key) const;

    ObjectPtr Stored(const ResourceType& type, const ObjectKey& key) const;

    /// One request to etcd: `action` there, `done` with its outcome here.
    void Etcd(const ResourceType& type,
              const ObjectKey& key,
              bool write,
              std::function<ApiResult()> action,
              ApiClient::Done done);

    void Answer(ns3::Time in, ApiResult result, ApiClient::Done done);

    void Read(const ResourceType& type, const ObjectKey& key, ApiClient::Done done);

    ObjectPtr Commit(WatchEventType change, Object object);

    /// storage/etcd3/store.go: GuaranteedUpdate
    void Modify(const ResourceType& type, const ObjectKey& key, Try attempt, ApiClient::Done done);

    /// conditionalDelete, after the Get of Store.Delete: it reads again.
    void Remove(const ResourceType& type, const ObjectKey& key, ApiClient::Done done);

  private:
    static ObjectPtr Lookup(std::map<std::string, FakeApi::State::Objects>& objects,
                            const ResourceType& type,
                            const ObjectKey& key);

    void RemoveNow(const ResourceType& type, const ObjectKey& key, ApiClient::Done done);

    void ModifyRead(const ResourceType& type,
                    const ObjectKey& key,
                    Try attempt,
                    ApiClient::Done done);

    /// @param fresh the current version comes from etcd, not from the watch cache
    void Apply(const ObjectPtr& current, bool fresh, Try attempt, ApiClient::Done done);

    void Write(const ObjectPtr& current, const Object& wanted, Try attempt, ApiClient::Done done);

    std::string m_component;
};

} // namespace etcdlab::kube
