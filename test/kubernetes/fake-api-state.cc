#include "test/kubernetes/fake-api-state.h"

namespace etcdlab::kube
{

FakeWatch::~FakeWatch()
{
    state->watches.erase(id);
}

void
FakeApi::State::Publish(WatchEventType type, const ObjectPtr& object)
{
    auto& objects = cached[object->type->resource];
    published = object->resourceVersion;
    if (type == WatchEventType::DELETED)
    {
        objects.erase(object->key);
    }
    else
    {
        objects[object->key] = object;
    }
    std::vector<std::uint64_t> interested;
    for (const auto& [id, watch] : watches)
    {
        if (watch->type == object->type && watch->after < object->resourceVersion &&
            (watch->nameSpace.empty() || watch->nameSpace == object->key.nameSpace))
        {
            interested.push_back(id);
        }
    }
    for (const auto id : interested)
    {
        if (const auto found = watches.find(id); found != watches.end())
        {
            const auto event = found->second->handlers.event; // it may let go of the watch
            event({type, object});
        }
    }
}

void
FakeApi::State::End(std::uint64_t watch, const std::string& reason)
{
    if (const auto found = watches.find(watch); found != watches.end())
    {
        const auto ended = found->second->handlers.ended;
        watches.erase(found);
        ended(reason);
    }
}

void
FakeApi::State::EndAll(const std::string& reason)
{
    std::vector<std::uint64_t> all;
    for (const auto& [id, watch] : watches)
    {
        all.push_back(id);
    }
    for (const auto id : all)
    {
        End(id, reason);
    }
}

} // namespace etcdlab::kube
