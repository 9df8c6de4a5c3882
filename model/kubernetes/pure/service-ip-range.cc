#include "model/kubernetes/pure/service-ip-range.h"

namespace etcdlab::kube
{

namespace
{

/// Metadata, the range's text and field headers: an empty one was measured to be a little below 100 bytes long.
constexpr std::uint32_t FRAME_BYTES = 95;

} // namespace

std::optional<std::uint32_t>
ServiceIpRange::Take(const std::function<double()>& random)
{
    if (m_taken.size() + 1 >= m_size)
    {
        return std::nullopt;
    }
    const auto start = static_cast<std::uint32_t>(random() * (m_size - 1));
    for (std::uint32_t i = 0; i + 1 < m_size; ++i)
    {
        const auto number = 1 + (start + i) % (m_size - 1);
        if (number != 1 && m_taken.insert(number).second)
        {
            return number;
        }
    }
    return std::nullopt;
}

bool
ServiceIpRange::Take(std::uint32_t number)
{
    return number > 0 && number < m_size && m_taken.insert(number).second;
}

void
ServiceIpRange::Release(std::uint32_t number)
{
    m_taken.erase(number);
}

std::uint32_t
ServiceIpRange::Bytes() const
{
    return FRAME_BYTES + (m_taken.empty() ? 0 : *m_taken.rbegin() / 8 + 1);
}

} // namespace etcdlab::kube
