// A recorded log of requests, made again: at the logged times, or each origin's one after another.
#include "model/etcd/pure/replay-log.h"
#include "model/workload/workload.h"

#include <deque>

namespace etcdlab
{

namespace
{

class ReplayWorkload : public Workload
{
  public:
    explicit ReplayWorkload(const WorkloadContext& context)
        : m_plan(PlanReplay(ReadReplayLogFile(context.config.log), context.client)),
          m_closed(context.config.loop == "closed")
    {
        if (m_closed)
        {
            m_queues.resize(m_plan.chains);
            for (std::size_t i = 0; i < m_plan.requests.size(); ++i)
            {
                m_queues[m_plan.requests[i].chain].push_back(i);
            }
        }
    }

    const Script* GetScript() const override
    {
        return &m_script;
    }

    Operation Next() override
    {
        if (m_preloaded < m_plan.preload.size())
        {
            return {"preload", m_plan.preload[m_preloaded++]};
        }
        return Made(m_next++);
    }

    Operation NextOf(std::uint64_t chain) override
    {
        const auto index = m_queues[chain].front();
        m_queues[chain].pop_front();
        return Made(index);
    }

    bool HasNext(std::uint64_t chain) const override
    {
        return !m_queues[chain].empty();
    }

    Duration NextAt() const override
    {
        return m_plan.requests[m_next].at;
    }

  private:
    Operation Made(std::size_t index)
    {
        const auto& request = m_plan.requests[index];
        return {request.name, request.request};
    }

    ReplayPlan m_plan;
    bool m_closed;
    std::vector<std::deque<std::size_t>> m_queues; //!< of each chain, if the loop is closed
    Script m_script{m_plan.preload.size(), m_plan.requests.size(), m_closed ? m_plan.chains : 0};
    std::size_t m_preloaded = 0;
    std::size_t m_next = 0;
};

const bool workloadReplayRegistered = WorkloadRegistry::Add(
    "replay",
    "a recorded log of etcd requests, at its times (open loop) or as answers come (closed)",
    [](const WorkloadContext& context) { return std::make_unique<ReplayWorkload>(context); });

} // namespace

} // namespace etcdlab
