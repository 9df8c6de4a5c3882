// What is done to a member's process and its disk from outside: signals, an operator's commands, trouble.
#include "model/base/clock.h"
#include "model/etcd/etcd-member.h"
#include "model/etcd/pure/member-id.h"

#include <ns3/simulator.h>

#include <memory>
#include <utility>

namespace etcdlab
{

void
EtcdMember::StopGracefully()
{
    if (!IsRunning() || std::exchange(m_stopping, true))
    {
        return;
    }
    // embed/etcd.go: Close ends the client servers first, then etcdserver/server.go: Stop transfers leadership.
    if (!m_config.drainClients)
    {
        // stopServers calls GracefulStop, which closes the listener; thereupon cmux's Serve returns an error to
        // embed/serve.go: serve, whose deferred function calls Stop. Most connections have seen no GOAWAY by then.
        HandOver();
        return;
    }
    // When the last call has ended, or when it takes too long.
    const auto handOver = [this, alive = m_alive, done = std::make_shared<bool>(false)] {
        if (*alive && !std::exchange(*done, true))
        {
            HandOver();
        }
    };
    m_grpc.StopGracefully(handOver);
    m_transfer = ns3::Simulator::Schedule(ToTime(m_config.RequestTimeout()), handOver);
}

void
EtcdMember::HandOver()
{
    m_transfer.Cancel();
    m_grpc.Stop();
    m_service->CloseStreams();
    const auto to = m_raft->Raft().IsLeader() ? LongestConnected() : raft::NO_NODE;
    if (to == raft::NO_NODE)
    {
        Exit();
        return;
    }
    m_raft->TransferLeadership(to);
    AwaitTransfer(to, Now() + m_config.RequestTimeout());
}

/// etcdserver/server.go: moveLeader looks every tick; it gives up after the request timeout.
void
EtcdMember::AwaitTransfer(raft::NodeId to, Duration deadline)
{
    if (m_leader == to || Now() >= deadline)
    {
        Exit();
        return;
    }
    m_transfer = ns3::Simulator::Schedule(
        ToTime(m_config.heartbeatInterval), &EtcdMember::AwaitTransfer, this, to, deadline);
}

/// etcdserver/util.go: longestConnected
raft::NodeId
EtcdMember::LongestConnected() const
{
    raft::NodeId longest = raft::NO_NODE;
    std::optional<Duration> since;
    for (const auto& member : m_server->Members().Members())
    {
        const bool candidate = member.id != m_id && !member.learner;
        const auto active = candidate ? m_peers->ActiveSince(member.id) : std::nullopt;
        if (active && (!since || *active < *since))
        {
            since = active;
            longest = member.id;
        }
    }
    return longest;
}

void
EtcdMember::Exit()
{
    m_storage->log.Sync(); // wal/wal.go: Close
    StopApplication();
}

bool
EtcdMember::MoveLeader(const std::string& to)
{
    if (!IsRunning() || !m_raft->Raft().IsLeader() || to == m_setup.name)
    {
        return false;
    }
    m_raft->TransferLeadership(MemberId(to));
    return true;
}

void
EtcdMember::Pause()
{
    if (IsRunning() && !IsPaused())
    {
        m_process->Pause();
        m_raft->Pause();
        m_tick.Cancel();
    }
}

void
EtcdMember::Resume()
{
    if (!IsPaused())
    {
        return;
    }
    const auto alive = m_alive;
    m_process->Resume();
    if (!*alive)
    {
        return;
    }
    m_raft->Resume();
    if (!*alive)
    {
        return;
    }
    if (m_nextTick > Now())
    {
        ScheduleTick(m_nextTick);
        return;
    }
    // Go's ticker drops ticks for which nobody waits, all but one, and keeps its phase.
    const auto interval = TickInterval();
    const auto missed = (Now() - m_nextTick) / interval;
    const auto next = m_nextTick + (missed + 1) * interval;
    Tick();
    m_tick.Cancel();
    ScheduleTick(next);
}

bool
EtcdMember::IsPaused() const
{
    return m_process && m_process->IsPaused();
}

void
EtcdMember::SetClockRate(double rate)
{
    m_clockRate = rate;
}

Duration
EtcdMember::TickInterval() const
{
    return m_clockRate == 1
               ? m_config.heartbeatInterval
               : Duration(static_cast<std::int64_t>(
                     static_cast<double>(m_config.heartbeatInterval.count()) / m_clockRate));
}

void
EtcdMember::ScheduleTick(Duration when)
{
    m_nextTick = when;
    m_tick = ns3::Simulator::Schedule(ToTime(when - Now()), &EtcdMember::Tick, this);
}

void
EtcdMember::SetDiskSlowdown(double factor, Duration latency)
{
    m_storage->disk.SetSlowdown(factor, latency);
}

void
EtcdMember::SetDiskStuck(bool stuck)
{
    if (stuck == m_storage->disk.IsStuck())
    {
        return;
    }
    m_storage->disk.SetStuck(Now(), stuck);
    if (IsRunning())
    {
        stuck ? m_raft->OnDiskStuck() : m_raft->OnDiskRecovered();
        stuck ? m_server->OnDiskStuck() : m_server->OnDiskRecovered();
    }
}

void
EtcdMember::SetDiskFull(bool full)
{
    m_storage->disk.SetFull(full);
}

} // namespace etcdlab
