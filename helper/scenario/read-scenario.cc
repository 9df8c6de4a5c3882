#include "helper/scenario/read-scenario.h"

#include "helper/scenario/checks.h"
#include "helper/scenario/json-reader.h"
#include "helper/scenario/layers.h"
#include "model/storage/disk-profile.h"

namespace etcdlab
{

namespace
{

Scenario
Read(Document document,
     const std::string& label,
     const std::vector<std::string>& settings,
     const KnownNames& known)
{
    for (const auto& setting : settings)
    {
        ApplySetting(document, setting);
    }
    Scenario scenario;
    scenario.name = std::filesystem::path(label).stem().string();
    const LeafReader leaf{document, known};
    JsonReader reader(leaf, document.value, "", scenario);
    Describe(reader, scenario);
    reader.Finish();
    // From here on a member's PreVote is what it is, whatever its version: an effective scenario
    // says it.
    scenario.member.preVote = scenario.member.PreVote();
    for (auto& [name, member] : scenario.memberOverrides)
    {
        member.preVote = member.PreVote();
    }
    CheckScenario(scenario, document);
    return scenario;
}

} // namespace

const std::vector<std::string>&
KnownNames::OfKind(std::string_view kind) const
{
    static const std::vector<std::string> none;
    return kind == "balancer"        ? balancers
           : kind == "target policy" ? targetPolicies
           : kind == "topology"      ? topologies
           : kind == "transport"     ? transports
           : kind == "workload"      ? workloads
           : kind == "disk"          ? disks
           : kind == "fault"         ? faults
                                     : none;
}

std::vector<std::string>
KnownNames::DiskProfileNames()
{
    std::vector<std::string> names;
    for (const auto& profile : DiskProfiles())
    {
        names.push_back(profile.name);
    }
    return names;
}

Scenario
ReadScenarioFile(const std::filesystem::path& path,
                 const std::vector<std::string>& settings,
                 const KnownNames& known)
{
    return Read(LoadLayers(path), path.string(), settings, known);
}

Scenario
ReadScenarioText(std::string_view text,
                 const std::string& name,
                 const std::vector<std::string>& settings,
                 const KnownNames& known)
{
    return Read(LoadLayers(text, name), name, settings, known);
}

} // namespace etcdlab
