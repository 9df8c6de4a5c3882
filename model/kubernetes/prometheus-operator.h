// prometheus-operator, as far as the API server notices it.
#pragma once

#include "model/kubernetes/informer.h"
#include "model/kubernetes/program.h"
#include "model/kubernetes/step-runner.h"
#include "model/kubernetes/work-queue.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace etcdlab::kube
{

struct PrometheusOperatorConfig
{
    std::string release;                     //!< whose operator it is
    std::string kubelet;                     //!< service and endpoints in kube-system that it keeps
    Duration kubeletPeriod{180'000'000'000}; //!< how often it looks at them
    Duration statusPeriod{60'000'000'000};   //!< how often it refreshes each Prometheus' status
    /// The input hash of a stateful set covers the operator's own settings, so that two operators undo each other's
    /// updates for ever (prometheus-operator issues 4829 and 4212). Off, as in the measured run: the hash does not.
    bool fight = false;
    /// Of each object, after which it is left alone, as is what becomes of it; nothing: no end.
    std::optional<std::uint64_t> syncs;
};

/**
 * The requests of prometheus-operator v0.62 (pkg/prometheus/operator.go, pkg/alertmanager/operator.go), in the order of a
 * request log: it watches all namespaces, so that each of several operators brings about the objects of all releases. One
 * Prometheus and one Alertmanager at a time, without pauses, all reads from etcd. Sizes are those of the log.
 */
class PrometheusOperator : public Program
{
  public:
    PrometheusOperator(ProgramContext context, PrometheusOperatorConfig config);

    void Start(std::function<void(int)> ended) override;
    void Stop() override;

    /// Times a Prometheus or Alertmanager has been synchronised.
    std::uint64_t Syncs() const
    {
        return m_syncs;
    }

  private:
    Task<> KeepKubelet();
    Task<> RefreshStatus();
    bool IsLeftAlone(const ObjectKey& key, const char* kind);
    Task<SyncResult> SyncPrometheus(ObjectKey key);
    Task<SyncResult> SyncAlertmanager(ObjectKey key);
    Task<> Ensure(std::string resource, ObjectKey key, std::uint32_t bytes, Body body);
    Task<> ListAll(std::string resource, std::string nameSpace);
    Task<> Remove(std::string resource, ObjectKey key);
    Task<> EnsureSet(ObjectKey owner,
                     std::string prefix,
                     std::uint32_t bytes,
                     std::uint32_t podBytes);
    Task<> WriteStatus(ObjectKey key);

    void Follow();
    void SetChanged(const ObjectPtr& old, const ObjectPtr& now);
    std::string Hash(bool exists) const;

    std::unique_ptr<ApiClient> m_own;
    ApiClient& m_client;
    Random m_random;
    Alarm m_ended;
    PrometheusOperatorConfig m_config;
    std::uint64_t m_syncs = 0;
    std::map<std::pair<std::string, ObjectKey>, std::uint64_t> m_syncsOf;
    std::uint64_t m_content = 0;
    using Queue = WorkQueue<ObjectKey>;
    std::unique_ptr<Queue> m_prometheusQueue;
    std::unique_ptr<Queue> m_alertmanagerQueue;
    std::unique_ptr<Informer> m_prometheuses;
    std::unique_ptr<Informer> m_alertmanagers;
    std::unique_ptr<Informer> m_sets;
    Tasks m_tasks;
};

} // namespace etcdlab::kube
