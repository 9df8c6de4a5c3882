// pkg/controller/daemon/daemon_controller.go and update.go of Kubernetes 1.20
#include "model/kubernetes/controller.h"

#include <algorithm>

namespace etcdlab::kube
{

namespace
{

class DaemonSetController : public Controller
{
  public:
    explicit DaemonSetController(ControllerContext& context)
        : m_client(context.makeClient("daemon-set-controller")),
          m_events(*m_client),
          m_names(context.names),
          m_sets(context.informers.For("daemonsets")),
          m_revisions(context.informers.For("controllerrevisions")),
          m_pods(context.informers.For("pods")),
          m_nodes(context.informers.For("nodes")),
          m_queue(2, [this](ObjectKey key) { return Sync(std::move(key)); })
    {
        m_sets.AddHandlers(
            {[this](const ObjectPtr& set) { m_queue.Add(set->key); },
             [this](const ObjectPtr&, const ObjectPtr& set) { m_queue.Add(set->key); },
             [this](const ObjectPtr& set) { m_queue.Add(set->key); }});
        m_pods.AddHandlers(
            {[this](const ObjectPtr& pod) { PodChanged(*pod, true, false); },
             [this](const ObjectPtr&, const ObjectPtr& pod) { PodChanged(*pod, false, false); },
             [this](const ObjectPtr& pod) { PodChanged(*pod, false, true); }});
        m_nodes.AddHandlers({[this](const ObjectPtr&) { NodesChanged(); },
                             nullptr,
                             [this](const ObjectPtr&) { NodesChanged(); }});
    }

    void Start() override
    {
        m_queue.Start();
    }

  private:
    void PodChanged(const Object& pod, bool added, bool deleted)
    {
        if (const auto set = ControllerIn(m_sets, pod))
        {
            if (added)
            {
                m_expected.CreationObserved(set->key);
            }
            if (deleted)
            {
                m_expected.DeletionObserved(set->key);
            }
            m_queue.Add(set->key);
        }
    }

    void NodesChanged()
    {
        for (const auto& [key, set] : m_sets.Items())
        {
            m_queue.Add(key);
        }
    }

    Task<SyncResult> Sync(ObjectKey key)
    {
        const auto set = m_sets.Get(key);
        if (!set || set->deletionTimestamp)
        {
            m_expected.Forget(key);
            co_return SyncResult::DONE;
        }
        const bool kept = co_await KeepHistory(set);
        if (!kept)
        {
            co_return SyncResult::AGAIN;
        }
        bool complete = true;
        if (m_expected.Satisfied(key))
        {
            complete = co_await Manage(set);
        }
        const SyncResult updated = co_await UpdateWorkloadStatus(*m_client, set, StatusOf(*set));
        co_return complete ? updated : SyncResult::AGAIN;
    }

    /// update.go:constructHistory: a revision for each template
    Task<bool> KeepHistory(ObjectPtr set)
    {
        const ObjectKey key{set->key.nameSpace,
                            set->key.name + "-" + std::to_string(WorkloadOf(*set).hash)};
        if (m_revisions.Get(key))
        {
            co_return true;
        }
        const ApiResult created =
            co_await Create(*m_client, MakeRevision(m_client->Types(), *set, key));
        co_return created.Ok() || created.reason == "AlreadyExists";
    }

    /// The pods of a set by the node they are for; one being deleted still holds its place.
    std::map<std::string, std::vector<ObjectPtr>> PodsByNode(const Object& set) const
    {
        std::map<std::string, std::vector<ObjectPtr>> pods;
        for (const auto& pod : m_pods.ControlledBy(set.uid))
        {
            pods[PodOf(*pod).spec.nodeAffinity].push_back(pod);
        }
        return pods;
    }

    bool UpToDate(const Object& set, const Object& pod) const
    {
        const auto label = pod.labels.find("controller-revision-hash");
        return label != pod.labels.end() && label->second == std::to_string(WorkloadOf(set).hash);
    }

    Task<bool> Manage(ObjectPtr set)
    {
        const auto pods = PodsByNode(*set);
        std::vector<Object> missing;
        std::vector<ObjectPtr> surplus;
        for (const auto& [key, node] : m_nodes.Items())
        {
            if (!pods.contains(key.name))
            {
                missing.push_back(PodFor(*set, key.name));
            }
        }
        bool updating = false; // maxUnavailable: 1
        for (const auto& [node, ofNode] : pods)
        {
            const auto& pod = ofNode.front();
            const bool over = PodOf(*pod).status.phase == PodPhase::FAILED;
            const bool outdated = !updating && !UpToDate(*set, *pod);
            updating = updating || outdated || !PodOf(*pod).status.ready;
            const bool gone = !m_nodes.Get({"", node});
            if (!pod->deletionTimestamp && (over || outdated || gone))
            {
                surplus.push_back(pod);
            }
        }
        const int count = static_cast<int>(missing.size());
        m_expected.Expect(set->key, count, static_cast<int>(surplus.size()));
        int created = 0;
        if (count > 0)
        {
            created = co_await CreateSlowly(*m_client, m_events, set, std::move(missing));
        }
        if (!surplus.empty())
        {
            co_await DeleteAll(*m_client, surplus);
        }
        for (int i = created; i < count; ++i)
        {
            m_expected.CreationObserved(set->key);
        }
        co_return created == count;
    }

    Object PodFor(const Object& set, const std::string& node)
    {
        auto pod = MakePod(m_client->Types(), set);
        pod.key.name = set.key.name + "-" + m_names.Suffix();
        pod.labels["controller-revision-hash"] = std::to_string(WorkloadOf(set).hash);
        std::get<PodBody>(pod.body).spec.nodeAffinity = node;
        return pod;
    }

    WorkloadStatus StatusOf(const Object& set) const
    {
        WorkloadStatus status;
        status.observedGeneration = set.generation;
        status.replicas = static_cast<int>(m_nodes.Items().size());
        for (const auto& [node, pods] : PodsByNode(set))
        {
            const auto& pod = *pods.front();
            const int ready = PodOf(pod).status.ready ? 1 : 0;
            status.updated += UpToDate(set, pod) ? 1 : 0;
            status.ready += ready;
            status.available += ready;
        }
        return status;
    }

    std::unique_ptr<ApiClient> m_client;
    EventRecorder m_events;
    NameSource& m_names;
    Informer& m_sets;
    Informer& m_revisions;
    Informer& m_pods;
    Informer& m_nodes;
    Expectations m_expected;
    WorkQueue<ObjectKey> m_queue;
};

} // namespace

ControllerPtr
MakeDaemonSetController(ControllerContext& context)
{
    return std::make_unique<DaemonSetController>(context);
}

} // namespace etcdlab::kube
