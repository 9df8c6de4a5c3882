#include "model/raft/invariants.h"

#include "model/raft/log.h"

#include <algorithm>
#include <iterator>

namespace etcdlab::raft
{

namespace
{

template <class... Parts>
[[noreturn]] void
Fail(const char* invariant, const char* section, const Parts&... parts)
{
    std::string text = std::string(invariant) + " violated (Raft paper, section " + section + "): ";
    const auto add = [&text](const auto& part) {
        if constexpr (std::is_convertible_v<decltype(part), std::string>)
        {
            text += part;
        }
        else
        {
            text += std::to_string(part);
        }
    };
    (add(parts), ...);
    throw InvariantViolation(text);
}

std::string
EntryName(Index index, Term term)
{
    return "entry " + std::to_string(index) + " of term " + std::to_string(term);
}

} // namespace

InvariantChecker::Member&
InvariantChecker::At(NodeId node)
{
    ++m_events;
    for (Member& member : m_members)
    {
        if (member.id == node)
        {
            return member;
        }
    }
    m_members.push_back({});
    m_members.back().id = node;
    return m_members.back();
}

InvariantChecker::Place&
InvariantChecker::PlaceAt(Index index)
{
    if (index >= m_places.size())
    {
        m_places.resize(index + 1);
    }
    return m_places[index];
}

InvariantChecker::Sighting&
InvariantChecker::SightingOf(Index index, Term term)
{
    Sighting& first = PlaceAt(index).entry;
    return first.term == 0 || first.term == term ? first : m_others[{index, term}];
}

void
InvariantChecker::OnStart(NodeId node, const HardState& state, const Log& log)
{
    // What had not been synced is lost, rightly: nobody has been told about it.
    At(node) = {.id = node,
                .term = state.term,
                .vote = state.vote,
                .leads = false,
                .committed = state.commit,
                .applied = log.GetApplied()};
    if (const Index before = log.FirstIndex() - 1; before > 0)
    {
        Place& place = PlaceAt(before);
        if (place.applied == 0) // a history that began before this checker did
        {
            place.applied = log.TermAt(before);
            place.appliedBy = node;
        }
        CheckApplied(node, "starts from a snapshot at", before, log.TermAt(before));
    }
    for (Index index = log.FirstIndex(); index <= log.LastIndex(); ++index)
    {
        OnAppend(node, log.At(index), log.TermAt(index - 1));
    }
}

void
InvariantChecker::OnTermOrVote(NodeId node, Term term, NodeId vote)
{
    Member& member = At(node);
    if (term < member.term)
    {
        Fail("Monotone terms",
             "5.1",
             "node ",
             node,
             " goes back from term ",
             member.term,
             " to ",
             term);
    }
    if (term == member.term && member.vote != NO_NODE && vote != member.vote)
    {
        Fail("One vote per term",
             "5.2",
             "node ",
             node,
             " has voted for node ",
             member.vote,
             " in term ",
             term,
             " and now votes for node ",
             vote);
    }
    member.term = term;
    member.vote = vote;
}

void
InvariantChecker::OnBecomeFollower(NodeId node, Term, NodeId)
{
    At(node).leads = false;
}

void
InvariantChecker::OnBecomeLeader(NodeId node, Term term, const Log& log)
{
    Member& member = At(node);
    member.leads = true;
    member.lastConfChange = log.LastIndex();
    if (member.conf && !member.conf->IsVoter(node))
    {
        Fail("Voters lead",
             "6",
             "node ",
             node,
             " becomes leader of term ",
             term,
             ", but the voters it knows are ",
             Describe(*member.conf));
    }
    const auto [leader, first] =
        m_leaders.try_emplace(term, Leadership{node, log.LastIndex(), log.LastTerm()});
    if (!first)
    {
        Fail("Election safety",
             "5.2",
             "node ",
             node,
             " becomes leader of term ",
             term,
             ", which node ",
             leader->second.node,
             " has led");
    }
    if (m_accounting == Accounting::THESIS)
    {
        return;
    }
    // The last commit of the term before: by Log Matching it stands for all earlier ones.
    const auto later = m_commits.lower_bound(term);
    if (later == m_commits.begin())
    {
        return;
    }
    // What a snapshot stands for has been checked to be what was applied.
    const auto& [commitTerm, commit] = *std::prev(later);
    if (commit.index + 1 >= log.FirstIndex() && !log.Matches(commit.index, commit.term))
    {
        Fail("Leader completeness",
             "5.4",
             "node ",
             node,
             " becomes leader of term ",
             term,
             " without ",
             EntryName(commit.index, commit.term),
             ", which node ",
             commit.node,
             " committed as leader of term ",
             commitTerm);
    }
}

void
InvariantChecker::OnAppend(NodeId node, const Entry& entry, Term previousTerm)
{
    ++m_events;
    if (entry.type == EntryType::CONF_CHANGE)
    {
        if (Member& member = At(node); member.leads)
        {
            if (member.lastConfChange > member.applied)
            {
                Fail("One change of members at a time",
                     "6",
                     "node ",
                     node,
                     " appends ",
                     EntryName(entry.index, entry.term),
                     ", but has applied up to ",
                     member.applied,
                     " only, and there may be another change at ",
                     member.lastConfChange);
            }
            member.lastConfChange = entry.index;
        }
    }
    Sighting& known = SightingOf(entry.index, entry.term);
    if (known.term == 0)
    {
        known = {entry.term, previousTerm, entry.payload.get(), entry.bytes, node};
        return;
    }
    if (known.payload != entry.payload.get() || known.bytes != entry.bytes)
    {
        Fail("Log matching",
             "5.3",
             EntryName(entry.index, entry.term),
             " of node ",
             node,
             " holds another command than that of node ",
             known.node);
    }
    if (known.previousTerm != previousTerm)
    {
        Fail("Log matching",
             "5.3",
             EntryName(entry.index, entry.term),
             " follows an entry of term ",
             previousTerm,
             " at node ",
             node,
             ", but one of term ",
             known.previousTerm,
             " at node ",
             known.node);
    }
}

void
InvariantChecker::OnTruncate(NodeId node, Index first)
{
    const Member& member = At(node);
    if (member.leads)
    {
        Fail("Leader append-only",
             "5.3",
             "node ",
             node,
             ", leader of term ",
             member.term,
             ", removes its entries from ",
             first,
             " on");
    }
    if (first <= member.committed)
    {
        Fail("State machine safety",
             "5.4.3",
             "node ",
             node,
             " removes its entries from ",
             first,
             " on, but has committed up to ",
             member.committed);
    }
}

void
InvariantChecker::OnCommit(NodeId node, Index index, Term term)
{
    Member& member = At(node);
    if (index < member.committed)
    {
        Fail("Monotone commit index",
             "5.3",
             "node ",
             node,
             " goes back from ",
             member.committed,
             " to ",
             index);
    }
    member.committed = index;
    if (member.leads)
    {
        if (term != member.term)
        {
            Fail("Commit rule",
                 "5.4.2",
                 "node ",
                 node,
                 ", leader of term ",
                 member.term,
                 ", commits by counting ",
                 EntryName(index, term));
        }
        m_commits[member.term] = {node, index, term};
        CheckLaterLeaders(member, index, term);
    }
    CheckSameCommit(member, index, term);
}

void
InvariantChecker::CheckSameCommit(const Member& member, Index index, Term term)
{
    Place& place = PlaceAt(index);
    if (place.committed == 0)
    {
        place.committed = term;
        place.committedBy = member.id;
    }
    else if (place.committed != term)
    {
        Fail("State machine safety",
             "5.4.3",
             "node ",
             member.id,
             " commits ",
             EntryName(index, term),
             ", node ",
             place.committedBy,
             " committed one of term ",
             place.committed);
    }
}

void
InvariantChecker::CheckLaterLeaders(const Member& member, Index index, Term term)
{
    if (m_accounting == Accounting::THESIS)
    {
        return;
    }
    // A leader may count its quorum late, when a later one has been elected already.
    for (auto later = m_leaders.upper_bound(member.term); later != m_leaders.end(); ++later)
    {
        const Leadership& leader = later->second;
        if (AncestorTerm(leader.lastIndex, leader.lastTerm, index) != term)
        {
            Fail("Leader completeness",
                 "5.4",
                 "node ",
                 member.id,
                 ", leader of term ",
                 member.term,
                 ", commits ",
                 EntryName(index, term),
                 ", which node ",
                 leader.node,
                 " lacked when it became leader of term ",
                 later->first);
        }
    }
}

Term
InvariantChecker::AncestorTerm(Index from, Term fromTerm, Index at)
{
    if (at > from)
    {
        return 0;
    }
    for (; from > at; --from)
    {
        fromTerm = SightingOf(from, fromTerm).previousTerm;
    }
    return fromTerm;
}

void
InvariantChecker::OnApply(NodeId node, const Entry& entry)
{
    Member& member = At(node);
    if (entry.index != member.applied + 1 || entry.index > member.committed)
    {
        Fail("State machine safety",
             "5.4.3",
             "node ",
             node,
             " applies entry ",
             entry.index,
             ", having applied up to ",
             member.applied,
             " and committed up to ",
             member.committed);
    }
    member.applied = entry.index;
    if (entry.type == EntryType::CONF_CHANGE)
    {
        member.confChanges.push_back(entry.index);
    }
    if (Place& place = PlaceAt(entry.index); place.applied == 0)
    {
        place.applied = entry.term;
        place.appliedBy = node;
    }
    CheckApplied(node, "applies", entry.index, entry.term);
    if (SightingOf(entry.index, entry.term).payload != entry.payload.get())
    {
        Fail("State machine safety",
             "5.4.3",
             "node ",
             node,
             " applies ",
             EntryName(entry.index, entry.term),
             " with another command than the logs hold");
    }
}

void
InvariantChecker::CheckApplied(NodeId node, const char* verb, Index index, Term term)
{
    const Place& place = PlaceAt(index);
    if (place.applied == 0)
    {
        Fail("State machine safety",
             "7",
             "node ",
             node,
             " ",
             verb,
             " ",
             EntryName(index, term),
             ", which nobody has applied");
    }
    if (place.applied != term)
    {
        Fail("State machine safety",
             "5.4.3",
             "node ",
             node,
             " ",
             verb,
             " ",
             EntryName(index, term),
             ", node ",
             place.appliedBy,
             " applied one of term ",
             place.applied);
    }
}

void
InvariantChecker::OnCompact(NodeId node, Index index)
{
    const Member& member = At(node);
    if (index > member.applied)
    {
        Fail("Compaction",
             "7",
             "node ",
             node,
             " forgets its entries up to ",
             index,
             ", but has applied up to ",
             member.applied,
             " only");
    }
}

void
InvariantChecker::OnRestore(NodeId node, const Snapshot& snapshot)
{
    Member& member = At(node);
    if (member.leads)
    {
        Fail("Leader append-only",
             "5.3",
             "node ",
             node,
             ", leader of term ",
             member.term,
             ", replaces its log by ",
             Describe(snapshot));
    }
    if (snapshot.index <= member.committed)
    {
        Fail("State machine safety",
             "7",
             "node ",
             node,
             " replaces its log by ",
             Describe(snapshot),
             ", but has committed up to ",
             member.committed);
    }
    CheckApplied(node, "restores a snapshot at", snapshot.index, snapshot.term);
    CheckSameCommit(member, snapshot.index, snapshot.term);
    CheckConf(node, snapshot);
    member.committed = snapshot.index;
    member.conf = snapshot.conf;
    // Changes that the owner has been handed and will not apply any more: the snapshot tells of them.
    std::erase_if(member.confChanges, [&](Index index) { return index <= snapshot.index; });
}

void
InvariantChecker::CheckConf(NodeId node, const Snapshot& snapshot)
{
    const auto later = m_confs.upper_bound(snapshot.index);
    if (later == m_confs.begin() || std::prev(later)->second == snapshot.conf)
    {
        return;
    }
    const auto& [index, conf] = *std::prev(later);
    Fail("Agreement on members",
         "7",
         "node ",
         node,
         " restores ",
         Describe(snapshot),
         ", but entry ",
         index,
         " has made the members ",
         Describe(conf));
}

void
InvariantChecker::OnApplySnapshot(NodeId node, const Snapshot& snapshot)
{
    Member& member = At(node);
    if (snapshot.index <= member.applied || snapshot.index > member.committed)
    {
        Fail("State machine safety",
             "7",
             "node ",
             node,
             " applies ",
             Describe(snapshot),
             ", having applied up to ",
             member.applied,
             " and committed up to ",
             member.committed);
    }
    CheckApplied(node, "applies a snapshot at", snapshot.index, snapshot.term);
    member.applied = snapshot.index;
}

void
InvariantChecker::OnConfChange(NodeId node, const ConfState& conf)
{
    Member& member = At(node);
    member.conf = conf;
    if (member.confChanges.empty())
    {
        Fail("One change of members at a time",
             "6",
             "node ",
             node,
             " changes the members to ",
             Describe(conf),
             " without an entry that says so");
    }
    const Index index = member.confChanges.front();
    member.confChanges.pop_front();
    const auto [first, fresh] = m_confs.try_emplace(index, conf);
    if (!fresh && first->second != conf)
    {
        Fail("Agreement on members",
             "6",
             "after entry ",
             index,
             " the members are ",
             Describe(conf),
             " at node ",
             node,
             ", but ",
             Describe(first->second),
             " elsewhere");
    }
}

Term
InvariantChecker::GetLastTermLed(NodeId node) const
{
    const auto last = std::find_if(m_leaders.rbegin(), m_leaders.rend(), [node](const auto& led) {
        return led.second.node == node;
    });
    return last == m_leaders.rend() ? 0 : last->first;
}

} // namespace etcdlab::raft
