#include "analysis/check/key-search.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_set>

namespace etcdlab::check
{

namespace
{

constexpr std::size_t NONE = std::numeric_limits<std::size_t>::max();

/// The key, and the least revision the store can have.
struct State
{
    Revision mod = 0; //!< 0: absent
    std::uint64_t value = 0;
    std::int64_t version = 0;
    Revision floor = 0; //!< stays 0 if revisions do not order
    bool operator==(const State&) const = default;
};

bool
Puts(const Operation& o)
{
    return o.kind == Kind::PUT || o.kind == Kind::TXN_PUT;
}

bool
IsTxn(const Operation& o)
{
    return o.kind == Kind::TXN_PUT || o.kind == Kind::TXN_DELETE;
}

/// An operation as the search sees it.
struct Item
{
    Operation operation;
    bool answered = false;           //!< or as good as: it has happened, at revision `header`
    bool changes = false;            //!< answered: owns its revision
    std::size_t likeness = NONE;     //!< unanswered: number of the class of those alike
    std::vector<Revision> revisions; //!< unanswered puts: those that it may have had
    std::size_t position = 0;        //!< answered: in m_byRevision
    std::size_t rank = 0;            //!< answered: likewise, but the same where the order is open
};

/// A call or an end in the list.
struct Event
{
    std::size_t item = NONE;
    bool call = true;
    std::size_t previous = NONE;
    std::size_t next = NONE;
};

/// Where the search goes on when a choice turns out wrong.
struct Cursor
{
    bool unanswered = false; //!< answered ones are tried first
    std::size_t event = NONE;
    std::size_t choice = 0; //!< of Item::revisions; the one past them stands for a free one
};

struct Frame
{
    State before;
    Cursor cursor;
};

class KeySearch
{
  public:
    KeySearch(const std::vector<Operation>& operations,
              const std::optional<Found>& initial,
              const SearchOptions& options)
        : m_options(options)
    {
        Collect(operations, initial);
        Resolve(initial);
        Classify();
        Order();
        Link();
    }

    SearchResult Run();

  private:
    void Collect(const std::vector<Operation>& operations, const std::optional<Found>& initial);
    void Resolve(const std::optional<Found>& initial);
    void Classify();
    void Order();
    void Link();

    std::optional<State> Next(const State& state, const Item& item, std::size_t choice) const;
    bool Read(State& state, const Operation& o) const;
    bool Write(State& state, const Operation& o, Revision revision) const;
    bool Raise(State& state, Revision revision, bool own) const;
    Revision Free(Revision floor, bool put) const;

    bool Advance(Cursor& cursor, State& after);
    bool AdvanceThrough(Cursor& cursor, State& after);
    bool MayTake(const Item& item) const;
    bool Remember(std::size_t taken, const State& after);
    std::string Fingerprint(std::size_t taken, const State& after) const;
    void Lift(std::size_t event);
    void Return(std::size_t event);

    SearchOptions m_options;
    std::vector<Item> m_items; //!< unanswered ones first, each part in the order of the calls
    std::size_t m_unanswered = 0;
    std::vector<Event> m_events;      //!< m_events[0] is the head
    std::vector<std::size_t> m_endOf; //!< of items; NONE if it has none
    State m_state;

    std::map<Revision, std::set<std::uint64_t>> m_seen; //!< what reads found: values by revision
    std::set<Revision> m_owned;                         //!< by answered writes
    std::set<Revision> m_compared;                      //!< by any transaction
    bool m_versions = false;                            //!< a read told one

    std::vector<bool> m_taken;
    std::size_t m_left = 0;                             //!< answered ones not taken
    std::vector<std::size_t> m_byRevision;              //!< answered items
    std::size_t m_nextByRevision = 0;                   //!< those before are taken
    std::vector<std::vector<std::size_t>> m_likenesses; //!< items, by call
    std::vector<std::size_t> m_used;                    //!< of each likeness
    std::unordered_set<std::string> m_met;
    std::uint64_t m_steps = 0;
};

void
KeySearch::Collect(const std::vector<Operation>& operations, const std::optional<Found>& initial)
{
    for (const auto& o : operations)
    {
        Item item;
        item.operation = o;
        item.answered = o.outcome == Outcome::OK;
        item.changes = Changed(o) || (o.kind == Kind::DELETE && o.deleted < 0);
        m_items.push_back(std::move(item));
        if (IsTxn(o) && o.compare > 0)
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
    m_state.floor = m_options.revisions ? 1 : 0;
    if (initial)
    {
        m_state = {initial->modRevision,
                   initial->value,
                   initial->version,
                   m_options.revisions ? initial->modRevision : 0};
        m_owned.insert(initial->modRevision);
    }
    m_state.version = m_versions ? m_state.version : 0;
}

/// Give unanswered puts the revision at which they were seen, if nobody else can have written that.
void
KeySearch::Resolve(const std::optional<Found>& initial)
{
    std::map<std::uint64_t, int> writers;
    if (initial)
    {
        ++writers[initial->value];
    }
    for (const auto& item : m_items)
    {
        if (Puts(item.operation) && (!item.answered || item.changes))
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
        if (item.answered || !Puts(o) || o.header > 0 || seen.count(o.value) == 0)
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
KeySearch::Classify()
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
        const auto key = std::make_tuple(o.kind, IsTxn(o) ? o.compare : 0, o.value, seen, o.header);
        item.likeness = numbers.emplace(key, numbers.size()).first->second;
        m_likenesses.resize(numbers.size());
        m_likenesses[item.likeness].push_back(i);
        for (const auto compared : m_compared)
        {
            if (Puts(o) && o.header == 0 && m_seen.count(compared) == 0 &&
                m_owned.count(compared) == 0)
            {
                item.revisions.push_back(compared);
            }
        }
        ++m_unanswered;
    }
    m_used.assign(m_likenesses.size(), 0);
    m_taken.assign(m_items.size(), false);
    m_left = m_items.size() - m_unanswered;
}

void
KeySearch::Order()
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
        item.rank = m_options.revisions ? rank : 0;
    }
}

void
KeySearch::Link()
{
    // In one instant: ends, then calls, then ends of operations without duration (see Precedes).
    using Key = std::tuple<Duration, int, std::size_t>;
    std::vector<Key> order;
    for (std::size_t i = 0; i < m_items.size(); ++i)
    {
        const auto& o = m_items[i].operation;
        order.emplace_back(o.call, 1, i);
        if (o.outcome == Outcome::OK)
        {
            order.emplace_back(o.end, o.end > o.call ? 0 : 2, i);
        }
    }
    std::sort(order.begin(), order.end());
    m_events.resize(1);
    m_endOf.assign(m_items.size(), NONE);
    for (const auto& [time, type, item] : order)
    {
        const auto number = m_events.size();
        if (type != 1)
        {
            m_endOf[item] = number;
        }
        m_events.back().next = number;
        m_events.push_back({item, type == 1, number - 1, NONE});
    }
}

/// The store has reached `revision` (by this operation, if it is its own).
bool
KeySearch::Raise(State& state, Revision revision, bool own) const
{
    if (!m_options.revisions)
    {
        return true;
    }
    const bool possible = own ? revision > state.floor : revision >= state.floor;
    state.floor = revision;
    return possible;
}

bool
KeySearch::Read(State& state, const Operation& o) const
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
KeySearch::Write(State& state, const Operation& o, Revision revision) const
{
    const auto version = m_versions ? state.version + 1 : 0;
    const bool possible = Raise(state, revision, true);
    state = Puts(o) ? State{revision, o.value, version, state.floor} : State{0, 0, 0, state.floor};
    return possible;
}

/// The smallest revision that the store has not reached and that is nobody else's.
Revision
KeySearch::Free(Revision floor, bool put) const
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
KeySearch::Next(const State& state, const Item& item, std::size_t choice) const
{
    const auto& o = item.operation;
    auto after = state;
    if (!item.answered)
    {
        const bool happens = Puts(o) || state.mod != 0;
        const bool holds = !IsTxn(o) || o.compare == state.mod;
        const auto revision = o.header > 0                     ? o.header
                              : choice < item.revisions.size() ? item.revisions[choice]
                                                               : Free(state.floor, Puts(o));
        const bool possible = happens && holds && Write(after, o, revision);
        return possible ? std::make_optional(after) : std::nullopt;
    }
    bool possible = false;
    if (o.kind == Kind::READ)
    {
        possible = Read(after, o);
    }
    else if (IsTxn(o) && !o.succeeded)
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
        const bool holds = !IsTxn(o) || o.compare == state.mod;
        const bool there = o.kind != Kind::DELETE || o.deleted < 0 || state.mod != 0;
        possible = holds && there && Write(after, o, o.header);
    }
    return possible ? std::make_optional(after) : std::nullopt;
}

void
KeySearch::Lift(std::size_t event)
{
    const auto item = m_events[event].item;
    for (const auto e : {event, m_endOf[item]})
    {
        if (e != NONE)
        {
            m_events[m_events[e].previous].next = m_events[e].next;
            if (m_events[e].next != NONE)
            {
                m_events[m_events[e].next].previous = m_events[e].previous;
            }
        }
    }
    m_taken[item] = true;
    if (!m_items[item].answered)
    {
        ++m_used[m_items[item].likeness];
        return;
    }
    --m_left;
    while (m_nextByRevision < m_byRevision.size() && m_taken[m_byRevision[m_nextByRevision]])
    {
        ++m_nextByRevision;
    }
}

void
KeySearch::Return(std::size_t event)
{
    const auto item = m_events[event].item;
    for (const auto e : {m_endOf[item], event})
    {
        if (e != NONE)
        {
            m_events[m_events[e].previous].next = e;
            if (m_events[e].next != NONE)
            {
                m_events[m_events[e].next].previous = e;
            }
        }
    }
    m_taken[item] = false;
    if (!m_items[item].answered)
    {
        --m_used[m_items[item].likeness];
        return;
    }
    ++m_left;
    m_nextByRevision = std::min(m_nextByRevision, m_items[item].position);
}

bool
KeySearch::MayTake(const Item& item) const
{
    if (item.answered)
    {
        return item.rank == m_items[m_byRevision[m_nextByRevision]].rank;
    }
    const auto& alike = m_likenesses[item.likeness];
    const auto used = m_used[item.likeness];
    return used < alike.size() && &m_items[alike[used]] == &item;
}

/// The set of taken items, with `taken` among them, and the state. Answered items are taken nearly in
/// the order of revisions, so those after the first that is missing are few.
std::string
KeySearch::Fingerprint(std::size_t taken, const State& after) const
{
    std::string text(reinterpret_cast<const char*>(&after), sizeof after);
    const auto number = [&](std::size_t n) {
        text.append(reinterpret_cast<const char*>(&n), sizeof n);
    };
    const auto& item = m_items[taken];
    for (std::size_t i = 0; i < m_used.size(); ++i)
    {
        // What can never have an effect again makes no difference.
        const auto& first = m_items[m_likenesses[i].front()].operation;
        const bool unequal = IsTxn(first) && first.compare > 0 && first.compare != after.mod &&
                             first.compare <= after.floor;
        const bool past = first.header > 0 && first.header <= after.floor;
        const bool over = m_options.revisions && (unequal || past);
        const bool here = !item.answered && item.likeness == i;
        number(over ? 0 : m_used[i] + (here ? 1 : 0));
    }
    const auto is = [&](std::size_t position) {
        return m_taken[m_byRevision[position]] || m_byRevision[position] == taken;
    };
    auto position = m_nextByRevision;
    for (; position < m_byRevision.size() && is(position); ++position)
    {
    }
    number(position);
    auto more = m_byRevision.size() - m_left + (item.answered ? 1 : 0) - position;
    for (; more > 0; ++position)
    {
        if (is(position))
        {
            number(position);
            --more;
        }
    }
    return text;
}

bool
KeySearch::Remember(std::size_t taken, const State& after)
{
    return m_met.insert(Fingerprint(taken, after)).second;
}

/// The next possible event of one sort from the cursor on.
bool
KeySearch::AdvanceThrough(Cursor& cursor, State& after)
{
    for (; cursor.event != NONE; cursor = {cursor.unanswered, m_events[cursor.event].next, 0})
    {
        ++m_steps;
        const auto& event = m_events[cursor.event];
        if (!event.call)
        {
            return false;
        }
        const auto& item = m_items[event.item];
        if (item.answered == cursor.unanswered || !MayTake(item))
        {
            continue;
        }
        const auto& o = item.operation;
        const bool open = !item.answered && Puts(o) && o.header == 0;
        const auto choices = open ? item.revisions.size() + 1 : 1;
        for (; cursor.choice < choices; ++cursor.choice)
        {
            const auto choice = open ? cursor.choice : item.revisions.size();
            if (const auto next = Next(m_state, item, choice))
            {
                after = *next;
                ++cursor.choice;
                return true;
            }
        }
    }
    return false;
}

bool
KeySearch::Advance(Cursor& cursor, State& after)
{
    if (!cursor.unanswered)
    {
        if (AdvanceThrough(cursor, after))
        {
            return true;
        }
        cursor = {true, m_events[0].next, 0};
    }
    return AdvanceThrough(cursor, after);
}

SearchResult
KeySearch::Run()
{
    std::vector<Frame> frames;
    Cursor cursor{false, m_events[0].next, 0};
    while (m_left > 0)
    {
        State after;
        if (m_steps > m_options.maxSteps)
        {
            return {Verdict::UNKNOWN, m_steps};
        }
        if (Advance(cursor, after))
        {
            const auto event = cursor.event;
            if (Remember(m_events[event].item, after))
            {
                frames.push_back({m_state, cursor});
                Lift(event);
                m_state = after;
                cursor = {false, m_events[0].next, 0};
            }
            continue;
        }
        // Nothing is possible here: take back what was done, down to where there is a choice. What
        // left the state as it was would have been possible later too, so it was no choice.
        bool choice = false;
        while (!choice)
        {
            if (frames.empty())
            {
                return {Verdict::VIOLATION, m_steps};
            }
            const auto reached = m_state;
            m_state = frames.back().before;
            cursor = frames.back().cursor;
            frames.pop_back();
            Return(cursor.event);
            choice = cursor.unanswered || !(reached == m_state);
        }
    }
    return {Verdict::OK, m_steps};
}

} // namespace

std::optional<Operation>
ForKey(const Operation& o, const std::string& key)
{
    const bool silent = o.outcome == Outcome::FAILED || o.kind == Kind::SERIALIZABLE_READ ||
                        (o.outcome == Outcome::AMBIGUOUS && !MayChange(o));
    const bool elsewhere = o.kind == Kind::READ && (o.at > 0 || o.countOnly);
    const bool beyond = o.more && (o.found.empty() || o.found.back().key < key);
    if (silent || elsewhere || beyond || !Concerns(o, key))
    {
        return std::nullopt;
    }
    auto part = o;
    part.key = key;
    part.found.clear();
    for (const auto& found : o.outcome == Outcome::OK ? o.found : std::vector<Found>{})
    {
        if (found.key == key)
        {
            part.found.push_back(found);
        }
    }
    part.deleted = o.kind == Kind::DELETE && !o.rangeEnd.empty() && o.deleted > 0 ? -1 : o.deleted;
    part.header = o.outcome == Outcome::OK ? o.header : 0;
    part.rangeEnd.clear();
    part.more = false;
    return part;
}

SearchResult
SearchKey(const std::vector<Operation>& operations,
          const std::optional<Found>& initial,
          const SearchOptions& options)
{
    return KeySearch(operations, initial, options).Run();
}

} // namespace etcdlab::check
