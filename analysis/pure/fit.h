// Fitting: which values of a few settings make runs give figures that somebody measured.
#pragma once

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

/// One number to be found.
struct FitStep
{
    std::filesystem::path scenario; //!< that is run
    std::string vary;        //!< the setting, with dots: "delay_factor", "proxy.cpu_per_chunk"
    bool isDuration = false; //!< low and high are nanoseconds
    double low = 0;          //!< the value is sought between these
    double high = 0;
    std::string metric;      //!< JSON pointer into summary.json
    double target = 0;       //!< what it shall be, in the metric's unit
    double tolerance = 1e-3; //!< how close, as a share of the target

    bool operator==(const FitStep&) const = default;
};

/// Steps in order: each is run with the values that those before it have found.
struct FitPlan
{
    std::string description;
    std::vector<FitStep> steps;
};

/**
 * Read a plan:
 *
 *     {
 *       "description": "…",
 *       "steps": [
 *         {"scenario": "baseline.json", "vary": "delay_factor", "from": 0.1, "to": 2,
 *          "metric": "/latency_ms/put/all/mean", "target": 343.33, "tolerance": "0.1%"}
 *       ]
 *     }
 *
 * Scenarios are looked up in the plan's directory. `from` and `to` are both numbers or both durations.
 *
 * @param label the file's name, for messages
 * @throws ScenarioError
 */
FitPlan ReadFitPlan(std::string_view text, const std::string& label);

/// A value as --set takes it.
std::string FitSetting(const FitStep& step, double value);

/// There is no such value.
class FitError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/// What was found.
struct FitResult
{
    double value = 0;
    double metric = 0; //!< at this value
    int runs = 0;
};

/**
 * Find the value by bracketing (TOMS 748): the metric must grow or fall with it.
 *
 * @param metricAt runs the scenario with a value
 * @throws FitError if the target is not between the metric's values at the two ends, which it tells, or 40
 *         runs have not come close enough
 */
FitResult Fit(const FitStep& step, const std::function<double(double)>& metricAt);

} // namespace etcdlab
