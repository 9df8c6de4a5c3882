// etcdlab fit: find the values of settings that make runs give measured figures.
#include "analysis/commands.h"
#include "analysis/pure/fit.h"
#include "analysis/pure/plan-reader.h"
#include "analysis/pure/summary.h"
#include "analysis/pure/text.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct FitOptions
{
    std::string plan;
    std::string directory = "results";
};

/// A figure of summary.json.
double
Figure(const RunResult& result, const FitStep& step)
{
    const auto json = nlohmann::json::parse(SummaryText(MakeSummary(result)));
    const nlohmann::json::json_pointer pointer(step.metric);
    if (!json.contains(pointer) || !json.at(pointer).is_number())
    {
        throw FitError(step.scenario.string() + ": its summary.json has no number at " +
                       step.metric);
    }
    return json.at(pointer);
}

Scenario
Read(const FitStep& step, const std::vector<std::string>& settings)
{
    return ReadScenarioFile(step.scenario, settings, RegisteredNames());
}

std::vector<std::string>
With(std::vector<std::string> settings, const FitStep& step, double value)
{
    settings.push_back(step.vary + "=" + FitSetting(step, value));
    return settings;
}

/// What is wrong with any step's scenario or setting is said before the first run.
void
CheckPlan(const FitPlan& plan)
{
    std::vector<std::string> settings;
    std::vector<Scenario> scenarios;
    for (const auto& step : plan.steps)
    {
        Read(step, With(settings, step, step.high));
        settings = With(settings, step, step.low);
        scenarios.push_back(Read(step, settings));
    }
    PrintWarnings(scenarios);
}

void
Fit(const FitOptions& options)
{
    const auto plan = ReadFitPlan(ReadPlanFile(options.plan), options.plan);
    CheckPlan(plan);
    std::vector<std::string> fitted;
    std::vector<std::vector<std::string>> rows = {{"scenario",
                                                   "fitted",
                                                   "value",
                                                   "figure",
                                                   "target",
                                                   "simulated",
                                                   "with nothing fitted",
                                                   "runs"}};
    for (const auto& step : plan.steps)
    {
        const double unfitted = Figure(RunScenario(Read(step, {})), step);
        const auto found = Fit(step, [&](double value) {
            return Figure(RunScenario(Read(step, With(fitted, step, value))), step);
        });
        fitted = With(fitted, step, found.value);
        const auto scenario = Read(step, fitted);
        SaveRun(ResultDirectory(scenario, options.directory), scenario, RunScenario(scenario));
        rows.push_back({scenario.name,
                        step.vary,
                        FitSetting(step, found.value),
                        step.metric,
                        TrimmedNumber(step.target, 3),
                        TrimmedNumber(found.metric, 3),
                        TrimmedNumber(unfitted, 3),
                        std::to_string(found.runs)});
    }
    if (!plan.description.empty())
    {
        std::cout << plan.description << "\n\n";
    }
    std::cout << AlignedColumns(rows, 4) << "\nFitted:";
    for (const auto& setting : fitted)
    {
        std::cout << " --set " << setting;
    }
    std::cout << "\nEverything else is predicted. Results: " << options.directory << "\n";
}

} // namespace

void
AddFitCommand(CLI::App& app)
{
    auto options = std::make_shared<FitOptions>();
    auto* command = app.add_subcommand(
        "fit", "Find the values of settings that make runs give measured figures");
    command->add_option("plan", options->plan, "plan file (JSON)")->required();
    command->add_option("-o,--out", options->directory, "directory for the fitted runs [results]");
    command->footer(
        "A plan has steps; each varies one setting of one scenario until one figure of its\n"
        "summary.json is as measured, with what the steps before it found.\n\n"
        "  etcdlab fit scenarios/plans/fit-request-latency.json");
    command->callback([options] { Fit(*options); });
}

} // namespace etcdlab
