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
    bool nagle = false;      //!< Nagle's algorithm on the proxy's sockets
    Duration cpuPerChunk{0}; //!< work per chunk relayed, one core
    ByteSize chunk{65536};   //!< largest number of bytes relayed at once
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
    v.Field("on_leader_change",
            c.onLeaderChange,
            {.help = "what happens to open connections to a former leader",
             .choices = {"close", "keep"}});
    v.Field(
        "nagle", c.nagle, {.help = "leave Nagle's algorithm on, as a plain Python socket does"});
    v.Field("cpu_per_chunk",
            c.cpuPerChunk,
            {.help = "work per chunk relayed, on one core", .max = 10e9});
    v.Field(
        "chunk",
        c.chunk,
        {.help = "largest number of bytes relayed at once", .min = 1, .max = 16.0 * 1024 * 1024});
}

} // namespace etcdlab
