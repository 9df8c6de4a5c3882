// Quantities with units and ranges of seeds: a value or std::invalid_argument; and a value that was read is written
// so that it reads as the same.
#include "analysis/pure/swarm-report.h"
#include "model/base/units.h"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>

namespace
{

using namespace etcdlab;

template <class Parse>
void
Try(Parse parse, std::string_view text)
{
    try
    {
        const auto value = parse(text);
        if (parse(Format(value)) != value)
        {
            std::abort();
        }
    }
    catch (const std::invalid_argument&)
    {
    }
}

} // namespace

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Try(ParseDuration, text);
    Try(ParseDataRate, text);
    Try(ParseByteSize, text);
    Try(ParseShare, text);
    try
    {
        ParseSeeds(text);
    }
    catch (const std::invalid_argument&)
    {
    }
    try
    {
        ParseNumber(text, "/s");
        ParseCount(text, "p");
    }
    catch (const std::invalid_argument&)
    {
    }
    return 0;
}
