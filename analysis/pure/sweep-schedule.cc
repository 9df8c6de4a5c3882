#include "analysis/pure/sweep-schedule.h"

#include "analysis/pure/mean-interval.h"

#include <cmath>

namespace etcdlab
{

SweepSchedule::SweepSchedule(const SweepPlan& plan, Shard shard)
    : m_rule(plan.until),
      m_most(plan.replications),
      m_points(plan.points.size())
{
    for (std::size_t point = 0; point < m_points.size(); ++point)
    {
        if (shard.Has(point))
        {
            Want(point, m_rule ? m_rule->least : m_most);
        }
    }
}

void
SweepSchedule::Want(std::size_t number, std::uint64_t replications)
{
    auto& point = m_points[number];
    for (; point.wanted < replications; ++point.wanted)
    {
        ++m_known;
        if (point.ended.contains(point.wanted)) // in an earlier session
        {
            ++point.endedWanted;
            ++m_ended;
        }
        else
        {
            m_ready.insert({number, point.wanted});
        }
    }
}

bool
SweepSchedule::Record(RunKey run, std::optional<double> metric)
{
    if (run.point >= m_points.size() || m_points[run.point].wanted == 0 ||
        run.replication >= m_most)
    {
        return false; // of another shard, or more than the plan now asks for
    }
    auto& point = m_points[run.point];
    if (!point.ended.emplace(run.replication, metric).second)
    {
        return true;
    }
    if (run.replication < point.wanted)
    {
        m_ready.erase(run);
        ++point.endedWanted;
        ++m_ended;
    }
    while (m_rule && point.wanted < m_most && point.endedWanted == point.wanted && !Suffices(point))
    {
        Want(run.point, point.wanted + 1);
    }
    return true;
}

std::optional<RunKey>
SweepSchedule::Next()
{
    if (m_ready.empty())
    {
        return {};
    }
    const auto first = *m_ready.begin();
    m_ready.erase(m_ready.begin());
    return first;
}

bool
SweepSchedule::Suffices(const Point& point) const
{
    std::vector<double> values;
    for (const auto& [replication, metric] : point.ended)
    {
        if (replication < point.wanted && metric)
        {
            values.push_back(*metric);
        }
    }
    const auto interval = IntervalOfMean(values, m_rule->confidence);
    return interval.halfWidth <=
           m_rule->halfWidth.value_or(m_rule->share * std::abs(interval.mean));
}

} // namespace etcdlab
