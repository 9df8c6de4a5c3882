#include "analysis/pure/advice-plan.h"

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/sweep-points.h"

namespace etcdlab
{

SweepPlan
ReadAdvicePlan(std::string_view text, const std::string& label)
{
    const auto document = ParseDocument(text, label);
    const PlanReader root(document, "");
    root.Known({"$schema", "description", "scenario", "settings", "axes", "derived", "where"});
    SweepPlan plan;
    plan.description = root.Has("description") ? root.Text("description") : "";
    plan.scenario =
        (std::filesystem::path(label).parent_path() / root.Text("scenario")).lexically_normal();
    MakePoints(root, plan);
    return plan;
}

} // namespace etcdlab
