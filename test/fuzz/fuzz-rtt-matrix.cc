// Matrices of round-trip times: a matrix or ScenarioError; and whatever was read makes scenarios that can be read.
#include "analysis/pure/rtt-matrix.h"
#include "helper/scenario/read-scenario.h"

#include <cstdint>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    try
    {
        const auto matrix = ReadRttMatrix({reinterpret_cast<const char*>(data), size}, "m.csv");
        if (matrix.sites.size() <= 4)
        {
            ReadScenarioText(MakePlacements(matrix, 0, 3).back().scenario, "placement");
        }
    }
    catch (const ScenarioError&)
    {
    }
    return 0;
}
