// The axes of a sweep's plan as tables.
#pragma once

#include "analysis/pure/plan-reader.h"
#include "analysis/pure/plan-value.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

using PathSettings = std::vector<std::pair<std::string, PlanValue>>;

/// Rows of values for some parameters.
struct AxisTable
{
    struct Row
    {
        std::vector<std::optional<PlanValue>> values; //!< by parameter
        PathSettings further; //!< set as well, but no parameters: what a variant's name stands for
    };

    std::vector<std::string> parameters;
    std::vector<Row> rows;
    std::uint64_t saltelliSamples = 0; //!< 0 if it is no Saltelli design
};

/// No plan has more points.
inline constexpr std::uint64_t MOST_POINTS = 1'000'000;

/// Read one element of `axes`.
/// @throws ScenarioError
AxisTable ReadAxis(const PlanReader& axis);

/// The keys and values of an object that says what to set.
PathSettings ReadSettings(const PlanReader& settings);

} // namespace etcdlab
