// A member's disk: one request at a time, each costing a sync latency and its bytes.
#pragma once

#include "model/storage/disk-config.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace etcdlab
{

/**
 * Serves writes in the order they are asked for; says when each is done and leaves waiting to the
 * caller, so it needs neither events nor ns-3.
 */
class Disk
{
  public:
    /// When the last accepted write of a device is done. Who shares it shares the device.
    using Queue = std::shared_ptr<Duration>;

    /// @param random uniform in [0, 1); drawn once per sync, and only if the latency is a range
    /// @param queue of the device, if other processes write to it too; nullptr: it is this one's alone
    Disk(DiskConfig config, std::function<double()> random, Queue queue = nullptr);

    /**
     * Write bytes and, if asked to, wait until they are on the medium.
     *
     * @param now the present simulated time
     * @return when the write is done; not before any earlier write
     */
    Duration Write(Duration now, std::uint64_t bytes, bool sync);

    /// From the next write on each takes `factor` times as long, and each sync longer by `latency`.
    void SetSlowdown(double factor, Duration latency);

    /**
     * Nothing completes any more, or what was under way goes on from where it stood.
     *
     * While a disk is stuck, Write returns when the write would be done if the disk recovered now; the caller must
     * hold back what is under way for as long as the disk is stuck.
     */
    void SetStuck(Duration now, bool stuck);

    bool IsStuck() const
    {
        return m_stuckSince.has_value();
    }

    /// There is no room for anything more (ENOSPC), or there is again. It is the caller who fails.
    void SetFull(bool full)
    {
        m_full = full;
    }

    bool IsFull() const
    {
        return m_full;
    }

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
    Queue m_freeAt;
    std::uint64_t m_syncs = 0;
    std::uint64_t m_bytesWritten = 0;
    double m_factor = 1;
    Duration m_extraLatency{0};
    std::optional<Duration> m_stuckSince;
    bool m_full = false;
};

} // namespace etcdlab
