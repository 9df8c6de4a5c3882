// Ready-made disks, by the names scenarios use.
#pragma once

#include "model/storage/disk-config.h"

#include <string>
#include <string_view>
#include <vector>

namespace etcdlab
{

struct DiskProfile
{
    std::string name;
    std::string summary; //!< one line for `etcdlab list`
    std::string source;  //!< where its figures come from
    DiskConfig config;
};

/// All profiles, ordered from none to slow to fast.
const std::vector<DiskProfile>& DiskProfiles();

/// The profile of that name, or nullptr.
const DiskProfile* FindDiskProfile(std::string_view name);

} // namespace etcdlab
