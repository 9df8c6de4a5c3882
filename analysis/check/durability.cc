#include "analysis/check/durability.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace etcdlab::check
{

namespace
{

/// Changes of one revision have no order among themselves.
bool
Before(const Change& a, const Change& b)
{
    return std::tie(a.revision, a.key) < std::tie(b.revision, b.key);
}

std::string
Text(const Change& change)
{
    return (change.deletion ? "delete " + change.key
                            : "put " + change.key + " = " + std::to_string(change.value)) +
           " at revision " + std::to_string(change.revision);
}

/// How often a value was asked for on a key, by outcome.
struct Asked
{
    std::uint64_t answered = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t failed = 0;
};

class Durability
{
  public:
    Durability(const History& history,
               const std::vector<MemberStore>& stores,
               const DurabilityOptions& options)
        : m_history(history),
          m_options(options),
          m_stores(stores)
    {
        for (auto& store : m_stores)
        {
            CheckAscending(store);
            std::stable_sort(store.changes.begin(), store.changes.end(), Before);
        }
    }

    DurabilityResult Check()
    {
        CheckPrefixes();
        CheckAcknowledged();
        CheckStored();
        return std::move(m_result);
    }

  private:
    void CheckAscending(const MemberStore& store);
    void CheckPrefixes();
    void CheckAcknowledged();
    void CheckStored();
    void CheckPuts(const std::string& key, std::uint64_t value, std::uint64_t times);
    bool IsStored(const MemberStore& store, const Operation& o) const;
    const MemberStore* Longest() const;

    void Refuse(const std::string& what)
    {
        m_result.violations.push_back(what);
    }

    const History& m_history;
    DurabilityOptions m_options;
    std::vector<MemberStore> m_stores;
    std::map<std::pair<std::string, std::uint64_t>, Asked> m_asked;
    DurabilityResult m_result;
};

void
Durability::CheckAscending(const MemberStore& store)
{
    for (std::size_t i = 1; i < store.changes.size(); ++i)
    {
        if (store.changes[i].revision < store.changes[i - 1].revision)
        {
            Refuse("The store of " + store.member + " has " + Text(store.changes[i]) + " after " +
                   Text(store.changes[i - 1]));
            return;
        }
    }
}

const MemberStore*
Durability::Longest() const
{
    const auto longest = std::max_element(
        m_stores.begin(), m_stores.end(), [](const MemberStore& a, const MemberStore& b) {
            return a.changes.size() < b.changes.size();
        });
    return longest == m_stores.end() ? nullptr : &*longest;
}

void
Durability::CheckPrefixes()
{
    const auto* longest = Longest();
    for (const auto& store : m_stores)
    {
        const auto [a, b] = std::mismatch(store.changes.begin(),
                                          store.changes.end(),
                                          longest->changes.begin(),
                                          longest->changes.end());
        if (a != store.changes.end())
        {
            Refuse("The stores of " + store.member + " and " + longest->member +
                   " differ: " + Text(*a) + " in one, " + Text(*b) + " in the other");
        }
        else if (b != longest->changes.end() && b != longest->changes.begin() &&
                 b->revision == std::prev(b)->revision)
        {
            Refuse("The store of " + store.member + " has a part of revision " +
                   std::to_string(b->revision) + " only");
        }
    }
}

bool
Durability::IsStored(const MemberStore& store, const Operation& o) const
{
    const Change first{o.header, "", false, 0};
    std::int64_t deleted = 0;
    for (auto it = std::lower_bound(store.changes.begin(), store.changes.end(), first, Before);
         it != store.changes.end() && it->revision == o.header;
         ++it)
    {
        if (Puts(o.kind) && !it->deletion && it->key == o.key && it->value == o.value)
        {
            return true;
        }
        deleted += it->deletion && Concerns(o, it->key) ? 1 : 0;
    }
    const auto expected = o.kind == Kind::TXN_DELETE ? 1 : o.deleted;
    return !Puts(o.kind) && deleted == expected;
}

void
Durability::CheckAcknowledged()
{
    for (const auto& o : m_history.operations)
    {
        if (!Changed(o))
        {
            continue;
        }
        ++m_result.acknowledged;
        const auto holders =
            std::count_if(m_stores.begin(), m_stores.end(), [&](const MemberStore& store) {
                return store.votes && IsStored(store, o);
            });
        const auto all = std::count_if(
            m_stores.begin(), m_stores.end(), [](const MemberStore& store) { return store.votes; });
        if (holders * 2 <= all)
        {
            ++m_result.lost;
            const Change change{o.header, o.key, !Puts(o.kind), o.value};
            Refuse("Acknowledged, but in the stores of " + std::to_string(holders) + " of " +
                   std::to_string(all) + " members only: " + Text(change));
        }
    }
}

void
Durability::CheckStored()
{
    for (const auto& o : m_history.operations)
    {
        if (Puts(o.kind))
        {
            auto& asked = m_asked[{o.key, o.value}];
            asked.answered += Changed(o) ? 1 : 0;
            asked.unanswered += MayChange(o) ? 1 : 0;
            asked.failed += o.outcome == Outcome::FAILED ? 1 : 0;
        }
    }
    std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> stored;
    if (const auto* longest = Longest())
    {
        for (const auto& change : longest->changes)
        {
            stored[{change.key, change.value}] += change.deletion ? 0 : 1;
        }
    }
    for (const auto& found : m_history.initial)
    {
        auto& times = stored[{found.key, found.value}];
        times -= std::min<std::uint64_t>(times, 1);
    }
    for (const auto& [put, times] : stored)
    {
        if (times > 0)
        {
            CheckPuts(put.first, put.second, times);
        }
    }
}

void
Durability::CheckPuts(const std::string& key, std::uint64_t value, std::uint64_t times)
{
    const auto asked = m_asked[{key, value}];
    const auto most = asked.answered + asked.unanswered;
    const auto what = key + " = " + std::to_string(value) + " is stored " +
                      (times == 1 ? "once" : std::to_string(times) + " times") + ", but ";
    m_result.surfaced += asked.answered == 0 && asked.unanswered > 0 ? 1 : 0;
    m_result.duplicated += times - 1;
    if (m_options.everyWriteRecorded && most == 0)
    {
        Refuse(what + (asked.failed > 0 ? "the request had failed" : "nobody asked for it"));
    }
    else if (m_options.everyWriteRecorded && times > most)
    {
        Refuse(what + "asked for " + (most == 1 ? "once" : std::to_string(most) + " times") +
               " at most");
    }
    else if (!m_options.retriesAllowed && times > 1)
    {
        Refuse(what + "no client asks again");
    }
}

} // namespace

DurabilityResult
CheckDurability(const History& history,
                const std::vector<MemberStore>& stores,
                const DurabilityOptions& options)
{
    return Durability(history, stores, options).Check();
}

} // namespace etcdlab::check
