// One member's share of the consensus: a state machine without clock, network or disk.
#pragma once

#include "model/raft/log.h"
#include "model/raft/observer.h"
#include "model/raft/progress.h"
#include "model/raft/read-index.h"
#include "model/raft/types.h"

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace etcdlab::raft
{

/// What a Raft is made from. The defaults are etcd 3.4.23's (raft.Config as etcdserver/raft.go
/// fills it in).
struct Config
{
    NodeId id = NO_NODE; //!< not NO_NODE; one of the members, unless `joining`
    /// The members as of `applied` (of 0, in a new cluster), at most 64 in all, at least one voter.
    /// If both lists are empty, those of `snapshot`.
    std::vector<NodeId> voters;
    std::vector<NodeId> learners; //!< members that receive the log, and neither vote nor count
    /// Not a member yet: it becomes one by an entry or a snapshot, and does not campaign before.
    bool joining = false;
    int electionTicks = 10; //!< base election timeout; greater than heartbeatTicks
    int heartbeatTicks = 1;
    bool checkQuorum = true;
    bool preVote = false; //!< 3.4: off; 3.5: on
    /// 3.5: rejections carry the term at the hint, so that a divergent log is repaired in one probe
    /// per term; 3.4 goes back index by index.
    bool termAwareReject = false;
    Accounting accounting = Accounting::ETCD;
    std::uint64_t maxBytesPerMessage = 1 << 20; //!< entries per APP (EntrySize); one always fits
    std::uint64_t maxCommittedBytesPerReady = 1 << 20; //!< likewise for Ready::committedEntries
    std::size_t maxInflight = 512; //!< APPs with entries on their way to one follower
    std::function<int(int)>
        random; //!< uniform in [0, n); called once per reset with n = electionTicks
    Observer* observer = nullptr; //!< not owned; told about every change, see observer.h
    /// The owner's newest snapshot, for a follower that lacks what has been compacted away; null
    /// while there is none to give (storage.go:ErrSnapshotTemporarilyUnavailable).
    std::function<SnapshotPtr()> currentSnapshot;

    /// What the disk held, for a restart: empty for a new cluster.
    HardState hardState;
    /// The newest that covers no more than is committed (wal.go:ValidSnapshotEntries); may be null.
    SnapshotPtr snapshot;
    std::vector<Entry> log; //!< what follows the snapshot; from index 1 without one
    /// What the state machine holds already, at least what the snapshot covers; entries after it are
    /// handed out again.
    Index applied = 0;
};

/// A leader's view of one follower, copied out for tests and traces.
struct ProgressView
{
    NodeId id;
    ProgressState state;
    Index match;
    Index next;
    std::size_t inflight;
    bool paused;
    bool recentActive;
    bool learner;
    Index pendingSnapshot; //!< 0 if none is on its way
};

/**
 * Raft as etcd implements it (raft/raft.go of 3.4.23 and 3.5), a pure state machine.
 *
 * The owner calls Tick, Step, Propose, ... in any order, and whenever HasReady() it may take one
 * Ready, do what it says (see Ready) and call Advance(). While that Ready is being worked on,
 * further calls are welcome; their effects wait for the next one. That is how many proposals come
 * to share one sync.
 *
 * Messages may be lost, doubled, delayed and reordered.
 *
 * Left to the owner, since it is the server's and not Raft's: sending only the last APP_RESP of a
 * Ready (DropSupersededResponses in ready.h), retrying reads, holding back proposals while there is
 * no leader.
 *
 * Everything is deterministic given Config::random.
 */
class Raft
{
  public:
    /// @throws std::invalid_argument if the configuration makes no sense.
    explicit Raft(Config config);

    Raft(const Raft&) = delete;
    Raft& operator=(const Raft&) = delete;

    // --- What happens to a member ---

    /// One tick (100 ms in etcd) has passed.
    void Tick();

    /// etcd's initial-election-tick-advance (etcdserver/raft.go:advanceTicks): `ticks` ticks at
    /// once.
    void AdvanceTicks(int ticks);

    /// A message has arrived. A response from a stranger is ignored; a stranger's request is not,
    /// since this member may not have learned yet who belongs to the cluster (paper, section 6;
    /// node.go:run). A PROP while no leader is known is dropped (etcd never steps it then: rafthttp
    /// keeps it waiting until there is a leader).
    void Step(Message message);

    /// A client of this member wants `payload` in the log; `bytes`: see Entry::bytes.
    ProposeResult Propose(std::uint32_t bytes, PayloadPtr payload);

    /**
     * A client of this member wants the members changed. A leader that has an earlier change in its
     * log and has not applied it, or may have, appends an empty entry instead; nobody is told
     * (raft.go:stepLeader, pendingConfIndex).
     * @param bytes see Entry::bytes
     */
    ProposeResult ProposeConfChange(std::uint32_t bytes, ConfChangePtr change);

    /**
     * The owner applies a CONF_CHANGE entry: the members are others from now on. To be called once
     * for each such entry handed out, see Ready; with NO_NODE as the node if the owner refuses it.
     *
     * A leader that removes itself goes on leading the others, without counting itself and without
     * taking proposals, until its owner stops it, which should be soon: with one voter left it would
     * answer reads that this voter knows nothing of (raft.go:switchToConfig, stepLeader).
     *
     * etcd's leader does not wait for the state machine before it advances; if that lags behind two
     * changes, their majorities need not overlap. Hence the rule in Ready.
     *
     * @return the members, for the owner's snapshots
     * @throws std::invalid_argument if no voter would be left, or more than 64 members be there.
     */
    ConfState ApplyConfChange(const ConfChange& change);

    /// The entries up to `index` are in a snapshot that Config::currentSnapshot or a restart would
    /// give, and need not be kept (storage.go:Compact). etcd keeps 5000 for slow followers.
    /// @throws std::invalid_argument if not all of them have been applied and advanced over.
    void Compact(Index index);

    /// A client of this member wants a linearizable read. The answer comes as a ReadState with the
    /// same context; it never comes if the request or its answer is lost or no leader is known: ask
    /// again.
    /// @param context unique in the cluster and not 0.
    void ReadIndex(Context context);

    /// Stand for election now (MsgHup). Nothing happens at a leader.
    void Campaign();

    /// Ask the leader (this member or another) to hand over to `transferee`.
    void TransferLeadership(NodeId transferee);

    /// The transport lost messages to `peer`, or could not send them (MsgUnreachable).
    void ReportUnreachable(NodeId peer);

    /// The transport has sent the last SNAP to `peer`, or has failed to (MsgSnapStatus). It must say
    /// so for each: a leader sends nothing else to that member before.
    void ReportSnapshot(NodeId peer, bool ok);

    // --- What a member has to do (ready.cc) ---

    /// True if there is work and the previous Ready, if any, has been answered by Advance.
    bool HasReady() const;

    /// @throws std::logic_error if a Ready is outstanding.
    Ready TakeReady();

    /// Steps 1 to 4 of the Ready taken last are done. (Applying may go on: `applied` here means
    /// handed to the apply queue, as in etcd.) @throws std::logic_error if no Ready is outstanding.
    void Advance();

    // --- What can be seen ---

    NodeId GetId() const
    {
        return m_config.id;
    }

    Role GetRole() const
    {
        return m_role;
    }

    bool IsLeader() const
    {
        return m_role == Role::LEADER;
    }

    /// Who leads as far as this member knows, NO_NODE if it does not.
    NodeId GetLeader() const
    {
        return m_leader;
    }

    Term GetTerm() const
    {
        return m_term;
    }

    NodeId GetVote() const
    {
        return m_vote;
    }

    HardState GetHardState() const
    {
        return {m_term, m_vote, m_log.GetCommitted()};
    }

    Index GetCommitIndex() const
    {
        return m_log.GetCommitted();
    }

    /// Up to where entries have been handed out and Advance was called.
    Index GetAppliedIndex() const
    {
        return m_log.GetApplied();
    }

    Index GetLastIndex() const
    {
        return m_log.LastIndex();
    }

    /// The members, as far as the owner has applied changes.
    const ConfState& GetConfState() const
    {
        return m_conf;
    }

    const Log& GetLog() const
    {
        return m_log;
    }

    /// To whom leadership is being transferred; NO_NODE if to nobody.
    NodeId GetTransferee() const
    {
        return m_transferee;
    }

    /// Ticks since the election timer was last reset.
    int GetElectionElapsed() const
    {
        return m_electionElapsed;
    }

    /// The present draw from [electionTicks, 2 electionTicks).
    int GetRandomizedElectionTimeout() const
    {
        return m_randomizedElectionTimeout;
    }

    /// Only meaningful at a leader. @throws std::invalid_argument if `id` is no member.
    ProgressView GetProgress(NodeId id) const;

  private:
    enum class Campaigning
    {
        PRE_ELECTION,
        ELECTION,
        TRANSFER
    };

    // raft.cc: terms and dispatch
    bool AdmitTerm(const Message& message);
    bool AdmitHigherTerm(const Message& message);
    void AnswerLowerTerm(const Message& message);
    void StepFollower(Message& message);
    void StepCandidate(Message& message);
    void StepLeader(Message& message);
    void Reset(Term term);
    void SetTermAndVote(Term term, NodeId vote);
    void BecomeFollower(Term term, NodeId leader);
    void Send(Message message);
    std::size_t Position(NodeId id) const;

    // membership.cc: who belongs, and snapshots
    std::size_t Quorum() const;
    bool IsPromotable() const;
    bool HasConfChangeToApply() const;
    void SwitchTo(ConfState conf);
    void LeadNewMembers();
    bool AdmitConfChange(Index index);
    bool MaybeSendSnapshot(std::size_t position);
    void HandleSnapshot(const Message& message);
    bool Restore(const SnapshotPtr& snapshot);

    // election.cc: campaigns, votes, the leader's self-check, transfer
    void TickElection();
    void TickHeartbeat();
    void Campaign(Campaigning kind);
    void BecomePreCandidate();
    void BecomeCandidate();
    void BecomeLeader();
    void RequestVotes(Campaigning kind, Term term);
    void HandleVoteRequest(const Message& message);
    void HandleVoteResponse(const Message& message);
    void CheckQuorumActive();
    void HandleTransferRequest(const Message& message, std::size_t transferee);
    void SendTimeoutNow(NodeId to);
    void ClearBallots();

    // replication.cc: from proposal to commit
    ProposeResult Propose(Entry entry);
    bool LeaderPropose(std::span<Entry> entries, std::size_t from);
    void AppendEntries(std::span<Entry> entries);
    bool MaybeCommit();
    void BroadcastAppend();
    void SendAppend(std::size_t position);
    bool MaybeSendAppend(std::size_t position, bool sendIfEmpty);
    void BroadcastHeartbeat();
    void BroadcastHeartbeat(Context context);
    void HandleAppend(Message& message);
    void HandleHeartbeat(const Message& message);
    void HandleAppendResponse(const Message& message, std::size_t position);
    void HandleHeartbeatResponse(const Message& message, std::size_t position);

    // read-index.cc: linearizable reads
    void LeaderReadIndex(const Message& message);
    void ServeRead(const Message& message);
    void RespondToRead(const PendingRead& read, Index index);
    bool AcknowledgeRead(std::size_t position, Context context);
    void ReleasePostponedReads();
    bool CommittedInCurrentTerm() const;

    static constexpr std::size_t NO_POSITION = ~std::size_t{0};

    /// What a campaign has been answered.
    enum class Ballot : std::uint8_t
    {
        OPEN,
        GRANTED,
        REFUSED
    };

    /// One of the cluster, as this one sees it.
    struct Member
    {
        NodeId id;
        bool learner;
        Ballot ballot;     //!< meaningful at a candidate
        Progress progress; //!< meaningful at a leader
    };

    Config m_config;
    Log m_log;
    ConfState m_conf;
    std::vector<Member> m_members;    //!< all in m_conf, by id
    std::size_t m_self = NO_POSITION; //!< own place in m_members, NO_POSITION if it is no member
    std::uint64_t m_voterBits = 0;    //!< bit p: the member at place p is a voter
    std::deque<Index> m_confChanges;  //!< handed out and not yet applied by the owner
    Index m_restoredIndex = 0;        //!< of the last snapshot that has replaced the log

    Term m_term = 0;
    NodeId m_vote = NO_NODE;
    NodeId m_leader = NO_NODE;
    Role m_role = Role::FOLLOWER;
    int m_electionElapsed = 0;
    int m_heartbeatElapsed = 0;
    int m_randomizedElectionTimeout = 0;

    NodeId m_transferee = NO_NODE; //!< leader
    Index m_pendingConfIndex = 0;  //!< leader: no CONF_CHANGE is in the log after this one
    ReadIndexQueue m_reads;        //!< leader: reads that wait for a quorum
    std::vector<Message>
        m_postponedReads; //!< leader: reads that wait for the first commit of the term

    std::vector<Message> m_outbox;
    std::vector<ReadState> m_readStates;

    // What the last Ready said (ready.cc).
    SoftState m_lastSoftState;
    HardState m_lastHardState;
    bool m_readyOutstanding = false;
    Index m_handedOutIndex =
        0; //!< last entry to persist of the outstanding Ready, 0 if it had none
    Term m_handedOutTerm = 0;
    Index m_handedOutSnapshot = 0; //!< its snapshot, 0 if it had none
    Index m_applyingIndex = 0; //!< last entry to apply of the outstanding Ready, 0 if it had none
};

} // namespace etcdlab::raft
