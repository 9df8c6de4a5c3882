#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// controller_utils.go: ExpectationsTimeout
constexpr Duration EXPECTATIONS_TIMEOUT = 5min;
// Measured: a first status with its managed fields, and later ones.
constexpr std::uint32_t FIRST_STATUS_BYTES = 300;
constexpr std::uint32_t STATUS_BYTES = 40;

} // namespace

std::string
NameSource::Suffix()
{
    // Without vowels and what looks like them (apimachinery util/rand).
    constexpr std::string_view ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    constexpr std::uint64_t NAMES = 27ULL * 27 * 27 * 27 * 27;
    auto number = ++m_count * 5'915'587 % NAMES; // a prime: all names come before one comes again
    std::string suffix;
    for (int i = 0; i < 5; ++i, number /= ALPHABET.size())
    {
        suffix += ALPHABET[number % ALPHABET.size()];
    }
    return suffix;
}

void
Expectations::Expect(const ObjectKey& key, int creations, int deletions)
{
    m_open[key] = {creations, deletions, Now()};
}

void
Expectations::CreationObserved(const ObjectKey& key)
{
    if (const auto found = m_open.find(key); found != m_open.end())
    {
        --found->second.creations;
    }
}

void
Expectations::DeletionObserved(const ObjectKey& key)
{
    if (const auto found = m_open.find(key); found != m_open.end())
    {
        --found->second.deletions;
    }
}

void
Expectations::Forget(const ObjectKey& key)
{
    m_open.erase(key);
}

bool
Expectations::Satisfied(const ObjectKey& key) const
{
    const auto found = m_open.find(key);
    return found == m_open.end() ||
           (found->second.creations <= 0 && found->second.deletions <= 0) ||
           Now() - found->second.since > EXPECTATIONS_TIMEOUT;
}

const PodBody&
PodOf(const Object& pod)
{
    return std::get<PodBody>(pod.body);
}

const WorkloadBody&
WorkloadOf(const Object& workload)
{
    return std::get<WorkloadBody>(workload.body);
}

bool
IsActive(const Object& pod)
{
    const auto phase = PodOf(pod).status.phase;
    return phase != PodPhase::SUCCEEDED && phase != PodPhase::FAILED && !pod.deletionTimestamp;
}

std::vector<ObjectPtr>
ActivePods(const std::vector<ObjectPtr>& pods)
{
    std::vector<ObjectPtr> active;
    std::copy_if(pods.begin(), pods.end(), std::back_inserter(active), [](const ObjectPtr& pod) {
        return IsActive(*pod);
    });
    return active;
}

void
SetController(Object& object, const Object& owner)
{
    object.owners = {{owner.type, owner.key.name, owner.uid, true}};
}

Object
MakePod(const ResourceTypes& types, const Object& workload)
{
    const auto& podTemplate = WorkloadOf(workload).podTemplate;
    Object pod;
    pod.type = &types.Get("pods");
    pod.key = {workload.key.nameSpace, ""};
    pod.labels = podTemplate.labels;
    pod.bytes = podTemplate.bytes;
    pod.body = PodBody{podTemplate.spec, {}};
    SetController(pod, workload);
    return pod;
}

Object
MakeRevision(const ResourceTypes& types, const Object& workload, const ObjectKey& key)
{
    Object revision;
    revision.type = &types.Get("controllerrevisions");
    revision.key = key;
    revision.bytes = workload.bytes * 17 / 20; // measured: 0.85 of the set as it is created
    SetController(revision, workload);
    return revision;
}

ObjectPtr
ControllerIn(const Informer& owners, const Object& object)
{
    const auto* reference = ControllerOf(object);
    if (reference == nullptr || reference->type != &owners.Type())
    {
        return nullptr;
    }
    const auto owner = owners.Get({object.key.nameSpace, reference->name});
    return owner && owner->uid == reference->uid ? owner : nullptr;
}

Task<int>
CreateSlowly(ApiClient& client, EventRecorder& events, ObjectPtr owner, std::vector<Object> pods)
{
    std::size_t begun = 0;
    int created = 0;
    for (std::size_t batch = 1; begun < pods.size(); batch *= 2)
    {
        const auto size = std::min(batch, pods.size() - begun);
        const auto first = pods.begin() + static_cast<std::ptrdiff_t>(begun);
        std::vector<Object> together(first, first + static_cast<std::ptrdiff_t>(size));
        const int done = co_await CreateAll(client, together);
        for (int i = 0; i < done; ++i)
        {
            events.Record(
                *owner, "SuccessfulCreate", together[static_cast<std::size_t>(i)].key.name);
        }
        created += done;
        begun += size;
        if (static_cast<std::size_t>(done) < size)
        {
            break;
        }
    }
    co_return created;
}

Object
WithStatus(const Object& workload, const WorkloadStatus& status)
{
    auto next = workload;
    auto& body = std::get<WorkloadBody>(next.body);
    if (!(body.status == status))
    {
        next.bytes += body.status.observedGeneration == 0 ? FIRST_STATUS_BYTES : STATUS_BYTES;
    }
    body.status = status;
    return next;
}

Task<SyncResult>
UpdateWorkloadStatus(ApiClient& client, ObjectPtr workload, WorkloadStatus status)
{
    if (WorkloadOf(*workload).status == status)
    {
        co_return SyncResult::DONE;
    }
    const ApiResult first = co_await Update(client, WithStatus(*workload, status));
    if (first.Ok())
    {
        co_return SyncResult::DONE;
    }
    const ApiResult read = co_await Get(client, *workload->type, workload->key, ReadFrom::ETCD);
    if (!read.Ok() || read.object->uid != workload->uid)
    {
        co_return read.status == 0 ? SyncResult::AGAIN : SyncResult::DONE;
    }
    const ApiResult second = co_await Update(client, WithStatus(*read.object, status));
    co_return second.Ok() ? SyncResult::DONE : SyncResult::AGAIN;
}

std::vector<ControllerPtr>
MakeControllers(ControllerContext& context)
{
    std::vector<ControllerPtr> controllers;
    for (const auto make : {MakeServiceAccountTokenController,
                            MakeEndpointsController,
                            MakeEndpointSliceController,
                            MakeEndpointSliceMirroringController,
                            MakeGarbageCollector,
                            MakeDaemonSetController,
                            MakeJobController,
                            MakeDeploymentController,
                            MakeReplicaSetController,
                            MakeStatefulSetController,
                            MakeCronJobController,
                            MakeNodeLifecycleController})
    {
        controllers.push_back(make(context));
    }
    return controllers;
}

} // namespace etcdlab::kube
