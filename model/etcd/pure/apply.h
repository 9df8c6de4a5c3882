// What a log entry does to a member's state: the store, and the leases beside it (etcd 3.4.23
// etcdserver/apply.go).
#pragma once

#include "model/etcd/pure/kv-store.h"
#include "model/etcd/pure/lessor.h"

#include <vector>

namespace etcdlab
{

/// Why a request that has been agreed on changes nothing (etcdserver/errors.go, lease/lessor.go).
enum class ApplyError
{
    NONE,
    LEASE_NOT_FOUND,
    LEASE_EXISTS,
    LEASE_TTL_TOO_LARGE
};

struct Applied
{
    ApplyError error = ApplyError::NONE;
    Response response; //!< of no meaning if there is an error
};

/**
 * Carry out a request; members that apply the same ones in the same order agree on store and leases.
 *
 * @param now for the primary's expiries
 * @param changes may be null; what happened to keys is added
 */
Applied Apply(KvStore& store,
              Lessor& lessor,
              const Request& request,
              Duration now,
              std::vector<KeyValue>* changes);

} // namespace etcdlab
