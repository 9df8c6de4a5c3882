// Runs a profile for any number of releases at once, and says what each phase took.
#pragma once

#include "model/kubernetes/pure/release-result.h"
#include "model/kubernetes/step-runner.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// One client that works through a profile.
class ReleaseRun
{
  public:
    /// @param client on the node the release's command runs on; lives longer than this, as do profile and locks
    ReleaseRun(ApiClient& client,
               const Profile& profile,
               const std::string& release,
               SharedLocks* locks,
               NodePower power);

    /// Begin now. `done` is called when it has ended, well or not; it may destroy this.
    void Begin(std::function<void()> done);

    const ReleaseResult& Result() const
    {
        return m_result;
    }

  private:
    Task<> Phases();
    void Count(const StepRequest& request);

    const Profile& m_profile;
    Variables m_variables;
    ReleaseResult m_result;
    StepRunner m_runner;
    std::function<void()> m_done;
    Tasks m_tasks;
};

/// Releases of one profile that begin together.
class WorkloadRun
{
  public:
    explicit WorkloadRun(std::shared_ptr<const Profile> profile, NodePower power = {});

    void Add(ApiClient& client, const std::string& release);

    /// Begin all of them now. `done` is called when the last one has ended.
    void Begin(std::function<void()> done);

    /// In the order in which they were added.
    std::vector<ReleaseResult> Results() const;

  private:
    std::shared_ptr<const Profile> m_profile;
    NodePower m_power;
    SharedLocks m_locks;
    std::vector<std::unique_ptr<ReleaseRun>> m_releases;
    std::size_t m_open = 0;
};

} // namespace etcdlab::kube
