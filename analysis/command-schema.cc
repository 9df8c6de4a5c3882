// etcdlab schema: the JSON Schema of scenarios.
#include "analysis/commands.h"
#include "analysis/pure/scenario-reference.h"
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
                    "  etcdlab schema --reference > scenarios/reference.md\n"
                    "  etcdlab schema --profiles > scenarios/profiles/profile.schema.json");
    auto profiles = std::make_shared<bool>(false);
    auto reference = std::make_shared<bool>(false);
    auto* ofProfiles =
        command->add_flag("--profiles", *profiles, "that of workload profiles instead");
    command->add_flag("--reference", *reference, "the keys as a page of Markdown instead")
        ->excludes(ofProfiles);
    command->callback([profiles, reference] {
        const auto schema = *profiles ? ProfileSchema() : ScenarioSchema(RegisteredNames());
        std::cout << (*reference ? ScenarioReference(schema) : schema);
    });
}

} // namespace etcdlab
