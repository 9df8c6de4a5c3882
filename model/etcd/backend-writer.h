// When a member's backend is committed, and what stands still meanwhile (etcd 3.4.23 mvcc/backend/backend.go).
#pragma once

#include "model/storage/backend.h"
#include "model/storage/disk.h"

#include <ns3/event-id.h>

#include <functional>
#include <optional>

namespace etcdlab
{

/**
 * Commits every batch_interval, or sooner if the batch is full: the pages and a sync, then the meta page and a
 * sync, on the disk that the log is on; syncs of the two files wait for each other.
 *
 * From begin to end of a commit the lock is taken: nothing is applied and no read begins.
 */
class BackendWriter
{
  public:
    /// @param disk,config must outlive the writer
    /// @param unlocked called at the end of each commit that took time
    BackendWriter(const BackendConfig& config,
                  const std::string& version,
                  Disk& disk,
                  std::function<void()> unlocked);
    ~BackendWriter();

    BackendWriter(const BackendWriter&) = delete;
    BackendWriter& operator=(const BackendWriter&) = delete;

    /// The process starts. @param phase the timer's, since members are not started in step
    void Start(Duration phase);

    /// The process ends.
    void Stop();

    /// An entry has been applied (Backend::Applied); may begin a commit.
    void Applied(std::uint64_t changes, std::uint64_t bytes);

    /// Commit now, if there is anything to commit (backend.go: ForceCommit). Not while locked.
    void Commit();

    /// The disk completes nothing any more, or goes on (Disk::SetStuck).
    void OnDiskStuck();
    void OnDiskRecovered();

    bool IsLocked() const
    {
        return m_locked;
    }

    const Backend& GetBackend() const
    {
        return m_backend;
    }

  private:
    void AwaitCommit();
    void AfterWrite(Duration time, void (BackendWriter::*next)());
    void WriteMeta();
    void End();

    const BackendConfig& m_config;
    Backend m_backend;
    Disk& m_disk;
    std::function<void()> m_unlocked;
    Duration m_due{0}; //!< when the timer fires, or has fired with nothing to commit
    Duration m_begin{0};
    bool m_locked = false;
    ns3::EventId m_timer;                      //!< runs only while something is pending
    ns3::EventId m_writing;                    //!< the end of the present write
    void (BackendWriter::*m_next)() = nullptr; //!< what follows the present write
    std::optional<Duration> m_remaining;       //!< of the present write, while the disk is stuck
};

} // namespace etcdlab
