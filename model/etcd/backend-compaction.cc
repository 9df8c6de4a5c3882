#include "model/etcd/backend-compaction.h"

#include "model/base/clock.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

namespace
{

using namespace std::chrono_literals;

// mvcc/kvstore_compaction.go: scheduleCompaction
constexpr std::uint64_t COMPACTION_BATCH = 1000;
constexpr Duration COMPACTION_PAUSE = 10ms;

} // namespace

BackendCompaction::BackendCompaction(BackendWriter& backend, Finish finish)
    : m_backend(backend),
      m_finish(std::move(finish))
{
}

BackendCompaction::~BackendCompaction()
{
    Stop();
}

void
BackendCompaction::Stop()
{
    m_nextBatch.Cancel();
}

void
BackendCompaction::Add(std::uint64_t versions)
{
    m_versions += versions;
}

void
BackendCompaction::Forget()
{
    m_versions = 0;
}

void
BackendCompaction::OnUnlocked()
{
    if (m_batchDue)
    {
        Batch();
    }
    End();
}

void
BackendCompaction::Begin(std::uint64_t id, bool physical, const ServerResult& result)
{
    if (physical)
    {
        m_physical.push_back({id, result});
    }
    else
    {
        m_finish(id, result);
    }
    if (!m_nextBatch.IsRunning() && !m_batchDue)
    {
        Batch();
    }
}

void
BackendCompaction::Batch()
{
    m_batchDue = m_backend.IsLocked();
    if (m_batchDue)
    {
        return;
    }
    const auto batch = std::min(m_versions, COMPACTION_BATCH);
    m_versions -= batch;
    m_done += batch;
    m_backend.Applied(batch, 0);
    if (!m_backend.IsLocked()) // else so many were pending that it has begun to commit
    {
        m_backend.Commit();
    }
    if (m_versions > 0)
    {
        m_nextBatch =
            ns3::Simulator::Schedule(ToTime(COMPACTION_PAUSE), &BackendCompaction::Batch, this);
    }
    End();
}

void
BackendCompaction::End()
{
    if (m_versions == 0 && !m_backend.IsLocked())
    {
        for (const auto& physical : std::exchange(m_physical, {}))
        {
            m_finish(physical.id, physical.result);
        }
    }
}

} // namespace etcdlab
