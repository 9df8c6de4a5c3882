// The vocabulary of the consensus core: what it keeps, what it says, what it asks its owner to do.
#pragma once

#include "model/base/varint.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace etcdlab
{

/**
 * How the leader counts a follower that forwards a proposal or a read to it.
 *
 * N members, quorum q = N/2+1, leader L, asking follower f, d(x,y) one-way delays, RTT(x,y) there
 * and back; disk and processor left out. A request taken by L itself costs the (q-1)-th smallest
 * RTT(L,x) over all followers x in both accountings; called Q below, 0 if q = 1.
 *
 * - ETCD: latency through f = d(f,L) + Q + d(L,f).
 * - THESIS: latency through f = d(f,L) + W + d(L,f), where W = 0 if q <= 2, else the (q-2)-th
 *   smallest RTT(L,x) over the followers other than f. With three members L and f are the quorum at
 *   once, and one round trip between them is all there is to pay: the arithmetic behind the thesis'
 *   343.33 ms.
 *
 * Both hold for writes and for linearizable reads, for a leader that has committed an entry of its
 * term.
 *
 * What THESIS gives up. f has not stored the entry when it is counted: a commit may rest on q-1
 * logs only. If L fails before its MsgApp has reached f, a majority without the entry can elect a
 * leader that never had it, and overwrite what clients were told is durable: Leader Completeness
 * (Raft paper, section 5.4) no longer follows. A forwarded read is likewise evidence that f took L
 * for the leader when f *sent* it, not after L noted its commit index, so L may answer from the
 * past while a newer leader commits. Use it to reproduce a calculation, never to predict a system;
 * without failures the two differ in time only.
 */
enum class Accounting
{
    ETCD,  //!< as etcd does: only the follower's own acknowledgement counts
    THESIS //!< the forward itself counts as that follower's acknowledgement
};

} // namespace etcdlab

namespace etcdlab::raft
{

using NodeId = std::uint64_t;
using Term = std::uint64_t;
using Index =
    std::uint64_t; //!< position in the log; the first entry has index 1, 0 is "before the log"
using Context = std::uint64_t; //!< names a read-index request, unique in the cluster; 0: none

constexpr NodeId NO_NODE = 0; //!< no member has this id

/// What a client asked for, as far as Raft is concerned: nothing. Immutable and shared by all logs.
struct Payload
{
    virtual ~Payload() = default;

    /// For traces and tests.
    virtual std::string Describe() const
    {
        return "";
    }
};

using PayloadPtr = std::shared_ptr<const Payload>;

/// raftpb.EntryType
enum class EntryType : std::uint8_t
{
    NORMAL,
    CONF_CHANGE //!< the payload is a ConfChange
};

/// One log entry (raftpb.Entry). A new leader's empty entry has bytes 0 and no payload.
struct Entry
{
    Term term = 0;
    Index index = 0;
    std::uint32_t bytes = 0; //!< length of Data as etcd marshals it
    PayloadPtr payload;
    EntryType type = EntryType::NORMAL;

    bool operator==(const Entry&) const = default;
};

/// Bytes of the marshalled entry, as raftpb.Entry.Size: type, term and index always, Data unless
/// absent. What etcd's limits per message and per Ready count.
constexpr std::uint64_t
EntrySize(Term term, Index index, std::uint32_t bytes)
{
    const std::uint64_t type = 2;
    return type + IntFieldBytes(term) + IntFieldBytes(index) + (bytes == 0 ? 0 : FieldBytes(bytes));
}

inline std::uint64_t
EntrySize(const Entry& entry)
{
    return EntrySize(entry.term, entry.index, entry.bytes);
}

/// raftpb.ConfChangeType, without ConfChangeUpdateNode, which changes addresses only.
enum class ConfChangeType : std::uint8_t
{
    ADD_NODE,        //!< add a voter, or make a learner one (promotion)
    REMOVE_NODE,     //!< a voter or a learner
    ADD_LEARNER_NODE //!< add a member that receives the log and neither votes nor counts
};

/// What an entry of type CONF_CHANGE says (raftpb.ConfChange): one member at a time (dissertation,
/// 4.1). With node NO_NODE it changes nothing: so etcd applies what its server refuses.
struct ConfChange : Payload
{
    ConfChange(ConfChangeType t, NodeId n, PayloadPtr c = nullptr)
        : type(t),
          node(n),
          context(std::move(c))
    {
    }

    /// "add 4", "remove 2", "add learner 4"
    std::string Describe() const override;

    ConfChangeType type;
    NodeId node;
    PayloadPtr context; //!< whatever else the owner says about the member
};

using ConfChangePtr = std::shared_ptr<const ConfChange>;

/// The change that an entry of type CONF_CHANGE holds. @throws std::logic_error for any other entry.
const ConfChange& ConfChangeOf(const Entry& entry);

/// Who belongs to a cluster (raftpb.ConfState, outside of joint consensus). Both lists are sorted.
struct ConfState
{
    std::vector<NodeId> voters;
    std::vector<NodeId> learners;

    bool operator==(const ConfState&) const = default;

    bool IsVoter(NodeId id) const
    {
        return std::binary_search(voters.begin(), voters.end(), id);
    }

    bool IsMember(NodeId id) const
    {
        return IsVoter(id) || std::binary_search(learners.begin(), learners.end(), id);
    }
};

/// What stands for the entries up to `index` (raftpb.Snapshot; paper, section 7).
struct Snapshot
{
    Index index = 0;         //!< the last entry it covers, never 0
    Term term = 0;           //!< of that entry
    ConfState conf;          //!< after that entry
    std::uint64_t bytes = 0; //!< of the state machine's data (etcd: the database)
    PayloadPtr payload;      //!< those data, opaque
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// raftpb.MessageType, without those that never leave a member.
enum class MessageType : std::uint8_t
{
    PROP,     //!< a proposal on its way to the leader
    APP,      //!< entries and/or the commit index, leader to follower
    APP_RESP, //!< answer to APP, accepting up to `index` or rejecting the entry before `index`
    SNAP, //!< a snapshot in place of entries that the leader no longer has; answered by APP_RESP
    VOTE, //!< request for a vote
    VOTE_RESP,       //!<
    PRE_VOTE,        //!< "would you vote for me in `term`?"; changes nothing at either side
    PRE_VOTE_RESP,   //!<
    HEARTBEAT,       //!< leader to follower; carries the context of a read that waits for a quorum
    HEARTBEAT_RESP,  //!< echoes the context
    READ_INDEX,      //!< a linearizable read on its way to the leader
    READ_INDEX_RESP, //!< the index to wait for, leader to asking follower
    TIMEOUT_NOW,     //!< leader to transferee: campaign at once
    TRANSFER_LEADER  //!< `from` = transferee; to the leader
};

/**
 * A message between members: the fields of raftpb.Message, with its meanings.
 *
 * etcd always encodes every scalar field, zero or not. Where this struct differs from the wire:
 * `transfer` stands for Context = "CampaignTransfer" (16 bytes), `context` for a Context of 8 bytes
 * (HEARTBEAT, HEARTBEAT_RESP) or, in READ_INDEX and READ_INDEX_RESP, for the 8 bytes of Data of a
 * single entry with term and index 0.
 */
struct Message
{
    MessageType type = MessageType::PROP;
    bool reject = false;   //!< APP_RESP, VOTE_RESP, PRE_VOTE_RESP: refused
    bool transfer = false; //!< VOTE of a leader transfer: vote in spite of the lease
    NodeId to = NO_NODE;
    NodeId from =
        NO_NODE;   //!< PROP, READ_INDEX: the member that took the request, even if forwarded twice
    Term term = 0; //!< the sender's; 0 in PROP and READ_INDEX; PRE_VOTE: the term asked about
    /// APP: term of the entry at `index`. VOTE, PRE_VOTE: term of the last entry. Rejecting
    /// APP_RESP with the term-aware hints of 3.5: term of the entry at `rejectHint`, else 0.
    Term logTerm = 0;
    /// APP: index before the first of `entries`. APP_RESP: last index that matches, or if
    /// rejecting, the `index` of the rejected APP. VOTE: last index. READ_INDEX_RESP: the read
    /// index.
    Index index = 0;
    Index commit =
        0; //!< APP: the leader's; HEARTBEAT: as much of it as the follower is known to hold
    Index rejectHint = 0; //!< rejecting APP_RESP: where the leader should look next
    Context context = 0;
    std::vector<Entry> entries; //!< APP; in PROP with term and index 0
    /// SNAP; the sender's owner may put a newer one in its place (etcdserver/snapshot_merge.go).
    SnapshotPtr snapshot;
};

enum class Role : std::uint8_t
{
    FOLLOWER,
    PRE_CANDIDATE,
    CANDIDATE,
    LEADER
};

/// What must survive a crash (Raft paper, Figure 2, plus the commit index as etcd stores it).
struct HardState
{
    Term term = 0;
    NodeId vote = NO_NODE; //!< who got this member's vote in `term`
    Index commit = 0;

    bool operator==(const HardState&) const = default;
};

/// What the owner may want to know, and need not store.
struct SoftState
{
    NodeId leader = NO_NODE;
    Role role = Role::FOLLOWER;

    bool operator==(const SoftState&) const = default;
};

/// A read-index request of this member that the leader has confirmed: serve the read once applied
/// >= index.
struct ReadState
{
    Context context = 0;
    Index index = 0;

    bool operator==(const ReadState&) const = default;
};

/**
 * A batch of work for the owner of a Raft (etcd raft/node.go:Ready), in this order:
 *
 * 1. pass `readStates` on; hand `committedEntries` to the apply queue, unless `applyAfterSync`;
 * 2. send `messages`;
 * 3. write `snapshot`, which replaces all that is stored of the log, then `entries`, then
 *    `hardState`, in one write; sync it if `mustSync`, else do not;
 * 4. replace the state machine by `snapshot`; hand `committedEntries` on if `applyAfterSync`; send
 *    `messagesAfterSync`; call Raft::Advance.
 *
 * Raft::ApplyConfChange has to be called for each CONF_CHANGE among `committedEntries`, in their
 * order, before `messagesAfterSync` leave and before Raft::Advance (etcdserver/raft.go: waitApply).
 *
 * A leader's messages leave before its own sync and so run in parallel with it (dissertation,
 * 10.2.1). What a follower or candidate says promises that something is stored: it leaves after the
 * sync. One of the two vectors is always empty: the role at TakeReady decides, as in
 * etcdserver/raft.go:start.
 */
struct Ready
{
    std::optional<SoftState> softState; //!< if changed since the last Ready
    std::optional<HardState> hardState; //!< if changed since the last Ready
    SnapshotPtr snapshot;               //!< from the leader, if one has come; null if none
    std::vector<Entry> entries; //!< to persist; an index seen before replaces it and all after it
    std::vector<Entry>
        committedEntries;          //!< to apply; at most 1 MiB (EntrySize), at least one entry
    std::vector<Message> messages; //!< may leave at once
    std::vector<Message> messagesAfterSync; //!< only after step 3
    std::vector<ReadState> readStates;
    bool mustSync =
        false; //!< entries, a snapshot, a new term or vote; a new commit index alone need not be
    /// committedEntries reach into entries (etcdserver/raft.go:shouldWaitWALSync), or follow a
    /// snapshot, which the state machine loads from the disk (etcdserver/server.go:applySnapshot).
    bool applyAfterSync = false;
};

/// What became of a proposal.
enum class ProposeResult
{
    ACCEPTED,  //!< this member leads and has appended it
    FORWARDED, //!< sent to the leader; nobody will tell if it gets lost
    /// No leader is known (candidates included): etcd's node.Propose blocks until one is.
    NO_LEADER,
    DROPPED //!< this member is about to hand over leadership (ErrProposalDropped)
};

/// Thrown when something happens that Raft rules out. Never caught inside the model.
class InvariantViolation : public std::logic_error
{
  public:
    using std::logic_error::logic_error;
};

/// "APP", "LEADER", ... for traces and tests.
const char* Name(MessageType type);
const char* Name(Role role);
const char* Name(ProposeResult result);

/// `1->2 APP term 2 log 1/3 commit 3 [2/4 foo]`: every field that is not zero, entries as
/// term/index.
std::string Describe(const Message& message);

/// `2/4 foo`: term/index and what the payload says, "empty" without one.
std::string Describe(const Entry& entry);

/// `1 2 3 learners 4`
std::string Describe(const ConfState& conf);

/// `snapshot 2/4 of 1 2 3`: term/index and the members.
std::string Describe(const Snapshot& snapshot);

} // namespace etcdlab::raft
