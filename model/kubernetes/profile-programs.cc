#include "model/kubernetes/profile-programs.h"

#include "model/kubernetes/prometheus-operator.h"
#include "model/kubernetes/pure/profile-objects.h"

namespace etcdlab::kube
{

namespace
{

class StepProgram : public Program
{
  public:
    StepProgram(ProgramContext context,
                std::shared_ptr<const Profile> profile,
                const std::vector<StepConfig>& steps,
                const Variables& variables)
        : m_client(std::move(context.client)),
          m_profile(std::move(profile)),
          m_steps(steps),
          m_runner({m_client.get(), m_profile.get(), variables, &m_locks, {}},
                   [](const StepRequest&) {})
    {
    }

    void Start(std::function<void(int)> ended) override
    {
        m_tasks.Start(Main(std::move(ended)));
    }

    void Stop() override
    {
        m_tasks.Clear();
    }

  private:
    Task<> Main(std::function<void(int)> ended)
    {
        auto steps = m_runner.Run(m_steps, false, nullptr);
        co_await steps;
        const int code = m_runner.Error().empty() ? 0 : 1;
        m_ended.event = ns3::Simulator::ScheduleNow([ended, code] { ended(code); });
    }

    std::unique_ptr<ApiClient> m_client;
    std::shared_ptr<const Profile> m_profile;
    const std::vector<StepConfig>& m_steps; //!< the profile's
    SharedLocks m_locks;
    StepRunner m_runner;
    Alarm m_ended;
    Tasks m_tasks;
};

} // namespace

void
AddPrograms(ProgramTable& table, std::shared_ptr<const Profile> profile, const std::string& release)
{
    const auto variables = VariablesOf(*profile, release);
    for (const auto& [name, program] : profile->programs)
    {
        const auto known = ProgramName(name, variables);
        if (program.builtin == "prometheus-operator")
        {
            PrometheusOperatorConfig config;
            config.release = release;
            config.kubelet =
                variables.contains("fullname") ? variables.at("fullname") + "-kubelet" : release;
            config.fight = program.fight;
            config.syncs = program.syncs;
            table[known] = [config](ProgramContext context) {
                return std::make_unique<PrometheusOperator>(std::move(context), config);
            };
            continue;
        }
        table[known] = [profile, &steps = program.steps, variables](ProgramContext context) {
            return std::make_unique<StepProgram>(std::move(context), profile, steps, variables);
        };
    }
}

} // namespace etcdlab::kube
