// What the controllers of kube-controller-manager have in common.
#pragma once

#include "model/kubernetes/event-recorder.h"
#include "model/kubernetes/informer.h"
#include "model/kubernetes/work-queue.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// The random ends of generated names, each once: five characters (apiserver storage/names/generate.go).
class NameSource
{
  public:
    std::string Suffix();

  private:
    std::uint64_t m_count = 0;
};

/// What a controller is given.
struct ControllerContext
{
    InformerFactory& informers;
    /// A client for a controller's own requests, by its name.
    std::function<std::unique_ptr<ApiClient>(const std::string& name)> makeClient;
    NameSource& names;
    Random random;
    /// 1.20 without dual stack makes slices of both address types for headless services
    /// (endpointslice/utils.go:getAddressTypesForService).
    bool headlessSlicesOfBothTypes = true;
};

/// Reacts to what its informers tell; destroying it ends all that it does.
class Controller
{
  public:
    virtual ~Controller() = default;

    /// The informers have synced.
    virtual void Start() = 0;
};

using ControllerPtr = std::unique_ptr<Controller>;

ControllerPtr MakeDeploymentController(ControllerContext& context);
ControllerPtr MakeReplicaSetController(ControllerContext& context);
ControllerPtr MakeDaemonSetController(ControllerContext& context);
ControllerPtr MakeStatefulSetController(ControllerContext& context);
ControllerPtr MakeJobController(ControllerContext& context);
ControllerPtr MakeServiceAccountTokenController(ControllerContext& context);
ControllerPtr MakeEndpointsController(ControllerContext& context);
ControllerPtr MakeEndpointSliceController(ControllerContext& context);
ControllerPtr MakeEndpointSliceMirroringController(ControllerContext& context);
ControllerPtr MakeGarbageCollector(ControllerContext& context);
ControllerPtr MakeNodeLifecycleController(ControllerContext& context);
ControllerPtr MakeCronJobController(ControllerContext& context);

/// All of them.
std::vector<ControllerPtr> MakeControllers(ControllerContext& context);

/**
 * Creations and deletions that a controller has asked for and its informer has not yet told of: until then it does not
 * ask for more (controller_utils.go: ControllerExpectations).
 */
class Expectations
{
  public:
    void Expect(const ObjectKey& key, int creations, int deletions);
    void CreationObserved(const ObjectKey& key);
    void DeletionObserved(const ObjectKey& key);
    void Forget(const ObjectKey& key);

    /// True after 5 min, whatever is missing.
    bool Satisfied(const ObjectKey& key) const;

  private:
    struct Open
    {
        int creations = 0;
        int deletions = 0;
        Duration since{0};
    };

    std::map<ObjectKey, Open> m_open;
};

const PodBody& PodOf(const Object& pod);
const WorkloadBody& WorkloadOf(const Object& workload);

/// Neither finished nor being deleted (controller_utils.go: IsPodActive).
bool IsActive(const Object& pod);

std::vector<ObjectPtr> ActivePods(const std::vector<ObjectPtr>& pods);

/// A pod of a workload's template, which the workload controls; without a name.
Object MakePod(const ResourceTypes& types, const Object& workload);

/// A ControllerRevision: a daemon set's or stateful set's template, kept under its hash.
Object MakeRevision(const ResourceTypes& types, const Object& workload, const ObjectKey& key);

/// An object that another controls.
void SetController(Object& object, const Object& owner);

/// The object that controls one, if it is of this type and the informer knows it; else nullptr.
ObjectPtr ControllerIn(const Informer& owners, const Object& object);

/**
 * Create pods one, two, four … at a time, and stop after a batch with failures (controller_utils.go: slowStartBatch);
 * an event for each.
 * @return how many were
 */
Task<int> CreateSlowly(ApiClient& client,
                       EventRecorder& events,
                       ObjectPtr owner,
                       std::vector<Object> pods);

/**
 * PUT a workload's status, and on a conflict of the version just read, as replica_set_utils.go:updateReplicaSetStatus
 * and daemon_controller.go:storeDaemonSetStatus do; nothing if it is as it was.
 */
Task<SyncResult> UpdateWorkloadStatus(ApiClient& client, ObjectPtr workload, WorkloadStatus status);

/// A workload with another status, and the size that comes of it.
Object WithStatus(const Object& workload, const WorkloadStatus& status);

} // namespace etcdlab::kube
