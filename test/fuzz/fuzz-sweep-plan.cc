// Whatever stands in a plan, reading it gives a plan or a ScenarioError, never anything else.
#include "analysis/pure/sweep-plan.h"
#include "helper/scenario/read-scenario.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // A million points are allowed, and take longer than a fuzzer waits.
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    if (std::search_n(text.begin(), text.end(), 3, true, [&](char c, bool) { return digit(c); }) !=
        text.end())
    {
        return 0;
    }
    try
    {
        const auto plan = ReadSweepPlan(text, "fuzz.json");
        for (std::size_t point = 0; point < plan.points.size(); ++point)
        {
            if (plan.points[point].values.size() != plan.parameters.size() ||
                plan.DescribePoint(point).empty())
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
