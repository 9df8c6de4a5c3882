// The points of a sweep: what its axes, derived values and constraints come to.
#pragma once

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/sweep-plan.h"

#include <string>
#include <vector>

namespace etcdlab
{

/// The columns that every table of runs has besides those of parameters and metrics.
const std::vector<std::string>& RunColumns();

/// SQL does not tell capitals from small letters in names.
std::string LowerCase(std::string text);

/// Read `settings`, `axes`, `derived` and `where`, and work out the plan's parameters and points. The metrics are there.
/// @throws ScenarioError
void MakePoints(const PlanReader& root, SweepPlan& plan);

} // namespace etcdlab
