// The settings of a member's backend.
#pragma once

#include "model/base/knob.h"
#include "model/base/units.h"

#include <cstdint>

namespace etcdlab
{

/// When bbolt commits what has been applied (etcd 3.4.23 mvcc/backend/backend.go).
struct BackendConfig
{
    Duration batchInterval{100'000'000};
    std::uint64_t batchLimit = 10'000; //!< pending operations that make a commit due at once
    auto operator<=>(const BackendConfig&) const = default;
};

template <class Visitor>
void
Describe(Visitor& v, BackendConfig& c)
{
    v.Field(
        "batch_interval",
        c.batchInterval,
        {.help = "time from the end of a commit to the next one, if there is anything to commit",
         .source = "etcd mvcc/backend/backend.go:defaultBatchInterval",
         .min = 1e6,
         .max = 3600e9});
    v.Field("batch_limit",
            c.batchLimit,
            {.help = "pending operations that make a commit due at once; a put counts two in 3.4, "
                     "one in 3.5",
             .source = "etcd mvcc/backend/backend.go:defaultBatchLimit",
             .min = 1,
             .max = 1e9});
}

} // namespace etcdlab
