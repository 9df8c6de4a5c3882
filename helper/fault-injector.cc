#include "helper/fault-injector.h"

#include "helper/random-streams.h"
#include "model/base/clock.h"
#include "model/fault/fault-checks.h"
#include "model/fault/random-faults.h"

namespace etcdlab
{

namespace
{

void
ThrowIf(const std::optional<FaultProblem>& problem)
{
    if (problem)
    {
        throw std::invalid_argument((problem->key.empty() ? "" : problem->key + ": ") +
                                    problem->message);
    }
}

} // namespace

FaultInjector::FaultInjector(Wan& wan,
                             std::vector<ns3::Ptr<EtcdMember>> members,
                             std::vector<ns3::Ptr<TcpProxy>> proxies,
                             Newcomers newcomers)
    : m_site(wan, std::move(members), std::move(proxies), std::move(newcomers)),
      m_random(ns3::CreateObject<ns3::UniformRandomVariable>())
{
    AssignStreams(FAULT_STREAMS);
}

void
FaultInjector::Add(const FaultConfig& fault)
{
    ThrowIf(CheckFault(fault, m_site.Scope()));
    m_schedule.push_back(fault);
    if (FaultRegistry::Make(fault.type)->ChangesMembers())
    {
        if (const auto problem = CheckOrder(m_schedule, m_site.Scope()))
        {
            m_schedule.pop_back();
            ThrowIf(problem->second);
        }
    }
}

void
FaultInjector::AddRandom(const RandomFaultsConfig& config)
{
    const auto scope = ScopeAfter(m_schedule, m_site.Scope());
    ThrowIf(CheckRandomFaults(config, scope));
    const auto drawn = DrawFaults(config, scope, [this] { return m_random->GetValue(0, 1); });
    m_schedule.insert(m_schedule.end(), drawn.begin(), drawn.end());
}

std::int64_t
FaultInjector::AssignStreams(std::int64_t stream)
{
    m_random->SetStream(stream);
    return 1;
}

void
FaultInjector::Start()
{
    for (const auto& fault : m_schedule)
    {
        ns3::Simulator::Schedule(ToTime(fault.at), [this, fault] { Strike(fault); });
    }
}

void
FaultInjector::Strike(const FaultConfig& fault)
{
    const auto struck = FaultRegistry::Make(fault.type)->Strike(fault, m_site.Scope(), m_site);
    const auto number = m_log.size();
    m_log.push_back({fault.type, struck.target, Now(), std::nullopt});
    Tell(m_log.back());
    if (struck.ask)
    {
        struck.ask([this, number](const std::string& result) {
            m_log[number].result = result;
            m_log[number].end = Now();
            Tell(m_log[number]);
        });
        return;
    }
    if (fault.duration && struck.heal && !struck.target.empty())
    {
        ns3::Simulator::Schedule(ToTime(*fault.duration), [this, number, heal = struck.heal] {
            heal();
            m_log[number].end = Now();
            Tell(m_log[number]);
        });
    }
}

void
FaultInjector::Tell(const FaultRecord& record) const
{
    if (m_handler)
    {
        m_handler(record);
    }
}

void
FaultInjector::OnFault(std::function<void(const FaultRecord&)> handler)
{
    m_handler = std::move(handler);
}

} // namespace etcdlab
