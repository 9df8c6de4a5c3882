#include "model/etcd/pure/member-id.h"

#include <boost/uuid/detail/sha1.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace etcdlab
{

namespace
{

std::uint64_t
FirstEightBytes(boost::uuids::detail::sha1& sha1)
{
    unsigned int digest[5];
    sha1.get_digest(digest);
    return static_cast<std::uint64_t>(digest[0]) << 32 | digest[1];
}

} // namespace

std::uint64_t
MemberId(const std::string& name)
{
    const std::string text = "http://" + name + ":2380" + "etcd-cluster";
    boost::uuids::detail::sha1 sha1;
    sha1.process_bytes(text.data(), text.size());
    return FirstEightBytes(sha1);
}

std::string
HexId(std::uint64_t id)
{
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%llx", static_cast<unsigned long long>(id));
    return text.data();
}

std::uint64_t
ClusterId(std::vector<std::uint64_t> memberIds)
{
    std::sort(memberIds.begin(), memberIds.end());
    boost::uuids::detail::sha1 sha1;
    for (const auto id : memberIds)
    {
        for (int shift = 56; shift >= 0; shift -= 8)
        {
            sha1.process_byte(static_cast<unsigned char>(id >> shift));
        }
    }
    return FirstEightBytes(sha1);
}

} // namespace etcdlab
