#include "model/storage/disk.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

Disk::Disk(DiskConfig config, std::function<double()> random)
    : m_config(std::move(config)),
      m_random(std::move(random))
{
}

Duration
Disk::Write(Duration now, std::uint64_t bytes, bool sync)
{
    Duration cost{0};
    if (const auto rate = m_config.bandwidth.bitsPerSecond; rate > 0)
    {
        cost += Duration(static_cast<std::int64_t>(8e9 * static_cast<double>(bytes) /
                                                   static_cast<double>(rate)));
    }
    if (sync)
    {
        cost += SyncLatency();
        ++m_syncs;
    }
    m_bytesWritten += bytes;
    m_freeAt = std::max(now, m_freeAt) + cost;
    return m_freeAt;
}

Duration
Disk::SyncLatency()
{
    const auto range = m_config.syncMax - m_config.syncMin;
    if (range <= Duration::zero())
    {
        return m_config.syncMin;
    }
    return m_config.syncMin +
           Duration(static_cast<std::int64_t>(m_random() * static_cast<double>(range.count())));
}

} // namespace etcdlab
