// The settings of a member's disk.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <optional>
#include <string>

namespace etcdlab
{

/**
 * A disk as etcd's write-ahead log sees it: each sync costs a latency drawn uniformly from
 * [syncMin, syncMax], and each written byte costs 1/bandwidth.
 *
 * A scenario names a profile and may change single figures of it.
 */
struct DiskConfig
{
    std::string profile = "ideal";
    Duration syncMin{0};
    Duration syncMax{0};
    DataRate bandwidth{}; //!< 0: unlimited
    auto operator<=>(const DiskConfig&) const = default;
};

/// In a scenario, a disk can also be a profile's name alone; naming a profile sets all figures to its own.
template <class Visitor>
void
Describe(Visitor& v, DiskConfig& c)
{
    v.Field("profile",
            c.profile,
            {.help = "the profile whose figures apply where none is given here", .kind = "disk"});
    v.Field("sync_min", c.syncMin, {.help = "shortest latency of an fdatasync", .max = 60e9});
    v.Field("sync_max",
            c.syncMax,
            {.help = "longest latency of an fdatasync; each is drawn uniformly between the two",
             .max = 60e9});
    v.Field("bandwidth",
            c.bandwidth,
            {.help = "how fast bytes are written, in addition to the sync; 0bps: at once",
             .max = 1e15});
}

} // namespace etcdlab
