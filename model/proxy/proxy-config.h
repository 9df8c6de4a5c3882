// The settings of the TCP proxy. The thesis' options -ti, -tp, -li and -lp are targets, target_port,
// listen_address and listen_port.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <string>
#include <vector>

namespace etcdlab
{

struct ProxyConfig
{
    std::vector<std::string> targets; //!< member names; empty: every member
    std::uint64_t targetPort = 2379;
    std::string listenAddress =
        "localhost"; //!< a node's name; "localhost": one proxy on every API server's node
    std::uint64_t listenPort = 2379;
    std::string targetPolicy = "leader";
    std::string pinnedTarget; //!< for target policy "pinned"; empty: the first target
    Duration discoveryInterval{1'000'000'000}; //!< between two questions to the members who leads
    std::string onLeaderChange =
        "close"; //!< what happens to open connections to the former leader: "close" or "keep"
    Duration connectTimeout{
        5'000'000'000};        //!< of an attempt to reach a target; 0: as long as TCP tries
    std::uint64_t retries = 1; //!< further attempts of a connection that could not be opened
    Duration targetTimeout{
        0};                  //!< until a target that acknowledges nothing is given up; 0: TCP's own
    bool nagle = false;      //!< Nagle's algorithm on the proxy's sockets
    Duration cpuPerChunk{0}; //!< work per chunk relayed, one core
    ByteSize chunk{65536};   //!< largest number of bytes relayed at once
    Duration discoveryTimeout{5'000'000'000}; //!< until a question is given up; 0: never
    std::uint64_t cores = 1;                  //!< that work can occupy at the same time
    Duration cpuPerByte{0};                   //!< and per byte of it
    auto operator<=>(const ProxyConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, ProxyConfig& c)
{
    v.Field("targets",
            c.targets,
            {.help = "the members to relay to; an empty list: every member",
             .source = "the thesis' option -ti",
             .kind = "member"});
    v.Field("target_port",
            c.targetPort,
            {.help = "the members' client port",
             .source = "the thesis' option -tp",
             .min = 1,
             .max = 65535});
    v.Field("listen_address",
            c.listenAddress,
            {.help = "the node the proxy runs on; localhost: one proxy on every API server's node",
             .source = "the thesis' option -li",
             .kind = "node"});
    v.Field("listen_port",
            c.listenPort,
            {.help = "the port the proxy listens on",
             .source = "the thesis' option -lp",
             .min = 1,
             .max = 65535});
    v.Field("target_policy",
            c.targetPolicy,
            {.help = "which target a connection is relayed to", .kind = "target policy"});
    v.Field("pinned_target",
            c.pinnedTarget,
            {.help = "the target of policy pinned; empty: the first", .kind = "target"});
    v.Field("discovery_interval",
            c.discoveryInterval,
            {.help = "time between two questions to the members which of them leads",
             .min = 1e6,
             .max = 3600e9});
    v.Field("discovery_timeout",
            c.discoveryTimeout,
            {.help =
                 "how long a question to a member may stay unanswered before it is given up, and "
                 "the member no longer taken for the leader; 0: for ever",
             .source = "etcdctl's --command-timeout (etcd 3.4.23 etcdctl/ctlv3/ctl.go)",
             .max = 3600e9});
    v.Field("on_leader_change",
            c.onLeaderChange,
            {.help = "what happens to open connections to a former leader",
             .choices = {"close", "keep"}});
    v.Field(
        "connect_timeout",
        c.connectTimeout,
        {.help = "how long an attempt to reach a target may take; 0: as long as TCP tries (127 s)",
         .source = "HAProxy's timeout connect in kubeadm's docs/ha-considerations.md",
         .max = 3600e9});
    v.Field(
        "retries",
        c.retries,
        {.help = "further attempts, at other targets that the policy allows, for a connection that "
                 "was refused or timed out",
         .source = "HAProxy's retries and option redispatch in kubeadm's docs/ha-considerations.md",
         .max = 100});
    v.Field("target_timeout",
            c.targetTimeout,
            {.help = "a target that leaves data unacknowledged for so long is given up "
                     "(TCP_USER_TIMEOUT); 0: as long as TCP tries",
             .max = 3600e9});
    v.Field(
        "nagle", c.nagle, {.help = "leave Nagle's algorithm on, as a plain Python socket does"});
    v.Field("cpu_per_chunk",
            c.cpuPerChunk,
            {.help = "work per chunk relayed, on one core", .max = 10e9});
    v.Field("cpu_per_byte",
            c.cpuPerByte,
            {.help = "work per byte relayed, on top of that per chunk", .max = 1e6});
    v.Field("cores",
            c.cores,
            {.help = "cores that work can occupy at the same time; each direction of a connection "
                     "uses one at most",
             .min = 1,
             .max = 1024});
    v.Field(
        "chunk",
        c.chunk,
        {.help = "largest number of bytes relayed at once", .min = 1, .max = 16.0 * 1024 * 1024});
}

} // namespace etcdlab
