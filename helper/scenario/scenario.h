// A scenario: everything a run depends on, as plain data. No ns-3.
#pragma once

#include "model/base/routes.h"
#include "model/etcd/pure/member-config.h"
#include "model/fault/fault-type.h"
#include "model/kubernetes/pure/kubernetes-config.h"
#include "model/monitoring/pure/prometheus-config.h"
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
    /// Members that do not belong from the start, but may be added by a fault of type "add-member".
    std::vector<std::string> joining = {};
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
    std::string transport = "tcp"; //!< a registered transport: "tcp", "message"
    TopologyConfig topology;
    std::optional<PrometheusConfig> prometheus;
    std::map<NodePair, LinkConfig> links;
    std::optional<LinkConfig>
        defaultLink;        //!< if set, every pair without a link of its own gets this one
    double delayFactor = 1; //!< of all links' delays, both ways
    std::string leader;     //!< the member that leads from the start; empty: they elect one
    MemberConfig member;    //!< of every member…
    std::map<std::string, MemberConfig>
        memberOverrides; //!< …but these, already merged with `member`
    ClientConfig client;
    std::optional<ProxyConfig> proxy;
    WorkloadConfig workload;
    std::optional<kube::KubernetesConfig>
        kubernetes; //!< if set, it takes the place of the workload
    std::vector<FaultConfig> faults;
    std::optional<RandomFaultsConfig> randomFaults;

    bool operator==(const Scenario&) const = default;

    /// Every node's name, API servers first, in the order given; last the one that Prometheus has to itself.
    std::vector<std::string> Nodes() const;
    /// The names of those members that are there from the start and of those that may join.
    std::vector<std::string> AllMembers() const;
    /// The nodes clients run on.
    std::vector<std::string> ClientNodes() const;
    /// The settings of one member: its own if it has any, else the common ones.
    const MemberConfig& Member(const std::string& name) const;
    /// What client.endpoints means here: "all", "local" or "proxy".
    std::string Endpoints() const;
    /// All links as they are built: those that `default_link` implies included, `delay_factor` applied.
    std::map<NodePair, LinkConfig> AllLinks() const;
    /// The nodes that have a proxy.
    std::vector<std::string> ProxyNodes() const;
    /// What faults can strike.
    FaultScope Faultable() const;
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
    v.Field("joining",
            c.joining,
            {.help = "the names of members that are not in the cluster from the start: faults of "
                     "type add-member add them; no clients or proxies use them",
             .max = 9,
             .kind = "member"});
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
    v.Field("transport",
            c.transport,
            {.help = "what carries bytes: tcp, packet by packet; message, TCP's timing without "
                     "packets, for sweeps",
             .kind = "transport"});
    v.Group("topology", c.topology, {.help = "which nodes there are"});
    v.Optional("prometheus",
               c.prometheus,
               {.help = "a Prometheus server that scrapes the members; null: none"});
    v.Links("links",
            c.links,
            {.help =
                 "links by the names of the two nodes, as in \"api-e1\"; null removes one that a "
                 "scenario which is extended has"});
    v.Optional("default_link",
               c.defaultLink,
               {.help = "the link between any two nodes that have none of their own; null: none"});
    v.Field("delay_factor",
            c.delayFactor,
            {.help = "all links' delays are so many times as long as they say",
             .min = 0.001,
             .max = 1000});
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
    v.Optional(
        "kubernetes",
        c.kubernetes,
        {.help = "a Kubernetes cluster, whose API servers take the workload's place; null: none"});
    v.List("faults", c.faults, {.help = "what goes wrong, and when"});
    v.Optional("random_faults",
               c.randomFaults,
               {.help = "faults drawn at random, besides those of the list; null: none"});
}

} // namespace etcdlab
