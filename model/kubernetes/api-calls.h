// Requests to an API server as tasks await them.
#pragma once

#include "model/kubernetes/api-client.h"
#include "model/kubernetes/task.h"

#include <utility>
#include <vector>

namespace etcdlab::kube
{

/// `const ApiResult result = co_await Get(client, type, key, from);`
using ApiReply = Later<ApiResult>;

inline ApiReply
Get(ApiClient& client, const ResourceType& type, const ObjectKey& key, ReadFrom from)
{
    return ApiReply([&client, &type, key, from](ApiReply::Callback done) {
        client.Get(type, key, from, std::move(done));
    });
}

inline ApiReply
List(ApiClient& client, const ResourceType& type, const std::string& nameSpace, ReadFrom from)
{
    return ApiReply([&client, &type, nameSpace, from](ApiReply::Callback done) {
        client.List(type, nameSpace, from, std::move(done));
    });
}

inline ApiReply
Create(ApiClient& client, Object object)
{
    return ApiReply([&client, object = std::move(object)](ApiReply::Callback done) {
        client.Create(object, std::move(done));
    });
}

inline ApiReply
Update(ApiClient& client, Object object)
{
    return ApiReply([&client, object = std::move(object)](ApiReply::Callback done) {
        client.Update(object, std::move(done));
    });
}

inline ApiReply
Patch(ApiClient& client,
      const ResourceType& type,
      const ObjectKey& key,
      ApiClient::Mutation mutation)
{
    return ApiReply([&client, &type, key, mutation = std::move(mutation)](ApiReply::Callback done) {
        client.Patch(type, key, mutation, std::move(done));
    });
}

inline ApiReply
Delete(ApiClient& client,
       const ResourceType& type,
       const ObjectKey& key,
       ApiClient::DeleteOptions options)
{
    return ApiReply([&client, &type, key, options](ApiReply::Callback done) {
        client.Delete(type, key, options, std::move(done));
    });
}

/// Create all of them at once; how many were.
inline Later<int>
CreateAll(ApiClient& client, std::vector<Object> objects)
{
    struct Outcome
    {
        std::size_t open = 0;
        int created = 0;
    };

    return Later<int>([&client, objects = std::move(objects)](Later<int>::Callback done) {
        const auto outcome = std::make_shared<Outcome>();
        outcome->open = objects.size();
        for (const auto& object : objects)
        {
            client.Create(object, [outcome, done](const ApiResult& result) {
                outcome->created += result.Ok() ? 1 : 0;
                if (--outcome->open == 0)
                {
                    done(outcome->created);
                }
            });
        }
    });
}

/// Delete all of them at once; how many were.
inline Later<int>
DeleteAll(ApiClient& client, std::vector<ObjectPtr> objects)
{
    struct Outcome
    {
        std::size_t open = 0;
        int deleted = 0;
    };

    return Later<int>([&client, objects = std::move(objects)](Later<int>::Callback done) {
        const auto outcome = std::make_shared<Outcome>();
        outcome->open = objects.size();
        for (const auto& object : objects)
        {
            const ApiClient::DeleteOptions options{object->uid, std::nullopt};
            client.Delete(
                *object->type, object->key, options, [outcome, done](const ApiResult& result) {
                    outcome->deleted += result.Ok() ? 1 : 0;
                    if (--outcome->open == 0)
                    {
                        done(outcome->deleted);
                    }
                });
        }
    });
}

} // namespace etcdlab::kube
