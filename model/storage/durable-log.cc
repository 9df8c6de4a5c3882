#include "model/storage/durable-log.h"

namespace etcdlab
{

void
DurableLog::Write(const std::vector<raft::Entry>& entries,
                  const std::optional<raft::HardState>& hardState)
{
    m_written.insert(m_written.end(), entries.begin(), entries.end());
    if (hardState)
    {
        m_writtenState = hardState;
    }
}

void
DurableLog::Sync()
{
    for (auto& entry : m_written)
    {
        // A later record of an index replaces it and all after it (wal.go: ReadAll).
        if (entry.index <= m_entries.size())
        {
            m_entries.resize(entry.index - 1);
        }
        m_entries.push_back(std::move(entry));
    }
    m_written.clear();
    if (m_writtenState)
    {
        m_hardState = *m_writtenState;
        m_writtenState.reset();
    }
}

void
DurableLog::Lose()
{
    m_written.clear();
    m_writtenState.reset();
}

} // namespace etcdlab
