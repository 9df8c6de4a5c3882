// Workloads as data: what a client asks of the API server, phase by phase (scenarios/profiles/*.json).
#pragma once

#include "model/base/units.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::kube
{

/// The value of each `${name}` that texts of a profile may contain.
using Variables = std::map<std::string, std::string>;

/// A container of a pod that a profile creates, or lets a controller create.
struct ContainerConfig
{
    std::string name = "main";
    Duration pull{0};
    Duration start{0};
    std::optional<Duration> ready;
    std::optional<Duration> runs;
    std::uint64_t exitCode = 0;
    std::string program;
    bool operator==(const ContainerConfig&) const = default;
};

/// A pod template, which objects refer to by its name.
struct PodConfig
{
    Variables labels;
    ByteSize bytes{2700};
    std::string restartPolicy = "always";
    std::string serviceAccount = "default";
    std::vector<std::string> hostPorts;
    std::vector<ContainerConfig> containers;
    bool operator==(const PodConfig&) const = default;
};

/// The resource that a custom resource definition defines.
struct DefinedConfig
{
    std::string resource;
    std::string group;
    std::string kind;
    std::vector<std::string> versions = {"v1"};
    bool operator==(const DefinedConfig&) const = default;
};

/// An object of a list that steps refer to.
struct ObjectConfig
{
    std::string resource;
    std::string name;
    std::string nameSpace = "default";
    ByteSize bytes{0};
    Variables labels;
    std::string pod;
    std::uint64_t replicas = 1;
    Variables selector;
    bool headless = false;
    std::optional<DefinedConfig> defines;
    bool operator==(const ObjectConfig&) const = default;
};

/// One step. Which keys a step takes depends on its verb: TakenKeys.
struct StepConfig
{
    std::string verb;
    std::string objects;
    std::string mode = "serial";
    std::string which = "all";
    Duration think{0};
    std::vector<std::string> accept = {"ok"};
    std::string resource;
    std::string nameSpace;
    std::string from = "etcd";
    std::optional<ByteSize> bytes;
    bool conditional = false;
    std::string until;
    std::optional<Duration> poll;
    Duration timeout{300'000'000'000};
    Duration time{0};
    std::uint64_t times = 1;
    std::optional<Duration> every;
    std::string counter = "i";
    std::string lock;
    std::string node;
    std::string power;
    std::vector<StepConfig> steps;
    bool operator==(const StepConfig&) const = default;
};

/// Steps that results report as one.
struct PhaseConfig
{
    std::string name;
    std::string each;
    std::string mode = "serial";
    std::vector<StepConfig> steps;
    bool operator==(const PhaseConfig&) const = default;
};

/// What a container's process asks of the API.
struct ProgramConfig
{
    std::string builtin;
    bool fight = false;
    std::optional<std::uint64_t> syncs;
    std::vector<StepConfig> steps;
    bool operator==(const ProgramConfig&) const = default;
};

/// A text that is derived from others, as chart templates do.
struct VariableConfig
{
    std::string text;
    std::uint64_t longest = 63;
    bool operator==(const VariableConfig&) const = default;
};

struct Profile
{
    std::string name; //!< by default the file's name without directory and ".json"
    std::string description;
    Duration retry{0};
    std::map<std::string, VariableConfig> variables;
    std::map<std::string, PodConfig> pods;
    std::map<std::string, ProgramConfig> programs;
    std::map<std::string, std::vector<ObjectConfig>> objects;
    std::vector<PhaseConfig> phases;
    bool operator==(const Profile&) const = default;
};

/// What a step of a verb may say and has to say, the verb itself aside.
struct StepKeys
{
    std::vector<std::string> needed;
    std::vector<std::string> others;
};

/// @param verb one of StepVerbs()
const StepKeys& TakenKeys(const std::string& verb);

/// get, list, create, update, delete, wait, think, serial, parallel, repeat, lock, node
const std::vector<std::string>& StepVerbs();

/// Outcomes that a step may accept: "ok", or the API's reason for a failure.
const std::vector<std::string>& StepOutcomes();

/// A text with the variables' values in place of `${name}`. Names that are not known stay as they are.
std::string Expand(const std::string& text, const Variables& variables);

/// The names in `${name}` of a text; "" stands for one that is never closed.
std::vector<std::string> NamesIn(const std::string& text);

/// All variables of one release: its name as ${release}, and those the profile derives.
Variables VariablesOf(const Profile& profile, const std::string& release);

/// The phases as they are run: one that is done for each object of a list is there once for each, named by ${kind}
/// and ${object}.
struct PhaseRun
{
    std::string name;
    const PhaseConfig* phase = nullptr;
    const ObjectConfig* object = nullptr; //!< which its steps act on unless they say otherwise
};
std::vector<PhaseRun> PhaseRuns(const Profile& profile, const Variables& variables);

/// The sum of what a list's objects take in etcd.
ByteSize BytesOf(const std::vector<ObjectConfig>& objects);

} // namespace etcdlab::kube
