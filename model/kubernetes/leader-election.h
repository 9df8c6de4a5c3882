// Who of several copies of a component works (client-go tools/leaderelection).
#pragma once

#include "model/kubernetes/informer.h"

#include <functional>
#include <string>

namespace etcdlab::kube
{

/// Where the lock is kept (tools/leaderelection/resourcelock).
enum class LockType
{
    LEASES,          //!< 1.20: GET and PUT of a lease
    ENDPOINTS_LEASES //!< 1.17 to 1.19: GET endpoints, GET lease, PUT endpoints, GET lease, PUT lease
};

struct ElectionConfig
{
    LockType lock = LockType::LEASES;
    std::string name;     //!< of the lock, in kube-system
    std::string identity; //!< of this copy
    Duration leaseDuration = std::chrono::seconds(15);
    Duration renewDeadline = std::chrono::seconds(10);
    Duration retryPeriod = std::chrono::seconds(2);
};

/**
 * Tries to get the lock every retry period, up to 2.2 times that by chance, and once it has it renews it a retry period
 * after the last renewal ended: with a latency L to etcd every 2 s + 5 L in endpoints and leases, 2 s + 2 L in
 * leases. Who cannot renew it for the deadline has lost it and exits.
 */
class LeaderElector
{
  public:
    struct Callbacks
    {
        std::function<void()> started;
        /// The process is to exit: by an event of its own, not in this call.
        std::function<void()> lost;
    };

    LeaderElector(ApiClient& client, ElectionConfig config, Random random, Callbacks callbacks);

    void Start();

    bool Leads() const
    {
        return m_leads;
    }

  private:
    Task<> Run();
    Task<> Acquire();
    Task<> Renew();
    Task<bool> TryAcquireOrRenew();
    Task<bool> Write(Object lock, bool exists);
    bool MayTake(const std::string& holder, Revision version);

    ApiClient& m_client;
    ElectionConfig m_config;
    Random m_random;
    Callbacks m_callbacks;
    bool m_leads = false;
    Revision m_observed = 0; //!< the version of the record last seen
    Duration m_observedTime{0};
    Tasks m_tasks;
};

} // namespace etcdlab::kube
