// Whatever stands in a file of reference figures, reading it gives figures that can be judged, or a ScenarioError.
#include "analysis/pure/reference.h"
#include "helper/scenario/read-scenario.h"

#include <cstdint>
#include <cstdlib>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    try
    {
        const auto reference =
            ReadReferenceText({reinterpret_cast<const char*>(data), size}, "fuzz.json");
        for (const auto& group : reference.groups)
        {
            for (const auto& figure : group.figures)
            {
                if (figure.measured.empty() ||
                    (figure.measured.size() == 1 && !(figure.tolerance > 0)))
                {
                    std::abort();
                }
            }
        }
    }
    catch (const ScenarioError&)
    {
    }
    return 0;
}
