// pkg/controller/statefulset/stateful_set_control.go of Kubernetes 1.20; pod management OrderedReady
#include "model/kubernetes/controller.h"

namespace etcdlab::kube
{

namespace
{

class StatefulSetController : public Controller
{
  public:
    explicit StatefulSetController(ControllerContext& context)
        : m_client(context.makeClient("statefulset-controller")),
          m_events(*m_client),
          m_sets(context.informers.For("statefulsets")),
          m_revisions(context.informers.For("controllerrevisions")),
          m_pods(context.informers.For("pods")),
          m_queue(5, [this](ObjectKey key) { return Sync(std::move(key)); })
    {
        m_sets.AddHandlers(
            {[this](const ObjectPtr& set) { m_queue.Add(set->key); },
             [this](const ObjectPtr&, const ObjectPtr& set) { m_queue.Add(set->key); },
             [this](const ObjectPtr& set) { m_queue.Add(set->key); }});
        m_pods.AddHandlers({[this](const ObjectPtr& pod) { PodChanged(*pod); },
                            [this](const ObjectPtr&, const ObjectPtr& pod) { PodChanged(*pod); },
                            [this](const ObjectPtr& pod) { PodChanged(*pod); }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    void PodChanged(const Object& pod)
    {
        if (const auto set = ControllerIn(m_sets, pod))
        {
            m_queue.Add(set->key);
        }
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto set = m_sets.Get(key);
        if (!set || set->deletionTimestamp)
        {
            co_return SyncResult::DONE;
        }
        const auto hash = std::to_string(WorkloadOf(*set).hash);
        const ObjectKey revision{key.nameSpace, key.name + "-" + hash};
        if (!m_revisions.Get(revision))
        {
            const ApiResult created =
                co_await Create(*m_client, MakeRevision(m_client->Types(), *set, revision));
            if (!created.Ok() && created.reason != "AlreadyExists")
            {
                co_return SyncResult::AGAIN;
            }
        }
        auto status = StatusOf(*set, hash);
        const SyncResult moved = co_await Move(set, hash, &status);
        const SyncResult updated = co_await UpdateWorkloadStatus(*m_client, set, status);
        co_return moved == SyncResult::AGAIN ? moved : updated;
    }

    ObjectPtr PodAt(const Object& set, int ordinal) const
    {
        return m_pods.Get({set.key.nameSpace, set.key.name + "-" + std::to_string(ordinal)});
    }

    static bool UpToDate(const Object& pod, const std::string& hash)
    {
        const auto label = pod.labels.find("controller-revision-hash");
        return label != pod.labels.end() && label->second == hash;
    }

    WorkloadStatus StatusOf(const Object& set, const std::string& hash) const
    {
        WorkloadStatus status;
        status.observedGeneration = set.generation;
        for (const auto& pod : m_pods.ControlledBy(set.uid))
        {
            const int ready = PodOf(*pod).status.ready ? 1 : 0;
            ++status.replicas;
            status.ready += ready;
            status.available += ready;
            status.updated += UpToDate(*pod, hash) ? 1 : 0;
        }
        return status;
    }

    /// One step: the first pod that is missing is created, once those before it are ready; then the last that is too many
    /// or out of date goes.
    Task<SyncResult> Move(ObjectPtr set, std::string hash, WorkloadStatus* status)
    {
        const int replicas = WorkloadOf(*set).replicas;
        for (int ordinal = 0; ordinal < replicas; ++ordinal)
        {
            const auto pod = PodAt(*set, ordinal);
            if (!pod)
            {
                auto next = MakePod(m_client->Types(), *set);
                next.key.name = set->key.name + "-" + std::to_string(ordinal);
                next.labels["controller-revision-hash"] = hash;
                const ApiResult created = co_await Create(*m_client, next);
                if (!created.Ok())
                {
                    co_return SyncResult::AGAIN;
                }
                m_events.Record(*set, "SuccessfulCreate", next.key.name);
                ++status->replicas;
                ++status->updated;
                co_return SyncResult::DONE;
            }
            const auto phase = PodOf(*pod).status.phase;
            if (phase == PodPhase::FAILED && !pod->deletionTimestamp)
            {
                const SyncResult deleted = co_await Remove(set, pod);
                co_return deleted;
            }
            if (pod->deletionTimestamp || !PodOf(*pod).status.ready)
            {
                co_return SyncResult::DONE;
            }
        }
        if (const auto last = PodAt(*set, replicas))
        {
            const SyncResult deleted = co_await Remove(set, last);
            co_return deleted;
        }
        for (int ordinal = replicas - 1; ordinal >= 0; --ordinal)
        {
            const auto pod = PodAt(*set, ordinal);
            if (!UpToDate(*pod, hash))
            {
                const SyncResult deleted = co_await Remove(set, pod);
                co_return deleted;
            }
        }
        co_return SyncResult::DONE;
    }

    Task<SyncResult> Remove(ObjectPtr set, ObjectPtr pod)
    {
        if (pod->deletionTimestamp)
        {
            co_return SyncResult::DONE;
        }
        const ApiClient::DeleteOptions options{pod->uid, std::nullopt};
        const ApiResult deleted = co_await Delete(*m_client, *pod->type, pod->key, options);
        m_events.Record(*set, "SuccessfulDelete", pod->key.name);
        co_return deleted.Ok() || deleted.status == 404 ? SyncResult::DONE : SyncResult::AGAIN;
    }

    std::unique_ptr<ApiClient> m_client;
    EventRecorder m_events;
    Informer& m_sets;
    Informer& m_revisions;
    Informer& m_pods;
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeStatefulSetController(ControllerContext& context)
{
    return std::make_unique<StatefulSetController>(context);
}

} // namespace etcdlab::kube
