// Objects in etcd: what each operation of Kubernetes' storage asks of it.
#pragma once

#include "model/kubernetes/etcd-client.h"
#include "model/kubernetes/pure/object.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace etcdlab::kube
{

/// Why an operation failed, as the API says it.
struct ApiError
{
    int status = 500;
    std::string reason = "InternalError"; //!< metav1.StatusReason
};

/// What an operation brought: an object, or nullptr and the error.
struct StoreResult
{
    ObjectPtr object;
    ApiError error;

    bool Ok() const
    {
        return object != nullptr;
    }
};

struct ListResult
{
    std::vector<ObjectPtr> items;
    Revision revision = 0; //!< 0: failed, see error
    ApiError error;
};

/**
 * storage/etcd3/store.go of Kubernetes 1.20: one resource's objects, one etcd transaction for each write, which
 * holds only if the object is still the version that was read.
 */
class Store
{
  public:
    using Done = std::function<void(const StoreResult&)>;
    using ListDone = std::function<void(const ListResult&)>;
    /// A new version of the object, or why there shall be none. May be asked several times.
    using Update = std::function<std::variant<Object, ApiError>(const Object& current)>;
    /// Whether this version may be deleted; an error if not.
    using Check = std::function<std::optional<ApiError>(const Object& current)>;

    /// @param client and objects outlive the store
    Store(EtcdClient& client, ObjectTable& objects, const ResourceType& type);

    /// One Range. 404 if there is none.
    void Get(const ObjectKey& key, const Context& context, Done done);

    /// One Range of the prefix. @param limit as the cacher asks with; 0: none
    void List(const std::string& nameSpace,
              std::int64_t limit,
              const Context& context,
              ListDone done);

    /// One Txn. 409 AlreadyExists if there is one of that name. @param lease 0: none
    void Create(Object object, std::int64_t lease, const Context& context, Done done);

    /**
     * Txn after Txn, until the object has not changed since it was read. @param cached the version to begin with, as
     * a watch cache has it: no read is needed if it is the newest; nullptr: a Range comes first. An update that
     * changes nothing is not written, but then a cached version has to be read again.
     */
    void GuaranteedUpdate(const ObjectKey& key,
                          ObjectPtr cached,
                          std::int64_t lease,
                          const Context& context,
                          Update update,
                          Done done);

    /// A Range and a Txn, the latter again for every change that comes in between. Gives the last version.
    void Delete(const ObjectKey& key, const Context& context, Check check, Done done);

    /// One Range that counts keys: apiserver_storage_object_counts.
    void Count(const Context& context);

  private:
    struct Updating;
    struct Deleting;

    ObjectPtr Decode(const RangeResponse& range) const;
    void Read(const std::shared_ptr<Updating>& state);
    void Attempt(const std::shared_ptr<Updating>& state);
    void Refresh(const std::shared_ptr<Updating>& state, const ApiError& error);
    void Write(const std::shared_ptr<Updating>& state, Object next);
    void TryDelete(const std::shared_ptr<Deleting>& state);

    EtcdClient& m_client;
    ObjectTable& m_objects;
    const ResourceType& m_type;
};

/// What a failed call to etcd means to whoever asked the API server.
ApiError ErrorOf(const EtcdClient::Result& result);

} // namespace etcdlab::kube
