// etcdlab run: simulate one scenario and keep the results.
#include "analysis/commands.h"
#include "analysis/pure/comparison.h"
#include "analysis/pure/summary.h"
#include "analysis/pure/targets.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/scenario/read-scenario.h"
#include "helper/world.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct RunOptions
{
    std::string file;
    std::vector<std::string> settings;
    std::string directory;
    std::string capture;
};

/// A broken promise leaves no results, but what shows it, and the scenario to repeat it.
RunResult
RunOrKeepEvidence(const Scenario& scenario,
                  const std::filesystem::path& directory,
                  const RunWatch& watch)
{
    try
    {
        return RunScenario(scenario, watch);
    }
    catch (const Violation& violation)
    {
        std::filesystem::create_directories(directory);
        WriteFileAtomically(directory / "scenario.json", EffectiveScenario(scenario));
        WriteFileAtomically(directory / "violation.txt", violation.Evidence());
        throw Violation(violation.what() + std::string(" (evidence: ") +
                            (directory / "violation.txt").string() + ")",
                        violation.Evidence());
    }
}

void
Run(const RunOptions& options)
{
    const auto scenario = ReadScenarioFile(options.file, options.settings, RegisteredNames());
    if (!options.capture.empty() && scenario.transport != "tcp")
    {
        throw ScenarioError("--pcap: the transport \"" + scenario.transport +
                            "\" sends no packets: expected \"tcp\"");
    }
    PrintWarnings({scenario});
    const auto directory = options.directory.empty() ? ResultDirectory(scenario)
                                                     : std::filesystem::path(options.directory);
    const auto result =
        RunOrKeepEvidence(scenario, directory, {.log = nullptr, .capture = options.capture});
    SaveRun(directory, scenario, result);
    if (result.facts.outcomes && !result.facts.outcomes->undecided.empty())
    {
        std::cerr << "etcdlab: warning: " << scenario.name
                  << ": undecided whether the history is linearizable: the search for an order "
                     "gave up on "
                  << result.facts.outcomes->undecided.size() << " keys\n";
    }
    if (!scenario.description.empty())
    {
        std::cout << scenario.description << "\n\n";
    }
    const auto summary = MakeSummary(result);
    std::cout << CompareSummaries({summary});
    if (summary.kubernetes)
    {
        std::cout << "\n" << ReleasesText(*summary.kubernetes);
    }
    if (result.monitoring)
    {
        std::cout << "\nPrometheus' targets at the end:\n"
                  << TargetsTable(result.monitoring->targets);
    }
    std::cout << "\nResults: " << directory.string() << "/{summary.json,requests.csv,scenario.json"
              << (result.monitoring ? ",targets.json,metrics.om" : "")
              << (result.kubernetes ? ",etcd-requests.csv,api-requests.csv,pods.csv" : "") << "}\n";
    if (summary.ok == 0)
    {
        throw RunError(scenario.name + ": no request succeeded");
    }
}

} // namespace

void
AddRunCommand(CLI::App& app)
{
    auto options = std::make_shared<RunOptions>();
    auto* command = app.add_subcommand("run", "Simulate one scenario and keep the results");
    command->add_option("scenario", options->file, "scenario file (JSON)")->required();
    AddSetOption(*command, options->settings);
    command->add_option("-o,--out", options->directory, "directory for the results [results/NAME]");
    command->add_option(
        "--pcap", options->capture, "directory for the packets of each link, for Wireshark [none]");
    command->footer(
        "Writes summary.json (latencies per operation and member, bytes, syncs), requests.csv (a "
        "row\n"
        "per request) and scenario.json (the effective scenario: running it again gives the same\n"
        "bytes). With a Prometheus also targets.json (its page Targets) and metrics.om (what it\n"
        "recorded, as OpenMetrics text).\n\n"
        "  etcdlab run scenarios/baseline.json\n"
        "  etcdlab run scenarios/baseline.json --set links.api-e1.rtt=20ms --out results/near-e1");
    command->callback([options] { Run(*options); });
}

} // namespace etcdlab
