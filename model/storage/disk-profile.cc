#include "model/storage/disk-profile.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

DiskProfile
Profile(std::string name,
        std::string summary,
        std::string source,
        Duration syncMin,
        Duration syncMax,
        std::uint64_t bytesPerSecond)
{
    DiskConfig config{name, syncMin, syncMax, DataRate{8 * bytesPerSecond}};
    return {std::move(name), std::move(summary), std::move(source), config};
}

} // namespace

const std::vector<DiskProfile>&
DiskProfiles()
{
    static const std::vector<DiskProfile> profiles = {
        Profile("ideal", "costs no time at all", "definition; for arithmetic", 0ns, 0ns, 0),
        Profile("hdd",
                "7200 rpm hard disk, write cache off: 4.2 to 16.7 ms a sync, 160 MB/s",
                "geometry: half a turn (4.2 ms) at best; at worst a seek and a turn (8.4 + 8.3 ms)",
                4200us,
                16700us,
                160'000'000),
        Profile("ssd",
                "SATA SSD without power-loss protection: 0.8 to 2.5 ms a sync, 500 MB/s",
                "typical fio fdatasync percentiles of SATA drives; interface limit of SATA 6 Gb/s",
                800us,
                2500us,
                500'000'000),
        Profile("nvme",
                "NVMe SSD with power-loss protection: 0.02 to 0.15 ms a sync, 2 GB/s",
                "typical fio fdatasync percentiles of data-centre NVMe drives",
                20us,
                150us,
                2'000'000'000),
        Profile(
            "reference-rig",
            "the disk of the measured cluster: 0.5 to 1.5 ms a sync",
            "test/reference/etcd-3.4.23-seed-links.json, disk.fdatasync_ms; bandwidth not measured",
            500us,
            1500us,
            0),
    };
    return profiles;
}

const DiskProfile*
FindDiskProfile(std::string_view name)
{
    const auto& all = DiskProfiles();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const DiskProfile& p) { return p.name == name; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace etcdlab
