// Plans of sweeps: which runs to make, and what to keep of each.
#pragma once

#include "analysis/pure/plan-value.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/// Something that differs from point to point.
struct SweepParameter
{
    std::string name;     //!< a scenario's path, or a variable of the plan, "$asymmetry"
    std::string column;   //!< its name in tables, "links_api_e1_rtt_ms"
    bool derived = false; //!< worked out from the others
};

/// A figure that is kept of each run.
struct SweepMetric
{
    std::string name;    //!< its column
    std::string pointer; //!< into summary.json (RFC 6901)
};

/// A combination of the parameters' values.
struct SweepPoint
{
    std::vector<std::optional<PlanValue>>
        values;                        //!< by parameter; none where it is as the scenario says
    std::vector<std::string> settings; //!< what makes this point of the scenario, as --set takes it
};

/// When a point has replications enough.
struct StoppingRule
{
    std::string metric;              //!< its name
    std::optional<double> halfWidth; //!< of the confidence interval, in the metric's unit
    double share = 0;                //!< or as a share of the mean's absolute value
    double confidence = 0.95;
    /// Replications before it is asked. Of few, those stop that happen to lie close together: with 10 % noise and an
    /// interval of 3 %, 95 % intervals hold the truth in 93.7 % of sweeps that ask from 10 on, in 94.3 % from 20 on.
    std::uint64_t least = 20;
};

struct SweepPlan
{
    std::string description;
    std::filesystem::path scenario;
    std::vector<SweepParameter> parameters;
    std::vector<SweepPoint> points;
    std::vector<SweepMetric> metrics;
    std::uint64_t replications = 1; //!< of each point; with a stopping rule, at most
    std::optional<StoppingRule> until;
    bool commonRandomNumbers = true;
    std::uint64_t seed = 1;
    std::uint64_t timeLimit = 300;             //!< of a run, on the clock, s
    std::uint64_t memoryLimit = 2'000'000'000; //!< of a run's data, bytes
    std::uint64_t saltelliSamples = 0;         //!< 0: the points are no Saltelli design
    /// What the points, their numbers and their seeds follow from, as a text.
    std::string design;

    /**
     * The seed of a run. With common random numbers, replication r has the same at every point: differences between points
     * are then those of the parameters, not of chance. Seeds number independent substreams of ns-3's generator.
     */
    std::uint64_t SeedOf(std::size_t point, std::uint64_t replication) const;

    /// "leader=e2, links.api-e1.rtt=20ms"
    std::string DescribePoint(std::size_t point) const;
};

/**
 * Read a plan and work out its points:
 *
 *     {
 *       "description": "…",
 *       "scenario": "../baseline.json",
 *       "settings": { "workload.count": 100 },
 *       "axes": [
 *         { "grid": { "leader": ["e1", "e2"], "delay_factor": { "from": 0.5, "to": 2, "count": 4, "scale": "log" } } },
 *         { "zip": { "$far": ["100ms", "200ms"], "client.balancer": ["pinned", "round-robin"] } },
 *         { "list": [{ "member.disk": "hdd" }, { "member.disk": "ssd", "member.cpu": "1ms" }] },
 *         { "variants": { "$route": { "direct": {}, "proxy": { "proxy.target_policy": "leader" } } } },
 *         { "latin_hypercube": { "links.api-e1.rtt": { "from": "1ms", "to": "300ms" } }, "samples": 50, "seed": 1 },
 *         { "sobol": { … }, "samples": 63 },
 *         { "saltelli": { … }, "samples": 256 }
 *       ],
 *       "derived": { "links.api-e3.rtt": "2 * $far" },
 *       "where": "links.api-e1.rtt <= $far",
 *       "metrics": { "put_mean_ms": "/latency_ms/put/all/mean" },
 *       "replications": 200,
 *       "until": { "metric": "put_mean_ms", "within": "2%", "confidence": 0.95, "at_least": 20 },
 *       "common_random_numbers": true,
 *       "seed": 1,
 *       "limits": { "time": "60s", "memory": "500MB" }
 *     }
 *
 * Points are all combinations of the axes' rows, the last axis' changing fastest, but those for which `where` is false.
 * Within an axis parameters come in the order of the alphabet. The scenario is looked up in the plan's directory.
 *
 * @param label the file's name, for messages
 * @throws ScenarioError
 */
SweepPlan ReadSweepPlan(std::string_view text, const std::string& label);

} // namespace etcdlab
