// etcdlab explain: where a request's latency comes from, by formula.
#include "analysis/commands.h"
#include "analysis/pure/explain.h"
#include "analysis/registered-names.h"
#include "helper/scenario/document.h"

#include <algorithm>
#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct ExplainOptions
{
    std::string file;
    std::vector<std::string> settings;
    std::string leader;
    bool json = false;
};

void
ExplainScenario(const ExplainOptions& options)
{
    const auto scenario = ReadScenarioFile(options.file, options.settings, RegisteredNames());
    const auto& members = scenario.topology.members;
    ScenarioFormOptions form;
    form.leader = options.leader.empty() ? scenario.leader : options.leader;
    if (form.leader.empty())
    {
        throw ScenarioError(options.file +
                            ": the members elect their leader, and latencies depend on who "
                            "leads: say it with --leader MEMBER or --set leader=MEMBER");
    }
    if (std::find(members.begin(), members.end(), form.leader) == members.end())
    {
        throw ScenarioError("--leader: " + Unknown("member", form.leader, members));
    }
    std::cout << (options.json ? ExplainJson(scenario, form).dump(2) + "\n"
                               : Explain(scenario, form));
}

} // namespace

void
AddExplainCommand(CLI::App& app)
{
    auto options = std::make_shared<ExplainOptions>();
    auto* command = app.add_subcommand(
        "explain", "Latency as a sum of named hops, by formula and without simulating");
    command->add_option("scenario", options->file, "scenario file (JSON)")->required();
    AddSetOption(*command, options->settings);
    command->add_option("--leader", options->leader, "take this member for the leader");
    command->add_flag("--json", options->json, "machine-readable output");
    command->footer(
        "In both accountings: etcd's, and the thesis', in which a forwarded request also counts as "
        "the\n"
        "forwarding follower's acknowledgement. The sums are of one request on an idle cluster; "
        "what "
        "the\n"
        "scenario has that they leave out or only estimate is said below them. The simulation is "
        "tested\n"
        "against them on links that only delay, with ideal disks and processors.\n\n"
        "  etcdlab explain scenarios/baseline.json");
    command->callback([options] { ExplainScenario(*options); });
}

} // namespace etcdlab
