// The messages of etcd's streaming calls, Watch and LeaseKeepAlive, and their sizes (etcdserverpb/rpc.proto,
// mvcc/mvccpb/kv.proto).
#pragma once

#include "model/etcd/pure/lessor.h"
#include "model/etcd/pure/watchable-store.h"
#include "model/etcd/pure/wire-size.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace etcdlab
{

struct WatchCreateRequest
{
    std::string key;
    std::string rangeEnd;        //!< empty: this key alone; else all keys in [key, rangeEnd)
    Revision start = 0;          //!< the first revision wanted; 0: from now on
    bool previousKv = false;     //!< events carry what the key was before
    bool progressNotify = false; //!< tell how far the store is when nothing has happened for long
};

struct WatchCancelRequest
{
    WatchId watch = 0;
};

using WatchRequest = std::variant<WatchCreateRequest, WatchCancelRequest>;

/// mvccpb.Event
struct Event
{
    KeyValue kv;                      //!< of a deletion: key, modRevision, and version 0
    std::optional<KeyValue> previous; //!< if asked for, and the key existed

    bool IsDelete() const
    {
        return kv.version == 0;
    }

    bool IsCreate() const
    {
        return !IsDelete() && kv.createRevision == kv.modRevision;
    }
};

/// An answer to WatchRequest, or events, or, with neither, progress.
struct WatchResponse
{
    WatchId watch = 0;
    Revision revision = 0; //!< the header's
    bool created = false;
    bool canceled = false;
    std::string cancelReason;
    Revision compactRevision = 0; //!< not 0: what was asked for is gone; the watch is canceled
    std::vector<Event> events;    //!< by revision; all of a revision, or none

    bool IsProgress() const
    {
        return !created && !canceled && events.empty();
    }
};

/// Etcd marshals nothing for a watch id of 0, the first one of a stream.
std::uint64_t WatchRequestBytes(const WatchRequest& request);
std::uint64_t WatchResponseBytes(const WatchResponse& response, const ResponseHeader& header);

/// LeaseKeepAliveRequest
std::uint64_t KeepAliveRequestBytes(LeaseId id);

/// LeaseKeepAliveResponse, without its header: what members tell each other.
/// @param ttl seconds; 0: there is no such lease
std::uint64_t KeepAliveResponseBytes(LeaseId id, std::int64_t ttl);

/// What follows a prefix, as the end of a range of keys: the prefix with its last byte one higher
/// (clientv3/op.go: GetPrefixRangeEnd).
std::string PrefixEnd(std::string prefix);

} // namespace etcdlab
