// Which run of a sweep comes next.
#pragma once

#include "analysis/pure/sweep-plan.h"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace etcdlab
{

/// A run's place in its sweep.
struct RunKey
{
    std::size_t point = 0;
    std::uint64_t replication = 0;
    auto operator<=>(const RunKey&) const = default;
};

/// A part of a sweep: every so many-th point. Number 0 of 1 is all of it.
struct Shard
{
    std::uint64_t number = 0;
    std::uint64_t count = 1;

    bool Has(std::size_t point) const
    {
        return point % count == number;
    }
};

/**
 * Hands out runs by point and replication, and stops a point when its stopping rule says so. Which runs a sweep has depends
 * on their results alone, never on which ended first: a replication that may not be needed is not started before all those
 * ahead of it have ended.
 */
class SweepSchedule
{
  public:
    SweepSchedule(const SweepPlan& plan, Shard shard);

    /**
     * A run has ended, now or in an earlier session.
     *
     * @param metric the stopping rule's metric; none if the run failed, or if there is no rule
     * @return whether the plan has such a run
     */
    bool Record(RunKey run, std::optional<double> metric);

    /// The next run to be started, which then counts as started; none if there is nothing to do before another ends.
    std::optional<RunKey> Next();

    /// Runs that have ended, of those that the plan has: what it does not have does not count.
    std::uint64_t Ended() const
    {
        return m_ended;
    }

    /// Runs in all, as far as is known: more if a point needs them.
    std::uint64_t Known() const
    {
        return m_known;
    }

    /// Nothing is left to start. Known() is then final once all that was started has ended.
    bool AllStarted() const
    {
        return m_ready.empty();
    }

  private:
    struct Point
    {
        std::map<std::uint64_t, std::optional<double>> ended; //!< metrics by replication
        std::uint64_t wanted = 0;                             //!< replications, as far as is known
        std::uint64_t endedWanted = 0;                        //!< those of them that have ended
    };

    void Want(std::size_t point, std::uint64_t replications);
    bool Suffices(const Point& point) const;

    std::optional<StoppingRule> m_rule;
    std::uint64_t m_most;
    std::vector<Point> m_points;
    std::set<RunKey> m_ready;
    std::uint64_t m_ended = 0;
    std::uint64_t m_known = 0;
};

} // namespace etcdlab
