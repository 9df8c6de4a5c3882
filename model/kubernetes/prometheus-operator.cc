#include "model/kubernetes/prometheus-operator.h"

#include <utility>

namespace etcdlab::kube
{

namespace
{

const std::string HASH = "prometheus-operator-input-hash"; // an annotation there

Body
SetBody(const Labels& labels, std::uint32_t podBytes)
{
    WorkloadBody body;
    body.selector = labels;
    body.podTemplate.labels = labels;
    body.podTemplate.bytes = podBytes;
    ContainerSpec main;
    main.name = "main";
    main.start = std::chrono::milliseconds(1500);
    ContainerSpec reloader = main;
    reloader.name = "config-reloader";
    body.podTemplate.spec.containers = {main, reloader};
    return body;
}

} // namespace

PrometheusOperator::PrometheusOperator(ProgramContext context, PrometheusOperatorConfig config)
    : m_own(std::move(context.client)),
      m_client(*m_own),
      m_random(std::move(context.random)),
      m_config(std::move(config)),
      m_prometheusQueue(std::make_unique<Queue>(
          1, [this](ObjectKey key) { return SyncPrometheus(std::move(key)); })),
      m_alertmanagerQueue(std::make_unique<Queue>(
          1, [this](ObjectKey key) { return SyncAlertmanager(std::move(key)); }))
{
}

void
PrometheusOperator::Stop()
{
    m_tasks.Clear();
    m_prometheusQueue.reset();
    m_alertmanagerQueue.reset();
    m_prometheuses.reset();
    m_alertmanagers.reset();
    m_sets.reset();
}

void
PrometheusOperator::Start(std::function<void(int)> ended)
{
    if (m_client.Types().Find("prometheuses") == nullptr ||
        m_client.Types().Find("alertmanagers") == nullptr)
    {
        m_ended.event =
            ns3::Simulator::ScheduleNow([ended] { ended(1); }); // its resources are not defined
        return;
    }
    Follow();
    m_prometheusQueue->Start();
    m_alertmanagerQueue->Start();
    m_tasks.Start(KeepKubelet());
    m_tasks.Start(RefreshStatus());
}

/// What it watches, from the watch cache: no request to etcd.
void
PrometheusOperator::Follow()
{
    const auto make = [&](const char* resource) {
        return std::make_unique<Informer>(m_client, m_client.Types().Get(resource), m_random);
    };
    m_prometheuses = make("prometheuses");
    m_alertmanagers = make("alertmanagers");
    m_sets = make("statefulsets");
    m_prometheuses->AddHandlers({[this](const ObjectPtr& o) { m_prometheusQueue->Add(o->key); },
                                 [](const ObjectPtr&, const ObjectPtr&) {}, // its own status
                                 [](const ObjectPtr&) {}});
    m_alertmanagers->AddHandlers({[this](const ObjectPtr& o) { m_alertmanagerQueue->Add(o->key); },
                                  [](const ObjectPtr&, const ObjectPtr&) {},
                                  [](const ObjectPtr&) {}});
    m_sets->AddHandlers(
        {[this](const ObjectPtr& o) { SetChanged(nullptr, o); },
         [this](const ObjectPtr& old, const ObjectPtr& now) { SetChanged(old, now); },
         [](const ObjectPtr&) {}});
    m_prometheuses->Start();
    m_alertmanagers->Start();
    m_sets->Start();
}

/// A set that is new or another one brings a synchronisation; a status alone brings that of the Prometheus up to date.
void
PrometheusOperator::SetChanged(const ObjectPtr& old, const ObjectPtr& now)
{
    const auto& name = now->key.name;
    const auto dash = name.find('-');
    const ObjectKey owner{now->key.nameSpace,
                          dash == std::string::npos ? "" : name.substr(dash + 1)};
    const bool isPrometheus = name.starts_with("prometheus-") && m_prometheuses->Get(owner);
    const bool isAlertmanager = name.starts_with("alertmanager-") && m_alertmanagers->Get(owner);
    const auto hash = [](const ObjectPtr& set) {
        const auto found = set->labels.find(HASH);
        return found == set->labels.end() ? std::string() : found->second;
    };
    if (!old || hash(old) != hash(now))
    {
        if (isPrometheus)
        {
            m_prometheusQueue->Add(owner);
        }
        else if (isAlertmanager)
        {
            m_alertmanagerQueue->Add(owner);
        }
    }
    else if (isPrometheus && !m_config.syncs)
    {
        m_tasks.Start(WriteStatus(owner));
    }
}

bool
PrometheusOperator::IsLeftAlone(const ObjectKey& key, const char* kind)
{
    return m_config.syncs && ++m_syncsOf[{kind, key}] > *m_config.syncs;
}

/// A set's hash when it is created differs from the one computed with the set before one's eyes: there is always one
/// update after creation.
std::string
PrometheusOperator::Hash(bool exists) const
{
    return (exists ? "complete" : "first") + (m_config.fight ? "-" + m_config.release : "");
}

Task<>
PrometheusOperator::ListAll(std::string resource, std::string nameSpace)
{
    auto request = List(m_client, m_client.Types().Get(resource), nameSpace, ReadFrom::ETCD);
    co_await request;
}

Task<>
PrometheusOperator::Remove(std::string resource, ObjectKey key)
{
    const ApiClient::DeleteOptions options;
    auto request = Delete(m_client, m_client.Types().Get(resource), key, options);
    co_await request;
}

/// Create it, or update it to what it is, which the API server finds to change nothing (pkg/k8sutil: CreateOrUpdate).
Task<>
PrometheusOperator::Ensure(std::string resource, ObjectKey key, std::uint32_t bytes, Body body)
{
    const auto& type = m_client.Types().Get(resource);
    auto get = Get(m_client, type, key, ReadFrom::ETCD);
    const ApiResult found = co_await get;
    if (found.Ok())
    {
        auto update = Update(m_client, *found.object);
        co_await update;
        co_return;
    }
    if (found.status != 404)
    {
        co_return;
    }
    Object object;
    object.type = &type;
    object.key = key;
    object.bytes = bytes;
    object.body = std::move(body);
    auto create = Create(m_client, std::move(object));
    co_await create;
}

/// Service and endpoints of the kubelets: looked at when it starts and every three minutes.
Task<>
PrometheusOperator::KeepKubelet()
{
    const ObjectKey key{"kube-system", m_config.kubelet};
    ServiceBody headless;
    headless.headless = true;
    for (;;)
    {
        auto nodes = ListAll("nodes", "");
        co_await nodes;
        auto service = Ensure("services", key, 525, headless);
        co_await service;
        auto endpoints = Ensure("endpoints", key, 325, EndpointsBody{});
        co_await endpoints;
        co_await Sleep(m_config.kubeletPeriod);
    }
}

Task<>
PrometheusOperator::RefreshStatus()
{
    for (;;)
    {
        co_await Sleep(m_config.statusPeriod);
        std::vector<ObjectKey> keys;
        for (const auto& [key, object] : m_prometheuses->Items())
        {
            keys.push_back(key);
        }
        for (const auto& key : keys)
        {
            auto status = WriteStatus(key);
            co_await status;
        }
    }
}

Task<SyncResult>
PrometheusOperator::SyncPrometheus(ObjectKey key)
{
    if (IsLeftAlone(key, "prometheus"))
    {
        co_return SyncResult::DONE;
    }
    ++m_syncs;
    const auto set = "prometheus-" + key.name;
    const ObjectKey rules{key.nameSpace, set + "-rulefiles-0"};
    auto maps = ListAll("configmaps", key.nameSpace);
    co_await maps;
    if (!m_sets->Get({key.nameSpace, set})) // else its rules are the list's
    {
        Object object;
        object.type = &m_client.Types().Get("configmaps");
        object.key = rules;
        object.bytes = 140'750;
        auto create = Create(m_client, std::move(object));
        co_await create;
    }
    auto secrets = ListAll("secrets", key.nameSpace);
    co_await secrets;
    auto config = Ensure("secrets", {key.nameSpace, set}, 3750, OpaqueBody{});
    co_await config;
    auto tls = Ensure("secrets", {key.nameSpace, set + "-tls-assets-0"}, 694, OpaqueBody{});
    co_await tls;
    auto web = Ensure("secrets", {key.nameSpace, set + "-web-config"}, 794, OpaqueBody{});
    co_await web;
    ServiceBody headless;
    headless.headless = true;
    headless.selector = {{"app.kubernetes.io/name", "prometheus"}};
    auto service = Ensure("services", {key.nameSpace, "prometheus-operated"}, 992, headless);
    co_await service;
    // What earlier versions left, which is not there.
    auto one = Remove("secrets", {key.nameSpace, set + "-tls-assets"});
    co_await one;
    auto two = Remove("configmaps", {key.nameSpace, set + "-rulefiles"});
    co_await two;
    auto statefulSet = EnsureSet(key, "prometheus-", 3490, 3780);
    co_await statefulSet;
    auto status = WriteStatus(key);
    co_await status;
    co_return SyncResult::DONE;
}

Task<SyncResult>
PrometheusOperator::SyncAlertmanager(ObjectKey key)
{
    if (IsLeftAlone(key, "alertmanager"))
    {
        co_return SyncResult::DONE;
    }
    ++m_syncs;
    const auto set = "alertmanager-" + key.name;
    auto read =
        Get(m_client, m_client.Types().Get("secrets"), {key.nameSpace, set}, ReadFrom::ETCD);
    co_await read;
    auto generated = Ensure("secrets", {key.nameSpace, set + "-generated"}, 1275, OpaqueBody{});
    co_await generated;
    auto tls = Ensure("secrets", {key.nameSpace, set + "-tls-assets-0"}, 704, OpaqueBody{});
    co_await tls;
    auto web = Ensure("secrets", {key.nameSpace, set + "-web-config"}, 804, OpaqueBody{});
    co_await web;
    ServiceBody headless;
    headless.headless = true;
    headless.selector = {{"app.kubernetes.io/name", "alertmanager"}};
    auto service = Ensure("services", {key.nameSpace, "alertmanager-operated"}, 1002, headless);
    co_await service;
    auto statefulSet = EnsureSet(key, "alertmanager-", 3522, 3820);
    co_await statefulSet;
    co_return SyncResult::DONE;
}

/// Created, or brought to the hash that this operator computes.
Task<>
PrometheusOperator::EnsureSet(ObjectKey owner,
                              std::string prefix,
                              std::uint32_t bytes,
                              std::uint32_t podBytes)
{
    const ObjectKey key{owner.nameSpace, prefix + owner.name};
    const auto known = m_sets->Get(key);
    if (!known)
    {
        Object set;
        set.type = &m_client.Types().Get("statefulsets");
        set.key = key;
        set.bytes = bytes;
        set.labels[HASH] = Hash(false);
        set.body = SetBody({{"app.kubernetes.io/name", prefix.substr(0, prefix.size() - 1)},
                            {prefix.substr(0, prefix.size() - 1), owner.name}},
                           podBytes);
        auto create = Create(m_client, std::move(set));
        co_await create;
        co_return;
    }
    if (known->labels.at(HASH) == Hash(true))
    {
        co_return;
    }
    auto get = Get(m_client, *known->type, key, ReadFrom::ETCD);
    const ApiResult current = co_await get;
    if (!current.Ok())
    {
        co_return;
    }
    auto changed = *current.object;
    changed.labels[HASH] = Hash(true);
    auto update = Update(m_client, std::move(changed));
    co_await update;
}

/// From the pods, whose list is read from etcd.
Task<>
PrometheusOperator::WriteStatus(ObjectKey key)
{
    auto pods = ListAll("pods", key.nameSpace);
    co_await pods;
    const auto known = m_prometheuses->Get(key);
    if (!known)
    {
        co_return;
    }
    auto changed = *known;
    changed.resourceVersion = 0;
    changed.body = OpaqueBody{++m_content + 1'000'000};
    changed.bytes = 3660;
    auto update = Update(m_client, std::move(changed));
    co_await update;
}

} // namespace etcdlab::kube
