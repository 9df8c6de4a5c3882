// One key of the store, as the search steps through it.
#pragma once

#include "analysis/check/history.h"

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace etcdlab::check
{

/// The key, and the least revision the store can have.
struct State
{
    Revision mod = 0; //!< 0: absent
    std::uint64_t value = 0;
    std::int64_t version = 0;
    Revision floor = 0; //!< stays 0 if revisions do not order
    bool operator==(const State&) const = default;
};

/// An operation as the search sees it.
struct Item
{
    static constexpr auto NONE = std::numeric_limits<std::size_t>::max();

    Operation operation;
    bool answered = false;           //!< or as good as: it has happened, at revision `header`
    bool changes = false;            //!< answered: owns its revision
    std::size_t likeness = NONE;     //!< unanswered: number of the class of those alike
    std::vector<Revision> revisions; //!< unanswered puts: those that it may have had
    std::size_t position = 0;        //!< answered: in m_byRevision
    std::size_t rank = 0;            //!< answered: likewise, but the same where the order is open
};

/**
 * The operations on a key, prepared for the search, and what each makes of a state.
 *
 * What clients were not told is narrowed down to what can matter: an unanswered put has one of the
 * revisions that somebody saw with its value or compared with, or some other one that is free, of
 * which the smallest is as good as any. What alone can have written a value seen did so.
 */
class KeyModel
{
  public:
    /// As for SearchKey. @param revisions whether they order the operations
    KeyModel(const std::vector<Operation>& operations,
             const std::optional<Found>& initial,
             bool revisions);

    /// Unanswered ones first, each part in the order of the calls.
    const std::vector<Item>& Items() const
    {
        return m_items;
    }

    /// Indices of the answered items, in that order.
    const std::vector<std::size_t>& ByRevision() const
    {
        return m_byRevision;
    }

    /// Indices of the unanswered items that are alike, by call.
    const std::vector<std::vector<std::size_t>>& Likenesses() const
    {
        return m_likenesses;
    }

    const State& Start() const
    {
        return m_start;
    }

    /// What the item makes of the state; nothing if that cannot be, or, unanswered, has no effect.
    /// @param choice of Item::revisions; the one past them stands for a free one
    std::optional<State> Next(const State& state, const Item& item, std::size_t choice) const;

  private:
    void Collect(const std::vector<Operation>& operations, const std::optional<Found>& initial);
    void Resolve(const std::optional<Found>& initial);
    void Classify();
    void Order();
    bool Read(State& state, const Operation& o) const;
    bool Write(State& state, const Operation& o, Revision revision) const;
    bool Raise(State& state, Revision revision, bool own) const;
    Revision Free(Revision floor, bool put) const;

    bool m_revisions;
    std::vector<Item> m_items;
    std::size_t m_unanswered = 0;
    std::vector<std::size_t> m_byRevision;
    std::vector<std::vector<std::size_t>> m_likenesses;
    State m_start;

    std::map<Revision, std::set<std::uint64_t>> m_seen; //!< what reads found: values by revision
    std::set<Revision> m_owned;                         //!< by answered writes
    std::set<Revision> m_compared;                      //!< by any transaction
    bool m_versions = false;                            //!< a read told one
};

} // namespace etcdlab::check
