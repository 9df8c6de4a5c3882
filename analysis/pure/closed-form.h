// The latency of one request on an otherwise idle cluster, as a sum of named hops: what `etcdlab
// explain` prints and what the simulation is tested against. No ns-3, no scenario: delays come from
// a function.
#pragma once

#include "helper/scenario/scenario.h"
#include "model/base/units.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace etcdlab
{

/// The operations, by the names that results use: "put", "txn", "delete_range",
/// "linearizable_range", "serializable_range".
const std::vector<std::string>& OperationNames();

/// One term of the sum.
struct Hop
{
    std::string name;  //!< as people say it: "client link", "forward", "quorum", …
    Duration duration; //!< never negative, and never zero in a closed form
    /// Whose it is, where the name alone does not say: the follower that completes the quorum, the
    /// member whose disk is waited for; else empty.
    std::string node = {};
    bool operator==(const Hop&) const = default;
};

/// One request's latency: this client, through this member, this operation.
struct ClosedForm
{
    std::string client;
    std::string member; //!< the one that takes the request and answers it
    std::string operation;
    std::vector<Hop> hops; //!< in the order in which time passes, without hops that take no time

    Duration Total() const;
    /// The total of the hops with this name; zero if there is none.
    Duration Of(const std::string& hop) const;
};

/// How long a message of `bytes` application bytes takes from one node to another (zero to itself).
using DelayFunction =
    std::function<Duration(const std::string& from, const std::string& to, std::uint64_t bytes)>;

/// What the closed form of a cluster depends on, links aside.
struct ClosedFormInput
{
    /// In the scenario's order; ties in the quorum go to the earlier one.
    std::vector<std::string> members;
    std::string leader;
    Accounting accounting = Accounting::ETCD;
    /// The settings of a member: disk and CPU.
    std::function<const MemberConfig&(const std::string&)> member;
    ByteSize keySize{40};
    ByteSize valueSize{1024};
    DelayFunction delay;
};

/// The proxy between client and member, if there is one.
struct ProxyHop
{
    std::string node;
    Duration cpuPerChunk{0};
    ByteSize chunk{65536};
};

/**
 * The closed form of one request.
 *
 * N members, q = N/2 + 1 of them a quorum, L the leader, f any other, c the client, d(a,b) one way
 * from a to b, F(x) the mean time of one WAL sync of member x. (etcd 3.4.23
 * etcdserver/raft.go:start, raft/raft.go:stepLeader, raft/read_only.go; the formulas were compared
 * with measurements of that version.)
 *
 * Writes (put, txn, delete_range):
 *
 *     through L   d(c,L) + Q + d(L,c)
 *     through f   d(c,f) + d(f,L) + Q + d(L,f) + d(f,c)           accounting etcd
 *                 d(c,f) + d(f,L) + W + d(L,f) + d(f,c)           accounting thesis
 *
 *     Q   the (q-1)-th smallest of d(L,x) + F(x) + d(x,L) over the followers x, but at least F(L):
 *         the leader sends before it syncs and publishes the commit after; F(L) alone with one
 *         member
 *     W   the (q-2)-th smallest of the same over the followers other than f, at least F(L); 0 if
 *         q <= 2
 *
 * In the thesis' accounting the forward is f's acknowledgement, so with three members the leader
 * and f are the quorum and nobody else is waited for; a request through L costs what it costs in
 * etcd's.
 *
 * A follower is told of the commit by a notice d(L,f), and applies when it has synced the entry,
 * which it was sent Q (W) earlier: F(f) - Q is added if that is positive. (With W = 0 the entry
 * arrives committed, and is applied after its sync: etcd's shouldWaitWALSync.) The follower answers
 * its client itself, from its own apply.
 *
 * Linearizable ranges are the same with F = 0 everywhere: a read index request instead of the
 * forward, a heartbeat round that confirms the leadership instead of the quorum, and the read index
 * answer instead of the notice. Serializable ranges cost d(c,m) + d(m,c) alone.
 *
 * A proxy p replaces d(c,m) by d(c,p) + d(p,m), likewise on the way back, and adds its work per
 * chunk.
 *
 * Disk and processors, as estimated for an idle cluster. F(x) is (syncMin + syncMax)/2 plus the
 * entry's bytes over the bandwidth. On the critical path are: at the member that takes the request
 * `request` and `request_wakeup`, and for writes `apply`; `message` and `message_wakeup` for each Raft message received there:
 * the forward (L), the append (x), its acknowledgement (L), the notice (f), and their likes for
 * reads. Other members' work passes beside it.
 *
 * Exact for ideal disks and processors. Otherwise an estimate: the k-th smallest of means is not
 * the mean of the k-th smallest, and a request may meet a sync of the one before. Not in it:
 * queues, loss, TCP's windows and timers, Nagle's algorithm, the wait for a read-index round
 * already in flight.
 *
 * @param client the client's node
 * @param proxy null: the client speaks to the member directly
 * @throws std::invalid_argument if the operation, the member or the leader is unknown
 */
ClosedForm MakeClosedForm(const ClosedFormInput& input,
                          const std::string& client,
                          const std::string& member,
                          const std::string& operation,
                          const ProxyHop* proxy = nullptr);

} // namespace etcdlab
