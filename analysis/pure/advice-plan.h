// Plans of `etcdlab advise`: which choices there are, and how to judge them.
#pragma once

#include "analysis/pure/sweep-plan.h"

#include <string>
#include <string_view>

namespace etcdlab
{

/**
 * Read a plan:
 *
 *     {
 *       "description": "…",
 *       "scenario": "../baseline.json",
 *       "settings": { "workload.count": 100 },
 *       "axes": [{ "grid": { "leader": ["e1", "e2"] } }, { "variants": { "$route": { "direct": {}, "proxy": { … } } } }],
 *       "derived": { … }, "where": "…"
 *     }
 *
 * The choices are all combinations, as those of a sweep: see ReadSweepPlan.
 *
 * @param label the file's name, for messages
 * @throws ScenarioError
 */
SweepPlan ReadAdvicePlan(std::string_view text, const std::string& label);

} // namespace etcdlab
