#include "model/storage/disk.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

Disk::Disk(DiskConfig config, std::function<double()> random, Queue queue)
    : m_config(std::move(config)),
      m_random(std::move(random)),
      m_freeAt(queue ? std::move(queue) : std::make_shared<Duration>(0))
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
    if (m_factor != 1)
    {
        cost = Duration(static_cast<std::int64_t>(static_cast<double>(cost.count()) * m_factor));
    }
    if (sync)
    {
        cost += m_extraLatency;
    }
    m_bytesWritten += bytes;
    // The time of a stuck disk stands still.
    const auto clock = m_stuckSince.value_or(now);
    *m_freeAt = std::max(clock, *m_freeAt) + cost;
    return *m_freeAt + (now - clock);
}

void
Disk::SetSlowdown(double factor, Duration latency)
{
    m_factor = factor;
    m_extraLatency = latency;
}

void
Disk::SetStuck(Duration now, bool stuck)
{
    if (stuck == IsStuck())
    {
        return;
    }
    if (stuck)
    {
        m_stuckSince = now;
        return;
    }
    *m_freeAt = std::max(*m_freeAt, *m_stuckSince) + (now - *m_stuckSince);
    m_stuckSince.reset();
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
