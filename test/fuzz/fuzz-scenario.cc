// Whatever stands in a scenario file, reading it gives a scenario or a ScenarioError, never anything else; and a
// scenario that was read can be written and read again.
#include "helper/scenario/read-scenario.h"

#include <cstdint>
#include <cstdlib>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.find("extends") != std::string_view::npos)
    {
        return 0; // would read files of the machine
    }
    try
    {
        const auto scenario = ReadScenarioText(text, "fuzz.json");
        ScenarioWarnings(scenario);
        const auto effective = EffectiveScenario(scenario);
        if (EffectiveScenario(ReadScenarioText(effective, "again.json")) != effective)
        {
            std::abort();
        }
    }
    catch (const ScenarioError&)
    {
    }
    return 0;
}
