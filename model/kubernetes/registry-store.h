// The API's verbs on one resource, as operations on its storage.
#pragma once

#include "model/kubernetes/admission.h"
#include "model/kubernetes/cluster-data.h"
#include "model/kubernetes/lease-manager.h"
#include "model/kubernetes/range-allocator.h"

#include <functional>
#include <string>

namespace etcdlab::kube
{

/// What verbs need beside their resource's storage; all of it outlives them.
struct RegistryParts
{
    ClusterData& data;
    Admission& admission;
    LeaseManager& eventLeases;
    RangeAllocator& serviceIps;
    std::function<double()> random;
};

/**
 * registry/generic/registry/store.go of Kubernetes 1.20, with what single resources add to it: services their
 * address, pods their graceful deletion, events their lease. An update begins with the version of the watch cache.
 *
 * Not modelled: that a namespace must exist, and quotas' numbers.
 */
class RegistryStore
{
  public:
    using Done = std::function<void(const ApiResult&)>;

    RegistryStore(ResourceStorage& storage, RegistryParts parts);

    void Get(const ObjectKey& key, ReadFrom from, const Context& context, Done done);
    void List(const std::string& nameSpace, ReadFrom from, const Context& context, Done done);
    void Create(Object object, const Context& context, Done done);
    void Update(Object object, const Context& context, Done done);
    void Patch(const ObjectKey& key,
               ApiClient::Mutation mutation,
               const Context& context,
               Done done);
    void Delete(const ObjectKey& key,
                ApiClient::DeleteOptions options,
                const Context& context,
                Done done);

    ResourceStorage& Storage()
    {
        return m_storage;
    }

  private:
    void Insert(Object object, const Context& context, Done done);
    void InsertService(Object object, const Context& context, Done done);
    void Change(const ObjectKey& key, const Context& context, Store::Update update, Done done);
    Store::Update Checked(Store::Update update) const;
    void Mark(const ObjectPtr& object, Duration grace, const Context& context, Done done);
    void Remove(const ObjectPtr& object, std::uint64_t uid, const Context& context, Done done);
    void Release(const Object& service);
    ObjectPtr Cached(const ObjectKey& key) const;

    ResourceStorage& m_storage;
    const ResourceType& m_type;
    RegistryParts m_parts;
};

/// A failed operation's result.
ApiResult ResultOf(const ApiError& error);

} // namespace etcdlab::kube
