#include "analysis/sweep.h"

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/summary.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/layers.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

namespace etcdlab
{

Scenario
Sweep::ScenarioOf(RunKey run) const
{
    auto settings = plan.points.at(run.point).settings;
    settings.push_back("seed=" + std::to_string(plan.SeedOf(run.point, run.replication)));
    try
    {
        return ReadScenarioText(scenario, plan.scenario.string(), settings, RegisteredNames());
    }
    catch (const ScenarioError& error)
    {
        throw ScenarioError("point " + std::to_string(run.point) + " (" +
                            plan.DescribePoint(run.point) + "): " + error.what());
    }
}

std::string
Sweep::CommandOf(RunKey run) const
{
    std::string command = "etcdlab run " + ShellWord(plan.scenario.string());
    for (const auto& setting : plan.points.at(run.point).settings)
    {
        command += " --set " + ShellWord(setting);
    }
    return command + " --set seed=" + std::to_string(plan.SeedOf(run.point, run.replication));
}

RunRow
Sweep::OutlineOf(RunKey run) const
{
    RunRow row;
    row.key = run;
    row.seed = plan.SeedOf(run.point, run.replication);
    row.command = CommandOf(run);
    row.metrics.resize(plan.metrics.size());
    return row;
}

Sweep
ReadSweep(const std::filesystem::path& path)
{
    Sweep sweep;
    sweep.plan = ReadSweepPlan(ReadPlanFile(path), path.string());
    ReadScenarioFile(
        sweep.plan.scenario, {}, RegisteredNames()); // what is wrong with it has a line
    // Whoever edits the file while the sweep runs changes the next one.
    auto scenario = LoadLayers(sweep.plan.scenario).value;
    if (scenario.contains("links"))
    {
        auto& links = scenario["links"];
        for (auto link = links.begin(); link != links.end();)
        {
            link = link->is_null() ? links.erase(link)
                                   : std::next(link); // removed by a file that extends another
        }
    }
    sweep.scenario = scenario.dump();
    PrintWarnings({sweep.ScenarioOf({0, 0})});
    return sweep;
}

RunRow
SimulateRun(const Sweep& sweep, RunKey run)
{
    auto row = sweep.OutlineOf(run);
    try
    {
        const auto scenario = sweep.ScenarioOf(run);
        row.scenario = HashOf(EffectiveScenario(scenario));
        const auto summary = MakeSummary(RunScenario(scenario));
        if (summary.ok == 0)
        {
            throw RunError("no request succeeded");
        }
        row.metrics = TakeMetrics(sweep.plan.metrics, SummaryJson(summary));
        row.status = "ok";
    }
    catch (const Violation& violation)
    {
        row.status = "violated";
        row.message = violation.what();
    }
    catch (const std::bad_alloc&)
    {
        throw; // the limit's handler has ended the process before; without a limit it is a crash
    }
    catch (const std::exception& error)
    {
        row.status = "failed";
        row.message = error.what();
    }
    return row;
}

} // namespace etcdlab
