#include "test/analysis/check/histories.h"

#include "model/etcd/pure/kv-store.h"

#include <algorithm>

namespace etcdlab::check::test
{

namespace
{

using std::chrono::milliseconds;

int
Pick(std::mt19937& random, int n)
{
    return static_cast<int>(random() % static_cast<unsigned>(n));
}

bool
Chance(std::mt19937& random, double share)
{
    return random() < share * 4294967296.0;
}

Request
RequestOf(const Operation& o)
{
    switch (o.kind)
    {
    case Kind::PUT:
        return PutRequest{o.key, {1, o.value}};
    case Kind::DELETE:
        return DeleteRangeRequest{o.key, o.rangeEnd};
    case Kind::READ:
    case Kind::SERIALIZABLE_READ:
        return RangeRequest{o.key, o.rangeEnd, o.at, 0, o.kind == Kind::SERIALIZABLE_READ};
    default:
        break;
    }
    TxnRequest txn{{{o.key, o.compare}}, {}, {}};
    if (o.kind == Kind::TXN_PUT)
    {
        txn.success.emplace_back(PutRequest{o.key, {1, o.value}});
    }
    else
    {
        txn.success.emplace_back(DeleteRangeRequest{o.key, ""});
    }
    if (o.readInstead)
    {
        txn.failure.emplace_back(RangeRequest{o.key, ""});
    }
    return txn;
}

/// As `o` would have been answered by this store.
Operation
Answered(const Operation& o, KvStore& store)
{
    auto answered = o;
    answered.found.clear();
    SetAnswer(answered, store.Apply(RequestOf(o)));
    for (std::size_t i = 0; i < answered.found.size() && i < o.found.size(); ++i)
    {
        answered.found[i].version = o.found[i].version == 0 ? 0 : answered.found[i].version;
    }
    return answered;
}

class AllOrders
{
  public:
    explicit AllOrders(const History& history)
    {
        for (const auto& o : history.operations)
        {
            if (o.outcome != Outcome::FAILED && o.kind != Kind::SERIALIZABLE_READ)
            {
                m_operations.push_back(o);
            }
            m_last = std::max(m_last, o.compare);
            m_last = std::max(m_last, o.header);
        }
        m_last += static_cast<Revision>(m_operations.size());
        m_done.assign(m_operations.size(), false);
    }

    bool Try(const KvStore& store)
    {
        bool all = true;
        for (std::size_t i = 0; i < m_operations.size(); ++i)
        {
            all &= m_done[i] || m_operations[i].outcome != Outcome::OK;
        }
        for (std::size_t i = 0; !all && i < m_operations.size(); ++i)
        {
            if (!m_done[i] && IsNext(m_operations[i]))
            {
                m_done[i] = true;
                all = TryAt(store, m_operations[i]);
                m_done[i] = false;
            }
        }
        return all;
    }

  private:
    bool IsNext(const Operation& o) const
    {
        for (std::size_t i = 0; i < m_operations.size(); ++i)
        {
            if (!m_done[i] && Precedes(m_operations[i], o))
            {
                return false;
            }
        }
        return true;
    }

    /// After any number of other writes.
    bool TryAt(KvStore store, const Operation& o)
    {
        const auto last = o.outcome == Outcome::OK ? o.header : m_last;
        for (; store.CurrentRevision() <= last; store.Put({"other", {}}))
        {
            auto after = store;
            const auto answered = Answered(o, after);
            if ((o.outcome != Outcome::OK || answered == o) && Try(after))
            {
                return true;
            }
        }
        return false;
    }

    std::vector<Operation> m_operations;
    std::vector<bool> m_done;
    Revision m_last = 1;
};

Operation
RandomOperation(std::mt19937& random, const Mix& mix, const KvStore& store, std::uint64_t number)
{
    Operation o;
    o.client = random() % 8;
    o.key = "/" + std::to_string(Pick(random, mix.keys));
    o.value = mix.sameValues ? 1 + random() % 3 : number;
    const auto now = store.Range({o.key, ""}).kvs;
    const auto mod = now.empty() ? 0 : now.front().modRevision;
    switch (Pick(random, 8))
    {
    case 0:
    case 1:
        o.kind = Kind::PUT;
        break;
    case 2:
        o.kind = Kind::DELETE;
        break;
    case 3:
    case 4:
        o.kind = Chance(random, 0.2) ? Kind::TXN_DELETE : Kind::TXN_PUT;
        o.compare =
            Chance(random, 0.7) ? mod : Pick(random, 1 + static_cast<int>(store.CurrentRevision()));
        o.readInstead = Chance(random, 0.5);
        break;
    default:
        o.kind = Chance(random, mix.serializable) ? Kind::SERIALIZABLE_READ : Kind::READ;
        o.at = o.kind == Kind::READ && store.CurrentRevision() > 2 && Chance(random, mix.ranges / 4)
                   ? 2
                   : 0;
    }
    if ((o.kind == Kind::DELETE || o.kind == Kind::READ) && Chance(random, mix.ranges))
    {
        o.key = "/";
        o.rangeEnd = "0";
    }
    return o;
}

} // namespace

Operation&
Story::Add(Kind kind, int call, int end, Revision header)
{
    Operation o;
    o.client = m_history.operations.size() + 1;
    o.kind = kind;
    o.key = "/k";
    o.call = milliseconds(call);
    o.end = milliseconds(end);
    o.header = header;
    m_history.operations.push_back(o);
    return Last();
}

Story&
Story::Put(int call, int end, std::uint64_t value, Revision revision)
{
    Add(Kind::PUT, call, end, revision).value = value;
    return *this;
}

Story&
Story::Read(int call, int end, Revision header, std::uint64_t value, Revision mod)
{
    Add(Kind::READ, call, end, header).found = {{"/k", value, mod, 0}};
    return *this;
}

Story&
Story::ReadAbsent(int call, int end, Revision header)
{
    Add(Kind::READ, call, end, header);
    return *this;
}

Story&
Story::Delete(int call, int end, Revision revision, std::int64_t deleted)
{
    Add(Kind::DELETE, call, end, revision).deleted = deleted;
    return *this;
}

Story&
Story::Cas(int call, int end, Revision compare, std::uint64_t value, Revision revision)
{
    auto& o = Add(Kind::TXN_PUT, call, end, revision);
    o.compare = compare;
    o.value = value;
    o.succeeded = true;
    return *this;
}

Story&
Story::CasFails(int call, int end, Revision compare, Revision header)
{
    Add(Kind::TXN_PUT, call, end, header).compare = compare;
    return *this;
}

Story&
Story::Serializable(int call, int end, Revision header, std::uint64_t value, Revision mod)
{
    Read(call, end, header, value, mod);
    Last().kind = Kind::SERIALIZABLE_READ;
    return *this;
}

Story&
Story::Key(const std::string& key)
{
    Last().key = key;
    for (auto& found : Last().found)
    {
        found.key = key;
    }
    return *this;
}

Story&
Story::Member(const std::string& member, std::uint32_t incarnation)
{
    Last().member = member;
    Last().incarnation = incarnation;
    return *this;
}

Story&
Story::Ambiguous()
{
    Last().outcome = Outcome::AMBIGUOUS;
    return *this;
}

Story&
Story::Failed()
{
    Last().outcome = Outcome::FAILED;
    return *this;
}

History
RandomHistory(std::mt19937& random, const Mix& mix)
{
    History history;
    std::vector<KvStore> stores(1); // by operation, if serializable reads want old ones
    for (int i = 0; i < mix.operations; ++i)
    {
        auto& store = stores.back();
        auto o = RandomOperation(random, mix, store, static_cast<std::uint64_t>(i) + 1);
        const auto instant = milliseconds(10 * (i + 1));
        o.call = instant - milliseconds(1 + Pick(random, 10 * mix.concurrency));
        o.end = instant + milliseconds(1 + Pick(random, 10 * mix.concurrency));
        if (o.kind == Kind::SERIALIZABLE_READ)
        {
            // Any member's state: an old one.
            auto old = stores[random() % stores.size()];
            o = Answered(o, old);
        }
        else if (Chance(random, mix.ambiguous))
        {
            // Half of them have their effect.
            if (Chance(random, 0.5))
            {
                store.Apply(RequestOf(o));
            }
            o.outcome = Outcome::AMBIGUOUS;
        }
        else
        {
            o = Answered(o, store);
        }
        if (mix.serializable > 0)
        {
            stores.push_back(stores.back());
        }
        history.operations.push_back(o);
    }
    std::shuffle(history.operations.begin(), history.operations.end(), random);
    return history;
}

void
Mutate(std::mt19937& random, History& history)
{
    auto& all = history.operations;
    auto& o = all[random() % all.size()];
    const auto& other = all[random() % all.size()];
    const bool txn = o.kind == Kind::TXN_PUT || o.kind == Kind::TXN_DELETE;
    const bool reads = o.kind == Kind::READ || (txn && !o.succeeded && o.readInstead);
    switch (Pick(random, 7))
    {
    case 0:
        o.found = reads ? other.found : o.found;
        break;
    case 1:
        o.header = std::max<Revision>(2, o.header + (Chance(random, 0.5) ? 1 : -1));
        break;
    case 2:
        o.succeeded = txn && !o.succeeded;
        o.found = o.succeeded ? std::vector<Found>{} : o.found;
        break;
    case 3:
        o.deleted = o.kind == Kind::DELETE && o.deleted == 0 ? 1 : 0;
        break;
    case 4:
        o.call += milliseconds(35);
        o.end += milliseconds(35);
        break;
    case 5:
        o.end = o.call + milliseconds(1);
        break;
    default:
        o.outcome = o.outcome == Outcome::OK ? Outcome::FAILED : Outcome::OK;
        o.header = std::max<Revision>(o.header, 1);
    }
}

bool
IsLinearizableByAllOrders(const History& history)
{
    return AllOrders(history).Try(KvStore());
}

} // namespace etcdlab::check::test
