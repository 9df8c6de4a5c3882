#include "model/storage/durable-log.h"

#include <algorithm>

namespace etcdlab
{

void
DurableLog::Write(const std::vector<raft::Entry>& entries,
                  const std::optional<raft::HardState>& hardState)
{
    if (!entries.empty() || hardState)
    {
        m_pending.push_back({entries, hardState, nullptr, false});
    }
}

void
DurableLog::WriteSnapshot(raft::SnapshotPtr snapshot)
{
    m_pending.push_back({{}, {}, std::move(snapshot), false});
}

void
DurableLog::WriteLeadersSnapshot(raft::SnapshotPtr snapshot)
{
    m_pending.push_back({{}, {}, std::move(snapshot), true});
}

void
DurableLog::Sync(std::uint64_t written)
{
    const auto count = written > m_synced ? static_cast<std::ptrdiff_t>(written - m_synced) : 0;
    const auto end = m_pending.begin() + count;
    std::for_each(m_pending.begin(), end, [this](Record& record) { Settle(record); });
    m_pending.erase(m_pending.begin(), end);
    m_synced += static_cast<std::uint64_t>(count);
}

raft::Index
DurableLog::Before() const
{
    return m_snapshot ? m_snapshot->index : 0;
}

void
DurableLog::Settle(Record& record)
{
    if (record.snapshot && record.snapshot->index > Before())
    {
        const auto covered =
            std::min<raft::Index>(record.snapshot->index - Before(), m_entries.size());
        m_entries.erase(m_entries.begin(),
                        record.replacesLog
                            ? m_entries.end()
                            : m_entries.begin() + static_cast<std::ptrdiff_t>(covered));
        m_snapshot = std::move(record.snapshot);
    }
    const auto before = Before();
    for (auto& entry : record.entries)
    {
        if (entry.index <= before)
        {
            continue; // part of the snapshot
        }
        // A later record of an index replaces it and all after it (wal.go: ReadAll).
        if (entry.index - before <= m_entries.size())
        {
            m_entries.resize(entry.index - before - 1);
        }
        m_entries.push_back(std::move(entry));
    }
    if (record.hardState)
    {
        m_hardState = *record.hardState;
    }
}

void
DurableLog::Lose()
{
    m_pending.clear();
}

} // namespace etcdlab
