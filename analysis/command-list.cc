// etcdlab list: what scenarios can name.
#include "analysis/commands.h"
#include "helper/topology/topology.h"
#include "model/fault/fault-type.h"
#include "model/proxy/target-policy.h"
#include "model/storage/disk-profile.h"
#include "model/transport/balancer.h"
#include "model/transport/transport.h"
#include "model/workload/workload.h"

#include <iomanip>
#include <iostream>
#include <memory>

namespace etcdlab
{

namespace
{

struct Section
{
    std::string name;
    std::string title; //!< with the scenario path that names one
    std::vector<std::pair<std::string, std::string>> entries;
};

template <class AnyRegistry>
Section
SectionOf(std::string name, std::string title)
{
    Section section{std::move(name), std::move(title), {}};
    for (const auto& [entry, what] : AnyRegistry::All())
    {
        section.entries.emplace_back(entry, what.summary);
    }
    return section;
}

std::vector<Section>
Sections()
{
    Section disks{"disks", "disk profiles (member.disk)", {}};
    for (const auto& disk : DiskProfiles())
    {
        disks.entries.emplace_back(disk.name, disk.summary);
    }
    return {SectionOf<TopologyRegistry>("topologies", "topologies (topology.type)"),
            SectionOf<TransportRegistry>("transports", "transports (transport)"),
            SectionOf<BalancerRegistry>("balancers", "client balancers (client.balancer)"),
            SectionOf<TargetPolicyRegistry>("target-policies",
                                            "proxy target policies (proxy.target_policy)"),
            SectionOf<WorkloadRegistry>("workloads", "workloads (workload.type)"),
            disks,
            SectionOf<FaultRegistry>("faults", "faults (faults, random_faults.types)")};
}

void
List(const std::string& wanted)
{
    for (const auto& section : Sections())
    {
        if (!wanted.empty() && wanted != section.name)
        {
            continue;
        }
        std::cout << section.title << "\n";
        for (const auto& [name, summary] : section.entries)
        {
            std::cout << "  " << std::left << std::setw(16) << name << summary << "\n";
        }
    }
}

} // namespace

void
AddListCommand(CLI::App& app)
{
    auto wanted = std::make_shared<std::string>();
    auto* command = app.add_subcommand(
        "list",
        "List policies, topologies, transports, workloads, disks and faults, with one line each");
    std::vector<std::string> names;
    for (const auto& section : Sections())
    {
        names.push_back(section.name);
    }
    command->add_option("kind", *wanted, "only these")->check(CLI::IsMember(names));
    command->footer("  etcdlab list disks");
    command->callback([wanted] { List(*wanted); });
}

} // namespace etcdlab
