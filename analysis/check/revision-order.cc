#include "analysis/check/revision-order.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_map>

namespace etcdlab::check
{

namespace
{

using Pointers = std::vector<const Operation*>;

/// A revision's place in the order of events: the write itself, then those who read it.
Revision
Place(const Operation& o)
{
    return 2 * o.header + (Changed(o) ? 0 : 1);
}

/// A pair (a, b) of which a was over before b began but has the greater measure; a as great as any.
template <class Measure>
std::optional<std::pair<const Operation*, const Operation*>>
FindBackwards(Pointers earlier, Pointers later, Measure measure)
{
    std::stable_sort(earlier.begin(), earlier.end(), [](const auto* a, const auto* b) {
        return std::make_tuple(a->end, a->call == a->end) <
               std::make_tuple(b->end, b->call == b->end);
    });
    std::stable_sort(
        later.begin(), later.end(), [](const auto* a, const auto* b) { return a->call < b->call; });
    const Operation* greatest = nullptr;
    auto next = earlier.begin();
    for (const auto* b : later)
    {
        for (; next != earlier.end() && Precedes(**next, *b); ++next)
        {
            if (greatest == nullptr || measure(**next) > measure(*greatest))
            {
                greatest = *next;
            }
        }
        if (greatest != nullptr && measure(*greatest) > measure(*b))
        {
            return std::make_pair(greatest, b);
        }
    }
    return std::nullopt;
}

/// What is known to have become of a key at a revision.
struct KnownChange
{
    Revision revision = 0;
    bool present = false;
    std::int64_t version = 0;           //!< 0: not known
    const Operation* source = nullptr;  //!< the write, if it was answered
    const Operation* witness = nullptr; //!< one who saw it
};

struct KeyFacts
{
    std::vector<KnownChange> changes; //!< by revision
    // The first of the unanswered writes that could have put or deleted it.
    const Operation* mayPut = nullptr;
    const Operation* mayDelete = nullptr;

    /// The last change known up to a revision; nullptr if there is none.
    const KnownChange* Last(Revision revision) const
    {
        const auto after = std::upper_bound(
            changes.begin(), changes.end(), revision, [](Revision r, const KnownChange& change) {
                return r < change.revision;
            });
        return after == changes.begin() ? nullptr : &*std::prev(after);
    }
};

class RevisionOrder
{
  public:
    explicit RevisionOrder(const History& history)
        : m_history(history)
    {
    }

    std::optional<Violation> Check()
    {
        const bool good = CheckTime() && CollectWrites() && CollectSeen() && CheckAnswers();
        return good ? std::nullopt : std::make_optional(std::move(m_violation));
    }

  private:
    /// A content seen: of one key, for ever the same.
    struct Seen
    {
        const Found* found;
        const Operation* by;
    };

    bool CheckTime();
    bool CollectWrites();
    void CollectUnanswered(const Operation& o);
    bool CollectSeen();
    bool Explain(const Operation& o, const Found& found);
    bool ExplainUnowned(const Operation& o, const Found& found);
    void CountVersions();
    bool CheckAnswers();
    bool CheckRead(const Operation& o);
    bool CheckTxn(const Operation& o);
    bool CheckDelete(const Operation& o);
    bool IsRevision(const Operation& o, const std::string& key, Revision at, Revision expected);
    bool IsAbsent(const Operation& o, const std::string& key, Revision at);
    bool IsPresent(const Operation& o, const std::string& key, Revision at);
    bool IsNot(const Operation& o, const std::string& key, Revision at, Revision other);

    bool Refuse(const std::string& what, Pointers operations);

    template <class Do>
    void ForKeys(const Operation& o, Do act)
    {
        auto it = m_facts.lower_bound(o.key);
        for (; it != m_facts.end() && Concerns(o, it->first); ++it)
        {
            act(it->first, it->second);
        }
    }

    const History& m_history;
    std::map<std::string, KeyFacts> m_facts;
    Revision m_start = 1; //!< of the store before the first operation
    std::unordered_map<Revision, const Operation*> m_owner; //!< answered writes
    std::unordered_map<Revision, const Found*> m_initial;
    std::unordered_map<Revision, Seen> m_seen;
    Violation m_violation;
};

bool
RevisionOrder::Refuse(const std::string& what, Pointers operations)
{
    m_violation.what = what;
    for (auto it = operations.begin(); it != operations.end(); ++it)
    {
        if (*it != nullptr && std::find(operations.begin(), it, *it) == it)
        {
            m_violation.operations.push_back(**it);
        }
    }
    return false;
}

std::string
Text(Revision revision)
{
    return std::to_string(revision);
}

bool
RevisionOrder::CheckTime()
{
    Pointers answered;
    Pointers linearizable;
    std::map<std::pair<std::string, std::uint32_t>, std::pair<Pointers, Pointers>> members;
    for (const auto& o : m_history.operations)
    {
        if (o.outcome != Outcome::OK)
        {
            continue;
        }
        answered.push_back(&o);
        if (o.kind != Kind::SERIALIZABLE_READ)
        {
            linearizable.push_back(&o);
        }
        if (!o.member.empty())
        {
            auto& [all, serializable] = members[{o.member, o.incarnation}];
            all.push_back(&o);
            if (o.kind == Kind::SERIALIZABLE_READ)
            {
                serializable.push_back(&o);
            }
        }
    }
    if (const auto pair = FindBackwards(answered, linearizable, Place))
    {
        const auto& [a, b] = *pair;
        return Refuse(Changed(*b)
                          ? "The write of revision " + Text(b->header) +
                                " began after an operation at revision " + Text(a->header) +
                                " was over"
                          : "An operation at revision " + Text(a->header) +
                                " was over before one at revision " + Text(b->header) + " began",
                      {a, b});
    }
    for (const auto& [member, operations] : members)
    {
        const auto header = [](const Operation& o) { return o.header; };
        if (const auto pair = FindBackwards(operations.first, operations.second, header))
        {
            return Refuse("Member " + member.first + " went back from revision " +
                              Text(pair->first->header) + " to " + Text(pair->second->header),
                          {pair->first, pair->second});
        }
    }
    return true;
}

bool
RevisionOrder::CollectWrites()
{
    for (const auto& found : m_history.initial)
    {
        m_facts[found.key].changes.push_back({found.modRevision, true, found.version});
        m_initial[found.modRevision] = &found;
        m_start = std::max(m_start, found.modRevision);
    }
    for (const auto& o : m_history.operations)
    {
        if (o.rangeEnd.empty())
        {
            m_facts[o.key];
        }
        for (const auto& found : o.found)
        {
            m_facts[found.key];
        }
    }
    for (const auto& o : m_history.operations)
    {
        CollectUnanswered(o);
        const auto least = Changed(o) ? m_start + 1 : m_start;
        if (o.outcome == Outcome::OK && o.header < least)
        {
            return Refuse("An answer has revision " + Text(o.header) +
                              " where the least possible is " + Text(least),
                          {&o});
        }
        if (!Changed(o))
        {
            continue;
        }
        const auto [owner, first] = m_owner.emplace(o.header, &o);
        if (!first)
        {
            return Refuse("Two writes have revision " + Text(o.header), {owner->second, &o});
        }
        // A deleted range leaves every key in it absent, whichever had been there.
        ForKeys(o, [&](const std::string&, KeyFacts& facts) {
            const bool present = Puts(o.kind);
            facts.changes.push_back({o.header, present, 0, &o});
        });
    }
    return true;
}

void
RevisionOrder::CollectUnanswered(const Operation& o)
{
    if (!MayChange(o))
    {
        return;
    }
    const bool puts = Puts(o.kind);
    ForKeys(o, [&](const std::string&, KeyFacts& facts) {
        auto& first = puts ? facts.mayPut : facts.mayDelete;
        first = first == nullptr || o.call < first->call ? &o : first;
    });
}

bool
RevisionOrder::CollectSeen()
{
    for (const auto& o : m_history.operations)
    {
        if (o.outcome != Outcome::OK)
        {
            continue;
        }
        for (const auto& found : o.found)
        {
            if (!Explain(o, found))
            {
                return false;
            }
        }
    }
    const auto byRevision = [](const KnownChange& a, const KnownChange& b) {
        return a.revision < b.revision;
    };
    for (auto& [key, facts] : m_facts)
    {
        std::stable_sort(facts.changes.begin(), facts.changes.end(), byRevision);
    }
    CountVersions();
    return true;
}

/// Is there a write that can have made what was found?
bool
RevisionOrder::Explain(const Operation& o, const Found& found)
{
    const auto what =
        found.key + " = " + std::to_string(found.value) + " of revision " + Text(found.modRevision);
    const auto owner = m_owner.find(found.modRevision);
    if (owner != m_owner.end())
    {
        const auto& write = *owner->second;
        const bool same = Puts(write.kind) && write.key == found.key && write.value == found.value;
        if (!same)
        {
            return Refuse("A read found " + what + ", which is another write's", {&write, &o});
        }
    }
    const auto [seen, first] = m_seen.emplace(found.modRevision, Seen{&found, &o});
    const auto& before = *seen->second.found;
    const bool versions =
        before.version == 0 || found.version == 0 || before.version == found.version;
    if (before.key != found.key || before.value != found.value || !versions)
    {
        return Refuse("Two reads differ about revision " + Text(found.modRevision),
                      {seen->second.by, &o});
    }
    if (before.version == 0)
    {
        seen->second.found = &found;
    }
    if (owner != m_owner.end())
    {
        return true;
    }
    const auto initial = m_initial.find(found.modRevision);
    if (initial != m_initial.end())
    {
        const auto& kv = *initial->second;
        return (kv.key == found.key && kv.value == found.value) ||
               Refuse("A read found " + what + ", not what was there at the start", {&o});
    }
    // Each reader for itself: one may have seen it before the only possible writer called.
    if (!ExplainUnowned(o, found))
    {
        return false;
    }
    if (first)
    {
        m_facts[found.key].changes.push_back({found.modRevision, true, found.version, nullptr, &o});
    }
    return true;
}

bool
RevisionOrder::ExplainUnowned(const Operation& o, const Found& found)
{
    if (const auto* first = m_facts[found.key].mayPut; first != nullptr && !Precedes(o, *first))
    {
        // The search looks for the very write; here it is enough that there may be one.
        return true;
    }
    const Operation* failed = nullptr;
    const Operation* later = nullptr;
    for (const auto& write : m_history.operations)
    {
        if (write.key != found.key || write.value != found.value || !Puts(write.kind))
        {
            continue;
        }
        failed = write.outcome == Outcome::FAILED ? &write : failed;
        later = write.outcome != Outcome::FAILED ? &write : later;
    }
    const auto what =
        found.key + " = " + std::to_string(found.value) + " of revision " + Text(found.modRevision);
    const auto* reason = later != nullptr    ? ", which was not written then"
                         : failed != nullptr ? ", whose write had failed"
                                             : ", which nobody wrote";
    return Refuse("A read found " + what + reason, {later != nullptr ? later : failed, &o});
}

/// Where every write of a key is known, so is how many there were since its creation.
void
RevisionOrder::CountVersions()
{
    for (auto& [key, facts] : m_facts)
    {
        if (facts.mayPut != nullptr || facts.mayDelete != nullptr)
        {
            continue;
        }
        std::int64_t version = 0;
        for (auto& change : facts.changes)
        {
            const bool given = change.source == nullptr && change.version > 0;
            version = given ? change.version : change.present ? version + 1 : 0;
            change.version = version;
        }
    }
}

bool
RevisionOrder::CheckAnswers()
{
    for (const auto& o : m_history.operations)
    {
        if (o.outcome != Outcome::OK)
        {
            continue;
        }
        const bool good = o.kind == Kind::PUT                                     ? true
                          : o.kind == Kind::DELETE                                ? CheckDelete(o)
                          : o.kind == Kind::TXN_PUT || o.kind == Kind::TXN_DELETE ? CheckTxn(o)
                                                                                  : CheckRead(o);
        if (!good)
        {
            return false;
        }
    }
    return true;
}

bool
RevisionOrder::CheckRead(const Operation& o)
{
    if (o.countOnly)
    {
        return true;
    }
    const auto at = o.at > 0 ? o.at : o.header;
    bool good = true;
    auto found = o.found.begin();
    for (auto it = m_facts.lower_bound(o.key);
         good && it != m_facts.end() && Concerns(o, it->first) &&
         !(o.more && found == o.found.end());
         ++it)
    {
        const bool here = found != o.found.end() && found->key == it->first;
        good = here ? IsRevision(o, it->first, at, found->modRevision) : IsAbsent(o, it->first, at);
        if (good && here)
        {
            const auto* change = it->second.Last(found->modRevision);
            good = found->version == 0 || change == nullptr || change->version == 0 ||
                   change->revision != found->modRevision || change->version == found->version ||
                   Refuse("A read found version " + Text(found->version) + " of " + found->key +
                              " where there should be version " + Text(change->version),
                          {change->source, &o});
        }
        found += here ? 1 : 0;
    }
    return good && (found == o.found.end() || o.more ||
                    Refuse("A read found keys it did not ask for, or out of order", {&o}));
}

bool
RevisionOrder::CheckTxn(const Operation& o)
{
    if (!o.succeeded)
    {
        return IsNot(o, o.key, o.header, o.compare) &&
               (!o.readInstead || (o.found.empty() ? IsAbsent(o, o.key, o.header) : CheckRead(o)));
    }
    const auto before = Changed(o) ? o.header - 1 : o.header;
    return o.compare == 0 ? IsAbsent(o, o.key, before) : IsRevision(o, o.key, before, o.compare);
}

bool
RevisionOrder::CheckDelete(const Operation& o)
{
    bool good = true;
    bool known = true;
    std::int64_t present = 0;
    const auto before = o.deleted > 0 ? o.header - 1 : o.header;
    if (o.deleted > 0 && o.rangeEnd.empty())
    {
        return IsPresent(o, o.key, before);
    }
    ForKeys(o, [&](const std::string& key, KeyFacts& facts) {
        good = good && (o.deleted > 0 || IsAbsent(o, key, before));
        known &= facts.mayPut == nullptr && facts.mayDelete == nullptr;
        const auto* last = facts.Last(before);
        present += last != nullptr && last->present ? 1 : 0;
    });
    return good && (!known || present == o.deleted ||
                    Refuse("A deletion removed " + Text(o.deleted) + " keys where there were " +
                               Text(present),
                           {&o}));
}

bool
RevisionOrder::IsRevision(const Operation& o,
                          const std::string& key,
                          Revision at,
                          Revision expected)
{
    if (expected > at)
    {
        return Refuse("An answer at revision " + Text(at) + " knows revision " + Text(expected) +
                          " of " + key,
                      {&o});
    }
    const auto& facts = m_facts[key];
    const auto* last = facts.Last(at);
    if (last != nullptr && last->revision > expected)
    {
        const auto* made = facts.Last(expected);
        return Refuse("An answer at revision " + Text(at) + " takes revision " + Text(expected) +
                          " of " + key + " for the last one, which is " + Text(last->revision),
                      {made != nullptr && made->revision == expected ? made->source : nullptr,
                       last->source != nullptr ? last->source : last->witness,
                       &o});
    }
    if (last != nullptr && last->revision == expected)
    {
        return last->present || Refuse("An answer at revision " + Text(at) + " finds " + key +
                                           ", deleted at " + Text(expected),
                                       {last->source, &o});
    }
    return (facts.mayPut != nullptr && !Precedes(o, *facts.mayPut)) ||
           Refuse("An answer at revision " + Text(at) + " takes revision " + Text(expected) +
                      " for the last one of " + key + ", whose it is not",
                  {last == nullptr ? nullptr : last->source, &o});
}

bool
RevisionOrder::IsAbsent(const Operation& o, const std::string& key, Revision at)
{
    const auto& facts = m_facts[key];
    const auto* last = facts.Last(at);
    if (last == nullptr || !last->present ||
        (facts.mayDelete != nullptr && !Precedes(o, *facts.mayDelete)))
    {
        return true;
    }
    return Refuse("An answer at revision " + Text(at) + " finds no " + key +
                      ", which is there since revision " + Text(last->revision),
                  {last->source != nullptr ? last->source : last->witness, &o});
}

bool
RevisionOrder::IsPresent(const Operation& o, const std::string& key, Revision at)
{
    const auto& facts = m_facts[key];
    const auto* last = facts.Last(at);
    if ((last != nullptr && last->present) ||
        (facts.mayPut != nullptr && !Precedes(o, *facts.mayPut)))
    {
        return true;
    }
    return Refuse("An answer at revision " + Text(at) + " finds " + key + ", which is not there",
                  {last == nullptr ? nullptr : last->source, &o});
}

bool
RevisionOrder::IsNot(const Operation& o, const std::string& key, Revision at, Revision other)
{
    if (other == 0)
    {
        return IsPresent(o, key, at);
    }
    const auto& facts = m_facts[key];
    const auto* last = facts.Last(at);
    const auto may = [&](const Operation* write) {
        return write != nullptr && !Precedes(o, *write);
    };
    return last == nullptr || !last->present || last->revision != other || may(facts.mayPut) ||
           may(facts.mayDelete) ||
           Refuse("A comparison with revision " + Text(other) + " of " + key +
                      " failed at revision " + Text(at) + ", although it was the last one",
                  {last->source != nullptr ? last->source : last->witness, &o});
}

} // namespace

std::optional<Violation>
CheckRevisionOrder(const History& history)
{
    return RevisionOrder(history).Check();
}

} // namespace etcdlab::check
