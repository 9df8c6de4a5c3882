#include "model/etcd/pure/apply.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

bool
HasNoLeaseOf(const Lessor& lessor, const PutRequest& put)
{
    return put.lease != 0 && lessor.Find(put.lease) == nullptr;
}

/// True if the request puts a key with a lease that does not exist (apply.go: Put, checkRequestPut).
bool
LacksLease(const KvStore& store, const Lessor& lessor, const Request& request)
{
    if (const auto* put = std::get_if<PutRequest>(&request))
    {
        return HasNoLeaseOf(lessor, *put);
    }
    const auto* txn = std::get_if<TxnRequest>(&request);
    if (txn == nullptr)
    {
        return false;
    }
    const auto lacks = [&](const TxnOperation& operation) {
        const auto* put = std::get_if<PutRequest>(&operation);
        return put != nullptr && HasNoLeaseOf(lessor, *put);
    };
    const auto any = [&](const std::vector<TxnOperation>& branch) {
        return std::any_of(branch.begin(), branch.end(), lacks);
    };
    return (any(txn->success) || any(txn->failure)) &&
           any(store.Holds(*txn) ? txn->success : txn->failure);
}

Applied
Grant(const KvStore& store, Lessor& lessor, const LeaseGrantRequest& request, Duration now)
{
    if (request.ttl > Lessor::MAX_TTL)
    {
        return {ApplyError::LEASE_TTL_TOO_LARGE, {}};
    }
    if (!lessor.Grant(request.id, request.ttl, now))
    {
        return {ApplyError::LEASE_EXISTS, {}};
    }
    return {ApplyError::NONE,
            LeaseGrantResponse{store.CurrentRevision(), request.id, lessor.Find(request.id)->ttl}};
}

} // namespace

Applied
Apply(KvStore& store,
      Lessor& lessor,
      const Request& request,
      Duration now,
      std::vector<KeyValue>* changes)
{
    if (const auto* grant = std::get_if<LeaseGrantRequest>(&request))
    {
        return Grant(store, lessor, *grant, now);
    }
    if (const auto* revoke = std::get_if<LeaseRevokeRequest>(&request))
    {
        const auto keys = lessor.Revoke(revoke->id);
        if (!keys)
        {
            return {ApplyError::LEASE_NOT_FOUND, {}};
        }
        return {ApplyError::NONE, LeaseRevokeResponse{store.DeleteKeys(*keys, changes)}};
    }
    if (LacksLease(store, lessor, request))
    {
        return {ApplyError::LEASE_NOT_FOUND, {}};
    }
    if (lessor.Leases().empty())
    {
        return {ApplyError::NONE, store.Apply(request, changes)};
    }
    std::vector<KeyValue> own;
    auto response = store.Apply(request, &own);
    for (const auto& change : own)
    {
        change.version > 0 ? lessor.Attach(change.key, change.lease) : lessor.Detach(change.key);
    }
    if (changes != nullptr)
    {
        changes->insert(changes->end(), own.begin(), own.end());
    }
    return {ApplyError::NONE, std::move(response)};
}

} // namespace etcdlab
