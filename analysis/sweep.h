// Sweeps: the runs of a plan, each in a process of its own, into a file.
#pragma once

#include "analysis/pure/run-row.h"
#include "analysis/pure/sweep-plan.h"
#include "analysis/sweep-store.h"
#include "helper/scenario/scenario.h"

#include <functional>
#include <stdexcept>
#include <string>

namespace etcdlab
{

/// A plan, and the scenario that its points change, as it was when they were read.
struct Sweep
{
    SweepPlan plan;
    std::string scenario; //!< with whatever it extends, as text

    /// The scenario of a run. @throws ScenarioError
    Scenario ScenarioOf(RunKey run) const;

    /// What is known of a run before it has run; its status and its scenario are left open.
    RunRow OutlineOf(RunKey run) const;

    /// The shell command that repeats it.
    std::string CommandOf(RunKey run) const;
};

/// @throws ScenarioError
Sweep ReadSweep(const std::filesystem::path& plan);

/// Simulate a run and take what the sweep keeps of it. Never throws but for want of memory: what goes wrong is in the row.
RunRow SimulateRun(const Sweep& sweep, RunKey run);

struct SweepOptions
{
    std::size_t jobs = 1;
    Shard shard = {};
    std::string title = "sweep"; //!< of the progress line
    /// Does a run, in its own process; tests have others.
    std::function<RunRow(const Sweep&, RunKey)> simulate = SimulateRun;
};

/// How many runs ended how, those of earlier sessions included.
struct SweepCounts
{
    std::uint64_t earlier = 0; //!< ended before this session
    std::uint64_t ended = 0;
    std::uint64_t failed = 0; //!< of these, those that are not ok
    std::uint64_t violated = 0;
};

/// Asked to stop, by Ctrl-C or SIGTERM. What has ended is kept.
class Interrupted : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/**
 * Do the runs that a file does not have yet.
 *
 * @throws ScenarioError if a point is no scenario, before the first run
 * @throws Interrupted
 */
SweepCounts RunSweep(const Sweep& sweep, const SweepOptions& options, SweepStore& store);

/// Do one run in a process of its own, with the plan's limits.
RunRow RunOnce(const Sweep& sweep, RunKey run);

} // namespace etcdlab
