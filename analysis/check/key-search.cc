#include "analysis/check/key-search.h"

#include "analysis/check/key-model.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_set>

namespace etcdlab::check
{

namespace
{

constexpr auto NONE = Item::NONE;

/// A call or an end in the list.
struct Entry
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
        : m_options(options),
          m_model(operations, initial, options.revisions),
          m_items(m_model.Items()),
          m_byRevision(m_model.ByRevision()),
          m_likenesses(m_model.Likenesses()),
          m_state(m_model.Start()),
          m_taken(m_items.size(), false),
          m_left(m_byRevision.size()),
          m_used(m_likenesses.size(), 0)
    {
        Link();
    }

    SearchResult Run();

  private:
    void Link();

    bool Advance(Cursor& cursor, State& after);
    bool AdvanceThrough(Cursor& cursor, State& after);
    bool MayTake(const Item& item) const;
    bool Remember(std::size_t taken, const State& after);
    std::string Fingerprint(std::size_t taken, const State& after) const;
    void Lift(std::size_t event);
    void Return(std::size_t event);

    SearchOptions m_options;
    KeyModel m_model;
    const std::vector<Item>& m_items;
    const std::vector<std::size_t>& m_byRevision;
    const std::vector<std::vector<std::size_t>>& m_likenesses;
    State m_state;

    std::vector<Entry> m_events;      //!< m_events[0] is the head
    std::vector<std::size_t> m_endOf; //!< of items; NONE if it has none
    std::vector<bool> m_taken;
    std::size_t m_left;               //!< answered ones not taken
    std::vector<std::size_t> m_used;  //!< of each likeness
    std::size_t m_nextByRevision = 0; //!< those before are taken
    std::unordered_set<std::string> m_met;
    std::uint64_t m_steps = 0;
};

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
        const bool unequal = IsTxn(first.kind) && first.compare > 0 && first.compare != after.mod &&
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
        const bool open = !item.answered && Puts(o.kind) && o.header == 0;
        const auto choices = open ? item.revisions.size() + 1 : 1;
        for (; cursor.choice < choices; ++cursor.choice)
        {
            const auto choice = open ? cursor.choice : item.revisions.size();
            if (const auto next = m_model.Next(m_state, item, choice))
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

SearchResult
SearchKey(const std::vector<Operation>& operations,
          const std::optional<Found>& initial,
          const SearchOptions& options)
{
    return KeySearch(operations, initial, options).Run();
}

} // namespace etcdlab::check
