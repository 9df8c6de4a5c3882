// pkg/controller/replicaset/replica_set.go of Kubernetes 1.20
#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

class ReplicaSetController : public Controller
{
  public:
    explicit ReplicaSetController(ControllerContext& context)
        : m_client(context.makeClient("replicaset-controller")),
          m_events(*m_client),
          m_names(context.names),
          m_sets(context.informers.For("replicasets")),
          m_pods(context.informers.For("pods")),
          m_queue(5, [this](ObjectKey key) { return Sync(std::move(key)); })
    {
        m_sets.AddHandlers(
            {[this](const ObjectPtr& set) { m_queue.Add(set->key); },
             [this](const ObjectPtr&, const ObjectPtr& set) { m_queue.Add(set->key); },
             [this](const ObjectPtr& set) { m_queue.Add(set->key); }});
        m_pods.AddHandlers(
            {[this](const ObjectPtr& pod) { PodAdded(*pod); },
             [this](const ObjectPtr& old, const ObjectPtr& pod) { PodUpdated(*old, *pod); },
             [this](const ObjectPtr& pod) { PodDeleted(*pod, false); }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    void PodAdded(const Object& pod)
    {
        if (const auto set = ControllerIn(m_sets, pod))
        {
            m_expected.CreationObserved(set->key);
            m_queue.Add(set->key);
        }
    }

    void PodUpdated(const Object& old, const Object& pod)
    {
        if (pod.deletionTimestamp)
        {
            PodDeleted(pod, old.deletionTimestamp.has_value());
            return;
        }
        if (const auto set = ControllerIn(m_sets, pod))
        {
            m_queue.Add(set->key);
        }
    }

    /// @param again its deletion has been counted when it was marked
    void PodDeleted(const Object& pod, bool again)
    {
        if (const auto set = ControllerIn(m_sets, pod))
        {
            if (!again && m_deleted.insert(pod.uid).second)
            {
                m_expected.DeletionObserved(set->key);
            }
            m_queue.Add(set->key);
        }
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto set = m_sets.Get(key);
        if (!set)
        {
            m_expected.Forget(key);
            co_return SyncResult::DONE;
        }
        const bool needed = m_expected.Satisfied(key);
        const auto pods = ActivePods(m_pods.ControlledBy(set->uid));
        bool complete = true;
        if (needed && !set->deletionTimestamp)
        {
            complete = co_await Manage(set, pods);
        }
        // Of the pods there were before: the new ones bring it here again.
        const SyncResult updated =
            co_await UpdateWorkloadStatus(*m_client, set, StatusOf(*set, pods));
        co_return complete ? updated : SyncResult::AGAIN;
    }

    static WorkloadStatus StatusOf(const Object& set, const std::vector<ObjectPtr>& pods)
    {
        auto status = WorkloadOf(set).status;
        status.observedGeneration = set.generation;
        status.replicas = static_cast<int>(pods.size());
        status.ready =
            static_cast<int>(std::count_if(pods.begin(), pods.end(), [](const ObjectPtr& pod) {
                return PodOf(*pod).status.ready;
            }));
        status.available = status.ready;
        return status;
    }

    Task<bool> Manage(ObjectPtr set, std::vector<ObjectPtr> pods)
    {
        constexpr int BURST = 500; // BurstReplicas
        const int missing = WorkloadOf(*set).replicas - static_cast<int>(pods.size());
        if (missing > 0)
        {
            std::vector<Object> wanted;
            for (int i = 0; i < std::min(missing, BURST); ++i)
            {
                wanted.push_back(MakePod(m_client->Types(), *set));
                wanted.back().key.name = set->key.name + "-" + m_names.Suffix();
            }
            const int count = static_cast<int>(wanted.size());
            m_expected.Expect(set->key, count, 0);
            const int created = co_await CreateSlowly(*m_client, m_events, set, std::move(wanted));
            for (int i = created; i < count; ++i)
            {
                m_expected.CreationObserved(set->key);
            }
            co_return created == count;
        }
        if (missing < 0)
        {
            auto chosen = Choose(std::move(pods), std::min(-missing, BURST));
            const int count = static_cast<int>(chosen.size());
            m_expected.Expect(set->key, 0, count);
            const int deleted = co_await DeleteAll(*m_client, chosen);
            for (int i = deleted; i < count; ++i)
            {
                m_expected.DeletionObserved(set->key);
            }
            for (const auto& pod : chosen)
            {
                m_events.Record(*set, "SuccessfulDelete", pod->key.name);
            }
            co_return deleted == count;
        }
        co_return true;
    }

    /// Not placed, not ready, young ones first (controller_utils.go: ActivePods.Less).
    static std::vector<ObjectPtr> Choose(std::vector<ObjectPtr> pods, int count)
    {
        const auto rank = [](const ObjectPtr& pod) {
            const auto& body = PodOf(*pod);
            return std::tuple(!body.spec.nodeName.empty(), body.status.ready, ~pod->uid);
        };
        std::sort(pods.begin(), pods.end(), [rank](const ObjectPtr& a, const ObjectPtr& b) {
            return rank(a) < rank(b);
        });
        pods.resize(static_cast<std::size_t>(count));
        return pods;
    }

    std::unique_ptr<ApiClient> m_client;
    EventRecorder m_events;
    NameSource& m_names;
    Informer& m_sets;
    Informer& m_pods;
    Expectations m_expected;
    std::set<std::uint64_t> m_deleted; //!< pods whose deletion has been counted
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeReplicaSetController(ControllerContext& context)
{
    return std::make_unique<ReplicaSetController>(context);
}

} // namespace etcdlab::kube
