// etcdlab ladder: one request of a run, message by message.
#include "analysis/commands.h"
#include "analysis/pure/summary.h"
#include "analysis/pure/trace.h"
#include "analysis/registered-names.h"
#include "analysis/run-ladder.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct LadderOptions
{
    std::string file;
    std::vector<std::string> settings;
    std::string request = "first";
    bool all = false;
    std::string svg;
    std::string trace;
};

void
DrawLadder(const LadderOptions& options)
{
    const auto scenario = ReadScenarioFile(options.file, options.settings, RegisteredNames());
    PrintWarnings({scenario});
    const auto run = RunLogged(scenario);
    const auto ladder = MakeLadder(ChooseRequest(run.result.requests, options.request),
                                   run.result.requests,
                                   scenario.Nodes(),
                                   run.messages,
                                   run.syncs,
                                   options.all);
    if (!options.svg.empty())
    {
        WriteFileAtomically(options.svg, LadderSvg(ladder));
    }
    if (!options.trace.empty())
    {
        WriteFileAtomically(
            options.trace,
            TraceJson(scenario.Nodes(), run.result.requests, run.messages, run.syncs, run.work)
                    .dump() +
                "\n");
    }
    std::cout << LadderText(ladder);
}

} // namespace

void
AddLadderCommand(CLI::App& app)
{
    auto options = std::make_shared<LadderOptions>();
    auto* command =
        app.add_subcommand("ladder", "One request of a run, message by message and sync by sync");
    command->add_option("scenario", options->file, "scenario file (JSON); it is run")->required();
    AddSetOption(*command, options->settings);
    command
        ->add_option(
            "-r,--request",
            options->request,
            "which one: first or slowest of those measured, or its number in requests.csv [first]")
        ->check(CheckRequest);
    command->add_flag(
        "-a,--all", options->all, "also what goes on without requests: heartbeats, PINGs, probes");
    command->add_option("--svg", options->svg, "draw it into this file, too");
    command->add_option("--trace",
                        options->trace,
                        "write the whole run into this file, for Perfetto or chrome://tracing");
    command->footer("  etcdlab ladder scenarios/baseline.json --request slowest --svg ladder.svg\n"
                    "  etcdlab ladder scenarios/lan.json --trace trace.json");
    command->callback([options] { DrawLadder(*options); });
}

} // namespace etcdlab
