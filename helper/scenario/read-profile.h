// Workload profiles: JSON with comments, with units in the values, with parameters.
#pragma once

#include "helper/scenario/document.h"
#include "model/kubernetes/pure/profile.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace etcdlab
{

/// Values for a profile's `parameters`, by name, as text: "250ms", "10", "prometheus".
using ProfileParameters = std::map<std::string, std::string>;

/**
 * Read a profile and check it.
 *
 * A text that is `${parameter}` and nothing else stands for that parameter's value, whatever its type; in names and
 * labels `${variable}` may stand anywhere and is filled in when the profile is run.
 *
 * @param parameters instead of the values that the profile gives
 * @throws ScenarioError "file:line: pointer: message" for everything that can be wrong, the file's absence and a
 *         parameter that the profile does not have included
 */
kube::Profile ReadProfileFile(const std::filesystem::path& path,
                              const ProfileParameters& parameters = {});

/// The same for a text. `name` stands for the file's name.
kube::Profile ReadProfileText(std::string_view text,
                              const std::string& name,
                              const ProfileParameters& parameters = {});

/// The same for a document that has been parsed.
kube::Profile ReadProfile(Document document,
                          const std::string& name,
                          const ProfileParameters& parameters = {});

/// The JSON Schema (draft 2020-12) of profiles, as text; scenarios/profiles/profile.schema.json is a copy.
std::string ProfileSchema();

} // namespace etcdlab
