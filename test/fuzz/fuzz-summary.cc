// Whatever stands in a summary.json, or in what a world of the swarm hands over, reading it gives a summary or the
// error that the reader promises; and what was read can be written and read again.
#include "analysis/pure/summary.h"
#include "analysis/pure/swarm-report.h"

#include <cstdint>
#include <cstdlib>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try
    {
        const auto written = SummaryText(ParseSummary(text, "fuzz.json"));
        if (SummaryText(ParseSummary(written, "again.json")) != written)
        {
            std::abort();
        }
    }
    catch (const ResultError&)
    {
    }
    try
    {
        Describe(ReadSwarmResult(text));
    }
    catch (const std::runtime_error&)
    {
    }
    return 0;
}
