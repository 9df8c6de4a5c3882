// What faults do to a world. No ns-3: the world implements it.
#pragma once

#include "model/base/units.h"
#include "model/etcd/pure/member-request.h"

#include <functional>
#include <optional>
#include <string>

namespace etcdlab
{

/// Takes back what was done; to be called at most once.
using Undo = std::function<void()>;

/// Properties of a link's direction that differ from its own; unset: as it is.
struct LinkChange
{
    std::optional<Duration> delay;
    std::optional<Duration> jitter;
    std::optional<Share> loss;
    std::optional<DataRate> rate;
};

/**
 * The hooks through which faults reach members, proxies, disks and links.
 *
 * Faults may overlap: a process that two crashes keep down starts when the later one has healed; of two changes
 * of one property the later one holds, and the earlier one again when that has healed.
 *
 * Processes are named as in FaultScope.
 */
class FaultSite
{
  public:
    virtual ~FaultSite() = default;

    /// The running member that leads in the highest term; empty if none does.
    virtual std::string Leader() const = 0;

    /// Whether there is such a process, running or not: one that joins is there once it has been added.
    virtual bool Exists(const std::string& process) const = 0;

    /// Told how a request went: "ok", or the error.
    using Answer = std::function<void(const std::string&)>;

    /**
     * etcdctl member add, promote, remove. The leader is asked, and asked again every 500 ms while that fails, until
     * `patience` is over, without it once. Who has been added is started. @param done called once
     */
    virtual void ChangeMembers(const MemberRequest& request, Duration patience, Answer done) = 0;

    /// kill -9; undone by a start.
    virtual Undo Crash(const std::string& process) = 0;
    /// SIGTERM; undone by a start.
    virtual Undo StopGracefully(const std::string& member) = 0;
    /// Whatever kept it down does so no longer; kill -9 if it runs, and start.
    virtual void Restart(const std::string& process) = 0;
    /// SIGSTOP; undone by SIGCONT.
    virtual Undo Pause(const std::string& member) = 0;
    /// etcdctl move-leader. @return whether there was a leader, another one than `to`, to ask
    virtual bool MoveLeader(const std::string& to) = 0;
    virtual Undo SetClockRate(const std::string& member, double rate) = 0;

    /// Packets from one node to another are lost, whatever way they go.
    virtual Undo Block(const std::string& from, const std::string& to) = 0;
    /// The direction of a link loses every packet, also those of nodes behind it.
    virtual Undo CutLink(const std::string& from, const std::string& to) = 0;
    virtual Undo ChangeLink(const std::string& from,
                            const std::string& to,
                            const LinkChange& change) = 0;

    virtual Undo SlowDisk(const std::string& member, double factor, Duration latency) = 0;
    virtual Undo StickDisk(const std::string& member) = 0;
    /// Undone by room on the disk, and the start of a member that died meanwhile.
    virtual Undo FillDisk(const std::string& member) = 0;
};

} // namespace etcdlab
