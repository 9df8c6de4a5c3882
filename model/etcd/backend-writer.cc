#include "model/etcd/backend-writer.h"

#include "model/base/clock.h"

#include <utility>

namespace etcdlab
{

BackendWriter::BackendWriter(const BackendConfig& config,
                             const std::string& version,
                             Disk& disk,
                             std::function<void()> unlocked)
    : m_config(config),
      m_backend(config, version),
      m_disk(disk),
      m_unlocked(std::move(unlocked))
{
}

BackendWriter::~BackendWriter()
{
    Stop();
}

void
BackendWriter::Start(Duration phase)
{
    m_due = Now() + phase;
}

void
BackendWriter::Stop()
{
    m_timer.Cancel();
    m_writing.Cancel();
}

void
BackendWriter::Applied(std::uint64_t changes, std::uint64_t bytes)
{
    m_backend.Applied(changes, bytes);
    if (m_backend.LimitReached())
    {
        Commit();
    }
    else if (!m_timer.IsRunning())
    {
        AwaitCommit();
    }
}

void
BackendWriter::AwaitCommit()
{
    const auto now = Now();
    if (m_due <= now) // it has fired since, and found nothing
    {
        m_due += ((now - m_due) / m_config.batchInterval + 1) * m_config.batchInterval;
    }
    m_timer = ns3::Simulator::Schedule(ToTime(m_due - now), &BackendWriter::Commit, this);
}

void
BackendWriter::Commit()
{
    m_timer.Cancel();
    if (!m_backend.HasPending())
    {
        return;
    }
    m_locked = true;
    m_begin = Now();
    const auto done = m_disk.Write(m_begin, m_backend.BeginCommit(), true);
    AfterWrite(done - m_begin, &BackendWriter::WriteMeta);
}

void
BackendWriter::AfterWrite(Duration time, void (BackendWriter::*next)())
{
    m_next = next;
    if (m_disk.IsStuck())
    {
        m_remaining = time;
    }
    else if (time <= Duration{0})
    {
        (this->*next)();
    }
    else
    {
        m_writing = ns3::Simulator::Schedule(ToTime(time), next, this);
    }
}

void
BackendWriter::OnDiskStuck()
{
    if (m_writing.IsRunning())
    {
        m_remaining = ToDuration(ns3::Simulator::GetDelayLeft(m_writing));
        m_writing.Cancel();
    }
}

void
BackendWriter::OnDiskRecovered()
{
    if (m_remaining)
    {
        AfterWrite(*std::exchange(m_remaining, std::nullopt), m_next);
    }
}

void
BackendWriter::WriteMeta()
{
    const auto now = Now();
    const auto done = m_disk.Write(now, BACKEND_PAGE_BYTES, true);
    AfterWrite(done - now, &BackendWriter::End);
}

void
BackendWriter::End()
{
    const auto now = Now();
    m_backend.EndCommit(now - m_begin);
    m_locked = false;
    m_due = now + m_config.batchInterval;
    if (now > m_begin)
    {
        m_unlocked();
    }
}

} // namespace etcdlab
