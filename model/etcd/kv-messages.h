// etcd's calls as gRPC carries them.
#pragma once

#include "model/etcd/pure/requests.h"
#include "model/etcd/pure/stream-messages.h"
#include "model/raft/types.h"
#include "model/transport/grpc-connection.h"

#include <string>

namespace etcdlab
{

/// Maintenance.Status: asks a member who leads; has an empty request.
inline constexpr std::string_view STATUS_METHOD = "/etcdserverpb.Maintenance/Status";

/// KV.Put, KV.Range, KV.DeleteRange, KV.Txn, KV.Compact, Maintenance.Alarm, Lease.LeaseGrant, Lease.LeaseRevoke.
std::string_view MethodOf(const Request& request);

/// Body of a KV call.
struct KvCall : Message
{
    explicit KvCall(Request kvRequest)
        : request(std::move(kvRequest))
    {
    }

    Request request;
};

/// Body of a KV call's answer.
struct KvReply : Message
{
    KvReply(Response kvResponse, std::string memberName, std::uint32_t memberIncarnation)
        : response(std::move(kvResponse)),
          member(std::move(memberName)),
          incarnation(memberIncarnation)
    {
    }

    Response response;
    std::string member;        //!< who answered, as the response header's member id says
    std::uint32_t incarnation; //!< how often it had been restarted; not on the wire, for checkers
};

/// Body of a Status call's answer.
struct StatusReply : Message
{
    StatusReply(std::string memberName, std::string leaderName, raft::Term raftTerm)
        : member(std::move(memberName)),
          leader(std::move(leaderName)),
          term(raftTerm)
    {
    }

    std::string member;
    std::string leader; //!< empty if it knows none
    raft::Term term;
};

/// A KV or lease call ready to be made.
RpcRequest MakeCall(Request request);

// --- Streaming calls ---

inline constexpr std::string_view WATCH_METHOD = "/etcdserverpb.Watch/Watch";
inline constexpr std::string_view KEEP_ALIVE_METHOD = "/etcdserverpb.Lease/LeaseKeepAlive";

/// A message of a watch stream's client.
struct WatchCall : Message
{
    WatchCall(WatchRequest watchRequest, bool leaderRequired)
        : request(std::move(watchRequest)),
          requireLeader(leaderRequired)
    {
    }

    WatchRequest request;
    /// The stream's metadata "hasleader: true", which its HEADERS carry; counts in its first message. An
    /// octet or two in HPACK's table, not counted.
    bool requireLeader;
};

/// A message of a watch stream's server.
struct WatchReply : Message
{
    WatchReply(WatchResponse watchResponse, std::string memberName)
        : response(std::move(watchResponse)),
          member(std::move(memberName))
    {
    }

    WatchResponse response;
    std::string member; //!< who served it, as the response header's member id says
};

struct KeepAliveCall : Message
{
    explicit KeepAliveCall(LeaseId leaseId)
        : lease(leaseId)
    {
    }

    LeaseId lease;
};

struct KeepAliveReply : Message
{
    KeepAliveReply(LeaseId leaseId, std::int64_t timeToLive, std::string memberName)
        : lease(leaseId),
          ttl(timeToLive),
          member(std::move(memberName))
    {
    }

    LeaseId lease;
    std::int64_t ttl; //!< seconds; 0: there is no such lease
    std::string member;
};

/// A message of a watch stream's client, ready to be sent.
RpcMessage MakeWatchMessage(WatchRequest request, bool requireLeader);
RpcMessage MakeKeepAliveMessage(LeaseId lease);

} // namespace etcdlab
