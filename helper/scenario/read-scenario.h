// Scenario files: JSON with comments, with units in the values, and with `extends`.
#pragma once

#include "helper/scenario/scenario.h"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/**
 * What is wrong with a scenario, in one line:
 *
 *     mine.json:7: /member/heartbeat_interval: 250 has no unit: write for instance "250ms"
 *
 * i.e. the file and line in which the offending value stands (it may be a file that is extended, or
 * `--set path=value`), its JSON pointer, what was expected and what was found.
 */
class ScenarioError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/// The names that scenarios may use for what is registered elsewhere. By default those that etcdlab
/// has; a program with policies of its own fills it from its registries.
struct KnownNames
{
    std::vector<std::string> balancers = {"pick-first", "pinned", "round-robin"};
    std::vector<std::string> targetPolicies = {"leader", "pinned", "round-robin"};
    std::vector<std::string> topologies = {"external", "stacked"};
    std::vector<std::string> transports = {"message", "tcp"};
    std::vector<std::string> workloads = {"kubernetes", "mix", "replay"};
    std::vector<std::string> disks = DiskProfileNames();
    std::vector<std::string> faults = FaultRegistry::Names();

    /// The names of one kind, as Knob::kind says it: "balancer", "target policy", "topology",
    /// "transport", "workload", "disk", "fault". Empty for any other kind.
    const std::vector<std::string>& OfKind(std::string_view kind) const;

    /// The names of the disk profiles that model/storage has.
    static std::vector<std::string> DiskProfileNames();
};

/**
 * Read a scenario file, with whatever it extends, and check it.
 *
 * @param path the file; `extends` is relative to the file in which it stands
 * @param settings "path=value" each, applied in order after everything that files say: the path
 *        with dots ("member.disk") or as JSON pointer ("/links/api-e1/rtt"); the value as JSON or
 *        as plain text
 * @param known what registered names are allowed
 * @throws ScenarioError for everything that can be wrong, the file's absence included
 */
Scenario ReadScenarioFile(const std::filesystem::path& path,
                          const std::vector<std::string>& settings = {},
                          const KnownNames& known = {});

/// The same for a text. `name` stands for the file's name in messages, gives the scenario its
/// default name, and its directory is where `extends` is looked up.
Scenario ReadScenarioText(std::string_view text,
                          const std::string& name,
                          const std::vector<std::string>& settings = {},
                          const KnownNames& known = {});

/// The scenario as JSON text with every default spelled out. Reading it gives an equal scenario,
/// and writing that one the same bytes.
std::string EffectiveScenario(const Scenario& scenario);

/// The JSON Schema (draft 2020-12) of scenario files, as text; scenarios/etcdlab.schema.json is a
/// copy.
std::string ScenarioSchema(const KnownNames& known = {});

/// What is allowed but probably not meant, one line each, e.g. an even number of members.
/// @param ofTimeouts also about election timeouts that do not suit the links
std::vector<std::string> ScenarioWarnings(const Scenario& scenario, bool ofTimeouts = true);

} // namespace etcdlab
