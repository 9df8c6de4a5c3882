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
KvStore::PutAt(const PutRequest& request, Revision revision)
{
    auto& versions = m_keys[request.key].versions;
    const bool exists = !versions.empty() && versions.back().version > 0;
    KeyValue kv{request.key,
                request.value,
                exists ? versions.back().createRevision : revision,
                revision,
                exists ? versions.back().version + 1 : 1,
                request.lease};
    versions.push_back(std::move(kv));
}

std::int64_t
KvStore::DeleteAt(const DeleteRangeRequest& request, Revision revision)
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
            versions.push_back(std::move(tombstone));
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

PutResponse
KvStore::Put(const PutRequest& request)
{
    PutAt(request, ++m_revision);
    return {m_revision};
}

DeleteRangeResponse
KvStore::DeleteRange(const DeleteRangeRequest& request)
{
    const auto deleted = DeleteAt(request, m_revision + 1);
    m_revision += deleted > 0 ? 1 : 0;
    return {m_revision, deleted};
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

TxnResponse
KvStore::Txn(const TxnRequest& request)
{
    TxnResponse response;
    response.succeeded =
        std::all_of(request.compare.begin(), request.compare.end(), [&](const Compare& compare) {
            return ModRevision(compare.key) == compare.modRevision;
        });
    const auto next = m_revision + 1;
    bool changed = false;
    for (const auto& operation : response.succeeded ? request.success : request.failure)
    {
        if (const auto* put = std::get_if<PutRequest>(&operation))
        {
            PutAt(*put, next);
            changed = true;
            response.responses.emplace_back(PutResponse{next});
        }
        else if (const auto* remove = std::get_if<DeleteRangeRequest>(&operation))
        {
            const auto deleted = DeleteAt(*remove, next);
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
KvStore::Apply(const Request& request)
{
    if (const auto* put = std::get_if<PutRequest>(&request))
    {
        return Put(*put);
    }
    if (const auto* remove = std::get_if<DeleteRangeRequest>(&request))
    {
        return DeleteRange(*remove);
    }
    if (const auto* txn = std::get_if<TxnRequest>(&request))
    {
        return Txn(*txn);
    }
    return Range(std::get<RangeRequest>(request));
}

} // namespace etcdlab
