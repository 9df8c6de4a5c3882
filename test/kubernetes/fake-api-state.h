// What a fake API server knows: what etcd has stored, and what the watch cache has heard of it.
#pragma once

#include "test/kubernetes/fake-api.h"

namespace etcdlab::kube
{

struct FakeWatch;

/// Shared by the API server, its clients, and requests under way.
struct FakeApi::State : std::enable_shared_from_this<FakeApi::State>
{
    using Objects = std::map<ObjectKey, ObjectPtr>;

    ResourceTypes types;
    Duration latency{0};
    Revision revision = 1;
    std::uint64_t lastUid = 0;
    std::map<std::string, Objects> stored; //!< in etcd, by resource
    std::map<std::string, Objects> cached; //!< in the watch cache
    std::map<std::uint64_t, FakeWatch*> watches;
    std::uint64_t lastWatch = 0;
    std::vector<Entry> log;
    bool down = false;

    Revision published = 1; //!< up to which the watch cache is

    void Publish(WatchEventType type, const ObjectPtr& object);
    void End(std::uint64_t watch, const std::string& reason);
    void EndAll(const std::string& reason);
};

/// Watches hear of what is newer than where they began.
struct FakeWatch : ApiWatch
{
    std::shared_ptr<FakeApi::State> state;
    std::uint64_t id = 0;
    const ResourceType* type = nullptr;
    std::string nameSpace;
    Revision after = 0;
    WatchHandlers handlers;

    ~FakeWatch() override;
};

} // namespace etcdlab::kube
