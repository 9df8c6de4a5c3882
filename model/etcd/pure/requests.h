// What clients ask a member and what it answers (etcd api: etcdserverpb/rpc.proto), with values
// reduced to their sizes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace etcdlab
{

/// A store revision: counts the transactions that changed something; a fresh store is at 1.
using Revision = std::int64_t;

/// A value: its size, and a number that stands for its content.
struct Value
{
    std::uint32_t bytes = 0;
    std::uint64_t id = 0;
    bool operator==(const Value&) const = default;
};

/// mvccpb.KeyValue
struct KeyValue
{
    std::string key;
    Value value;
    Revision createRevision = 0;
    Revision modRevision = 0;
    std::int64_t version = 0; //!< writes since the key was created
    std::int64_t lease = 0;
};

struct PutRequest
{
    std::string key;
    Value value;
    std::int64_t lease = 0;
};

struct RangeRequest
{
    std::string key;
    std::string rangeEnd;   //!< empty: this key alone; else all keys in [key, rangeEnd)
    Revision revision = 0;  //!< 0: now
    std::int64_t limit = 0; //!< 0: no limit
    bool serializable = false;
    bool countOnly = false;
};

struct DeleteRangeRequest
{
    std::string key;
    std::string rangeEnd;
};

/// etcdserverpb.Compare, restricted to the key's modification revision: 0 means "does not exist".
struct Compare
{
    std::string key;
    Revision modRevision = 0;
};

using TxnOperation = std::variant<PutRequest, RangeRequest, DeleteRangeRequest>;

/// Compare-and-swap: if all comparisons hold the success branch is done, else the failure branch.
struct TxnRequest
{
    std::vector<Compare> compare;
    std::vector<TxnOperation> success;
    std::vector<TxnOperation> failure;
};

/// Forget every version that a later one up to `revision` has replaced.
struct CompactionRequest
{
    Revision revision = 0;
    bool physical = false; //!< answer only when the backend has forgotten them too
};

/// etcdserverpb.AlarmRequest, restricted to NOSPACE: raise or disarm a member's alarm.
struct AlarmRequest
{
    bool activate = false;
    std::uint64_t member = 0;
};

/// Lease.LeaseGrant. The member that takes it chooses the id if that is 0.
struct LeaseGrantRequest
{
    std::int64_t ttl = 0; //!< seconds
    std::int64_t id = 0;
};

/// Lease.LeaseRevoke: the lease's keys are deleted with it.
struct LeaseRevokeRequest
{
    std::int64_t id = 0;
};

using Request = std::variant<PutRequest,
                             RangeRequest,
                             DeleteRangeRequest,
                             TxnRequest,
                             CompactionRequest,
                             AlarmRequest,
                             LeaseGrantRequest,
                             LeaseRevokeRequest>;

struct PutResponse
{
    Revision revision = 0;
};

struct RangeResponse
{
    Revision revision = 0;
    std::vector<KeyValue> kvs;
    std::int64_t count = 0; //!< keys in the range, whatever the limit
    bool more = false;
};

struct DeleteRangeResponse
{
    Revision revision = 0;
    std::int64_t deleted = 0;
};

using TxnOperationResponse = std::variant<PutResponse, RangeResponse, DeleteRangeResponse>;

struct TxnResponse
{
    Revision revision = 0;
    bool succeeded = false;
    std::vector<TxnOperationResponse> responses; //!< one for each operation of the branch taken
};

struct CompactionResponse
{
    Revision revision = 0;
};

struct AlarmResponse
{
    Revision revision = 0;
};

struct LeaseGrantResponse
{
    Revision revision = 0;
    std::int64_t id = 0;
    std::int64_t ttl = 0; //!< seconds; not less than etcd's minimum
};

struct LeaseRevokeResponse
{
    Revision revision = 0;
};

using Response = std::variant<PutResponse,
                              RangeResponse,
                              DeleteRangeResponse,
                              TxnResponse,
                              CompactionResponse,
                              AlarmResponse,
                              LeaseGrantResponse,
                              LeaseRevokeResponse>;

/// True if the request changes nothing and so needs no log entry.
bool IsReadOnly(const Request& request);

/// True if the request may be answered from the member's own state without asking the leader.
bool IsSerializable(const Request& request);

} // namespace etcdlab
