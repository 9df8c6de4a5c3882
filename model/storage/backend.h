// The key-value file under a member's store (etcd mvcc/backend, go.etcd.io/bbolt), by what its commits cost.
#pragma once

#include "model/base/histogram.h"
#include "model/storage/backend-config.h"

#include <cstdint>
#include <string>

namespace etcdlab
{

/**
 * What has been applied is on the disk only with the next commit. That loses nothing: the log has it, and a
 * member that restarts applies again what its backend lacks (consistent index). But a commit keeps the lock
 * that applies and new reads need, and it takes two syncs.
 *
 * Counts; who calls it has the clock, the disk and the lock.
 */
class Backend
{
  public:
    /// @param config must outlive the backend
    /// @param version "3.4" or "3.5"
    Backend(const BackendConfig& config, const std::string& version);

    /**
     * An applied entry has changed `changes` keys by `bytes` (keys and values, with the old ones' fields).
     * 3.4 writes its consistent index with each entry, one operation more; 3.5 with each commit
     * (etcdserver/cindex).
     */
    void Applied(std::uint64_t changes, std::uint64_t bytes);

    /// Something waits for a commit.
    bool HasPending() const
    {
        return m_pending > 0;
    }

    /// So much waits that the commit must not wait for its time (batch_tx.go: Unlock).
    bool LimitReached() const
    {
        return m_pending >= m_config.batchLimit;
    }

    /// A commit begins: everything pending goes into it. @return bytes of pages, the meta page not among them
    std::uint64_t BeginCommit();

    /// A commit that has taken so long is done.
    void EndCommit(Duration took);

    std::uint64_t Commits() const
    {
        return m_commits;
    }

    /// Sum over all commits (etcd_disk_backend_commit_duration_seconds).
    Duration CommitTime() const
    {
        return m_commitTime;
    }

    /// The same, by duration.
    const Histogram& CommitDurations() const
    {
        return m_commitDurations;
    }

  private:
    const BackendConfig& m_config;
    bool m_indexWithEachEntry;
    std::uint64_t m_pending = 0;
    std::uint64_t m_pendingBytes = 0;
    std::uint64_t m_commits = 0;
    Duration m_commitTime{0};
    Histogram m_commitDurations{DURATION_BUCKETS};
};

/// bbolt's pages; a commit's second write is one, the meta page (bbolt tx.go: writeMeta).
inline constexpr std::uint64_t BACKEND_PAGE_BYTES = 4096;

} // namespace etcdlab
