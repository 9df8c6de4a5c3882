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
    for (Index index = 1; index <= log.LastIndex(); ++index)
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
    At(node).leads = true;
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
    const auto& [commitTerm, commit] = *std::prev(later);
    if (!log.Matches(commit.index, commit.term))
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
    Place& place = PlaceAt(entry.index);
    if (place.applied == 0)
    {
        place.applied = entry.term;
        place.appliedBy = node;
    }
    else if (place.applied != entry.term)
    {
        Fail("State machine safety",
             "5.4.3",
             "node ",
             node,
             " applies ",
             EntryName(entry.index, entry.term),
             ", node ",
             place.appliedBy,
             " applied one of term ",
             place.applied);
    }
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

} // namespace etcdlab::raft
