#include "model/kubernetes/registry-store.h"

#include "model/kubernetes/pure/generation.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

/// store.go: errEmptiedFinalizers. What is updated was to be deleted, and nothing holds it any more.
const ApiError EMPTIED{0, "EmptiedFinalizers"};

ApiResult
ResultOf(const StoreResult& result, int status = 200)
{
    if (!result.Ok())
    {
        return ResultOf(result.error);
    }
    ApiResult answer;
    answer.status = status;
    answer.object = result.object;
    return answer;
}

/// What the server keeps, whatever an update says.
void
Keep(const Object& current, Object& next)
{
    next.uid = current.uid;
    next.deletionTimestamp = current.deletionTimestamp;
    const auto* was = std::get_if<ServiceBody>(&current.body);
    auto* is = std::get_if<ServiceBody>(&next.body);
    if (was != nullptr && is != nullptr && is->clusterIp == 0)
    {
        is->clusterIp = was->clusterIp;
    }
    next.generation = NextGeneration(current, next);
}

} // namespace

ApiResult
ResultOf(const ApiError& error)
{
    ApiResult answer;
    answer.status = error.status;
    answer.reason = error.reason;
    return answer;
}

RegistryStore::RegistryStore(ResourceStorage& storage, RegistryParts parts)
    : m_storage(storage),
      m_type(storage.Type()),
      m_parts(std::move(parts))
{
}

ObjectPtr
RegistryStore::Cached(const ObjectKey& key) const
{
    const auto* cacher = m_storage.GetCacher();
    return cacher != nullptr ? cacher->Cache().Find(key) : nullptr;
}

// storage/cacher/cacher.go: Get, GetToList, List. A cache that is not ready yet answers nothing.
void
RegistryStore::Get(const ObjectKey& key, ReadFrom from, const Context& context, Done done)
{
    const auto* cacher = m_storage.GetCacher();
    if (from == ReadFrom::WATCH_CACHE && cacher != nullptr && cacher->IsReady())
    {
        const auto object = cacher->Cache().Find(key);
        done(ResultOf(StoreResult{object, {404, "NotFound"}}));
        return;
    }
    m_storage.GetStore().Get(key, context, [done = std::move(done)](const StoreResult& result) {
        done(ResultOf(result));
    });
}

void
RegistryStore::List(const std::string& nameSpace, ReadFrom from, const Context& context, Done done)
{
    const auto* cacher = m_storage.GetCacher();
    if (from == ReadFrom::WATCH_CACHE && cacher != nullptr && cacher->IsReady())
    {
        ApiResult answer;
        answer.items = cacher->Cache().List(nameSpace);
        answer.revision = cacher->Cache().GetRevision();
        done(answer);
        return;
    }
    m_storage.GetStore().List(
        nameSpace, 0, context, [done = std::move(done)](const ListResult& list) {
            if (list.revision == 0)
            {
                done(ResultOf(list.error));
                return;
            }
            ApiResult answer;
            answer.items = list.items;
            answer.revision = list.revision;
            done(answer);
        });
}

void
RegistryStore::Create(Object object, const Context& context, Done done)
{
    object.type = &m_type;
    object.uid = m_parts.data.nextUid++;
    object.generation = 1;
    object.resourceVersion = 0;
    object.deletionTimestamp.reset();
    const auto nameSpace = object.key.nameSpace;
    m_parts.admission.Admit(
        m_type,
        nameSpace,
        [this, object = std::move(object), context, done = std::move(done)](const auto& error) {
            if (error)
            {
                done(ResultOf(*error));
                return;
            }
            const auto* service = std::get_if<ServiceBody>(&object.body);
            if (service != nullptr && !service->headless)
            {
                InsertService(object, context, done);
                return;
            }
            Insert(object, context, done);
        });
}

/// registry/core/service/storage/rest.go:Create
void
RegistryStore::InsertService(Object object, const Context& context, Done done)
{
    auto number = std::make_shared<std::uint32_t>(std::get<ServiceBody>(object.body).clusterIp);
    const auto take = [this, number] {
        if (*number != 0)
        {
            return m_parts.data.serviceIps.Take(*number);
        }
        const auto free = m_parts.data.serviceIps.Take(m_parts.random);
        *number = free.value_or(0);
        return free.has_value();
    };
    m_parts.serviceIps.Change(
        context,
        take,
        [this, number, object = std::move(object), context, done = std::move(done)](
            const auto& error) {
            if (error)
            {
                m_parts.data.serviceIps.Release(*number);
                done(ResultOf(*error));
                return;
            }
            auto service = object;
            std::get<ServiceBody>(service.body).clusterIp = *number;
            Insert(service, context, [this, service, done](const ApiResult& result) {
                if (!result.Ok())
                {
                    Release(service);
                }
                done(result);
            });
        });
}

void
RegistryStore::Insert(Object object, const Context& context, Done done)
{
    const auto key = object.key;
    const auto created = [this, key, context, done = std::move(done)](const StoreResult& result) {
        const auto* definition =
            result.Ok() ? std::get_if<DefinitionBody>(&result.object->body) : nullptr;
        if (definition != nullptr)
        {
            m_parts.data.AddCustomType(*definition);
        }
        if (result.error.status != 409 || result.Ok())
        {
            done(ResultOf(result, 201));
            return;
        }
        // store.go:Create looks whether the one that is there is being deleted, to say so.
        m_storage.GetStore().Get(
            key, context, [done, result](const StoreResult&) { done(ResultOf(result)); });
    };
    if (m_type.resource != "events")
    {
        m_storage.GetStore().Create(std::move(object), 0, context, created);
        return;
    }
    m_parts.eventLeases.Get(
        [this, object = std::move(object), context, created](LeaseId lease, const auto& error) {
            if (error)
            {
                created({nullptr, *error});
                return;
            }
            m_storage.GetStore().Create(object, lease, context, created);
        });
}

/// Adds what holds for all updates.
Store::Update
RegistryStore::Checked(Store::Update update) const
{
    return [this,
            update = std::move(update)](const Object& current) -> std::variant<Object, ApiError> {
        auto result = update(current);
        if (auto* next = std::get_if<Object>(&result))
        {
            Keep(current, *next);
            // A pod is deleted by its kubelet.
            if (current.deletionTimestamp && next->finalizers.empty() && m_type.resource != "pods")
            {
                return EMPTIED;
            }
        }
        return result;
    };
}

void
RegistryStore::Change(const ObjectKey& key, const Context& context, Store::Update update, Done done)
{
    const auto changed = [this, key, context, done = std::move(done)](const StoreResult& result) {
        if (result.Ok() || result.error.reason != EMPTIED.reason)
        {
            done(ResultOf(result));
            return;
        }
        m_storage.GetStore().Delete(
            key, context, {}, [done](const StoreResult& removed) { done(ResultOf(removed)); });
    };
    auto checked = Checked(std::move(update));
    if (m_type.resource != "events")
    {
        m_storage.GetStore().GuaranteedUpdate(
            key, Cached(key), 0, context, std::move(checked), changed);
        return;
    }
    m_parts.eventLeases.Get(
        [this, key, context, checked, changed](LeaseId lease, const auto& error) {
            if (error)
            {
                changed({nullptr, *error});
                return;
            }
            m_storage.GetStore().GuaranteedUpdate(key, nullptr, lease, context, checked, changed);
        });
}

void
RegistryStore::Update(Object object, const Context& context, Done done)
{
    object.type = &m_type;
    const auto key = object.key;
    Change(
        key,
        context,
        [object = std::move(object)](const Object& current) -> std::variant<Object, ApiError> {
            const bool stale =
                object.resourceVersion != 0 && object.resourceVersion != current.resourceVersion;
            if (stale || (object.uid != 0 && object.uid != current.uid))
            {
                return ApiError{409, "Conflict"};
            }
            return object;
        },
        std::move(done));
}

void
RegistryStore::Patch(const ObjectKey& key,
                     ApiClient::Mutation mutation,
                     const Context& context,
                     Done done)
{
    Change(
        key,
        context,
        [mutation = std::move(mutation)](const Object& current) -> std::variant<Object, ApiError> {
            auto next = mutation(current);
            return next ? std::move(*next) : current;
        },
        std::move(done));
}

} // namespace etcdlab::kube
