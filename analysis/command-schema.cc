// etcdlab schema: the JSON Schema of scenarios.
#include "analysis/commands.h"
#include "analysis/registered-names.h"
#include "helper/scenario/read-profile.h"

#include <iostream>
#include <memory>

namespace etcdlab
{

void
AddSchemaCommand(CLI::App& app)
{
    auto* command = app.add_subcommand("schema", "Print the JSON Schema of scenario files");
    command->footer("Editors that know the schema complete keys and show their meaning:\n\n"
                    "  etcdlab schema > scenarios/etcdlab.schema.json\n"
                    "  etcdlab schema --profiles > scenarios/profiles/profile.schema.json");
    auto profiles = std::make_shared<bool>(false);
    command->add_flag("--profiles", *profiles, "that of workload profiles instead");
    command->callback([profiles] {
        std::cout << (*profiles ? ProfileSchema() : ScenarioSchema(RegisteredNames()));
    });
}

} // namespace etcdlab
