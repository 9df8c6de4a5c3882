// pkg/controller/garbagecollector of Kubernetes 1.20: dependents whose owner has gone are deleted in the background
#include "model/kubernetes/controller.h"

#include <chrono>
#include <utility>

namespace etcdlab::kube
{

namespace
{

/// The types of objects that controllers here make or own; the real one watches all there are. Custom types it
/// watches, too: that is what makes the API server build their storages.
constexpr const char* TYPES[] = {"controllerrevisions",
                                 "daemonsets",
                                 "deployments",
                                 "endpoints",
                                 "endpointslices",
                                 "jobs",
                                 "pods",
                                 "replicasets",
                                 "services",
                                 "statefulsets"};

constexpr Duration DISCOVERY_PERIOD = std::chrono::seconds(30);
/// Between two new monitors; measured: 0.21 to 0.38 s.
constexpr Duration MONITOR_SPACING = std::chrono::milliseconds(280);

class GarbageCollector : public Controller
{
  public:
    explicit GarbageCollector(ControllerContext& context)
        : m_client(context.makeClient("generic-garbage-collector")),
          m_random(context.random),
          m_definitions(context.informers.For("customresourcedefinitions")),
          m_queue(20, [this](Item item) { return Collect(std::move(item)); }) // ConcurrentGCSyncs
    {
        for (const auto* type : TYPES)
        {
            auto& informer = context.informers.For(type);
            m_informers[&informer.Type()] = &informer;
            informer.AddHandlers({[this](const ObjectPtr& object) { Added(*object); },
                                  nullptr,
                                  [this](const ObjectPtr& object) { Gone(*object); }});
        }
    }

    void Start() override
    {
        m_queue.Start();
        m_tasks.Start(Discover());
    }

  private:
    /// garbagecollector.go: Sync. Every 30 s it asks what types there are, and begins to watch new ones.
    Task<> Discover()
    {
        for (;;)
        {
            co_await Sleep(DISCOVERY_PERIOD);
            const auto known = m_definitions.Items(); // they may go while this waits
            for (const auto& [key, object] : known)
            {
                const auto& definition = std::get<DefinitionBody>(object->body);
                if (definition.established && !m_custom.contains(definition.resource))
                {
                    auto informer = std::make_unique<Informer>(
                        *m_client, m_client->Types().Get(definition.resource), m_random);
                    informer->Start();
                    m_custom.emplace(definition.resource, std::move(informer));
                    co_await Sleep(MONITOR_SPACING);
                }
            }
        }
    }

    /// Resource and name.
    using Item = std::pair<std::string, ObjectKey>;

    void Added(const Object& object)
    {
        for (const auto& owner : object.owners)
        {
            m_dependents[owner.uid].insert({object.type->resource, object.key});
            if (m_gone.contains(owner.uid))
            {
                m_queue.Add({object.type->resource, object.key});
            }
        }
    }

    void Gone(const Object& object)
    {
        for (const auto& owner : object.owners)
        {
            if (const auto found = m_dependents.find(owner.uid); found != m_dependents.end())
            {
                found->second.erase({object.type->resource, object.key});
            }
        }
        const auto dependents = m_dependents.extract(object.uid);
        if (dependents && !dependents.mapped().empty())
        {
            m_gone.insert(object.uid);
            for (const auto& dependent : dependents.mapped())
            {
                m_queue.Add(dependent);
            }
        }
    }

    /// attemptToDeleteItem: the object as it is; its owners are known to be absent.
    Task<SyncResult> Collect(Item item)
    {
        const auto& type = m_client->Types().Get(item.first);
        const ApiResult read = co_await Get(*m_client, type, item.second, ReadFrom::ETCD);
        if (!read.Ok())
        {
            co_return read.status == 404 ? SyncResult::DONE : SyncResult::AGAIN;
        }
        for (const auto& owner : read.object->owners)
        {
            if (!m_gone.contains(owner.uid))
            {
                co_return SyncResult::DONE;
            }
        }
        if (read.object->owners.empty() || read.object->deletionTimestamp)
        {
            co_return SyncResult::DONE;
        }
        const ApiClient::DeleteOptions options{read.object->uid, std::nullopt};
        const ApiResult deleted = co_await Delete(*m_client, type, item.second, options);
        co_return deleted.status == 0 ? SyncResult::AGAIN : SyncResult::DONE;
    }

    std::unique_ptr<ApiClient> m_client;
    Random m_random;
    Informer& m_definitions;
    std::map<std::string, std::unique_ptr<Informer>> m_custom; //!< by resource
    std::map<const ResourceType*, Informer*> m_informers;      //!< for look-ups only
    std::map<std::uint64_t, std::set<Item>> m_dependents;      //!< by the owner's uid
    std::set<std::uint64_t> m_gone;                            //!< owners with dependents
    WorkQueue<Item> m_queue;
    Tasks m_tasks;
};

} // namespace

ControllerPtr
MakeGarbageCollector(ControllerContext& context)
{
    return std::make_unique<GarbageCollector>(context);
}

} // namespace etcdlab::kube
