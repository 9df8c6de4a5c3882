#include "model/etcd/pure/requests.h"

#include <algorithm>

namespace etcdlab
{

namespace
{

bool
AllRanges(const std::vector<TxnOperation>& operations, bool serializable)
{
    return std::all_of(operations.begin(), operations.end(), [&](const TxnOperation& operation) {
        const auto* range = std::get_if<RangeRequest>(&operation);
        return range != nullptr && (!serializable || range->serializable);
    });
}

} // namespace

// etcd 3.4.23 etcdserver/apply.go: isTxnReadonly
bool
IsReadOnly(const Request& request)
{
    if (const auto* txn = std::get_if<TxnRequest>(&request))
    {
        return AllRanges(txn->success, false) && AllRanges(txn->failure, false);
    }
    return std::holds_alternative<RangeRequest>(request);
}

// etcd 3.4.23 etcdserver/apply.go: isTxnSerializable
bool
IsSerializable(const Request& request)
{
    if (const auto* txn = std::get_if<TxnRequest>(&request))
    {
        return AllRanges(txn->success, true) && AllRanges(txn->failure, true);
    }
    const auto* range = std::get_if<RangeRequest>(&request);
    return range != nullptr && range->serializable;
}

} // namespace etcdlab
