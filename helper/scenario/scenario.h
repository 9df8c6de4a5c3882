// A scenario: everything a run depends on, as plain data. No ns-3.
#pragma once

#include "model/base/routes.h"
#include "model/etcd/pure/member-config.h"
#include "model/proxy/proxy-config.h"
#include "model/raft/types.h"
#include "model/transport/link-config.h"
#include "model/workload/workload-config.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

/// The name scenarios use.
constexpr const char*
NameOf(Accounting accounting)
{
    return accounting == Accounting::ETCD ? "etcd" : "thesis";
}

/// Which nodes there are.
struct TopologyConfig
{
    std::string type = "external"; //!< a registered topology: "external", "stacked"
    std::vector<std::string> members = {"e1", "e2", "e3"};
    /// External only: when stacked, the members' nodes are the API servers and this is empty.
    std::vector<std::string> apiServers = {"api"};
    bool operator==(const TopologyConfig&) const = default;
};

struct Scenario
{
    std::string name;        //!< by default the file's name without directory and ".json"
    std::string description; //!< what the scenario shows, one line
    std::uint64_t seed = 1;
    Accounting accounting = Accounting::ETCD;
    TopologyConfig topology;
    std::map<NodePair, LinkConfig> links;
    std::optional<LinkConfig>
        defaultLink;     //!< if set, every pair without a link of its own gets this one
    std::string leader;  //!< the member that leads from the start; empty: they elect one
    MemberConfig member; //!< of every member…
    std::map<std::string, MemberConfig>
        memberOverrides; //!< …but these, already merged with `member`
    ClientConfig client;
    std::optional<ProxyConfig> proxy;
    WorkloadConfig workload;

    bool operator==(const Scenario&) const = default;

    /// Every node's name, API servers first, in the order given.
    std::vector<std::string> Nodes() const;
    /// The nodes clients run on.
    std::vector<std::string> ClientNodes() const;
    /// The settings of one member: its own if it has any, else the common ones.
    const MemberConfig& Member(const std::string& name) const;
    /// What client.endpoints means here: "all", "local" or "proxy".
    std::string Endpoints() const;
    /// All links, those that `default_link` implies included.
    std::map<NodePair, LinkConfig> AllLinks() const;
};

/// What a plain number stands for in a list of members (e1, e2, ...) and of API servers (api, or
/// api1, api2, ...).
std::vector<std::string> NumberedMembers(std::uint64_t count);
std::vector<std::string> NumberedApiServers(std::uint64_t count);

template <class Visitor>
void
Describe(Visitor& v, TopologyConfig& c)
{
    v.Field("type", c.type, {.help = "where members and API servers stand", .kind = "topology"});
    v.Field("members",
            c.members,
            {.help = "the members' names, or how many (e1, e2, ...)",
             .min = 1,
             .max = 9,
             .kind = "member",
             .numbered = NumberedMembers});
    v.Field("api_servers",
            c.apiServers,
            {.help =
                 "the names of the API servers' nodes, or how many (api, or api1, api2, ...); none "
                 "when stacked, where each member's node has one",
             .max = 99,
             .kind = "API server",
             .numbered = NumberedApiServers});
}

/// Fields come in the order in which they can be understood: nodes before links.
template <class Visitor>
void
Describe(Visitor& v, Scenario& c)
{
    v.Field("name", c.name, {.help = "by default the file's name; not inherited by extends"});
    v.Field("description",
            c.description,
            {.help = "what the scenario shows, in one line; not inherited by extends"});
    v.Field("seed", c.seed, {.help = "chooses the run's random numbers"});
    v.Field(
        "accounting",
        c.accounting,
        {.help =
             "how a forwarded proposal counts: etcd, as in etcd; thesis, also as the forwarding "
             "follower's own acknowledgement"});
    v.Group("topology", c.topology, {.help = "which nodes there are"});
    v.Links("links",
            c.links,
            {.help =
                 "links by the names of the two nodes, as in \"api-e1\"; null removes one that a "
                 "scenario which is extended has"});
    v.Optional("default_link",
               c.defaultLink,
               {.help = "the link between any two nodes that have none of their own; null: none"});
    v.Field(
        "leader",
        c.leader,
        {.help = "the member that leads from the start; empty: they elect one", .kind = "member"});
    v.Group("member", c.member, {.help = "the settings of every member"});
    v.Overrides(
        "member_overrides",
        c.memberOverrides,
        c.member,
        {.help = "settings of single members, by name, where they differ from the common ones"});
    v.Group("client", c.client, {.help = "how an API server's etcd client spreads its calls"});
    v.Optional(
        "proxy", c.proxy, {.help = "the TCP proxy between API servers and members; null: none"});
    v.Group("workload", c.workload, {.help = "the load that API servers put on etcd"});
}

} // namespace etcdlab
