// A member's disk: one request at a time, each costing a sync latency and its bytes.
#pragma once

#include "model/storage/disk-config.h"

#include <cstdint>
#include <functional>

namespace etcdlab
{

/**
 * Serves writes in the order they are asked for; says when each is done and leaves waiting to the
 * caller, so it needs neither events nor ns-3.
 */
class Disk
{
  public:
    /// @param random uniform in [0, 1); drawn once per sync, and only if the latency is a range
    Disk(DiskConfig config, std::function<double()> random);

    /**
     * Write bytes and, if asked to, wait until they are on the medium.
     *
     * @param now the present simulated time
     * @return when the write is done; not before any earlier write
     */
    Duration Write(Duration now, std::uint64_t bytes, bool sync);

    std::uint64_t Syncs() const
    {
        return m_syncs;
    }

    std::uint64_t BytesWritten() const
    {
        return m_bytesWritten;
    }

  private:
    Duration SyncLatency();

    DiskConfig m_config;
    std::function<double()> m_random;
    Duration m_freeAt{0}; //!< when the last accepted write is done
    std::uint64_t m_syncs = 0;
    std::uint64_t m_bytesWritten = 0;
};

} // namespace etcdlab
