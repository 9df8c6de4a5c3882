#include "analysis/commands.h"

namespace etcdlab
{

void
AddSetOption(CLI::App& command, std::vector<std::string>& settings)
{
    command
        .add_option(
            "--set",
            settings,
            "change one value of the scenario: PATH=VALUE, as in member.disk=hdd (repeatable)")
        ->type_name("PATH=VALUE")
        ->take_all()
        ->expected(1);
}

} // namespace etcdlab
