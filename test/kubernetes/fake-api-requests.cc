#include "test/kubernetes/fake-api-requests.h"

#include "model/base/clock.h"

#include <utility>

namespace etcdlab::kube
{

using Done = ApiClient::Done;

ApiResult
Failure(int status, const std::string& reason)
{
    ApiResult result;
    result.status = status;
    result.reason = reason;
    return result;
}

ApiResult
Success(ObjectPtr object, int status)
{
    ApiResult result;
    result.status = status;
    result.object = std::move(object);
    return result;
}

namespace
{

/// A workload's spec has changed if anything but its status has.
bool
SpecChanged(const Object& old, const Object& now)
{
    const auto* before = std::get_if<WorkloadBody>(&old.body);
    const auto* after = std::get_if<WorkloadBody>(&now.body);
    if (before == nullptr || after == nullptr)
    {
        return false;
    }
    auto same = *before;
    same.status = after->status;
    return !(same == *after);
}

} // namespace

ObjectPtr
FakeRequests::Cached(const ResourceType& type, const ObjectKey& key) const
{
    return Lookup(state->cached, type, key);
}

ObjectPtr
FakeRequests::Stored(const ResourceType& type, const ObjectKey& key) const
{
    return Lookup(state->stored, type, key);
}

void
FakeRequests::Etcd(const ResourceType& type,
                   const ObjectKey& key,
                   bool write,
                   std::function<ApiResult()> action,
                   Done done)
{
    const auto half = ToTime(state->latency / 2);
    if (state->down)
    {
        Answer(2 * half, Failure(0, "Unavailable"), std::move(done));
        return;
    }
    state->log.push_back({Now(), m_component, write, type.resource, key});
    ns3::Simulator::Schedule(half, [self = shared_from_this(), half, action, done] {
        const auto result = action();
        self->Answer(half, result, done);
    });
}

void
FakeRequests::Answer(ns3::Time in, ApiResult result, Done done)
{
    ns3::Simulator::Schedule(
        in, [self = shared_from_this(), result = std::move(result), done = std::move(done)] {
            if (!self->gone)
            {
                done(result);
            }
        });
}

void
FakeRequests::Read(const ResourceType& type, const ObjectKey& key, Done done)
{
    Etcd(
        type,
        key,
        false,
        [self = shared_from_this(), &type, key] {
            const auto object = self->Stored(type, key);
            return object ? Success(object) : Failure(404, "NotFound");
        },
        std::move(done));
}

ObjectPtr
FakeRequests::Commit(WatchEventType change, Object object)
{
    object.resourceVersion = ++state->revision;
    auto& stored = state->stored[object.type->resource];
    const auto version = std::make_shared<const Object>(std::move(object));
    if (change == WatchEventType::DELETED)
    {
        stored.erase(version->key);
    }
    else
    {
        stored[version->key] = version;
    }
    ns3::Simulator::Schedule(ToTime(state->latency / 2),
                             [state = state, change, version] { state->Publish(change, version); });
    return version;
}

void
FakeRequests::Modify(const ResourceType& type, const ObjectKey& key, Try attempt, Done done)
{
    if (const auto cached = Cached(type, key); cached && type.watchCached)
    {
        Apply(cached, false, std::move(attempt), std::move(done));
        return;
    }
    ModifyRead(type, key, std::move(attempt), std::move(done));
}

void
FakeRequests::Remove(const ResourceType& type, const ObjectKey& key, Done done)
{
    Read(type, key, [self = shared_from_this(), &type, key, done](const ApiResult& read) {
        if (!read.Ok())
        {
            done(read);
            return;
        }
        self->RemoveNow(type, key, done);
    });
}

ObjectPtr
FakeRequests::Lookup(std::map<std::string, FakeApi::State::Objects>& objects,
                     const ResourceType& type,
                     const ObjectKey& key)
{
    const auto& ofType = objects[type.resource];
    const auto found = ofType.find(key);
    return found == ofType.end() ? nullptr : found->second;
}

void
FakeRequests::RemoveNow(const ResourceType& type, const ObjectKey& key, Done done)
{
    Etcd(
        type,
        key,
        true,
        [self = shared_from_this(), &type, key] {
            const auto object = self->Stored(type, key);
            return object ? Success(self->Commit(WatchEventType::DELETED, *object))
                          : Failure(404, "NotFound");
        },
        std::move(done));
}

void
FakeRequests::ModifyRead(const ResourceType& type, const ObjectKey& key, Try attempt, Done done)
{
    Read(type, key, [self = shared_from_this(), attempt, done](const ApiResult& read) {
        if (!read.Ok())
        {
            done(read);
            return;
        }
        self->Apply(read.object, true, attempt, done);
    });
}

void
FakeRequests::Apply(const ObjectPtr& current, bool fresh, Try attempt, Done done)
{
    auto outcome = attempt(*current);
    const bool same = !outcome.wanted || SameContent(*outcome.wanted, *current);
    if (outcome.conflict || same)
    {
        if (!fresh)
        {
            ModifyRead(*current->type, current->key, std::move(attempt), std::move(done));
            return;
        }
        Answer(ns3::Time(0), outcome.conflict ? Failure(409, "Conflict") : Success(current), done);
        return;
    }
    outcome.wanted->generation =
        current->generation + (SpecChanged(*current, *outcome.wanted) ? 1 : 0);
    Write(current, *outcome.wanted, std::move(attempt), std::move(done));
}

void
FakeRequests::Write(const ObjectPtr& current, const Object& wanted, Try attempt, Done done)
{
    Etcd(
        *current->type,
        current->key,
        true,
        [self = shared_from_this(), current, wanted] {
            const auto stored = self->Stored(*current->type, current->key);
            if (!stored)
            {
                return Failure(404, "NotFound");
            }
            if (stored->resourceVersion != current->resourceVersion)
            {
                auto stale = Success(stored);
                stale.reason = "Stale";
                return stale;
            }
            return Success(self->Commit(WatchEventType::MODIFIED, wanted));
        },
        [self = shared_from_this(), attempt, done](const ApiResult& result) {
            if (result.reason == "Stale")
            {
                self->Apply(result.object, true, attempt, done);
                return;
            }
            const auto& object = result.object;
            if (object && object->deletionTimestamp && object->finalizers.empty() &&
                !std::holds_alternative<PodBody>(object->body))
            {
                self->Remove(*object->type, object->key, done); // its last finalizer has gone
                return;
            }
            done(result);
        });
}

} // namespace etcdlab::kube
