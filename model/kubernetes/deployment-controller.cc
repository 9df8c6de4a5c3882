// pkg/controller/deployment of Kubernetes 1.20: deployment_controller.go, sync.go, rolling.go, progress.go
#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

// Measured: the annotation of the revision; a replica set beside its deployment.
constexpr std::uint32_t REVISION_BYTES = 37;
constexpr std::uint32_t SET_BYTES = 70;

class DeploymentController : public Controller
{
  public:
    explicit DeploymentController(ControllerContext& context)
        : m_client(context.makeClient("deployment-controller")),
          m_events(*m_client),
          m_deployments(context.informers.For("deployments")),
          m_sets(context.informers.For("replicasets")),
          m_queue(5, [this](ObjectKey key) { return Sync(std::move(key)); })
    {
        m_deployments.AddHandlers(
            {[this](const ObjectPtr& deployment) { m_queue.Add(deployment->key); },
             [this](const ObjectPtr&, const ObjectPtr& deployment) {
                 m_queue.Add(deployment->key);
             },
             [this](const ObjectPtr& deployment) { m_queue.Add(deployment->key); }});
        m_sets.AddHandlers({[this](const ObjectPtr& set) { SetChanged(*set); },
                            [this](const ObjectPtr&, const ObjectPtr& set) { SetChanged(*set); },
                            [this](const ObjectPtr& set) { SetChanged(*set); }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    void SetChanged(const Object& set)
    {
        if (const auto deployment = ControllerIn(m_deployments, set))
        {
            m_queue.Add(deployment->key);
        }
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto deployment = m_deployments.Get(key);
        if (!deployment)
        {
            co_return SyncResult::DONE;
        }
        auto sets = m_sets.ControlledBy(deployment->uid);
        ObjectPtr fresh = NewSet(*deployment, sets);
        if (!deployment->deletionTimestamp && !fresh)
        {
            const SyncResult created = co_await CreateSet(deployment, sets);
            co_return created;
        }
        if (!deployment->deletionTimestamp)
        {
            const SyncResult rolled = co_await Roll(deployment, fresh, sets);
            if (rolled == SyncResult::AGAIN)
            {
                co_return rolled;
            }
        }
        const auto status = StatusOf(*deployment, fresh, sets);
        if (WorkloadOf(*deployment).status == status)
        {
            co_return SyncResult::DONE;
        }
        const ApiResult updated = co_await Update(*m_client, WithStatus(*deployment, status));
        co_return updated.Ok() ? SyncResult::DONE : SyncResult::AGAIN;
    }

    static ObjectPtr NewSet(const Object& deployment, const std::vector<ObjectPtr>& sets)
    {
        const auto found = std::find_if(sets.begin(), sets.end(), [&](const ObjectPtr& set) {
            return WorkloadOf(*set).hash == WorkloadOf(deployment).hash;
        });
        return found == sets.end() ? nullptr : *found;
    }

    /// sync.go:getNewReplicaSet. The update of the revision is not looked at, so that the status that follows is that of
    /// an old version, and refused: one read at the API server, and the deployment's turn comes again.
    Task<SyncResult> CreateSet(ObjectPtr deployment, std::vector<ObjectPtr> sets)
    {
        const auto& body = WorkloadOf(*deployment);
        auto set = MakeSet(*deployment, body);
        std::get<WorkloadBody>(set.body).replicas = NewReplicas(body, 0, Wanted(sets));
        const ApiResult created = co_await Create(*m_client, set);
        if (!created.Ok() && created.reason != "AlreadyExists")
        {
            co_return SyncResult::AGAIN;
        }
        m_events.Record(*deployment, "ScalingReplicaSet", set.key.name + " up");
        auto revised = *deployment;
        revised.bytes += REVISION_BYTES;
        const ApiResult annotated = co_await Update(*m_client, revised);
        if (!annotated.Ok())
        {
            co_return SyncResult::AGAIN;
        }
        const auto status = StatusOf(*deployment, created.object, std::move(sets));
        const ApiResult updated = co_await Update(*m_client, WithStatus(revised, status));
        co_return updated.Ok() ? SyncResult::DONE : SyncResult::AGAIN;
    }

    Object MakeSet(const Object& deployment, const WorkloadBody& body)
    {
        const auto hash = std::to_string(body.hash);
        Object set;
        set.type = &m_client->Types().Get("replicasets");
        set.key = {deployment.key.nameSpace, deployment.key.name + "-" + hash};
        set.labels = body.podTemplate.labels;
        set.labels["pod-template-hash"] = hash;
        set.bytes = deployment.bytes + SET_BYTES;
        auto own = body;
        own.status = {};
        own.podTemplate.labels = set.labels;
        own.selector["pod-template-hash"] = hash;
        set.body = own;
        SetController(set, deployment);
        return set;
    }

    static int Wanted(const std::vector<ObjectPtr>& sets)
    {
        int wanted = 0;
        for (const auto& set : sets)
        {
            wanted += WorkloadOf(*set).replicas;
        }
        return wanted;
    }

    /// util/deployment_util.go:NewRSNewReplicas, with a maxSurge of 25 %
    static int NewReplicas(const WorkloadBody& deployment, int now, int all)
    {
        const int surge = (deployment.replicas + 3) / 4;
        if (now >= deployment.replicas)
        {
            return deployment.replicas;
        }
        const int room = std::max(0, deployment.replicas + surge - all);
        return now + std::min(room, deployment.replicas - now);
    }

    /// rolling.go:rolloutRolling: first the new set grows, then old ones shrink.
    Task<SyncResult> Roll(ObjectPtr deployment, ObjectPtr fresh, std::vector<ObjectPtr> sets)
    {
        const auto& body = WorkloadOf(*deployment);
        const int now = WorkloadOf(*fresh).replicas;
        const int next = NewReplicas(body, now, Wanted(sets));
        if (next != now)
        {
            const SyncResult scaled = co_await Scale(deployment, fresh, next);
            co_return scaled;
        }
        int available = 0;
        for (const auto& set : sets)
        {
            available += WorkloadOf(*set).status.available;
        }
        // maxUnavailable: 25 %, rounded down
        int surplus = available - (body.replicas - body.replicas / 4);
        for (const auto& set : sets)
        {
            const int replicas = WorkloadOf(*set).replicas;
            if (set == fresh || replicas == 0 || surplus <= 0)
            {
                continue;
            }
            const int fewer = std::min(surplus, replicas);
            const SyncResult scaled = co_await Scale(deployment, set, replicas - fewer);
            if (scaled == SyncResult::AGAIN)
            {
                co_return scaled;
            }
            surplus -= fewer;
        }
        co_return SyncResult::DONE;
    }

    Task<SyncResult> Scale(ObjectPtr deployment, ObjectPtr set, int replicas)
    {
        auto scaled = *set;
        std::get<WorkloadBody>(scaled.body).replicas = replicas;
        const ApiResult result = co_await Update(*m_client, scaled);
        if (result.Ok())
        {
            m_events.Record(*deployment,
                            "ScalingReplicaSet",
                            set->key.name + " to " + std::to_string(replicas));
        }
        co_return result.Ok() ? SyncResult::DONE : SyncResult::AGAIN;
    }

    /// sync.go:calculateStatus
    static WorkloadStatus StatusOf(const Object& deployment,
                                   const ObjectPtr& fresh,
                                   std::vector<ObjectPtr> sets)
    {
        WorkloadStatus status;
        status.observedGeneration = deployment.generation;
        for (const auto& set : sets)
        {
            const auto& of = WorkloadOf(*set).status;
            status.replicas += of.replicas;
            status.ready += of.ready;
            status.available += of.available;
        }
        status.updated = fresh ? WorkloadOf(*fresh).status.replicas : 0;
        const int wanted = WorkloadOf(deployment).replicas;
        status.progressing =
            status.updated == wanted && status.replicas == wanted && status.available == wanted;
        return status;
    }

    std::unique_ptr<ApiClient> m_client;
    EventRecorder m_events;
    Informer& m_deployments;
    Informer& m_sets;
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeDeploymentController(ControllerContext& context)
{
    return std::make_unique<DeploymentController>(context);
}

} // namespace etcdlab::kube
