// etcdlab reproduce: the thesis' comparison, beside what the protocol costs and what was measured.
#include "analysis/commands.h"
#include "analysis/pure/comparison.h"
#include "analysis/pure/summary.h"
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

struct ReproduceOptions
{
    std::string source = ETCDLAB_SOURCE_DIR;
    std::string directory = "results";
};

Scenario
Read(const ReproduceOptions& options, const std::string& name)
{
    return ReadScenarioFile(std::filesystem::path(options.source) / "scenarios" / (name + ".json"),
                            {},
                            RegisteredNames());
}

double
MeanPut(const ReproduceOptions& options, const Scenario& scenario)
{
    const auto result = RunScenario(scenario);
    SaveRun(ResultDirectory(scenario, options.directory), scenario, result);
    const auto summary = MakeSummary(result);
    const auto puts = summary.latency.find("put");
    if (puts == summary.latency.end())
    {
        throw RunError(scenario.name + ": no put succeeded; failed: " + FailuresText(summary));
    }
    if (summary.failed > 0)
    {
        std::cerr << "etcdlab: warning: " << scenario.name << ": failed: " << FailuresText(summary)
                  << "\n";
    }
    return puts->second.at(ALL_MEMBERS).mean;
}

void
Reproduce(const ReproduceOptions& options)
{
    const auto baseline = Read(options, "baseline");
    const auto optimised = Read(options, "optimised");
    const auto baselineThesis = Read(options, "baseline-thesis");
    const auto optimisedThesis = Read(options, "optimised-thesis");
    // That etcd's default election timeout is short for these links is part of what is reproduced.
    PrintWarnings({baseline, optimised, baselineThesis, optimisedThesis}, false);
    const auto reference =
        std::filesystem::path(options.source) / "test/reference/etcd-3.4.23-seed-links.json";

    const auto arithmetic = ThesisArithmetic(baselineThesis, optimisedThesis);
    const auto measured = MeasuredColumn(reference);
    const QuickstartColumn thesis{"simulated, thesis' accounting",
                                  MeanPut(options, baselineThesis),
                                  MeanPut(options, optimisedThesis)};
    const QuickstartColumn etcd{
        "simulated, etcd's protocol", MeanPut(options, baseline), MeanPut(options, optimised)};
    std::cout << QuickstartTable(arithmetic, thesis, etcd, measured);
}

} // namespace

void
AddReproduceCommand(CLI::App& app)
{
    auto options = std::make_shared<ReproduceOptions>();
    auto* command =
        app.add_subcommand("reproduce", "Run the thesis' comparison and print its table");
    command->add_option("--source", options->source, "etcdlab's source directory")
        ->check(CLI::ExistingDirectory);
    command->add_option("-o,--out", options->directory, "directory for the results [results]");
    command->footer("Simulates scenarios/baseline.json and optimised.json in both accountings and "
                    "puts them beside\n"
                    "the thesis' arithmetic and what real etcd 3.4.23 took on the same links.");
    command->callback([options] { Reproduce(*options); });
}

} // namespace etcdlab
