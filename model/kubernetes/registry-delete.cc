// Deletion: at once, by finalizers, and gracefully (registry/generic/registry/store.go:Delete, registry/rest/delete.go,
// registry/core/pod/strategy.go:CheckGracefulDelete of Kubernetes 1.20).
#include "model/base/clock.h"
#include "model/kubernetes/registry-store.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

constexpr Duration POD_GRACE = 30s;

/// A pod that no kubelet has to stop goes at once.
Duration
GraceOf(const Object& pod, const std::optional<Duration>& asked)
{
    const auto* body = std::get_if<PodBody>(&pod.body);
    if (body == nullptr)
    {
        return Duration(0);
    }
    const auto phase = body->status.phase;
    const bool over = phase == PodPhase::SUCCEEDED || phase == PodPhase::FAILED;
    return body->spec.nodeName.empty() || over ? Duration(0) : asked.value_or(POD_GRACE);
}

ApiResult
Deleted(const ObjectPtr& object)
{
    ApiResult answer;
    answer.object = object;
    return answer;
}

} // namespace

void
RegistryStore::Delete(const ObjectKey& key,
                      ApiClient::DeleteOptions options,
                      const Context& context,
                      Done done)
{
    m_storage.GetStore().Get(
        key, context, [this, options, context, done = std::move(done)](const StoreResult& result) {
            if (!result.Ok())
            {
                done(ResultOf(result.error));
                return;
            }
            const auto& object = result.object;
            if (options.uid != 0 && options.uid != object->uid)
            {
                done(ResultOf(ApiError{409, "Conflict"}));
                return;
            }
            const bool pod = m_type.resource == "pods";
            const auto grace = pod ? GraceOf(*object, options.gracePeriod) : Duration(0);
            const bool waits = grace > Duration(0) || !object->finalizers.empty();
            if (waits && object->deletionTimestamp)
            {
                done(Deleted(object)); // somebody is at it already
                return;
            }
            if (!pod && !waits)
            {
                Remove(object, options.uid, context, done);
                return;
            }
            // Pods are marked even if they go at once.
            Mark(object,
                 grace,
                 context,
                 [this, waits, options, context, done](const ApiResult& marked) {
                     if (waits || !marked.Ok())
                     {
                         done(marked);
                         return;
                     }
                     Remove(marked.object, options.uid, context, done);
                 });
        });
}

void
RegistryStore::Mark(const ObjectPtr& object, Duration grace, const Context& context, Done done)
{
    const auto until = Now() + grace;
    m_storage.GetStore().GuaranteedUpdate(
        object->key,
        Cached(object->key),
        0,
        context,
        [until](const Object& current) -> std::variant<Object, ApiError> {
            auto next = current;
            next.deletionTimestamp = until;
            ++next.generation;
            return next;
        },
        [done = std::move(done)](const StoreResult& result) {
            done(result.Ok() ? Deleted(result.object) : ResultOf(result.error));
        });
}

void
RegistryStore::Remove(const ObjectPtr& object, std::uint64_t uid, const Context& context, Done done)
{
    const auto check = [uid](const Object& current) -> std::optional<ApiError> {
        return uid != 0 && uid != current.uid ? std::optional(ApiError{409, "Conflict"})
                                              : std::nullopt;
    };
    m_storage.GetStore().Delete(
        object->key, context, check, [this, done = std::move(done)](const StoreResult& result) {
            if (!result.Ok())
            {
                done(ResultOf(result.error));
                return;
            }
            Release(*result.object);
            done(Deleted(result.object));
        });
}

/// registry/core/service/storage/rest.go:releaseAllocatedResources
void
RegistryStore::Release(const Object& service)
{
    const auto* body = std::get_if<ServiceBody>(&service.body);
    if (body == nullptr || body->clusterIp == 0)
    {
        return;
    }
    m_parts.serviceIps.Change(
        {RequestLog::Name("service IP release")},
        [this, number = body->clusterIp] {
            m_parts.data.serviceIps.Release(number);
            return true;
        },
        [](const auto&) {});
}

} // namespace etcdlab::kube
