// etcd's calls as gRPC carries them.
#pragma once

#include "model/etcd/pure/requests.h"
#include "model/raft/types.h"
#include "model/transport/grpc-connection.h"

#include <string>

namespace etcdlab
{

/// Maintenance.Status: asks a member who leads; has an empty request.
inline constexpr std::string_view STATUS_METHOD = "/etcdserverpb.Maintenance/Status";

/// KV.Put, KV.Range, KV.DeleteRange, KV.Txn.
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
    std::string member; //!< who answered, as the response header's member id says
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

/// A KV call ready to be made.
RpcRequest MakeCall(Request request);

} // namespace etcdlab
