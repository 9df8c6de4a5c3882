#include "helper/fault-hooks.h"

#include "model/base/clock.h"

#include <algorithm>
#include <utility>

namespace etcdlab
{

FaultHooks::FaultHooks(Wan& wan,
                       std::vector<ns3::Ptr<EtcdMember>> members,
                       std::vector<ns3::Ptr<TcpProxy>> proxies,
                       Newcomers newcomers)
    : m_wan(wan),
      m_members(std::move(members)),
      m_proxies(std::move(proxies)),
      m_newcomers(std::move(newcomers)),
      m_operator([this] { return Member(Leader()); },
                 [this](const auto& name) { return StartNewcomer(name); })
{
    m_scope.joining = m_newcomers.names;
    m_scope.nodes = m_wan.Nodes();
    for (const auto& member : m_members)
    {
        m_scope.members.push_back(member->GetName());
    }
    for (const auto& proxy : m_proxies)
    {
        const auto node =
            std::find_if(m_scope.nodes.begin(), m_scope.nodes.end(), [&](const auto& name) {
                return m_wan.GetNode(name) == proxy->GetNode();
            });
        m_scope.proxies.push_back(*node);
    }
    for (const auto& [ends, link] : m_wan.Links())
    {
        m_scope.links[ends] = link->config;
    }
}

EtcdMember*
FaultHooks::Member(const std::string& name) const
{
    for (const auto& member : m_members)
    {
        if (member->GetName() == name)
        {
            return ns3::PeekPointer(member);
        }
    }
    return nullptr;
}

TcpProxy*
FaultHooks::Proxy(const std::string& process) const
{
    for (std::size_t i = 0; i < m_proxies.size(); ++i)
    {
        if (PROXY_PREFIX + m_scope.proxies[i] == process)
        {
            return ns3::PeekPointer(m_proxies[i]);
        }
    }
    return nullptr;
}

std::string
FaultHooks::Leader() const
{
    const EtcdMember* leader = nullptr;
    for (const auto& member : m_members)
    {
        const bool leads = member->IsRunning() && member->GetLeader() == member->GetName();
        if (leads && (leader == nullptr || member->GetTerm() > leader->GetTerm()))
        {
            leader = ns3::PeekPointer(member);
        }
    }
    return leader == nullptr ? "" : leader->GetName();
}

bool
FaultHooks::Exists(const std::string& process) const
{
    const auto* member = Member(process);
    return member != nullptr ? member->HasStarted() : Proxy(process) != nullptr;
}

void
FaultHooks::ChangeMembers(const MemberRequest& request, Duration patience, Answer done)
{
    m_operator.Change(request, patience, std::move(done));
}

bool
FaultHooks::StartNewcomer(const std::string& name)
{
    if (Member(name) == nullptr)
    {
        const auto member = m_newcomers.join(name);
        if (!member)
        {
            return false;
        }
        m_members.push_back(member);
    }
    return true;
}

void
FaultHooks::Kill(const std::string& process)
{
    if (auto* member = Member(process))
    {
        member->Crash();
    }
    else
    {
        Proxy(process)->Crash();
    }
}

void
FaultHooks::StartIfFree(const std::string& process)
{
    if (!m_processes[process].down.empty())
    {
        return;
    }
    auto* member = Member(process);
    if (member == nullptr)
    {
        Proxy(process)->Restart();
    }
    else if (!member->IsRunning())
    {
        member->Restart();
        if (!m_processes[process].paused.empty())
        {
            m_processes[process].paused.clear(); // SIGSTOP was for the old process
        }
    }
}

Undo
FaultHooks::HoldDown(const std::string& process)
{
    const auto holder = ++m_next;
    m_processes[process].down.insert(holder);
    return [this, process, holder] {
        if (m_processes[process].down.erase(holder) > 0)
        {
            if (auto* member = Member(process); member != nullptr && member->IsRunning())
            {
                member->Crash(); // a graceful stop that has not come to its end
            }
            StartIfFree(process);
        }
    };
}

Undo
FaultHooks::Crash(const std::string& process)
{
    Kill(process);
    return HoldDown(process);
}

Undo
FaultHooks::StopGracefully(const std::string& member)
{
    Member(member)->StopGracefully();
    return HoldDown(member);
}

void
FaultHooks::Restart(const std::string& process)
{
    m_processes[process].down.clear();
    Kill(process);
    StartIfFree(process);
}

Undo
FaultHooks::Pause(const std::string& member)
{
    const auto holder = ++m_next;
    if (!Member(member)->IsRunning())
    {
        return {};
    }
    m_processes[member].paused.insert(holder);
    Member(member)->Pause();
    return [this, member, holder] {
        auto& paused = m_processes[member].paused;
        if (paused.erase(holder) > 0 && paused.empty())
        {
            Member(member)->Resume();
        }
    };
}

bool
FaultHooks::MoveLeader(const std::string& to)
{
    const auto leader = Leader();
    return !leader.empty() && Exists(to) && Member(leader)->MoveLeader(to);
}

Undo
FaultHooks::SetClockRate(const std::string& member, double rate)
{
    const auto holder = ++m_next;
    m_processes[member].clock[holder] = rate;
    ApplyClock(member);
    return [this, member, holder] {
        m_processes[member].clock.erase(holder);
        ApplyClock(member);
    };
}

void
FaultHooks::ApplyClock(const std::string& member)
{
    const auto& rates = m_processes[member].clock;
    Member(member)->SetClockRate(rates.empty() ? 1 : rates.rbegin()->second);
}

Undo
FaultHooks::Block(const std::string& from, const std::string& to)
{
    m_wan.Block(from, to);
    return [this, from, to] { m_wan.Unblock(from, to); };
}

Undo
FaultHooks::CutLink(const std::string& from, const std::string& to)
{
    const auto holder = ++m_next;
    m_directions[{from, to}].down.insert(holder);
    ApplyLink(from, to);
    return [this, from, to, holder] {
        m_directions[{from, to}].down.erase(holder);
        ApplyLink(from, to);
    };
}

Undo
FaultHooks::ChangeLink(const std::string& from, const std::string& to, const LinkChange& change)
{
    const auto holder = ++m_next;
    m_directions[{from, to}].changes[holder] = change;
    ApplyLink(from, to);
    return [this, from, to, holder] {
        m_directions[{from, to}].changes.erase(holder);
        ApplyLink(from, to);
    };
}

void
FaultHooks::ApplyLink(const std::string& from, const std::string& to)
{
    auto& link = m_wan.GetLink(from, to);
    const std::size_t direction = link.ends.first == from ? 0 : 1;
    const auto& holds = m_directions[{from, to}];
    auto now = link.config;
    for (const auto& [holder, change] : holds.changes)
    {
        now.delay = change.delay.value_or(now.delay);
        now.jitter = change.jitter.value_or(now.jitter);
        now.loss = change.loss.value_or(now.loss);
        now.rate = change.rate.value_or(now.rate);
    }
    link.SetDown(direction, !holds.down.empty());
    link.SetDelay(direction, now.delay);
    link.SetJitter(direction, now.jitter);
    link.SetLoss(direction, now.loss.value);
    link.SetRate(direction, now.rate);
}

Undo
FaultHooks::SlowDisk(const std::string& member, double factor, Duration latency)
{
    const auto holder = ++m_next;
    m_processes[member].slowDisk[holder] = {factor, latency};
    ApplyDisk(member);
    return [this, member, holder] {
        m_processes[member].slowDisk.erase(holder);
        ApplyDisk(member);
    };
}

Undo
FaultHooks::StickDisk(const std::string& member)
{
    const auto holder = ++m_next;
    m_processes[member].stuckDisk.insert(holder);
    ApplyDisk(member);
    return [this, member, holder] {
        m_processes[member].stuckDisk.erase(holder);
        ApplyDisk(member);
    };
}

Undo
FaultHooks::FillDisk(const std::string& member)
{
    const auto holder = ++m_next;
    m_processes[member].fullDisk.insert(holder);
    ApplyDisk(member);
    return [this, member, holder] {
        m_processes[member].fullDisk.erase(holder);
        ApplyDisk(member);
        StartIfFree(member);
    };
}

void
FaultHooks::ApplyDisk(const std::string& member)
{
    const auto& holds = m_processes[member];
    const auto slow = holds.slowDisk.empty() ? Slowdown{} : holds.slowDisk.rbegin()->second;
    Member(member)->SetDiskSlowdown(slow.factor, slow.latency);
    Member(member)->SetDiskStuck(!holds.stuckDisk.empty());
    Member(member)->SetDiskFull(!holds.fullDisk.empty());
}

} // namespace etcdlab
