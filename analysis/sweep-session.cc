#include "analysis/interruption.h"
#include "analysis/sweep-progress.h"
#include "analysis/sweep.h"
#include "analysis/worker-pool.h"
#include "helper/scenario/read-scenario.h"
#include "model/base/units.h"

#include <map>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

/// From the process that simulated to the one that keeps.
std::string
Packed(const RunRow& row)
{
    const Json json = {{"status", row.status},
                       {"message", row.message},
                       {"metrics", row.metrics},
                       {"scenario", row.scenario}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

RunRow
RowOf(const Sweep& sweep, RunKey run, const TaskResult& result)
{
    auto row = sweep.OutlineOf(run);
    row.wall = result.seconds;
    if (result.end == TaskResult::End::DONE)
    {
        const auto json = Json::parse(result.output);
        row.status = json.at("status");
        row.message = json.at("message");
        row.metrics = json.at("metrics").get<std::vector<Json>>();
        row.scenario = json.at("scenario");
        return row;
    }
    row.scenario = HashOf(EffectiveScenario(sweep.ScenarioOf(run)));
    row.message = result.failure;
    switch (result.end)
    {
    case TaskResult::End::TIMED_OUT:
        row.status = "timeout";
        row.message = "took longer than " + std::to_string(sweep.plan.timeLimit) + " s";
        break;
    case TaskResult::End::OUT_OF_MEMORY:
        row.status = "memory";
        row.message = "needed more memory than " + Format(ByteSize{sweep.plan.memoryLimit});
        break;
    default:
        row.status = "crashed";
        row.message += result.complaint.empty() ? "" : ": " + result.complaint;
    }
    return row;
}

ProcessRules
RulesOf(const SweepPlan& plan)
{
    return {.seconds = static_cast<unsigned>(plan.timeLimit),
            .memory = plan.memoryLimit,
            .silent = true};
}

/// A session: what is left to do, and the processes that do it.
class Session
{
  public:
    Session(const Sweep& sweep, const SweepOptions& options, SweepStore& store)
        : m_sweep(sweep),
          m_options(options),
          m_store(store),
          m_schedule(sweep.plan, options.shard),
          m_pool(RulesOf(sweep.plan))
    {
        for (const auto& row : store.Rows())
        {
            Count(row);
        }
        m_counts.earlier = m_schedule.Ended();
    }

    SweepCounts Run()
    {
        CheckPoints();
        const Interruption interruption;
        SweepProgress progress(m_options.title, m_counts.earlier);
        for (;;)
        {
            while (m_pool.Size() < m_options.jobs && StartNext())
            {
            }
            if (m_pool.Size() == 0)
            {
                break;
            }
            constexpr int MILLISECONDS = 500; // between looks at the clock and at Ctrl-C
            for (const auto& [task, result] : m_pool.Wait(MILLISECONDS))
            {
                const auto row = RowOf(m_sweep, m_running.at(task), result);
                m_store.Put(row);
                Count(row);
                m_running.erase(task);
            }
            if (Interruption::WasAsked())
            {
                throw Interrupted("interrupted: " + std::to_string(m_schedule.Ended()) + " of " +
                                  std::to_string(m_schedule.Known()) +
                                  " runs are kept; the same command goes on");
            }
            progress.Show(m_schedule.Ended(), m_schedule.Known(), m_counts.failed);
        }
        m_counts.ended = m_schedule.Ended();
        return m_counts;
    }

  private:
    /// A plan that is wrong somewhere is told so before hours are spent on the rest.
    void CheckPoints()
    {
        auto schedule = m_schedule;
        std::optional<std::size_t> last;
        for (auto run = schedule.Next(); run; run = schedule.Next())
        {
            if (run->point != last)
            {
                m_sweep.ScenarioOf(*run);
                last = run->point;
            }
        }
    }

    bool StartNext()
    {
        const auto run = m_schedule.Next();
        if (run)
        {
            m_pool.Start(m_started, [&] { return Packed(m_options.simulate(m_sweep, *run)); });
            m_running[m_started++] = *run;
        }
        return run.has_value();
    }

    void Count(const RunRow& row)
    {
        if (!m_schedule.Record(row.key, RuleMetric(m_sweep.plan, row)))
        {
            return;
        }
        m_counts.failed += row.status != "ok" ? 1 : 0;
        m_counts.violated += row.status == "violated" ? 1 : 0;
    }

    const Sweep& m_sweep;
    const SweepOptions& m_options;
    SweepStore& m_store;
    SweepSchedule m_schedule;
    ProcessPool m_pool;
    std::map<std::size_t, RunKey> m_running;
    std::size_t m_started = 0;
    SweepCounts m_counts;
};

} // namespace

SweepCounts
RunSweep(const Sweep& sweep, const SweepOptions& options, SweepStore& store)
{
    return Session(sweep, options, store).Run();
}

RunRow
RunOnce(const Sweep& sweep, RunKey run)
{
    ProcessPool pool(RulesOf(sweep.plan));
    pool.Start(0, [&] { return Packed(SimulateRun(sweep, run)); });
    for (;;)
    {
        for (const auto& [task, result] : pool.Wait())
        {
            return RowOf(sweep, run, result);
        }
    }
}

} // namespace etcdlab
