// Lets faults strike a simulated world.
#pragma once

#include "helper/fault-hooks.h"
#include "model/fault/fault-record.h"
#include "model/fault/fault-type.h"

#include <ns3/random-variable-stream.h>

#include <functional>
#include <stdexcept>
#include <vector>

namespace etcdlab
{

/**
 * Strikes and heals by schedule. Needs no scenario: an ns-3 program names what there is.
 *
 *     FaultInjector faults(wan, members);
 *     faults.Add({.type = "crash", .at = 10s, .duration = 3s, .target = "leader"});
 *     ns3::Simulator::Schedule(ns3::Seconds(5), [&] { faults.Start(); });
 *
 * Must live as long as the simulation.
 */
class FaultInjector
{
  public:
    /// @param proxies may be filled until Start
    FaultInjector(Wan& wan,
                  std::vector<ns3::Ptr<EtcdMember>> members,
                  std::vector<ns3::Ptr<TcpProxy>> proxies = {},
                  Newcomers newcomers = {});

    FaultInjector(const FaultInjector&) = delete;
    FaultInjector& operator=(const FaultInjector&) = delete;

    /// Before Start; changes of members in the order of their times. @throws std::invalid_argument if it cannot apply,
    /// with the reason
    void Add(const FaultConfig& fault);

    /// Draw a schedule; before Start. @throws std::invalid_argument if that is not possible, with the reason
    void AddRandom(const RandomFaultsConfig& config);

    /// @return the number of streams used (1)
    std::int64_t AssignStreams(std::int64_t stream);

    /// The faults' times count from now on.
    void Start();

    /// All faults there are, those drawn included, in the order in which they were added.
    const std::vector<FaultConfig>& GetSchedule() const
    {
        return m_schedule;
    }

    /// What has struck so far.
    const FaultLog& GetLog() const
    {
        return m_log;
    }

    /// Told of each fault as it strikes and, again, as it heals.
    void OnFault(std::function<void(const FaultRecord&)> handler);

  private:
    void Strike(const FaultConfig& fault);
    void Tell(const FaultRecord& record) const;

    FaultHooks m_site;
    std::vector<FaultConfig> m_schedule;
    FaultLog m_log;
    ns3::Ptr<ns3::UniformRandomVariable> m_random;
    std::function<void(const FaultRecord&)> m_handler;
};

} // namespace etcdlab
