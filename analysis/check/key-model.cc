#include "analysis/check/key-model.h"

#include <algorithm>
#include <tuple>

namespace etcdlab::check
{

KeyModel::KeyModel(const std::vector<Operation>& operations,
                   const std::optional<Found>& initial,
                   bool revisions)
    : m_revisions(revisions)
{
    Collect(operations, initial);
    Resolve(initial);
    Classify();
    Order();
}

void
KeyModel::Collect(const std::vector<Operation>& operations, const std::optional<Found>& initial)
{
    for (const auto& o : operations)
    {
        Item item;
        item.operation = o;
        item.answered = o.outcome == Outcome::OK;
        item.changes = Changed(o) || (o.kind == Kind::DELETE && o.deleted < 0);
        m_items.push_back(std::move(item));
        if (IsTxn(o.kind) && o.compare > 0)
        {
            m_compared.insert(o.compare);
        }
        if (m_items.back().answered && m_items.back().changes)
        {
            m_owned.insert(o.header);
        }
        for (const auto& found : o.found)
        {
            m_seen[found.modRevision].insert(found.value);
            m_versions |= found.version > 0;
        }
    }
    m_start.floor = m_revisions ? 1 : 0;
    if (initial)
    {
        m_start = {initial->modRevision,
                   initial->value,
                   initial->version,
                   m_revisions ? initial->modRevision : 0};
        m_owned.insert(initial->modRevision);
    }
    m_start.version = m_versions ? m_start.version : 0;
}

/// Give unanswered puts the revision at which they were seen, if nobody else can have written that.
void
KeyModel::Resolve(const std::optional<Found>& initial)
{
    std::map<std::uint64_t, int> writers;
    if (initial)
    {
        ++writers[initial->value];
    }
    for (const auto& item : m_items)
    {
        if (Puts(item.operation.kind) && (!item.answered || item.changes))
        {
            ++writers[item.operation.value];
        }
    }
    std::map<std::uint64_t, std::vector<Revision>> seen;
    for (const auto& [revision, values] : m_seen)
    {
        for (const auto value : values)
        {
            seen[value].push_back(revision);
        }
    }
    for (auto& item : m_items)
    {
        auto& o = item.operation;
        if (item.answered || !Puts(o.kind) || o.header > 0 || seen.count(o.value) == 0)
        {
            continue;
        }
        item.revisions = seen[o.value];
        if (writers[o.value] == 1 && item.revisions.size() == 1)
        {
            item.answered = true;
            item.changes = true;
            o.succeeded = true;
            o.header = item.revisions.front();
        }
    }
}

void
KeyModel::Classify()
{
    std::stable_sort(m_items.begin(), m_items.end(), [](const Item& a, const Item& b) {
        return std::make_tuple(a.answered, a.operation.call) <
               std::make_tuple(b.answered, b.operation.call);
    });
    std::map<std::tuple<Kind, Revision, std::uint64_t, bool, Revision>, std::size_t> numbers;
    for (std::size_t i = 0; i < m_items.size() && !m_items[i].answered; ++i)
    {
        auto& item = m_items[i];
        auto& o = item.operation;
        const bool seen = !item.revisions.empty() || o.header > 0;
        if (!seen)
        {
            o.value = 0; // nobody can tell it from others
        }
        const auto key =
            std::make_tuple(o.kind, IsTxn(o.kind) ? o.compare : 0, o.value, seen, o.header);
        item.likeness = numbers.emplace(key, numbers.size()).first->second;
        m_likenesses.resize(numbers.size());
        m_likenesses[item.likeness].push_back(i);
        for (const auto compared : m_compared)
        {
            if (Puts(o.kind) && o.header == 0 && m_seen.count(compared) == 0 &&
                m_owned.count(compared) == 0)
            {
                item.revisions.push_back(compared);
            }
        }
        ++m_unanswered;
    }
}

void
KeyModel::Order()
{
    for (auto i = m_unanswered; i < m_items.size(); ++i)
    {
        m_byRevision.push_back(i);
    }
    const auto place = [&](std::size_t i) {
        return 2 * m_items[i].operation.header + (m_items[i].changes ? 0 : 1);
    };
    std::stable_sort(m_byRevision.begin(), m_byRevision.end(), [&](std::size_t a, std::size_t b) {
        return place(a) < place(b);
    });
    std::size_t rank = 0;
    for (std::size_t i = 0; i < m_byRevision.size(); ++i)
    {
        rank += i > 0 && place(m_byRevision[i - 1]) < place(m_byRevision[i]) ? 1 : 0;
        auto& item = m_items[m_byRevision[i]];
        item.position = i;
        item.rank = m_revisions ? rank : 0;
    }
}

/// The store has reached `revision` (by this operation, if it is its own).
bool
KeyModel::Raise(State& state, Revision revision, bool own) const
{
    if (!m_revisions)
    {
        return true;
    }
    const bool possible = own ? revision > state.floor : revision >= state.floor;
    state.floor = revision;
    return possible;
}

bool
KeyModel::Read(State& state, const Operation& o) const
{
    const bool absent = o.found.empty();
    if (!Raise(state, o.header, false) || absent != (state.mod == 0))
    {
        return false;
    }
    const auto found = absent ? Found{} : o.found.front();
    return absent || (found.modRevision == state.mod && found.value == state.value &&
                      (found.version == 0 || found.version == state.version));
}

bool
KeyModel::Write(State& state, const Operation& o, Revision revision) const
{
    const auto version = m_versions ? state.version + 1 : 0;
    const bool possible = Raise(state, revision, true);
    state =
        Puts(o.kind) ? State{revision, o.value, version, state.floor} : State{0, 0, 0, state.floor};
    return possible;
}

/// The smallest revision that the store has not reached and that is nobody else's.
Revision
KeyModel::Free(Revision floor, bool put) const
{
    const auto taken = [&](Revision revision) {
        return m_seen.count(revision) > 0 || m_owned.count(revision) > 0 ||
               (put && m_compared.count(revision) > 0);
    };
    auto revision = floor + 1;
    while (taken(revision))
    {
        ++revision;
    }
    return revision;
}

/// What the item makes of the state; nothing if that cannot be, or, unanswered, has no effect.
std::optional<State>
KeyModel::Next(const State& state, const Item& item, std::size_t choice) const
{
    const auto& o = item.operation;
    auto after = state;
    if (!item.answered)
    {
        const bool happens = Puts(o.kind) || state.mod != 0;
        const bool holds = !IsTxn(o.kind) || o.compare == state.mod;
        const auto revision = o.header > 0                     ? o.header
                              : choice < item.revisions.size() ? item.revisions[choice]
                                                               : Free(state.floor, Puts(o.kind));
        const bool possible = happens && holds && Write(after, o, revision);
        return possible ? std::make_optional(after) : std::nullopt;
    }
    bool possible = false;
    if (o.kind == Kind::READ)
    {
        possible = Read(after, o);
    }
    else if (IsTxn(o.kind) && !o.succeeded)
    {
        possible = o.compare != state.mod &&
                   (o.readInstead ? Read(after, o) : Raise(after, o.header, false));
    }
    else if (!item.changes)
    {
        // Nothing to delete.
        possible = state.mod == 0 && Raise(after, o.header, false);
    }
    else
    {
        const bool holds = !IsTxn(o.kind) || o.compare == state.mod;
        const bool there = o.kind != Kind::DELETE || o.deleted < 0 || state.mod != 0;
        possible = holds && there && Write(after, o, o.header);
    }
    return possible ? std::make_optional(after) : std::nullopt;
}

} // namespace etcdlab::check
