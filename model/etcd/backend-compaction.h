// The backend's part of a compaction (etcd 3.4.23 mvcc/kvstore_compaction.go: scheduleCompaction).
#pragma once

#include "model/etcd/backend-writer.h"
#include "model/etcd/server-result.h"

#include <ns3/event-id.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace etcdlab
{

/**
 * Goes through the versions that the store has dropped, 1000 at a time with a commit after each batch and 10 ms between
 * them. A physical compaction is answered when it is through and committed, any other at once.
 */
class BackendCompaction
{
  public:
    using Finish = std::function<void(std::uint64_t id, const ServerResult& result)>;

    /// @param backend must outlive this object
    BackendCompaction(BackendWriter& backend, Finish finish);
    ~BackendCompaction();
    BackendCompaction(const BackendCompaction&) = delete;
    BackendCompaction& operator=(const BackendCompaction&) = delete;

    /// The store has dropped so many versions.
    void Add(std::uint64_t versions);
    /// Forget what was added: it was done before a restart.
    void Forget();

    /// The compaction has been applied to the store.
    void Begin(std::uint64_t id, bool physical, const ServerResult& result);

    void OnUnlocked();
    void Stop();

    /// Versions that the backend has gone through.
    std::uint64_t Done() const
    {
        return m_done;
    }

  private:
    void Batch();
    void End();

    struct Physical
    {
        std::uint64_t id;
        ServerResult result;
    };

    BackendWriter& m_backend;
    Finish m_finish;
    std::uint64_t m_versions = 0; //!< that the backend has still to go through
    std::uint64_t m_done = 0;
    bool m_batchDue = false;          //!< the next batch waits for the lock
    std::vector<Physical> m_physical; //!< to be answered when the backend is through
    ns3::EventId m_nextBatch;
};

} // namespace etcdlab
