#include "model/kubernetes/release-run.h"

#include <utility>

namespace etcdlab::kube
{

ReleaseRun::ReleaseRun(ApiClient& client,
                       const Profile& profile,
                       const std::string& release,
                       SharedLocks* locks,
                       NodePower power)
    : m_profile(profile),
      m_variables(VariablesOf(profile, release)),
      m_runner({&client, &profile, m_variables, locks, std::move(power)},
               [this](const StepRequest& request) { Count(request); })
{
    m_result.release = release;
}

void
ReleaseRun::Begin(std::function<void()> done)
{
    m_done = std::move(done);
    m_result.start = Now();
    m_tasks.Start(Phases());
}

Task<>
ReleaseRun::Phases()
{
    for (const auto& run : PhaseRuns(m_profile, m_variables))
    {
        m_result.phases.push_back({run.name, Now(), Now(), 0, 0, 0});
        auto steps = m_runner.Run(run.phase->steps, run.phase->mode == "parallel", run.object);
        co_await steps;
        m_result.phases.back().end = Now();
        if (!m_runner.Error().empty())
        {
            m_result.error = run.name + ": " + m_runner.Error();
            break;
        }
    }
    m_result.end = Now();
    m_result.ended = true;
    // Later: a task must not end what it belongs to.
    ns3::Simulator::ScheduleNow([done = m_done] { done(); });
}

void
ReleaseRun::Count(const StepRequest& request)
{
    auto& phase = m_result.phases.back();
    ++phase.requests;
    phase.refused += request.accepted && request.status >= 400 ? 1 : 0;
    phase.retried += request.retried ? 1 : 0;
}

WorkloadRun::WorkloadRun(std::shared_ptr<const Profile> profile, NodePower power)
    : m_profile(std::move(profile)),
      m_power(std::move(power))
{
}

void
WorkloadRun::Add(ApiClient& client, const std::string& release)
{
    m_releases.push_back(
        std::make_unique<ReleaseRun>(client, *m_profile, release, &m_locks, m_power));
}

void
WorkloadRun::Begin(std::function<void()> done)
{
    m_open = m_releases.size();
    for (const auto& release : m_releases)
    {
        release->Begin([this, done] {
            if (--m_open == 0)
            {
                done();
            }
        });
    }
}

std::vector<ReleaseResult>
WorkloadRun::Results() const
{
    std::vector<ReleaseResult> results;
    for (const auto& release : m_releases)
    {
        results.push_back(release->Result());
    }
    return results;
}

} // namespace etcdlab::kube
