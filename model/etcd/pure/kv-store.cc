#include "model/etcd/pure/kv-store.h"

#include <algorithm>

namespace etcdlab
{

const KeyValue*
KvStore::History::At(Revision revision) const
{
    const auto after = std::upper_bound(
        versions.begin(), versions.end(), revision, [](Revision wanted, const KeyValue& kv) {
            return wanted < kv.modRevision;
        });
    if (after == versions.begin() || std::prev(after)->version == 0)
    {
        return nullptr;
    }
    return &*std::prev(after);
}

std::pair<KvStore::Keys::const_iterator, KvStore::Keys::const_iterator>
KvStore::Find(const std::string& key, const std::string& rangeEnd) const
{
    if (!rangeEnd.empty())
    {
        return {m_keys.lower_bound(key), m_keys.lower_bound(rangeEnd)};
    }
    return m_keys.equal_range(key);
}

Revision
KvStore::ModRevision(const std::string& key) const
{
    const auto found = m_keys.find(key);
    const auto* kv = found == m_keys.end() ? nullptr : found->second.At(m_revision);
    return kv == nullptr ? 0 : kv->modRevision;
}

void
KvStore::PutAt(const PutRequest& request, Revision revision, std::vector<KeyValue>* changes)
{
    auto& versions = m_keys[request.key].versions;
    const bool exists = !versions.empty() && versions.back().version > 0;
    KeyValue kv{request.key,
                request.value,
                exists ? versions.back().createRevision : revision,
                revision,
                exists ? versions.back().version + 1 : 1,
                request.lease};
    Grow(kv);
    versions.push_back(std::move(kv));
    if (changes != nullptr)
    {
        changes->push_back(versions.back());
    }
}

std::uint64_t
KvStore::LiveKeys() const
{
    std::uint64_t count = 0;
    for (const auto& [key, history] : m_keys)
    {
        count += history.versions.back().version > 0 ? 1 : 0;
    }
    return count;
}

std::int64_t
KvStore::DeleteAt(const DeleteRangeRequest& request,
                  Revision revision,
                  std::vector<KeyValue>* changes)
{
    const auto [first, last] = Find(request.key, request.rangeEnd);
    std::int64_t deleted = 0;
    for (auto it = first; it != last; ++it)
    {
        auto& versions = m_keys.find(it->first)->second.versions;
        if (versions.back().version > 0)
        {
            KeyValue tombstone;
            tombstone.key = it->first;
            tombstone.modRevision = revision;
            Grow(tombstone);
            versions.push_back(std::move(tombstone));
            if (changes != nullptr)
            {
                changes->push_back(versions.back());
            }
            ++deleted;
        }
    }
    return deleted;
}

void
KvStore::VisitVersions(const std::function<void(const KeyValue&)>& visit) const
{
    for (const auto& [key, history] : m_keys)
    {
        std::for_each(history.versions.begin(), history.versions.end(), visit);
    }
}

std::vector<KeyValue>
KvStore::Changes(const std::string& key, const std::string& rangeEnd, Revision from) const
{
    std::vector<KeyValue> changes;
    const auto [first, last] = Find(key, rangeEnd);
    for (auto it = first; it != last; ++it)
    {
        const auto& versions = it->second.versions;
        const auto begin = std::lower_bound(
            versions.begin(), versions.end(), from, [](const KeyValue& kv, Revision wanted) {
                return kv.modRevision < wanted;
            });
        changes.insert(changes.end(), begin, versions.end());
    }
    std::stable_sort(changes.begin(), changes.end(), [](const KeyValue& a, const KeyValue& b) {
        return a.modRevision < b.modRevision;
    });
    return changes;
}

const KeyValue*
KvStore::Get(const std::string& key, Revision revision) const
{
    const auto found = m_keys.find(key);
    return found == m_keys.end() ? nullptr : found->second.At(revision);
}

PutResponse
KvStore::Put(const PutRequest& request, std::vector<KeyValue>* changes)
{
    PutAt(request, ++m_revision, changes);
    return {m_revision};
}

DeleteRangeResponse
KvStore::DeleteRange(const DeleteRangeRequest& request, std::vector<KeyValue>* changes)
{
    const auto deleted = DeleteAt(request, m_revision + 1, changes);
    m_revision += deleted > 0 ? 1 : 0;
    return {m_revision, deleted};
}

Revision
KvStore::DeleteKeys(const std::vector<std::string>& keys, std::vector<KeyValue>* changes)
{
    std::int64_t deleted = 0;
    for (const auto& key : keys)
    {
        deleted += DeleteAt({key, ""}, m_revision + 1, changes);
    }
    m_revision += deleted > 0 ? 1 : 0;
    return m_revision;
}

RangeResponse
KvStore::Range(const RangeRequest& request) const
{
    RangeResponse response;
    response.revision = m_revision;
    const auto at = request.revision > 0 ? request.revision : m_revision;
    const auto [first, last] = Find(request.key, request.rangeEnd);
    for (auto it = first; it != last; ++it)
    {
        const auto* kv = it->second.At(at);
        if (kv == nullptr)
        {
            continue;
        }
        ++response.count;
        if (request.countOnly)
        {
            continue;
        }
        if (request.limit > 0 && response.count > request.limit)
        {
            response.more = true;
            continue;
        }
        response.kvs.push_back(*kv);
    }
    return response;
}

bool
KvStore::Holds(const TxnRequest& request) const
{
    return std::all_of(request.compare.begin(), request.compare.end(), [&](const Compare& compare) {
        return ModRevision(compare.key) == compare.modRevision;
    });
}

TxnResponse
KvStore::Txn(const TxnRequest& request, std::vector<KeyValue>* changes)
{
    TxnResponse response;
    response.succeeded = Holds(request);
    const auto next = m_revision + 1;
    bool changed = false;
    for (const auto& operation : response.succeeded ? request.success : request.failure)
    {
        if (const auto* put = std::get_if<PutRequest>(&operation))
        {
            PutAt(*put, next, changes);
            changed = true;
            response.responses.emplace_back(PutResponse{next});
        }
        else if (const auto* remove = std::get_if<DeleteRangeRequest>(&operation))
        {
            const auto deleted = DeleteAt(*remove, next, changes);
            changed |= deleted > 0;
            response.responses.emplace_back(DeleteRangeResponse{next, deleted});
        }
        else
        {
            auto range = std::get<RangeRequest>(operation);
            if (changed && range.revision == 0)
            {
                range.revision = next; // reads its own transaction's writes
            }
            response.responses.emplace_back(Range(range));
        }
    }
    m_revision += changed ? 1 : 0;
    response.revision = m_revision;
    return response;
}

Response
KvStore::Apply(const Request& request, std::vector<KeyValue>* changes)
{
    if (const auto* put = std::get_if<PutRequest>(&request))
    {
        return Put(*put, changes);
    }
    if (const auto* remove = std::get_if<DeleteRangeRequest>(&request))
    {
        return DeleteRange(*remove, changes);
    }
    if (const auto* txn = std::get_if<TxnRequest>(&request))
    {
        return Txn(*txn, changes);
    }
    if (const auto* compaction = std::get_if<CompactionRequest>(&request))
    {
        Compact(compaction->revision);
        return CompactionResponse{m_revision};
    }
    if (std::holds_alternative<AlarmRequest>(request))
    {
        return AlarmResponse{m_revision};
    }
    return Range(std::get<RangeRequest>(request));
}

namespace
{

/// What a version takes in the database beside key and value: its revision as bbolt's key (17 bytes), the element's
/// header (16), and the other fields of mvccpb.KeyValue (about 15).
constexpr std::uint64_t VERSION_OVERHEAD = 48;

std::uint64_t
VersionBytes(const KeyValue& version)
{
    return version.key.size() + version.value.bytes + VERSION_OVERHEAD;
}

} // namespace

void
KvStore::Grow(const KeyValue& version)
{
    m_bytesInUse += VersionBytes(version);
    m_fileBytes = std::max(m_fileBytes, m_bytesInUse);
}

std::uint64_t
KvStore::Compact(Revision revision)
{
    std::uint64_t seen = 0;
    if (revision <= m_compacted)
    {
        return seen;
    }
    m_compacted = revision;
    for (auto it = m_keys.begin(); it != m_keys.end();)
    {
        auto& versions = it->second.versions;
        const auto later = std::find_if(versions.begin(), versions.end(), [&](const KeyValue& kv) {
            return kv.modRevision > revision;
        });
        seen += static_cast<std::uint64_t>(later - versions.begin());
        // The last one by then is what stands at `revision`, unless it says that nothing does.
        const bool stands = later != versions.begin() && std::prev(later)->version > 0;
        const auto keep = stands ? std::prev(later) : later;
        std::for_each(
            versions.begin(), keep, [&](const KeyValue& kv) { m_bytesInUse -= VersionBytes(kv); });
        versions.erase(versions.begin(), keep);
        it = versions.empty() ? m_keys.erase(it) : std::next(it);
    }
    return seen;
}

KvStore::Refusal
KvStore::CheckRange(const RangeRequest& range) const
{
    if (range.revision > m_revision)
    {
        return Refusal::FUTURE_REVISION;
    }
    return range.revision > 0 && range.revision < m_compacted ? Refusal::COMPACTED : Refusal::NONE;
}

KvStore::Refusal
KvStore::Check(const Request& request) const
{
    if (const auto* range = std::get_if<RangeRequest>(&request))
    {
        return CheckRange(*range);
    }
    if (const auto* txn = std::get_if<TxnRequest>(&request))
    {
        for (const auto& operation : Holds(*txn) ? txn->success : txn->failure)
        {
            const auto* range = std::get_if<RangeRequest>(&operation);
            const auto refusal = range == nullptr ? Refusal::NONE : CheckRange(*range);
            if (refusal != Refusal::NONE)
            {
                return refusal; // etcdserver/apply.go: checkRequests; nothing of it is done
            }
        }
    }
    if (const auto* compaction = std::get_if<CompactionRequest>(&request))
    {
        if (compaction->revision > m_revision)
        {
            return Refusal::FUTURE_REVISION;
        }
        return compaction->revision <= m_compacted ? Refusal::COMPACTED : Refusal::NONE;
    }
    return Refusal::NONE;
}

namespace
{

std::uint64_t
SpaceCost(const std::vector<TxnOperation>& operations)
{
    std::uint64_t cost = 0;
    for (const auto& operation : operations)
    {
        const auto* put = std::get_if<PutRequest>(&operation);
        cost += put == nullptr ? 0 : PutCost(put->key.size(), put->value.bytes);
    }
    return cost;
}

} // namespace

std::uint64_t
SpaceCost(const Request& request)
{
    if (const auto* put = std::get_if<PutRequest>(&request))
    {
        return PutCost(put->key.size(), put->value.bytes);
    }
    if (std::holds_alternative<LeaseGrantRequest>(request))
    {
        return LEASE_COST;
    }
    const auto* txn = std::get_if<TxnRequest>(&request);
    return txn == nullptr ? 0 : std::max(SpaceCost(txn->success), SpaceCost(txn->failure));
}

} // namespace etcdlab
