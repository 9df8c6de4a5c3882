#include "test/kubernetes/fake-api-client.h"

#include "model/base/clock.h"
#include "test/kubernetes/fake-api-requests.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

/// Pods that nobody runs, or that have ended, have no grace period (registry/core/pod/strategy.go).
Duration
GracePeriod(const Object& object, const ApiClient::DeleteOptions& options)
{
    const auto* pod = std::get_if<PodBody>(&object.body);
    if (pod == nullptr || pod->spec.nodeName.empty() || pod->status.phase == PodPhase::SUCCEEDED ||
        pod->status.phase == PodPhase::FAILED)
    {
        return Duration(0);
    }
    return options.gracePeriod.value_or(std::chrono::seconds(30));
}

class FakeClient : public ApiClient
{
  public:
    FakeClient(std::shared_ptr<FakeApi::State> state, std::string component)
        : m_requests(std::make_shared<FakeRequests>(std::move(state), std::move(component)))
    {
    }

    ~FakeClient() override
    {
        m_requests->gone = true;
    }

    const ResourceTypes& Types() const override
    {
        return m_requests->state->types;
    }

    void Get(const ResourceType& type, const ObjectKey& key, ReadFrom from, Done done) override
    {
        if (from == ReadFrom::WATCH_CACHE && type.watchCached && !m_requests->state->down)
        {
            const auto object = m_requests->Cached(type, key);
            m_requests->Answer(
                ns3::Time(0), object ? Success(object) : Failure(404, "NotFound"), std::move(done));
            return;
        }
        m_requests->Read(type, key, std::move(done));
    }

    void List(const ResourceType& type,
              const std::string& nameSpace,
              ReadFrom from,
              Done done) override
    {
        if (from == ReadFrom::WATCH_CACHE && type.watchCached && !m_requests->state->down)
        {
            // Looked up when it is answered, so that a watch from there on misses nothing.
            ns3::Simulator::ScheduleNow(
                [requests = m_requests, &type, nameSpace, done = std::move(done)] {
                    if (!requests->gone)
                    {
                        done(Collect(*requests, &FakeApi::State::cached, type, nameSpace));
                    }
                });
            return;
        }
        m_requests->Etcd(
            type,
            {nameSpace, ""},
            false,
            [requests = m_requests, &type, nameSpace] {
                return Collect(*requests, &FakeApi::State::stored, type, nameSpace);
            },
            std::move(done));
    }

    void Create(Object object, Done done) override
    {
        const auto key = object.key;
        const auto& type = *object.type;
        m_requests->Etcd(
            type,
            key,
            true,
            [requests = m_requests, object = std::move(object)] {
                if (requests->Stored(*object.type, object.key))
                {
                    return Failure(409, "AlreadyExists");
                }
                auto created = object;
                created.uid = ++requests->state->lastUid;
                created.generation = 1;
                return Success(requests->Commit(WatchEventType::ADDED, std::move(created)), 201);
            },
            [requests = m_requests, &type, key, done = std::move(done)](const ApiResult& result) {
                if (result.reason != "AlreadyExists")
                {
                    done(result);
                    return;
                }
                requests->Read(type, key, [done, result](const ApiResult&) { done(result); });
            });
    }

    void Update(Object object, Done done) override
    {
        const auto key = object.key;
        const auto& type = *object.type;
        m_requests->Modify(
            type,
            key,
            [object = std::move(object)](const Object& current) {
                Attempt attempt;
                attempt.conflict = object.resourceVersion != 0 &&
                                   object.resourceVersion != current.resourceVersion;
                attempt.wanted = object;
                attempt.wanted->uid = current.uid;
                return attempt;
            },
            std::move(done));
    }

    void Patch(const ResourceType& type,
               const ObjectKey& key,
               Mutation mutation,
               Done done) override
    {
        m_requests->Modify(
            type,
            key,
            [mutation = std::move(mutation)](const Object& current) {
                Attempt attempt;
                attempt.wanted = mutation(current);
                return attempt;
            },
            std::move(done));
    }

    void Delete(const ResourceType& type,
                const ObjectKey& key,
                DeleteOptions options,
                Done done) override
    {
        m_requests->Read(
            type,
            key,
            [requests = m_requests, options, done = std::move(done)](const ApiResult& read) {
                if (!read.Ok() || (options.uid != 0 && options.uid != read.object->uid))
                {
                    done(read.Ok() ? Failure(409, "Conflict") : read);
                    return;
                }
                DeleteFound(requests, read.object, options, done);
            });
    }

    ApiWatchPtr Watch(const ResourceType& type,
                      const std::string& nameSpace,
                      Revision after,
                      WatchHandlers handlers) override
    {
        const auto& state = m_requests->state;
        auto watch = std::make_unique<FakeWatch>();
        watch->state = state;
        watch->id = ++state->lastWatch;
        watch->type = &type;
        watch->nameSpace = nameSpace;
        watch->after = after;
        watch->handlers = std::move(handlers);
        state->watches[watch->id] = watch.get();
        if (state->down)
        {
            ns3::Simulator::Schedule(ToTime(state->latency),
                                     [state, id = watch->id] { state->End(id, "Unavailable"); });
        }
        return watch;
    }

  private:
    static ApiResult Collect(FakeRequests& requests,
                             std::map<std::string, FakeApi::State::Objects> FakeApi::State::*source,
                             const ResourceType& type,
                             const std::string& nameSpace)
    {
        ApiResult result;
        for (const auto& [key, object] : ((*requests.state).*source)[type.resource])
        {
            if (nameSpace.empty() || key.nameSpace == nameSpace)
            {
                result.items.push_back(object);
            }
        }
        result.revision = source == &FakeApi::State::cached ? requests.state->published
                                                            : requests.state->revision;
        return result;
    }

    /// registry/rest/delete.go: BeforeDelete; store.go: Delete
    static void DeleteFound(const std::shared_ptr<FakeRequests>& requests,
                            const ObjectPtr& object,
                            const DeleteOptions& options,
                            const Done& done)
    {
        const auto& type = *object->type;
        const bool kept = !object->finalizers.empty();
        if (!std::holds_alternative<PodBody>(object->body) && !kept)
        {
            requests->Remove(type, object->key, done);
            return;
        }
        const auto grace = GracePeriod(*object, options);
        requests->Modify(
            type,
            object->key,
            [grace](const Object& current) {
                Attempt attempt;
                if (current.deletionTimestamp && grace > Duration(0))
                {
                    return attempt;
                }
                attempt.wanted = current;
                attempt.wanted->bytes += current.deletionTimestamp ? 1 : 14;
                attempt.wanted->deletionTimestamp = Now() + grace;
                return attempt;
            },
            [requests, &type, key = object->key, gone = grace == Duration(0) && !kept, done](
                const ApiResult& marked) {
                if (marked.Ok() && gone)
                {
                    requests->Remove(type, key, done);
                    return;
                }
                done(marked);
            });
    }

    std::shared_ptr<FakeRequests> m_requests;
};

} // namespace

std::unique_ptr<ApiClient>
MakeFakeClient(std::shared_ptr<FakeApi::State> state, const std::string& component)
{
    return std::make_unique<FakeClient>(std::move(state), component);
}

} // namespace etcdlab::kube
