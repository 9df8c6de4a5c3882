#include "analysis/pure/sweep-plan.h"

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/sweep-points.h"
#include "model/base/units.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using Json = nlohmann::json;

std::vector<SweepMetric>
ReadMetrics(const PlanReader& reader)
{
    std::vector<SweepMetric> metrics;
    auto taken = RunColumns();
    for (const auto& [name, value] : reader.Here().items())
    {
        if (name != ColumnName(name, PlanValue::Kind::NUMBER))
        {
            reader.Fail(name,
                        "expected a name of letters, digits and \"_\", found " + Quoted(name));
        }
        if (std::find(taken.begin(), taken.end(), LowerCase(name)) != taken.end())
        {
            reader.Fail(name, Quoted(name) + " is a column that every table has");
        }
        taken.push_back(LowerCase(name));
        const auto pointer = reader.Text(name);
        if (pointer.front() != '/')
        {
            reader.Fail(name,
                        "expected a JSON pointer into summary.json, as "
                        "\"/latency_ms/put/all/mean\", found " +
                            Quoted(pointer));
        }
        try
        {
            Json::json_pointer{pointer};
        }
        catch (const Json::exception&)
        {
            reader.Fail(name,
                        "expected ~0 or ~1 behind each ~ of a JSON pointer, found " +
                            Quoted(pointer));
        }
        metrics.push_back({name, pointer});
    }
    if (metrics.empty())
    {
        reader.Fail("", "expected at least one metric, found none");
    }
    return metrics;
}

StoppingRule
ReadUntil(const PlanReader& reader, const SweepPlan& plan)
{
    reader.Known({"metric", "within", "confidence", "at_least"});
    StoppingRule rule;
    rule.metric = reader.Text("metric");
    std::vector<std::string> names;
    for (const auto& metric : plan.metrics)
    {
        names.push_back(metric.name);
    }
    if (std::find(names.begin(), names.end(), rule.metric) == names.end())
    {
        reader.Fail("metric", Unknown("metric", rule.metric, names));
    }
    if (reader.Get("within").is_number())
    {
        rule.halfWidth = reader.Number("within");
    }
    else
    {
        rule.share = reader.Quantity("within", ParseShare).value;
    }
    if (!(rule.halfWidth.value_or(rule.share) > 0))
    {
        reader.Fail("within", "expected more than 0, found " + Found(reader.Get("within")));
    }
    if (reader.Has("confidence"))
    {
        rule.confidence = reader.Number("confidence");
        if (!(rule.confidence > 0 && rule.confidence < 1))
        {
            reader.Fail("confidence",
                        "expected a number between 0 and 1, found " +
                            Found(reader.Get("confidence")));
        }
    }
    if (reader.Has("at_least"))
    {
        rule.least = reader.Count("at_least", 2, plan.replications);
    }
    rule.least = std::min(rule.least, plan.replications);
    return rule;
}

void
ReadLimits(const PlanReader& reader, SweepPlan& plan)
{
    reader.Known({"time", "memory"});
    if (reader.Has("time"))
    {
        const auto limit = reader.Quantity("time", ParseDuration);
        if (limit < std::chrono::seconds(1) || limit > std::chrono::hours(24 * 30) ||
            limit % std::chrono::seconds(1) != limit.zero())
        {
            reader.Fail("time",
                        "expected whole seconds, from 1s on, found " + Found(reader.Get("time")));
        }
        plan.timeLimit = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(limit).count());
    }
    if (reader.Has("memory"))
    {
        plan.memoryLimit = reader.Quantity("memory", ParseByteSize).bytes;
        if (plan.memoryLimit == 0)
        {
            reader.Fail("memory", "expected more than 0, found " + Found(reader.Get("memory")));
        }
    }
}

/// Everything that says which run has which number; how many there are of each point, and for how long, may change.
std::string
DesignText(Json plan)
{
    for (const char* key :
         {"$schema", "description", "scenario", "replications", "until", "limits", "metrics"})
    {
        plan.erase(key);
    }
    return plan.dump();
}

} // namespace

SweepPlan
ReadSweepPlan(std::string_view text, const std::string& label)
{
    const auto document = ParseDocument(text, label);
    const PlanReader root(document, "");
    root.Known({"$schema",
                "description",
                "scenario",
                "settings",
                "axes",
                "derived",
                "where",
                "metrics",
                "replications",
                "until",
                "common_random_numbers",
                "seed",
                "limits"});
    SweepPlan plan;
    plan.description = root.Has("description") ? root.Text("description") : "";
    plan.scenario =
        (std::filesystem::path(label).parent_path() / root.Text("scenario")).lexically_normal();
    plan.metrics = (root.Get("metrics"), ReadMetrics(root.Object("metrics")));
    constexpr std::uint64_t MOST_REPLICATIONS = 100'000;
    plan.replications =
        root.Has("replications") ? root.Count("replications", 1, MOST_REPLICATIONS) : 1;
    plan.seed = root.Has("seed") ? root.Count("seed", 0, UINT32_MAX) : 1;
    plan.commonRandomNumbers =
        !root.Has("common_random_numbers") || root.Truth("common_random_numbers");
    if (root.Has("until"))
    {
        plan.until = ReadUntil(root.Object("until"), plan);
    }
    if (root.Has("limits"))
    {
        ReadLimits(root.Object("limits"), plan);
    }
    MakePoints(root, plan);
    plan.design = DesignText(document.value);
    return plan;
}

std::uint64_t
SweepPlan::SeedOf(std::size_t point, std::uint64_t replication) const
{
    constexpr std::uint64_t STRIDE = 1'000'000; // more than a point has replications
    return seed + replication + (commonRandomNumbers ? 0 : STRIDE * point);
}

std::string
SweepPlan::DescribePoint(std::size_t point) const
{
    std::string text;
    for (std::size_t i = 0; i < parameters.size(); ++i)
    {
        if (const auto& value = points[point].values[i])
        {
            text += (text.empty() ? "" : ", ") + parameters[i].name + "=" + value->text;
        }
    }
    return text.empty() ? "the scenario as it is" : text;
}

} // namespace etcdlab
