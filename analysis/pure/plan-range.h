// What a parameter of a sweep can be: some values, or everything between two.
#pragma once

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/plan-value.h"

#include <string>
#include <vector>

namespace etcdlab
{

struct PlanRange
{
    std::vector<PlanValue> values; //!< if there are any, these; else from low to high
    PlanValue low;
    PlanValue high;
    bool logarithmic = false;
    bool whole = false; //!< whole numbers only, each equally likely

    /// @param u from 0 to 1; 1 itself only without values
    PlanValue At(double u) const;
};

/// The values of a parameter of a grid or a zip: a list, or {"from", "to", "count", "scale"}.
/// @throws ScenarioError
std::vector<PlanValue> ReadValues(const PlanReader& reader, const std::string& key);

/// What a parameter of a sample can be: a list, or {"from", "to", "scale", "whole"}.
/// @throws ScenarioError
PlanRange ReadRange(const PlanReader& reader, const std::string& key);

} // namespace etcdlab
