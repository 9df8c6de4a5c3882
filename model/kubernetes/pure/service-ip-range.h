// The addresses that services can have, and the value in etcd that says which are taken.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>

namespace etcdlab::kube
{

/**
 * A bitmap (registry/core/service/allocator/bitmap.go). It is kept in etcd as one value, a big number whose
 * bytes are written from the highest bit that is set: with addresses drawn at random it is half as long as the
 * range after one of them, and soon as long.
 */
class ServiceIpRange
{
  public:
    /// @param bits the range has 2 to this power addresses
    explicit ServiceIpRange(std::uint64_t bits)
        : m_size(std::uint32_t{1} << bits)
    {
    }

    /// Take a free one at random (AllocateNext), not the first, which is the API server's own. Nothing if all are taken.
    /// @param random uniform in [0, 1)
    std::optional<std::uint32_t> Take(const std::function<double()>& random);

    /// Take a certain one. @return false if it is taken or outside
    bool Take(std::uint32_t number);

    void Release(std::uint32_t number);

    bool IsTaken(std::uint32_t number) const
    {
        return m_taken.contains(number);
    }

    /// Of the value in etcd: a RangeAllocation, in protobuf.
    std::uint32_t Bytes() const;

  private:
    std::uint32_t m_size;
    std::set<std::uint32_t> m_taken;
};

} // namespace etcdlab::kube
