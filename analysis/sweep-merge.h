// Joining the files of a sweep's shards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace etcdlab
{

/**
 * Add the rows of other sweeps' files to one: all or nothing, and no more if it is done again. Of two rows of one run, one
 * that is ok takes the place of one that the machine is to blame for (timeout, memory, crashed).
 *
 * @param out made if it is missing
 * @return rows that are new in it, or better
 * @throws ScenarioError if a file is of another sweep, or if two rows of one run differ in anything but how long it took and
 *         how it is repeated
 * @throws DatabaseError
 */
std::uint64_t MergeSweeps(const std::filesystem::path& out,
                          const std::vector<std::filesystem::path>& parts);

} // namespace etcdlab
