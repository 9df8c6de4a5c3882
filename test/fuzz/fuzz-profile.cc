// Whatever stands in a workload profile, reading it gives a profile or a ScenarioError, never anything else.
#include "helper/scenario/read-profile.h"

#include <cstdint>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    try
    {
        ReadProfileText({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    }
    catch (const ScenarioError&)
    {
    }
    return 0;
}
