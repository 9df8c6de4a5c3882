// Whatever stands behind --set, the scenario is changed, can be written and read again, or there is a ScenarioError.
#include "helper/scenario/read-scenario.h"

#include <cstdint>
#include <cstdlib>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    const std::string setting(reinterpret_cast<const char*>(data), size);
    if (setting.find("extends") != std::string::npos)
    {
        return 0; // would read files of the machine
    }
    const char* scenario =
        R"({"default_link": {"rtt": "1ms"}, "links": {"api-e1": {"rtt": "2ms"}}})";
    try
    {
        const auto effective =
            EffectiveScenario(ReadScenarioText(scenario, "fuzz.json", {setting}));
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
