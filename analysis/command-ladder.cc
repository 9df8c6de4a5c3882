// etcdlab ladder: one request of a run, message by message.
#include "analysis/commands.h"
#include "analysis/pure/ladder.h"
#include "analysis/pure/summary.h"
#include "analysis/pure/trace.h"
#include "analysis/registered-names.h"
#include "analysis/run-scenario.h"
#include "helper/message-names.h"
#include "helper/scenario/read-scenario.h"

#include <algorithm>
#include <charconv>
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

/// Whether a text names a request: "first", "slowest" or a number.
std::string
CheckRequest(const std::string& text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber = error == std::errc() && end == text.data() + text.size() && number > 0;
    return isNumber || text == "first" || text == "slowest"
               ? ""
               : "expected first, slowest, or a request's number, found \"" + text + "\"";
}

const RequestRecord&
Choose(const std::vector<RequestRecord>& requests, const std::string& which)
{
    const auto measured = [](const RequestRecord& request) { return !request.warmup; };
    if (which == "first" || which == "slowest")
    {
        auto chosen = std::find_if(requests.begin(), requests.end(), measured);
        if (chosen == requests.end())
        {
            throw RunError("no request was measured");
        }
        for (auto one = chosen; which == "slowest" && one != requests.end(); ++one)
        {
            if (measured(*one) && one->end - one->start > chosen->end - chosen->start)
            {
                chosen = one;
            }
        }
        return *chosen;
    }
    const auto found = std::find_if(requests.begin(), requests.end(), [&which](const auto& request) {
        return std::to_string(request.number) == which;
    });
    if (found == requests.end())
    {
        throw ScenarioError("--request: there is no number " + which + ", the run has " +
                            std::to_string(requests.size()) + " requests");
    }
    return *found;
}

void
DrawLadder(const LadderOptions& options)
{
    const auto scenario = ReadScenarioFile(options.file, options.settings, RegisteredNames());
    PrintWarnings({scenario});
    RunLog log;
    const auto result = RunScenario(scenario, {.log = &log, .capture = {}});
    std::vector<LadderMessage> messages;
    for (const auto& entry : log.messages)
    {
        const auto name = NameMessage(*entry.message);
        messages.push_back({log.nodes.at(entry.from),
                            log.nodes.at(entry.to),
                            name.name,
                            entry.bytes,
                            entry.sent,
                            entry.received,
                            name.background});
    }
    std::vector<LadderSync> syncs;
    for (const auto& sync : log.syncs)
    {
        syncs.push_back({sync.member, sync.begin, sync.end});
    }
    const auto ladder = MakeLadder(Choose(result.requests, options.request),
                                   result.requests,
                                   scenario.Nodes(),
                                   messages,
                                   syncs,
                                   options.all);
    if (!options.svg.empty())
    {
        WriteFileAtomically(options.svg, LadderSvg(ladder));
    }
    if (!options.trace.empty())
    {
        WriteFileAtomically(options.trace,
                            TraceJson(scenario.Nodes(), result.requests, messages, syncs).dump() + "\n");
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
        ->add_option("-r,--request",
                     options->request,
                     "which one: first or slowest of those measured, or its number in requests.csv [first]")
        ->check(CheckRequest);
    command->add_flag("-a,--all", options->all, "also what goes on without requests: heartbeats, PINGs, probes");
    command->add_option("--svg", options->svg, "draw it into this file, too");
    command->add_option(
        "--trace", options->trace, "write the whole run into this file, for Perfetto or chrome://tracing");
    command->footer("  etcdlab ladder scenarios/baseline.json --request slowest --svg ladder.svg\n"
                    "  etcdlab ladder scenarios/lan.json --trace trace.json");
    command->callback([options] { DrawLadder(*options); });
}

} // namespace etcdlab
