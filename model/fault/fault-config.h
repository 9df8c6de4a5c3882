// The settings of faults: those on a schedule, and those drawn at random.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <optional>
#include <string>
#include <vector>

namespace etcdlab
{

/// Names of nodes that can reach each other.
using NodeGroups = std::vector<std::vector<std::string>>;

/**
 * One fault. Which of the settings it takes and which it needs depends on its type (FaultType::Keys); the others
 * stay as they are in a fresh struct.
 */
struct FaultConfig
{
    std::string type = {}; //!< a registered type: "crash", "partition", …
    Duration at{0};        //!< when it strikes, counted from the begin of the workload
    std::optional<Duration> duration = {}; //!< `for`: heals after this time; unset: never
    std::string target = {}; //!< a process: a member, "leader", "proxy" or "proxy@NODE"
    NodeGroups groups = {};
    std::optional<bool> oneWay = {};
    std::string link = {}; //!< "a-b", both directions, or "a->b", what a sends
    std::optional<Duration> delay = {};
    std::optional<Duration> jitter = {};
    std::optional<Share> loss = {};
    std::optional<DataRate> rate = {};
    std::optional<double> factor = {};
    std::optional<Duration> latency = {};
    std::optional<double> clockRate = {};
    std::optional<bool> learner = {};
    bool operator==(const FaultConfig&) const = default;
};

/// Faults drawn at random; the same seed gives the same ones.
struct RandomFaultsConfig
{
    std::vector<std::string> types = {}; //!< those to draw from; empty: all that can apply
    Duration every{5'000'000'000};       //!< mean time between two, exponentially distributed
    Duration forMin{500'000'000};        //!< each lasts for a time uniform in [forMin, forMax]
    Duration forMax{5'000'000'000};
    Duration from{0}; //!< counted from the begin of the workload
    Duration until{60'000'000'000};
    bool keepQuorum = false;
    bool operator==(const RandomFaultsConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, FaultConfig& c)
{
    constexpr double LONGEST = 1e15; // 11 days
    v.Field("type", c.type, {.help = "what happens", .kind = "fault"});
    v.Field("at",
            c.at,
            {.help = "when it strikes, counted from the begin of the workload", .max = LONGEST});
    v.Field("for",
            c.duration,
            {.help =
                 "how long it lasts; unset: to the end of the run. Changes of members: how long "
                 "they are asked for again, every 500 ms, while they are refused; unset: once",
             .min = 1,
             .max = LONGEST});
    v.Field("target",
            c.target,
            {.help = "whom it strikes: a member, or leader, whoever that is at this moment; some "
                     "types also strike "
                     "proxy, or proxy@NODE, one of several"});
    v.Field("groups",
            c.groups,
            {.help = "lists of nodes: nodes of different lists cannot reach each other; one list "
                     "alone is cut off "
                     "from all other nodes"});
    v.Field("one_way",
            c.oneWay,
            {.help = "only what the first group sends is lost; what it is sent arrives"});
    v.Field(
        "link",
        c.link,
        {.help =
             "the link between two nodes: \"a-b\" for both directions, \"a->b\" for what a sends",
         .kind = "link"});
    v.Field("delay", c.delay, {.help = "one-way delay meanwhile", .max = 60e9});
    v.Field(
        "jitter",
        c.jitter,
        {.help = "extra delay of each packet meanwhile, uniform from zero to this", .max = 10e9});
    v.Field("loss", c.loss, {.help = "chance of each packet to be lost meanwhile", .max = 1});
    v.Field("rate", c.rate, {.help = "transmission rate meanwhile", .min = 1e3, .max = 1e13});
    v.Field("factor",
            c.factor,
            {.help = "each write of the disk takes so many times as long", .min = 1, .max = 1e6});
    v.Field(
        "latency", c.latency, {.help = "each sync of the disk takes longer by this", .max = 60e9});
    v.Field("clock_rate",
            c.clockRate,
            {.help = "how fast the member's clock runs; 2 is twice as fast as the true time",
             .min = 0.01,
             .max = 100});
    v.Field("learner",
            c.learner,
            {.help = "the member is added as one that is sent everything, but does not count until "
                     "it is promoted"});
}

template <class Visitor>
void
Describe(Visitor& v, RandomFaultsConfig& c)
{
    v.Field("types",
            c.types,
            {.help = "the types to draw from; none: all that can apply here", .kind = "fault"});
    v.Field("every",
            c.every,
            {.help = "mean time between two faults, exponentially distributed",
             .min = 1e6,
             .max = 1e15});
    v.Field(
        "for_min", c.forMin, {.help = "a fault lasts at least this long", .min = 1, .max = 1e15});
    v.Field(
        "for_max", c.forMax, {.help = "a fault lasts at most this long", .min = 1, .max = 1e15});
    v.Field("from", c.from, {.help = "none before this time of the workload", .max = 1e15});
    v.Field("until", c.until, {.help = "none after this time of the workload", .max = 1e15});
    v.Field("keep_quorum",
            c.keepQuorum,
            {.help = "leave out a fault that, with those that last, would touch half of the "
                     "members or more"});
}

} // namespace etcdlab
