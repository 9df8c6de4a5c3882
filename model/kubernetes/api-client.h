// What components ask of an API server.
#pragma once

#include "model/kubernetes/pure/object.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// How a request ended.
struct ApiResult
{
    int status = 200; //!< HTTP; 0: no answer, the API server could not be reached
    std::string
        reason; //!< metav1.StatusReason: AlreadyExists, Conflict, NotFound, Timeout …; empty if it went well
    ObjectPtr object;             //!< of a request about one object
    std::vector<ObjectPtr> items; //!< of a list, by key
    Revision revision = 0;        //!< of a list: where a watch is to begin

    bool Ok() const
    {
        return status >= 200 && status < 300;
    }
};

/// The freshness a reader asks for.
enum class ReadFrom
{
    ETCD, //!< no resource version: a linearizable read
    WATCH_CACHE //!< resourceVersion=0: whatever the watch cache knows; types without one are read from etcd
};

enum class WatchEventType
{
    ADDED,
    MODIFIED,
    DELETED
};

struct WatchEvent
{
    WatchEventType type = WatchEventType::ADDED;
    ObjectPtr object; //!< of a deletion: the last version
};

struct WatchHandlers
{
    std::function<void(const WatchEvent&)> event;
    /// The watch is over: the API server is gone, or what it asked for is compacted ("Expired": list again).
    std::function<void(const std::string& reason)> ended;
};

/// A watch; letting go of it ends it, and no handler is called any more.
class ApiWatch
{
  public:
    virtual ~ApiWatch() = default;
};

using ApiWatchPtr = std::unique_ptr<ApiWatch>;

/**
 * A component's way to an API server: client-go's. Each `done` is called once, always later than the call, or never
 * if the client goes first.
 */
class ApiClient
{
  public:
    using Done = std::function<void(const ApiResult&)>;
    /// A new version made of the current one; nothing: it is right as it is. Called in the API server, with the
    /// cached version first and again with etcd's if that was stale.
    using Mutation = std::function<std::optional<Object>(const Object& current)>;

    virtual ~ApiClient() = default;

    virtual const ResourceTypes& Types() const = 0;

    /// GET
    virtual void Get(const ResourceType& type, const ObjectKey& key, ReadFrom from, Done done) = 0;

    /// GET of a collection. @param nameSpace empty: of all
    virtual void List(const ResourceType& type,
                      const std::string& nameSpace,
                      ReadFrom from,
                      Done done) = 0;

    /// POST. 409 AlreadyExists if there is one of that name.
    virtual void Create(Object object, Done done) = 0;

    /// PUT, of the object or its status. 409 Conflict if its resource version is not the current one; 0: whatever
    /// that is.
    virtual void Update(Object object, Done done) = 0;

    /// PATCH, and what else the API server does to an object on request, as a binding. Conflicts are its own matter.
    virtual void Patch(const ResourceType& type,
                       const ObjectKey& key,
                       Mutation mutation,
                       Done done) = 0;

    struct DeleteOptions
    {
        std::uint64_t uid = 0;               //!< precondition; 0: none
        std::optional<Duration> gracePeriod; //!< of a pod; nothing: 30 s, zero: at once
    };

    /// DELETE. An object with finalizers, or a pod with a grace period, is only marked.
    virtual void Delete(const ResourceType& type,
                        const ObjectKey& key,
                        DeleteOptions options,
                        Done done) = 0;

    /// Watch from the revision after this one. @param nameSpace empty: all
    virtual ApiWatchPtr Watch(const ResourceType& type,
                              const std::string& nameSpace,
                              Revision after,
                              WatchHandlers handlers) = 0;
};

} // namespace etcdlab::kube
