// pkg/controller/nodelifecycle of Kubernetes 1.20: node_lifecycle_controller.go, scheduler/taint_manager.go
#include "model/kubernetes/controller.h"

#include <algorithm>
#include <deque>

namespace etcdlab::kube
{

namespace
{

using namespace std::chrono_literals;

// --node-monitor-period, --node-monitor-grace-period, --node-eviction-rate 0.1/s
constexpr Duration MONITOR_PERIOD = 5s;
constexpr Duration GRACE_PERIOD = 40s;
constexpr Duration TAINT_PERIOD = 10s;
// admission defaulttolerationseconds
constexpr Duration TOLERATION = 300s;
constexpr std::uint32_t TAINT_BYTES = 70;

class NodeLifecycleController : public Controller
{
  public:
    explicit NodeLifecycleController(ControllerContext& context)
        : m_client(context.makeClient("node-controller")),
          m_events(*m_client),
          m_nodes(context.informers.For("nodes")),
          m_leases(context.informers.For("leases")),
          m_pods(context.informers.For("pods")),
          m_evictions(8, [this](ObjectKey pod) { return Evict(std::move(pod)); })
    {
        m_leases.AddHandlers(
            {[this](const ObjectPtr& lease) { Beat(lease->key); },
             [this](const ObjectPtr&, const ObjectPtr& lease) { Beat(lease->key); },
             nullptr});
        m_nodes.AddHandlers(
            {[this](const ObjectPtr& node) { m_seen[node->key.name] = Now(); },
             [this](const ObjectPtr& old, const ObjectPtr& node) { NodeUpdated(*old, *node); },
             [this](const ObjectPtr& node) { m_seen.erase(node->key.name); }});
    }

    void Start() override
    {
        for (auto& [name, seen] : m_seen)
        {
            seen = Now();
        }
        m_evictions.Start();
        m_tasks.Start(Monitor());
        m_tasks.Start(TaintNodes());
    }

  private:
    void Beat(const ObjectKey& lease)
    {
        if (lease.nameSpace == "kube-node-lease")
        {
            m_seen[lease.name] = Now();
        }
    }

    /// A kubelet's own report is a sign of life, too.
    void NodeUpdated(const Object& old, const Object& node)
    {
        const auto& before = std::get<NodeBody>(old.body);
        const auto& after = std::get<NodeBody>(node.body);
        if (before.heartbeats != after.heartbeats)
        {
            m_seen[node.key.name] = Now();
        }
    }

    /// monitorNodeHealth, every 5 s after the last round
    Task<> Monitor()
    {
        while (true)
        {
            std::vector<ObjectPtr> lost;
            std::vector<ObjectPtr> back;
            for (const auto& [key, node] : m_nodes.Items())
            {
                const auto& body = std::get<NodeBody>(node->body);
                const bool silent = Now() - m_seen[key.name] > GRACE_PERIOD;
                if (body.ready && silent)
                {
                    lost.push_back(node);
                }
                else if (body.ready && (body.unreachable || m_lost.contains(key.name)))
                {
                    back.push_back(node);
                }
            }
            for (const auto& node : lost)
            {
                co_await Lose(node);
            }
            for (const auto& node : back)
            {
                co_await Regain(node);
            }
            co_await Sleep(MONITOR_PERIOD);
        }
    }

    /// Condition Ready becomes Unknown, then the taint NoSchedule, then all its pods are not ready.
    Task<> Lose(ObjectPtr node)
    {
        auto unknown = *node;
        std::get<NodeBody>(unknown.body).ready = false;
        const ApiResult updated = co_await Update(*m_client, unknown);
        if (!updated.Ok())
        {
            co_return; // next time
        }
        m_lost.insert(node->key.name);
        m_toTaint.push_back(node->key.name);
        m_events.Record(*node, "NodeNotReady");
        const ApiClient::Mutation taint = [](const Object& current) {
            auto next = current;
            next.bytes += TAINT_BYTES;
            return std::optional(next);
        };
        co_await Patch(*m_client, *node->type, node->key, taint);
        for (const auto& pod : PodsOn(node->key.name))
        {
            auto notReady = *pod;
            auto& status = std::get<PodBody>(notReady.body).status;
            if (!status.ready && status.reason == "NodeLost")
            {
                continue;
            }
            status.ready = false;
            status.reason = "NodeLost";
            m_events.Record(*pod, "NodeNotReady");
            co_await Update(*m_client, notReady);
        }
    }

    std::vector<ObjectPtr> PodsOn(const std::string& node) const
    {
        std::vector<ObjectPtr> pods;
        for (const auto& [key, pod] : m_pods.Items())
        {
            const auto phase = PodOf(*pod).status.phase;
            if (PodOf(*pod).spec.nodeName == node && phase != PodPhase::SUCCEEDED &&
                phase != PodPhase::FAILED)
            {
                pods.push_back(pod);
            }
        }
        return pods;
    }

    /// The kubelet has reported again: both taints go.
    Task<> Regain(ObjectPtr node)
    {
        const auto name = node->key.name;
        for (int taints = 0; taints < 2; ++taints)
        {
            const ApiClient::Mutation untaint = [](const Object& current) {
                auto next = current;
                next.bytes -= TAINT_BYTES;
                std::get<NodeBody>(next.body).unreachable = false;
                return std::optional(next);
            };
            if (taints == 1 && !m_tainted.contains(name))
            {
                break;
            }
            co_await Patch(*m_client, *node->type, node->key, untaint);
        }
        m_lost.erase(name);
        m_tainted.erase(name);
        m_toTaint.erase(std::remove(m_toTaint.begin(), m_toTaint.end(), name), m_toTaint.end());
    }

    /// doNoExecuteTaintingPass: a node every 10 s; its pods have 300 s from there.
    Task<> TaintNodes()
    {
        while (true)
        {
            if (m_toTaint.empty())
            {
                co_await Sleep(100ms * 10);
                continue;
            }
            const ObjectKey key{"", m_toTaint.front()};
            const auto& name = key.name;
            m_toTaint.pop_front();
            const ApiClient::Mutation taint = [](const Object& current) {
                auto next = current;
                next.bytes += TAINT_BYTES;
                std::get<NodeBody>(next.body).unreachable = true;
                return std::optional(next);
            };
            co_await Patch(*m_client, m_nodes.Type(), key, taint);
            m_tainted.insert(name);
            for (const auto& pod : PodsOn(name))
            {
                // Daemon sets tolerate the taint for ever.
                if (PodOf(*pod).spec.nodeAffinity.empty())
                {
                    m_evictions.AddAfter(pod->key, TOLERATION);
                }
            }
            co_await Sleep(TAINT_PERIOD);
        }
    }

    Task<SyncResult> Evict(ObjectKey key)
    {
        const auto pod = m_pods.Get(key);
        if (!pod || pod->deletionTimestamp || !m_tainted.contains(PodOf(*pod).spec.nodeName))
        {
            co_return SyncResult::DONE; // the node is back
        }
        m_events.Record(*pod, "TaintManagerEviction");
        const ApiClient::DeleteOptions options{pod->uid, std::nullopt};
        const ApiResult deleted = co_await Delete(*m_client, *pod->type, key, options);
        co_return deleted.status == 0 ? SyncResult::AGAIN : SyncResult::DONE;
    }

    std::unique_ptr<ApiClient> m_client;
    EventRecorder m_events;
    Informer& m_nodes;
    Informer& m_leases;
    Informer& m_pods;
    std::map<std::string, Duration> m_seen; //!< the last sign of life, by this process' clock
    std::set<std::string> m_lost;
    std::set<std::string> m_tainted; //!< NoExecute
    std::deque<std::string> m_toTaint;
    WorkQueue<ObjectKey> m_evictions;
    Tasks m_tasks;
};

} // namespace

ControllerPtr
MakeNodeLifecycleController(ControllerContext& context)
{
    return std::make_unique<NodeLifecycleController>(context);
}

} // namespace etcdlab::kube
