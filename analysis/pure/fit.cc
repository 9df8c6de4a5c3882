#include "analysis/pure/fit.h"

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/text.h"
#include "model/base/units.h"

#include <boost/math/tools/toms748_solve.hpp>

#include <algorithm>
#include <cmath>

namespace etcdlab
{

namespace
{

FitStep
ReadStep(const PlanReader& reader, const std::filesystem::path& directory)
{
    reader.Known({"scenario", "vary", "from", "to", "metric", "target", "tolerance"});
    FitStep step;
    step.scenario = directory / reader.Text("scenario");
    step.vary = reader.Text("vary");
    step.isDuration = reader.Get("from").is_string();
    const auto end = [&](const std::string& key) {
        return step.isDuration ? static_cast<double>(reader.Quantity(key, ParseDuration).count())
                               : reader.Number(key);
    };
    step.low = end("from");
    step.high = end("to");
    if (!(step.low < step.high))
    {
        reader.Fail("to", "expected more than from, found " + FitSetting(step, step.high));
    }
    step.metric = reader.Text("metric");
    if (step.metric.front() != '/')
    {
        reader.Fail(
            "metric",
            "expected a JSON pointer into summary.json, as \"/latency_ms/put/all/mean\", found " +
                Quoted(step.metric));
    }
    step.target = reader.Number("target");
    if (reader.Has("tolerance"))
    {
        step.tolerance = reader.Quantity("tolerance", ParseShare).value;
    }
    return step;
}

} // namespace

FitPlan
ReadFitPlan(std::string_view text, const std::string& label)
{
    const auto document = ParseDocument(text, label);
    const PlanReader root(document, "");
    root.Known({"description", "steps"});
    FitPlan plan;
    if (root.Has("description"))
    {
        plan.description = root.Text("description");
    }
    const auto& steps = root.Get("steps");
    if (!steps.is_array() || steps.empty())
    {
        root.Fail("steps", "expected a list of at least one step, found " + Found(steps));
    }
    const auto directory = std::filesystem::path(label).parent_path();
    for (std::size_t i = 0; i < steps.size(); ++i)
    {
        plan.steps.push_back(
            ReadStep(PlanReader(document, Below("/steps", std::to_string(i))), directory));
    }
    return plan;
}

std::string
FitSetting(const FitStep& step, double value)
{
    return step.isDuration ? Format(Duration(std::llround(value))) : TrimmedNumber(value, 9);
}

FitResult
Fit(const FitStep& step, const std::function<double(double)>& metricAt)
{
    constexpr int MOST_RUNS = 40;
    FitResult best;
    const auto error = [&](double value) {
        const double metric = metricAt(value);
        const double off = metric - step.target;
        if (best.runs == 0 || std::abs(off) < std::abs(best.metric - step.target))
        {
            best.value = value;
            best.metric = metric;
        }
        ++best.runs;
        return off;
    };
    const auto closeEnough = [&] {
        return std::abs(best.metric - step.target) <= step.tolerance * std::abs(step.target);
    };
    const double atLow = error(step.low);
    const double atHigh = error(step.high);
    if (closeEnough())
    {
        return best;
    }
    if (atLow * atHigh > 0)
    {
        throw FitError(step.vary + ": expected " + step.metric + " to reach " +
                       TrimmedNumber(step.target, 6) + " between " + FitSetting(step, step.low) +
                       " and " + FitSetting(step, step.high) + ", found " +
                       TrimmedNumber(atLow + step.target, 6) + " and " +
                       TrimmedNumber(atHigh + step.target, 6));
    }
    std::uintmax_t runs = MOST_RUNS;
    boost::math::tools::toms748_solve(
        error,
        step.low,
        step.high,
        atLow,
        atHigh,
        [&](double, double) { return closeEnough(); },
        runs);
    if (!closeEnough())
    {
        throw FitError(step.vary + ": " + std::to_string(best.runs) + " runs came no closer to " +
                       TrimmedNumber(step.target, 6) + " than " + TrimmedNumber(best.metric, 6) +
                       " at " + FitSetting(step, best.value) + ": the figure seems to jump there");
    }
    return best;
}

} // namespace etcdlab
