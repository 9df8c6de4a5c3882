// etcdlab check: is a scenario all right?
#include "analysis/commands.h"
#include "analysis/registered-names.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct CheckOptions
{
    std::vector<std::string> files;
    std::vector<std::string> settings;
    bool effective = false;
};

void
Check(const CheckOptions& options)
{
    for (const auto& file : options.files)
    {
        const auto scenario = ReadScenarioFile(file, options.settings, RegisteredNames());
        for (const auto& warning : ScenarioWarnings(scenario))
        {
            std::cerr << file << ": warning: " << warning << "\n";
        }
        if (options.effective)
        {
            std::cout << EffectiveScenario(scenario);
            continue;
        }
        std::cout << file << ": ok: " << scenario.topology.members.size() << " members, "
                  << scenario.ClientNodes().size() << " API servers, " << scenario.AllLinks().size()
                  << " links, "
                  << (scenario.leader.empty() ? "leader elected" : "leader " + scenario.leader)
                  << "\n";
    }
}

} // namespace

void
AddCheckCommand(CLI::App& app)
{
    auto options = std::make_shared<CheckOptions>();
    auto* command = app.add_subcommand("check", "Check scenarios without running them");
    command->add_option("scenarios", options->files, "scenario files (JSON)")->required();
    AddSetOption(*command, options->settings);
    command->add_flag(
        "--effective", options->effective, "print the scenario with every default spelled out");
    command->footer("Exit code 2 and one message if something is wrong.\n\n"
                    "  etcdlab check scenarios/*.json");
    command->callback([options] { Check(*options); });
}

} // namespace etcdlab
