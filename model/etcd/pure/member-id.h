// The numbers etcd knows its members by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace etcdlab
{

/**
 * A member's id: the first eight bytes of a SHA-1 over its peer URL and the cluster's token
 * (etcd 3.4.23 etcdserver/api/membership/member.go: NewMember), so that ids, and with them the sizes of all
 * messages that carry them, are spread as in reality and the same in every run.
 *
 * @param name the member's node name; its peer URL is taken as http://NAME:2380
 */
std::uint64_t MemberId(const std::string& name);

/// An id as etcd prints it: hexadecimal, lower case, no leading zeros.
std::string HexId(std::uint64_t id);

/// A cluster's id: the SHA-1 over its members' ids in ascending order (cluster.go: genID).
std::uint64_t ClusterId(std::vector<std::uint64_t> memberIds);

} // namespace etcdlab
