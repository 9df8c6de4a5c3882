// What Raft promises, checked while it runs.
#pragma once

#include "model/raft/observer.h"
#include "model/raft/types.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace etcdlab::raft
{

/**
 * Watches all members of one cluster and throws InvariantViolation as soon as one of these is
 * broken (Raft paper, Figure 3, and what it rests on):
 *
 * - Election Safety (5.2): at most one leader per term.
 * - Leader Append-Only (5.3): a leader never removes entries of its log.
 * - Log Matching (5.3): an entry of the same index and term is the same in all logs, as is
 *   everything before it. Checked link by link: the same entry must always follow an entry of the
 *   same term.
 * - Commit rule (5.4.2): a leader commits by counting only entries of its own term.
 * - Leader Completeness (5.4): what a leader has committed is in the logs of all leaders of later
 *   terms. Not with Accounting::THESIS, which gives it up.
 * - State Machine Safety (5.4.3): no two members commit or apply different entries at the same
 *   index, and each applies them in order, none before it is committed.
 * - One vote per term (5.2); terms and commit indexes never fall, except by what a crash loses.
 * - Snapshots (7): one at index i stands for the entries up to i that all who applied them have
 *   applied, and for the members after them; nothing is compacted away before it is applied, no
 *   follower's log is replaced by a snapshot that tells less than it has committed.
 * - Members (6; dissertation, 4.1): a leader appends a change of members only when the one before it
 *   has been applied; all members that have applied the same entries agree on who belongs; none
 *   leads that is no voter by its own knowledge.
 *
 * Each event costs amortised constant time, so that every simulated run can afford it. "The same
 * entry" means the same Payload object: members pass the pointer on, and keep it across restarts.
 */
class InvariantChecker : public Observer
{
  public:
    explicit InvariantChecker(Accounting accounting = Accounting::ETCD)
        : m_accounting(accounting)
    {
    }

    void OnStart(NodeId node, const HardState& state, const Log& log) override;
    void OnTermOrVote(NodeId node, Term term, NodeId vote) override;
    void OnBecomeFollower(NodeId node, Term term, NodeId leader) override;
    void OnBecomeLeader(NodeId node, Term term, const Log& log) override;
    void OnAppend(NodeId node, const Entry& entry, Term previousTerm) override;
    void OnTruncate(NodeId node, Index first) override;
    void OnCommit(NodeId node, Index index, Term term) override;
    void OnApply(NodeId node, const Entry& entry) override;
    void OnCompact(NodeId node, Index index) override;
    void OnRestore(NodeId node, const Snapshot& snapshot) override;
    void OnApplySnapshot(NodeId node, const Snapshot& snapshot) override;
    void OnConfChange(NodeId node, const ConfState& conf) override;

    /// How many events have been looked at: a run that claims to be checked can show that it was.
    std::uint64_t GetEventCount() const
    {
        return m_events;
    }

    /// How many elections have been won.
    std::uint64_t GetElectionCount() const
    {
        return m_leaders.size();
    }

    /// The last term that the member has led; 0 if none.
    Term GetLastTermLed(NodeId node) const;

  private:
    struct Member
    {
        NodeId id = NO_NODE;
        Term term = 0;
        NodeId vote = NO_NODE;
        bool leads = false;
        Index committed = 0;
        Index applied = 0;
        Index lastConfChange = 0; //!< leader: no change of members is in its log after this
        std::deque<Index> confChanges = {}; //!< handed out, and not yet applied by the owner
        std::optional<ConfState> conf = {}; //!< if it has changed since the start
    };

    /// The first sight of an entry, which all later ones must equal.
    struct Sighting
    {
        Term term = 0; //!< 0: none yet
        Term previousTerm = 0;
        const Payload* payload = nullptr;
        std::uint32_t bytes = 0;
        NodeId node = NO_NODE; //!< who had it
    };

    /// What is known about one place in the logs.
    struct Place
    {
        Sighting entry;     //!< the first entry seen here; those of other terms are in m_others
        Term committed = 0; //!< term of the entry that somebody has committed up to, if known
        NodeId committedBy = NO_NODE;
        Term applied = 0;
        NodeId appliedBy = NO_NODE;
    };

    /// A leader, and the end of its log when it was elected.
    struct Leadership
    {
        NodeId node = NO_NODE;
        Index lastIndex = 0;
        Term lastTerm = 0;
    };

    /// An entry that a leader has committed.
    struct Commit
    {
        NodeId node = NO_NODE;
        Index index = 0;
        Term term = 0;
    };

    Member& At(NodeId node);
    Place& PlaceAt(Index index);
    Sighting& SightingOf(Index index, Term term);
    void CheckLaterLeaders(const Member& member, Index index, Term term);
    void CheckSameCommit(const Member& member, Index index, Term term);
    Term AncestorTerm(Index from, Term fromTerm, Index at);
    void CheckApplied(NodeId node, const char* verb, Index index, Term term);
    void CheckConf(NodeId node, const Snapshot& snapshot);

    Accounting m_accounting;
    std::uint64_t m_events = 0;
    std::vector<Member> m_members;
    std::vector<Place> m_places; //!< by index
    std::map<std::pair<Index, Term>, Sighting> m_others;
    std::map<Term, Leadership> m_leaders;
    std::map<Term, Commit> m_commits; //!< the last entry that the leader of each term has committed
    std::map<Index, ConfState> m_confs; //!< the members after each entry that has changed them
};

} // namespace etcdlab::raft
