// Whatever stands in a plan for fitting, reading it gives a plan or a ScenarioError; and the ends of each step are
// settings of a finite value.
#include "analysis/pure/fit.h"
#include "helper/scenario/read-scenario.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    try
    {
        const auto plan = ReadFitPlan({reinterpret_cast<const char*>(data), size}, "fuzz.json");
        for (const auto& step : plan.steps)
        {
            if (!std::isfinite(step.low) || !std::isfinite(step.high) ||
                FitSetting(step, step.low).empty())
            {
                std::abort();
            }
        }
    }
    catch (const ScenarioError&)
    {
    }
    return 0;
}
