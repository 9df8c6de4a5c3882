// Whatever stands in a log of etcd requests, reading it gives requests or a ReplayLogError; and what was read can be
// planned: each line once, nothing preloaded twice, no value that etcd would refuse.
#include "model/etcd/pure/replay-log.h"

#include <cstdint>
#include <cstdlib>
#include <set>

extern "C" int
LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace etcdlab;
    try
    {
        const auto log = ReadReplayLog({reinterpret_cast<const char*>(data), size}, "fuzz.csv");
        const auto plan = PlanReplay(log, 1);
        std::set<std::string> keys;
        for (const auto& put : plan.preload)
        {
            if (!keys.insert(put.key).second || put.value.bytes == 0 || put.value.bytes > 1'500'000)
            {
                std::abort();
            }
        }
        if (plan.requests.size() + plan.skipped != log.size() || plan.chains > plan.requests.size())
        {
            std::abort();
        }
    }
    catch (const ReplayLogError&)
    {
    }
    return 0;
}
