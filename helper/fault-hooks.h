// What faults do, done to members, proxies and links of a simulated world.
#pragma once

#include "helper/member-operator.h"
#include "model/etcd/etcd-member.h"
#include "model/fault/fault-type.h"
#include "model/proxy/tcp-proxy.h"
#include "model/transport/wan.h"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

/// Members that are not there from the start.
struct Newcomers
{
    std::vector<std::string> names;
    /// Make one and start it, once (EtcdClusterHelper::Join); nullptr if there is no running member to join.
    std::function<ns3::Ptr<EtcdMember>(const std::string&)> join;
};

/// Remembers which faults hold what, so that they may overlap and heal in any order.
class FaultHooks : public FaultSite
{
  public:
    FaultHooks(Wan& wan,
               std::vector<ns3::Ptr<EtcdMember>> members,
               std::vector<ns3::Ptr<TcpProxy>> proxies,
               Newcomers newcomers = {});

    FaultHooks(const FaultHooks&) = delete;
    FaultHooks& operator=(const FaultHooks&) = delete;

    const FaultScope& Scope() const
    {
        return m_scope;
    }

    std::string Leader() const override;
    bool Exists(const std::string& process) const override;
    void ChangeMembers(const MemberRequest& request, Duration patience, Answer done) override;
    Undo Crash(const std::string& process) override;
    Undo StopGracefully(const std::string& member) override;
    void Restart(const std::string& process) override;
    Undo Pause(const std::string& member) override;
    bool MoveLeader(const std::string& to) override;
    Undo SetClockRate(const std::string& member, double rate) override;
    Undo Block(const std::string& from, const std::string& to) override;
    Undo CutLink(const std::string& from, const std::string& to) override;
    Undo ChangeLink(const std::string& from,
                    const std::string& to,
                    const LinkChange& change) override;
    Undo SlowDisk(const std::string& member, double factor, Duration latency) override;
    Undo StickDisk(const std::string& member) override;
    Undo FillDisk(const std::string& member) override;

  private:
    using Holder = std::uint64_t; //!< a fault's hold on something; later ones are greater
    using Holders = std::set<Holder>;

    struct Slowdown
    {
        double factor = 1;
        Duration latency{0};
    };

    /// What holds one process.
    struct Process
    {
        Holders down;
        Holders paused;
        Holders stuckDisk;
        Holders fullDisk;
        std::map<Holder, Slowdown> slowDisk;
        std::map<Holder, double> clock;
    };

    /// What holds one direction of a link.
    struct Direction
    {
        Holders down;
        std::map<Holder, LinkChange> changes;
    };

    EtcdMember* Member(const std::string& name) const;
    TcpProxy* Proxy(const std::string& process) const;
    void Kill(const std::string& process);
    /// @return whether it is there
    bool StartNewcomer(const std::string& name);
    /// Start it if nothing keeps it down.
    void StartIfFree(const std::string& process);
    Undo HoldDown(const std::string& process);
    void ApplyDisk(const std::string& member);
    void ApplyClock(const std::string& member);
    void ApplyLink(const std::string& from, const std::string& to);

    Wan& m_wan;
    std::vector<ns3::Ptr<EtcdMember>> m_members;
    std::vector<ns3::Ptr<TcpProxy>> m_proxies;
    Newcomers m_newcomers;
    MemberOperator m_operator;
    FaultScope m_scope;
    std::map<std::string, Process> m_processes;
    std::map<std::pair<std::string, std::string>, Direction> m_directions;
    Holder m_next = 0;
};

} // namespace etcdlab
