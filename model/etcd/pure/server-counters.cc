#include "model/etcd/pure/server-counters.h"

namespace etcdlab
{

void
StoreCounters::Count(const Request& request, const Response& response)
{
    const auto put = [this](const PutRequest& one) {
        ++puts;
        putBytes += one.key.size() + one.value.bytes;
    };
    if (const auto* single = std::get_if<PutRequest>(&request))
    {
        put(*single);
    }
    else if (std::holds_alternative<RangeRequest>(request))
    {
        ++ranges;
    }
    else if (std::holds_alternative<DeleteRangeRequest>(request))
    {
        ++deletes;
    }
    else if (const auto* txn = std::get_if<TxnRequest>(&request))
    {
        const auto* taken = std::get_if<TxnResponse>(&response);
        const auto& branch = taken != nullptr && taken->succeeded ? txn->success : txn->failure;
        ranges += txn->compare.size(); // apply.go: compareToPath, in a read transaction of its own
        txns += branch.size() > 1 ? 1 : 0;
        for (const auto& operation : branch)
        {
            if (const auto* one = std::get_if<PutRequest>(&operation))
            {
                put(*one);
            }
            else
            {
                ++(std::holds_alternative<RangeRequest>(operation) ? ranges : deletes);
            }
        }
    }
}

} // namespace etcdlab
