// etcdlab schema: the JSON Schema of scenarios.
#include "analysis/commands.h"
#include "analysis/registered-names.h"
#include "helper/scenario/read-scenario.h"

#include <iostream>

namespace etcdlab
{

void
AddSchemaCommand(CLI::App& app)
{
    auto* command = app.add_subcommand("schema", "Print the JSON Schema of scenario files");
    command->footer("Editors that know the schema complete keys and show their meaning:\n\n"
                    "  etcdlab schema > scenarios/etcdlab.schema.json");
    command->callback([] { std::cout << ScenarioSchema(RegisteredNames()); });
}

} // namespace etcdlab
