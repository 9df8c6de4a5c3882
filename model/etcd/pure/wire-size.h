// How many bytes etcd's messages take when marshalled as protobuf.
//
// Field numbers and presence rules are those of etcd 3.4.23: etcdserverpb/rpc.proto,
// etcdserverpb/raft_internal.proto, mvcc/mvccpb/kv.proto, raft/raftpb/raft.proto.
#pragma once

#include "model/etcd/pure/requests.h"
#include "model/raft/types.h"

#include <cstdint>

namespace etcdlab
{

/// etcdserverpb.{Put,Range,DeleteRange,Txn,LeaseGrant,LeaseRevoke}Request
std::uint64_t RequestBytes(const Request& request);

/// The parts of a ResponseHeader that a response does not know itself.
struct ResponseHeader
{
    std::uint64_t clusterId = 0;
    std::uint64_t memberId = 0;
    std::uint64_t raftTerm = 0;
};

/// etcdserverpb.{Put,Range,DeleteRange,Txn,LeaseGrant,LeaseRevoke}Response, header included.
std::uint64_t ResponseBytes(const Response& response, const ResponseHeader& header);

/// mvccpb.KeyValue
std::uint64_t KeyValueBytes(const KeyValue& kv);

/// etcdserverpb.ResponseHeader as a field: tag, length, contents.
std::uint64_t HeaderFieldBytes(const ResponseHeader& header, Revision revision);

/// etcdserverpb.StatusResponse of a member that names a leader (rpc.proto; 3.4 fields).
std::uint64_t StatusResponseBytes(const ResponseHeader& header,
                                  std::uint64_t leader,
                                  std::uint64_t raftIndex,
                                  Revision revision);

/// etcdserverpb.InternalRaftRequest: what a proposal's entry carries.
/// @param requestId the id of its header (see RequestIds)
std::uint64_t ProposalBytes(const Request& request, std::uint64_t requestId);

/// raftpb.Message, as etcd_network_peer_sent_bytes_total counts it. Every scalar field and an empty
/// snapshot are always encoded.
std::uint64_t RaftMessageBytes(const raft::Message& message);

/**
 * The ids of a member's proposals (etcd pkg/idutil): the low 16 bits of the member's id in front, so
 * that members never collide, then the start time in milliseconds, then a counter.
 */
class RequestIds
{
  public:
    explicit RequestIds(std::uint64_t memberId, std::uint64_t startMilliseconds = 0)
        : m_next((memberId & 0xffff) << 48 | (startMilliseconds & 0xff'ffff'ffff) << 8)
    {
    }

    std::uint64_t Next()
    {
        return ++m_next;
    }

  private:
    std::uint64_t m_next;
};

} // namespace etcdlab
